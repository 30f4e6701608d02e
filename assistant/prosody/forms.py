"""Regulated forms: their lines, and where a text stands within one."""

from __future__ import annotations

from dataclasses import dataclass

LINE_ENDS = frozenset("，。？！；：、")
"""Marks that end a line of verse."""

SENTENCE_ENDS = frozenset("。？！")
"""Marks that end a sentence group (一韵), which is written on a line of its own."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form of equal lines.

    Attributes:
        name: as it is called, such as 七绝.
        line_count: lines in a poem.
        line_length: characters in a line.
    """

    name: str
    line_count: int
    line_length: int

    @property
    def length(self) -> int:
        """Characters of a whole poem with one mark behind each line."""
        return self.line_count * (self.line_length + 1)


FORMS = {
    form.name: form
    for form in (Form("五绝", 4, 5), Form("七绝", 4, 7), Form("五律", 8, 5), Form("七律", 8, 7))
}


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
