"""A poem as it is being polished: its characters, and everything between them as it was."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from assistant.prosody.verse import GAPS, LINE_ENDS

Place = tuple[int, int]
"""Line and character, both from 0."""
GAP = "□"
"""Stands for a character that is to be found."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A character of verse.

    Attributes:
        character: one code point.
        behind: the text up to the next character of verse: marks, line breaks, white space.
    """

    character: str
    behind: str = ""

    @property
    def mark(self) -> str:
        """What is shown behind the character: ``behind`` without white space."""
        return "".join(self.behind.split())


@dataclass(frozen=True)
class Draft:
    """One state of the poem; immutable.

    Attributes:
        head: the text before the first character of verse, such as a title.
        lines: lines of verse.
    """

    head: str
    lines: tuple[tuple[Cell, ...], ...]

    @classmethod
    def of(cls, text: str, offsets: Sequence[Sequence[int]]) -> Draft:
        """``text`` cut at ``offsets``: for each line the places of its characters, in code points.

        Raises:
            ValueError: the places do not follow one another, so this is no verse read from first to last.
        """
        flat = [offset for line in offsets for offset in line]
        if not flat or any(a >= b for a, b in pairwise(flat)):
            raise ValueError("characters of a poem must follow one another")
        ends = dict(zip(flat, [*flat[1:], len(text)], strict=True))
        lines = tuple(
            tuple(Cell(text[offset], text[offset + 1 : ends[offset]]) for offset in line) for line in offsets
        )
        return cls(text[: flat[0]], lines)

    @property
    def text(self) -> str:
        """The whole text."""
        return self.head + "".join(cell.character + cell.behind for line in self.lines for cell in line)

    @property
    def places(self) -> list[Place]:
        """All places, in order."""
        return [(number, column) for number, line in enumerate(self.lines) for column in range(len(line))]

    @property
    def gaps(self) -> frozenset[Place]:
        """Places where a character is still missing."""
        return frozenset(place for place in self.places if self.character(place) in GAPS)

    @property
    def lengths(self) -> tuple[int, ...]:
        """Characters of each line."""
        return tuple(map(len, self.lines))

    def character(self, place: Place) -> str:
        """The character at ``place``."""
        return self.lines[place[0]][place[1]].character

    def line_text(self, number: int) -> str:
        """The characters of a line."""
        return "".join(cell.character for cell in self.lines[number])

    def line_places(self, number: int) -> list[Place]:
        """All places of a line."""
        return [(number, column) for column in range(len(self.lines[number]))]

    def with_characters(self, characters: Mapping[Place, str]) -> Draft:
        """The same with other characters at some places."""
        lines = tuple(
            tuple(
                replace(cell, character=characters.get((number, column), cell.character))
                for column, cell in enumerate(line)
            )
            for number, line in enumerate(self.lines)
        )
        return replace(self, lines=lines)

    def with_lengths(self, lengths: Mapping[int, int]) -> Draft:
        """The same with some lines replaced by gaps, as many as asked for."""
        lines = list(self.lines)
        for number, length in lengths.items():
            behind = lines[number][-1].behind if lines[number] else ""
            lines[number] = (*(Cell(GAP) for _ in range(length - 1)), Cell(GAP, behind))
        return replace(self, lines=tuple(lines))

    def template(self, title: str, gaps: Collection[Place]) -> str:
        """Title and verse as the poem writer reads them, a line each, with □ at ``gaps``."""
        rows = [f"《{title}》"] if title else []
        for number, line in enumerate(self.lines):
            characters = "".join(
                GAP if (number, column) in gaps or cell.character in GAPS else cell.character
                for column, cell in enumerate(line)
            )
            behind = line[-1].behind if line else ""
            mark = next((c for c in behind if c in LINE_ENDS), "。" if number % 2 else "，")
            rows.append(characters + mark)
        return "\n".join(rows)

    def filled(self, gaps: Collection[Place], lines: Sequence[str]) -> Draft | None:
        """The same with the characters of ``lines`` at ``gaps``; what is no gap stays as the person wrote it.

        Returns:
            None when ``lines`` are of other lengths.
        """
        if tuple(map(len, lines)) != self.lengths:
            return None
        return self.with_characters({(line, column): lines[line][column] for line, column in gaps})

    def changes(self, other: Draft) -> frozenset[Place]:
        """Places where ``other`` has another character; all of a line that has another length."""
        changed: set[Place] = set()
        for number, (mine, its) in enumerate(zip(self.lines, other.lines, strict=False)):
            if len(mine) != len(its):
                changed.update(other.line_places(number))
            else:
                changed.update(
                    (number, column)
                    for column, (a, b) in enumerate(zip(mine, its, strict=True))
                    if a.character != b.character
                )
        return frozenset(changed)
