"""From the page to the prompt: which part of the text is the poem, and how its title is told."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.api.han import is_han
from assistant.prosody.verse import GAPS, LINE_ENDS

TITLE_FORMAT = "《{title}》"
"""How a title stands before the text, in training and in use."""

_VERSE_LENGTHS = frozenset({4, 5, 6, 7})
_HEADING = re.compile(r"^(?:#+\s*(?P<heading>.+)|《(?P<book>.+)》)$")


@dataclass(frozen=True, slots=True)
class PoemSoFar:
    """The poem that ends at the cursor, without white space.

    Attributes:
        title: empty when it has none.
        text: the verse written so far; lines that the page broke without a mark have got one.
    """

    title: str
    text: str


def poem_so_far(before: str) -> PoemSoFar:
    """The poem at the end of ``before``: everything since the last empty line.

    A first line ``# 题`` or 《题》 is the title, and so is a first line without a mark above lines with
    marks. Lines without marks are taken for verse and get 「，」 and 「。」 in turn.

    >>> poem_so_far("静夜思\\n床前明月光，\\n").text
    '床前明月光，'
    """
    block = re.split(r"\n[ \t\u3000]*\n", before.replace("\u2029", "\n"))[-1]
    ended = block.endswith("\n")
    lines = [line for line in ("".join(line.split()) for line in block.split("\n")) if line]
    title = ""
    if lines and (found := _HEADING.match(lines[0])):
        title = found["heading"] or found["book"]
        lines = lines[1:]
    elif lines and (len(lines) > 1 or ended) and _looks_like_title(lines[0], lines[1:]):
        title, lines = lines[0], lines[1:]
    text = ""
    for number, line in enumerate(lines):
        text += line
        broken = number + 1 < len(lines) or ended
        if broken and (is_han(line[-1]) or line[-1] in GAPS):
            text += "，" if _count_lines(text) % 2 else "。"
    return PoemSoFar(title, text)


def _looks_like_title(first: str, rest: list[str]) -> bool:
    if any(character in LINE_ENDS for character in first):
        return False
    if any(character in LINE_ENDS for line in rest for character in line):
        return True
    return not rest and len(first) not in _VERSE_LENGTHS


def _count_lines(text: str) -> int:
    return len([line for line in re.split("[" + "".join(LINE_ENDS) + "]", text) if line])
