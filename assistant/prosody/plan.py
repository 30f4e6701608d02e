"""What may come next in a poem that is being written by the rules.

A plan follows several tracks at once (opening patterns, variants of a tune) and allows every character that keeps at
least one of them open, so the model itself chooses the opening and the rhyme. Nothing that is allowed can lead into a
dead end: settled characters filter the shapes of their line before it begins, and a rhyme group counts only when it has
characters enough for all its places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from assistant.api.constraints import CharacterSet, Next
from assistant.prosody.glyphs import usual_classes
from assistant.prosody.patterns import Shape
from assistant.prosody.rhyme_books import RhymeBook
from assistant.prosody.tones import EITHER
from assistant.prosody.tracks import Cell, Track, tones_at
from assistant.prosody.verse import LINE_ENDS

SPARE_RHYMES = 3
"""A rhyme that the model chooses itself must have so many characters more than places."""
SURELY_ENOUGH = 120
"""A rhyme group of so many characters is not used up by the rest of a poem."""
_NOTHING = CharacterSet()


@dataclass(frozen=True, slots=True)
class _Position:
    """Where one track stands.

    Attributes:
        track: the track.
        shapes: of the current line, those that still fit.
        rhymes: label → groups that are still possible; a label that has not come yet is missing.
        next_line: the shape that the next line must have (对句救); empty when it is free.
    """

    track: Track
    shapes: tuple[Shape, ...]
    rhymes: tuple[tuple[str, frozenset[str]], ...] = ()
    next_line: str = ""


class RhymeGroups:
    """Which characters may stand at rhymes, for one book and one model.

    Args:
        book: the rhyme book.
        can_write: tells whether the model has a character.
    """

    def __init__(self, book: RhymeBook, can_write: Callable[[str], bool] = lambda _: True) -> None:
        self.book = book
        self.can_write = can_write
        self._groups: dict[tuple[str, str], frozenset[str]] = {}
        self._unions: dict[frozenset[frozenset[str]], frozenset[str]] = {}
        self._equal: dict[frozenset[str], frozenset[str]] = {}
        self._possible: WeakKeyDictionary[Track, dict[str, frozenset[str]]] = WeakKeyDictionary()

    def characters(self, rhyme: str, tone: str) -> frozenset[str]:
        """Characters of ``rhyme`` with a usual reading of ``tone`` that the model can write."""
        key = (rhyme, tone)
        if key not in self._groups:
            group = self.book.rhyming(rhyme, tone, usual=True)
            self._groups[key] = frozenset(filter(self.can_write, group))
        return self._groups[key]

    def possible(self, track: Track, label: str) -> frozenset[str]:
        """Groups with characters enough, and some to spare, for all places of ``label``, and with those settled."""
        known = self._possible.setdefault(track, {})
        if label not in known:
            groups = {
                rhyme
                for rhyme in self.book.rhymes
                if all(
                    len(self.characters(rhyme, tone)) >= track.rhyme_places(label, tone) + SPARE_RHYMES
                    for tone in track.rhyme_tones[label]
                )
            }
            for place, (own, tone) in track.rhymes.items():
                if own == label and place in track.settled:
                    groups &= self.rhymes_of(track.settled[place], tone, place[0])
            known[label] = frozenset(groups)
        return known[label]

    def rhymes_of(self, character: str, tone: str, line: int) -> frozenset[str]:
        """Groups that a settled character can stand for at the end of ``line``: the first line may borrow."""
        own = self.book.rhymes_of(character, tone or EITHER)
        if line == 0:
            own = own.union(*(self.book.neighbours(group) for group in own))
        return own

    def union(self, sets: Iterable[frozenset[str]]) -> frozenset[str]:
        """All characters of ``sets``; the same object for the same sets, since masks are remembered by it."""
        key = frozenset(sets)
        known = self._unions.get(key)
        if known is None:
            # 平 and 仄 together are all. Equal sets must be one object, or each look-up compares thousands of them.
            union = frozenset().union(*key)
            known = self._unions[key] = self._equal.setdefault(union, union)
        return known


class VersePlan:
    """The rules for one candidate.

    Args:
        tracks: ways the poem may take; all settle the same characters.
        groups: the rhyme book and what the model can write.
        rhyme: the group asked for, by its name in the book; empty to leave it to the model.
        distinct: no character twice, but for those that are settled twice or repeated by the tune.
        opening: characters and marks that are written already. A person's own text may use readings and shapes that the
            model would not, and its first line a neighbouring rhyme.

    Raises:
        DeadEndError: no track is open behind ``opening``; says where it ends.
    """

    def __init__(
        self,
        tracks: Sequence[Track],
        groups: RhymeGroups,
        *,
        rhyme: str = "",
        distinct: bool = True,
        opening: str = "",
    ) -> None:
        self._groups = groups
        self._book = groups.book
        self._rhyme = rhyme
        self._distinct = distinct
        self._opening = opening
        positions: list[_Position] = []
        for track in tracks:
            shapes = self._shapes(track, 0, "")
            if shapes:
                positions.append(_Position(track, shapes))
        for at, character in enumerate(opening):
            positions = self._advance(positions, at, character, own=True)
            if not positions:
                raise DeadEndError(at)
        if not positions:
            raise DeadEndError(0)
        self._text, self._positions = opening, [self._generated(position) for position in positions]
        self._start = self._positions

    def next(self, new_text: str) -> Next:
        """What may follow ``opening`` and ``new_text``."""
        text = self._opening + new_text
        if text != self._text:
            if len(text) == len(self._text) + 1 and text.startswith(self._text):
                self._positions = self._advance(self._positions, len(self._text), text[-1])
            else:
                self._positions = self._start
                for at in range(len(self._opening), len(text)):
                    self._positions = self._advance(self._positions, at, text[at])
            self._text = text
        return self._allowed(text)

    def _shapes(self, track: Track, line: int, next_line: str) -> tuple[Shape, ...]:
        """Shapes of a line that its settled characters fit."""
        if line >= len(track.pattern.lines):
            return ()
        fitting = []
        for shape in track.pattern.lines[line].shapes:
            if next_line and not _overlap(shape.tones, next_line):
                continue
            wanted = _stricter(shape.tones, next_line) if next_line else shape.tones
            if all(
                wanted[column] == EITHER
                or wanted[column] in self._book.tone_classes(track.settled[line, column])
                for column in range(len(wanted))
                if (line, column) in track.settled
            ):
                fitting.append(replace(shape, tones=wanted) if next_line else shape)
        return tuple(fitting)

    def _generated(self, position: _Position) -> _Position:
        """The same where the model goes on: plain shapes only, as far as the text before leaves any."""
        plain = tuple(shape for shape in position.shapes if shape.plain)
        return replace(position, shapes=plain) if plain else position

    def _advance(
        self, positions: Sequence[_Position], at: int, character: str, *, own: bool = False
    ) -> list[_Position]:
        advanced = []
        for position in positions:
            after = self._step(position, at, character, own)
            if after is not None:
                advanced.append(after)
        return advanced

    def _step(self, position: _Position, at: int, character: str, own: bool) -> _Position | None:
        track = position.track
        if at >= len(track.cells):
            return None
        cell = track.cells[at]
        line = track.pattern.lines[cell.line]
        if cell.is_mark:
            if character != line.mark and not (own and character in LINE_ENDS):
                return None
            shapes = position.shapes
            ahead = shapes[0].next_line if all(shape.next_line for shape in shapes) else ""
            if cell.line + 1 == len(track.pattern.lines):
                return replace(position, shapes=())
            following = self._shapes(track, cell.line + 1, ahead)
            if not following:
                return None
            after = replace(position, shapes=following)
            return after if own else self._generated(after)
        settled = track.settled.get((cell.line, cell.column))
        if settled is not None and character != settled:
            return None
        # A reading that verse hardly knows counts only where no other fits.
        shapes = _fitting(position.shapes, cell.column, usual_classes(self._book, character))
        shapes = shapes or _fitting(position.shapes, cell.column, self._book.tone_classes(character))
        if not shapes:
            return None
        after = replace(position, shapes=shapes)
        rhyme = track.rhymes.get((cell.line, cell.column))
        if rhyme is None:
            return after
        label, tone = rhyme
        groups = (
            self._groups.rhymes_of(character, tone, cell.line)
            if own or settled is not None
            else self._book.rhymes_of(character, tone)
        )
        left = groups & self._possible(position, label)
        if not left:
            return None
        others = tuple((known, rhymes) for known, rhymes in position.rhymes if known != label)
        return replace(after, rhymes=(*others, (label, left)))

    def _possible(self, position: _Position, label: str) -> frozenset[str]:
        """Groups that the rhyme ``label`` may still have."""
        track = position.track
        for known, rhymes in position.rhymes:
            if known == label:
                return rhymes
        if self._rhyme and label == track.first_label:
            return frozenset({self._rhyme})
        # 换韵: the next rhyme is another one.
        taken = frozenset().union(*(rhymes for _, rhymes in position.rhymes if len(rhymes) == 1))
        possible = self._groups.possible(track, label)
        return possible - taken or possible

    def _enough(self, position: _Position, label: str, line: int, text: str) -> frozenset[str]:
        """Groups for the rhyme in ``line`` that have unused characters for it and for all places behind it."""
        track = position.track
        used = frozenset(text) if self._distinct else frozenset()
        return frozenset(
            rhyme
            for rhyme in self._possible(position, label)
            if all(
                len(self._groups.characters(rhyme, tone)) >= SURELY_ENOUGH
                or len(self._groups.characters(rhyme, tone) - used) >= track.rhyme_places(label, tone, line)
                for tone in track.rhyme_tones[label]
            )
        )

    def _allowed(self, text: str) -> Next:
        at = len(text)
        sets: set[frozenset[str]] = set()
        without: frozenset[str] = frozenset()
        end = False
        for position in self._positions:
            track = position.track
            if at >= len(track.cells):
                end = True
                continue
            cell = track.cells[at]
            allowed, excluded = self._characters(position, cell, text)
            sets.add(allowed)
            without |= excluded
        if not sets:
            return Next(_NOTHING, end=True)
        return Next(CharacterSet(self._groups.union(sets), without=without), end=end)

    def _characters(
        self, position: _Position, cell: Cell, text: str
    ) -> tuple[frozenset[str], frozenset[str]]:
        """What one track allows, and what of that is used up."""
        track = position.track
        if cell.is_mark:
            return _only(track.pattern.lines[cell.line].mark), frozenset()
        here = (cell.line, cell.column)
        if here in track.settled:
            return _only(track.settled[here]), frozenset()
        if here in track.sources:
            of_line, of_column = track.sources[here]
            return _only(text[track.starts[of_line] + of_column]), frozenset()
        tone = tones_at(position.shapes, cell.column)
        for line, column in track.copies.get(here, ()):
            tone = _stricter(tone, tones_at(track.pattern.lines[line].shapes, column))
        used = frozenset(text) | track.settled_characters if self._distinct else frozenset()
        if here in track.rhymes:
            label, _ = track.rhymes[here]
            rhymes = self._enough(position, label, cell.line, text)
            allowed = self._groups.union(self._groups.characters(rhyme, tone) for rhyme in rhymes)
            return allowed, used | self._used_rhymes(track, here, text)
        allowed = self._book.characters(tone, usual=True)
        return allowed, used | self._scarce(position) if self._distinct else used

    def _used_rhymes(self, track: Track, here: tuple[int, int], text: str) -> frozenset[str]:
        """Characters that carry a rhyme already, or are settled to carry one: none comes twice (重韵)."""
        before = {text[track.starts[line] + column] for line, column in track.rhymes if (line, column) < here}
        later = {track.settled[place] for place in track.rhymes if place > here and place in track.settled}
        return frozenset(before | later)

    def _scarce(self, position: _Position) -> frozenset[str]:
        """Characters of small rhyme groups that the rhymes still to come will need."""
        scarce: frozenset[str] = frozenset()
        for label, tones in position.track.rhyme_tones.items():
            rhymes = self._possible(position, label)
            if len(rhymes) == 1:
                for tone in tones:
                    characters = self._groups.characters(next(iter(rhymes)), tone)
                    if len(characters) < SURELY_ENOUGH:
                        scarce |= characters
        return scarce


class DeadEndError(ValueError):
    """No track is left; ``at`` is the place in the opening, in characters and marks, where the last one ended."""

    def __init__(self, at: int) -> None:
        super().__init__(f"no pattern goes on behind {at} characters")
        self.at = at


_SINGLE: dict[str, frozenset[str]] = {}


def _only(character: str) -> frozenset[str]:
    """A set of one, always the same object."""
    return _SINGLE.setdefault(character, frozenset({character}))


def _fitting(shapes: tuple[Shape, ...], column: int, classes: frozenset[str]) -> tuple[Shape, ...]:
    return tuple(
        shape
        for shape in shapes
        if (shape.tones[column] == EITHER and classes) or shape.tones[column] in classes
    )


def _overlap(first: str, second: str) -> bool:
    return all(a == b or EITHER in (a, b) for a, b in zip(first, second, strict=True))


def _stricter(first: str, second: str) -> str:
    return "".join(b if a == EITHER else a for a, b in zip(first, second, strict=True))
