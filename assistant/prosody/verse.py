"""A text as lines of verse, each character with its place in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from assistant.api.han import is_han

LINE_ENDS = frozenset("，。？！；：、,.?!;:．")
"""Marks that end a line of verse."""
SENTENCE_ENDS = frozenset("。？！.?!．")
"""Marks that end a sentence group (一韵), which is written on a line of its own."""
GAPS = frozenset("□〇○◯＿_")
"""Stand for a character that is still to be found."""
_HEADING = re.compile(r"^(?:#+\s*(?P<heading>.+)|《(?P<book>.+)》)$")
_REGULAR_LENGTHS = frozenset({4, 5, 6, 7})
_SEPARATORS = frozenset(" \t\u3000")


@dataclass(frozen=True, slots=True)
class VerseLine:
    """A line of verse.

    Attributes:
        text: its characters, without white space, quotes and the mark behind it.
        offsets: where each of them stands in the text, in code points.
        mark: the mark behind it; empty when there is none.
        stanza: which 片 it belongs to, from 0: they are parted by an empty line.
    """

    text: str
    offsets: tuple[int, ...]
    mark: str = ""
    stanza: int = 0


@dataclass(frozen=True, slots=True)
class Verse:
    """A poem.

    Attributes:
        title: empty when it has none.
        lines: from first to last.
    """

    title: str
    lines: tuple[VerseLine, ...]

    @property
    def text(self) -> str:
        """All characters, without marks."""
        return "".join(line.text for line in self.lines)

    @property
    def lengths(self) -> tuple[int, ...]:
        """Characters of each line."""
        return tuple(len(line.text) for line in self.lines)


def parse_verse(text: str) -> Verse:
    r"""``text`` as title and lines.

    A line of verse ends with a mark, with a line break, or, where the text has no marks, with a space. A first line
    ``# 题`` or 《题》 is the title, and so is a first line (and a second: the author) without a mark above lines with
    marks.

    >>> parse_verse("静夜思\\\\n床前明月光，").title
    '静夜思'
    """
    rows = _rows(text)
    title, rows = _without_title(rows)
    marked = any(character in LINE_ENDS for _, row in rows for character in row)
    lines: list[VerseLine] = []
    stanza, empty = 0, False
    for start, row in rows:
        if not row.strip():
            empty = bool(lines)
            continue
        if empty:
            stanza, empty = stanza + 1, False
        lines += _lines_of(row, start, stanza, spaces_separate=not marked)
    return Verse(title, tuple(lines))


def verse_lines(text: str) -> list[tuple[str, str]]:
    """``text`` as pairs of line and closing mark; the mark of the last line may be empty.

    White space is dropped, and of several marks in a row only the first counts.

    >>> verse_lines("白日依山尽，黄河")
    [('白日依山尽', '，'), ('黄河', '')]
    """
    lines: list[tuple[str, str]] = []
    line = ""
    for character in text:
        if character.isspace():
            continue
        if character in LINE_ENDS:
            if line:
                lines.append((line, character))
                line = ""
        else:
            line += character
    if line:
        lines.append((line, ""))
    return lines


@lru_cache(maxsize=1 << 14)
def is_written(character: str) -> bool:
    """True for what counts as a character of a line: 汉字, gaps, and whatever else is no mark, quote or space."""
    return is_han(character) or character in GAPS or character.isalnum()


def _rows(text: str) -> list[tuple[int, str]]:
    rows, start = [], 0
    for row in text.replace("\u2029", "\n").replace("\r", "\n").split("\n"):
        rows.append((start, row))
        start += len(row) + 1
    return rows


def _lines_of(row: str, start: int, stanza: int, *, spaces_separate: bool) -> list[VerseLine]:
    lines: list[VerseLine] = []
    text, offsets = "", []
    for place, character in enumerate(row + "\n"):
        ends = character in LINE_ENDS or character == "\n" or (spaces_separate and character in _SEPARATORS)
        if not ends:
            if is_written(character):
                text += character
                offsets.append(start + place)
        elif text:
            mark = character if character in LINE_ENDS else ""
            lines.append(VerseLine(text, tuple(offsets), mark, stanza))
            text, offsets = "", []
    return lines


def _without_title(rows: list[tuple[int, str]]) -> tuple[str, list[tuple[int, str]]]:
    """The title, empty for none, and the rows behind it (and behind the author's name)."""
    filled = [number for number, (_, row) in enumerate(rows) if row.strip()]
    if not filled:
        return "", rows
    first = "".join(rows[filled[0]][1].split())
    rest = [rows[number][1].strip() for number in filled[1:]]
    if found := _HEADING.match(first):
        title = found["heading"] or found["book"]
    elif rest and _is_bare_title(first, rest):
        title = first
    else:
        return "", rows
    behind = rows[filled[0] + 1 :]
    if len(rest) > 1 and not _ends_of(rest[0]) and any(map(_ends_of, rest[1:])) and len(rest[0]) <= 8:
        behind = rows[filled[1] + 1 :]
    return title, behind


def _is_bare_title(first: str, rest: list[str]) -> bool:
    if _ends_of(first):
        return False
    if any(map(_ends_of, rest)):
        # A couplet, or a poem without its first mark, begins with a line as long as the next.
        verse = next(row for row in rest if _ends_of(row))
        return len(first) != len(re.split("[" + re.escape("".join(LINE_ENDS)) + "]", verse)[0])
    lengths = {len(line) for line in rest}
    return len(rest) >= 4 and len(lengths) == 1 and len(first) not in lengths


def _ends_of(row: str) -> list[str]:
    return [character for character in row if character in LINE_ENDS]
