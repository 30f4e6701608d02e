"""One way through a poem that is being written: a pattern, and the characters that are settled beforehand."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from assistant.prosody.glyphs import usual_classes
from assistant.prosody.patterns import Pattern, Shape
from assistant.prosody.rhyme_books import RhymeBook
from assistant.prosody.tones import EITHER, LEVEL, OBLIQUE

Place = tuple[int, int]
"""Of a character: its line and its column, from 0."""


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

    @cached_property
    def _open_rhymes(self) -> dict[tuple[str, str], list[Place]]:
        """Label and tone → the places, in order, that carry them and need a character of their own."""
        found: dict[tuple[str, str], list[Place]] = {}
        for place, rhyme in sorted(self.rhymes.items()):
            if place not in self.sources and place not in self.settled:
                found.setdefault(rhyme, []).append(place)
        return found

    def rhymes_due(self, label: str, tone: str, here: Place) -> int:
        """How many places from ``here`` on carry ``label`` with ``tone`` and need a character of their own."""
        places = self._open_rhymes.get((label, tone), [])
        return len(places) - bisect_left(places, here)

    def place_of(self, at: int) -> Place:
        """The place of cell ``at``; a mark counts as one behind the characters before it, and so does the end."""
        if at >= len(self.cells):
            return len(self.pattern.lines), 0
        cell = self.cells[at]
        return cell.line, self.pattern.lines[cell.line].length if cell.is_mark else cell.column


def shapes_left(track: Track, line: int, book: RhymeBook, next_line: str = "") -> tuple[Shape, ...]:
    """Shapes of ``line`` that its settled characters fit, and that the next line can follow where it has to.

    Args:
        track: the track.
        line: its number; behind the last one no shape is left.
        book: says which tones the settled characters can have.
        next_line: what the line before asks of this one (对句救); empty for nothing.
    """
    if line >= len(track.pattern.lines):
        return ()
    left = []
    for shape in track.pattern.lines[line].shapes:
        if next_line and not _overlap(shape.tones, next_line):
            continue
        wanted = stricter(shape.tones, next_line) if next_line else shape.tones
        fits = all(
            tone == EITHER or tone in book.tone_classes(track.settled[line, column])
            for column, tone in enumerate(wanted)
            if (line, column) in track.settled
        )
        if fits and (not shape.next_line or shapes_left(track, line + 1, book, shape.next_line)):
            left.append(replace(shape, tones=wanted) if next_line else shape)
    return tuple(left)


def rare_readings(track: Track, book: RhymeBook) -> int:
    """How many settled characters must be read as verse hardly reads them (间 as 仄), for the lines to fit."""
    count = 0
    for number in {line for line, _ in track.settled}:
        settled = [
            (column, character) for (line, column), character in track.settled.items() if line == number
        ]
        count += min(
            (
                sum(
                    shape.tones[column] not in (EITHER, *usual_classes(book, character))
                    for column, character in settled
                )
                for shape in shapes_left(track, number, book)
            ),
            default=0,
        )
    return count


def plain_of(shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """Those of ``shapes`` that generated verse may use; all where none is plain: what is settled asks for another."""
    return tuple(shape for shape in shapes if shape.plain) or shapes


def stricter(first: str, second: str) -> str:
    """The tones that both ask for together; where they differ, those of ``first``."""
    return "".join(b if a == EITHER else a for a, b in zip(first, second, strict=True))


def _overlap(first: str, second: str) -> bool:
    return all(a == b or EITHER in (a, b) for a, b in zip(first, second, strict=True))


def tones_at(shapes: tuple[Shape, ...], column: int) -> str:
    """平, 仄 or 中: what the shapes together allow at ``column``."""
    allowed = {shape.tones[column] for shape in shapes}
    if EITHER in allowed or {LEVEL, OBLIQUE} <= allowed:
        return EITHER
    return allowed.pop()
