"""One way through a poem that is being written: a pattern, and the characters that are settled beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from assistant.prosody.patterns import Pattern, Shape
from assistant.prosody.tones import EITHER, LEVEL, OBLIQUE


@dataclass(frozen=True, slots=True)
class Cell:
    """A place of the written poem.

    Attributes:
        line: number of the line, from 0.
        column: of the character in its line; -1 for the mark behind the line.
    """

    line: int
    column: int

    @property
    def is_mark(self) -> bool:
        """True for the mark behind a line."""
        return self.column < 0


@dataclass(frozen=True, eq=False)
class Track:
    """A pattern with settled characters.

    Attributes:
        pattern: what is asked of every place.
        settled: (line, column) → the character that must stand there.
    """

    pattern: Pattern
    settled: Mapping[tuple[int, int], str] = field(default_factory=dict)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """All places in the order of writing."""
        cells = []
        for number, line in enumerate(self.pattern.lines):
            cells += [Cell(number, column) for column in range(line.length)]
            cells.append(Cell(number, -1))
        return tuple(cells)

    @cached_property
    def sources(self) -> dict[tuple[int, int], tuple[int, int]]:
        """叠句: a place → the earlier place whose character it says again."""
        found = {}
        for repeat in self.pattern.repeats:
            to, of = self.pattern.lines[repeat.line].length, self.pattern.lines[repeat.of].length
            for back in range(1, repeat.count + 1):
                found[repeat.line, to - back] = (repeat.of, of - back)
        return found

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """For each line the index of its first cell."""
        starts, at = [], 0
        for line in self.pattern.lines:
            starts.append(at)
            at += line.length + 1
        return tuple(starts)

    @cached_property
    def settled_characters(self) -> frozenset[str]:
        """All that is settled."""
        return frozenset(self.settled.values())

    @cached_property
    def first_label(self) -> str:
        """The rhyme that comes first; empty when nothing rhymes."""
        return next((line.rhyme for line in self.pattern.lines if line.rhyme), "")

    @cached_property
    def rhymes(self) -> dict[tuple[int, int], tuple[str, str]]:
        """Places whose character rhymes → label and tone: ends of lines, and what such an end says again (叠句)."""
        found = {}
        for number, line in enumerate(self.pattern.lines):
            if line.rhyme:
                place = (number, line.length - 1)
                found[place] = (line.rhyme, line.rhyme_tone or EITHER)
                while place in self.sources:
                    place = self.sources[place]
                    found.setdefault(place, (line.rhyme, line.rhyme_tone or EITHER))
        return found

    @cached_property
    def copies(self) -> dict[tuple[int, int], tuple[tuple[int, int], ...]]:
        """A place → the later places that say its character again."""
        found: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {}
        for place in self.sources:
            root = place
            while root in self.sources:
                root = self.sources[root]
            found[root] = (*found.get(root, ()), place)
        return found

    @cached_property
    def rhyme_tones(self) -> dict[str, frozenset[str]]:
        """Tones that the places of each rhyme ask for; more than one in tunes such as 西江月 (平仄通叶)."""
        tones: dict[str, frozenset[str]] = {}
        for label, tone in self.rhymes.values():
            tones[label] = tones.get(label, frozenset()) | {tone}
        return tones

    def rhyme_places(self, label: str, tone: str, start: int = 0) -> int:
        """How many places from line ``start`` on carry ``label`` with ``tone`` and need a new character."""
        return sum(
            rhyme == (label, tone) and place not in self.sources and place[0] >= start
            for place, rhyme in self.rhymes.items()
        )


def tones_at(shapes: tuple[Shape, ...], column: int) -> str:
    """平, 仄 or 中: what the shapes together allow at ``column``."""
    allowed = {shape.tones[column] for shape in shapes}
    if EITHER in allowed or {LEVEL, OBLIQUE} <= allowed:
        return EITHER
    return allowed.pop()
