"""What may come next in a poem that is being written by the rules.

A plan follows several tracks at once (opening patterns, variants of a tune) and allows every character that keeps at
least one of them open, so the model itself chooses the opening and the rhyme. Nothing that is allowed can lead into a
dead end: settled characters filter the shapes of their line, and of the one before where that needs an answer, before
the line begins; a rhyme group counts only when it has characters enough for all places still to come, and its last ones
are kept for them. Each track goes on only with characters that it allows itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace

from assistant.api.constraints import CharacterSet, Next
from assistant.prosody.glyphs import usual_classes
from assistant.prosody.patterns import Shape
from assistant.prosody.rhyme_groups import RhymeGroups
from assistant.prosody.script import simplified
from assistant.prosody.tables import reduplicated
from assistant.prosody.tones import EITHER
from assistant.prosody.tracks import (
    Cell,
    Place,
    Track,
    plain_of,
    rare_readings,
    shapes_left,
    stricter,
    tones_at,
)
from assistant.prosody.verse import LINE_ENDS

SURELY_ENOUGH = 120
"""A rhyme group of so many characters is not kept for the rhymes alone."""


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
        DeadEndError: no track is open behind ``opening``, or none has rhymes enough for the rest; says where it ends.
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
            shapes = shapes_left(track, 0, self._book)
            if shapes:
                positions.append(_Position(track, shapes))
        for at, character in enumerate(opening):
            steps = [self._step(position, at, character, own=True) for position in positions]
            positions = [position for position in steps if position is not None]
            if not positions:
                raise DeadEndError(at)
        if not positions:
            raise DeadEndError(0)
        positions = [position for position in positions if self._rhymes_reach(position, opening)]
        if not positions:
            raise DeadEndError(len(opening), rhymes=True)
        # A person who begins with 朝辞白帝彩云间 rhymes with it: 间 could be 仄, but is not.
        rare = {position.track: rare_readings(position.track, self._book) for position in positions}
        least = min(rare.values())
        self._start = [
            replace(position, shapes=plain_of(position.shapes))
            for position in positions
            if rare[position.track] == least
        ]
        self._look(opening, self._start)

    def copy(self) -> VersePlan:
        """The same rules for another candidate, without looking for what they allow again."""
        # Everything within is replaced as the text grows, never changed.
        return copy(self)

    def next(self, new_text: str) -> Next:
        """What may follow ``opening`` and ``new_text``."""
        text = self._opening + new_text
        if text != self._text:
            if len(text) != len(self._text) + 1 or not text.startswith(self._text):
                self._look(self._opening, self._start)
            for at in range(len(self._text), len(text)):
                self._look(text[: at + 1], self._followed(at, text[at]))
        return self._next

    def _look(self, text: str, positions: Sequence[_Position]) -> None:
        """See what may follow ``text``, behind which the tracks stand at ``positions``."""
        self._text = text
        self._ways: list[tuple[_Position, frozenset[str], frozenset[str]]] = []
        end = False
        for position in positions:
            cells = position.track.cells
            if len(text) < len(cells):
                self._ways.append((position, *self._characters(position, cells[len(text)], text)))
            else:
                end = True
        without = frozenset().union(*(excluded for _, _, excluded in self._ways))
        if len(self._ways) > 1:
            # What one track has to leave out another may still take.
            for _, allowed, excluded in self._ways:
                if excluded != without:
                    without -= (without - excluded) & allowed
        union = self._groups.union(allowed for _, allowed, _ in self._ways)
        self._next = Next(CharacterSet(union, without=without), end=end)

    def _followed(self, at: int, character: str) -> list[_Position]:
        """Where the tracks stand behind a generated character: those that allow it."""
        steps = [
            self._step(position, at, character)
            for position, allowed, excluded in self._ways
            if character in allowed and character not in excluded
        ]
        return [position for position in steps if position is not None]

    def _step(self, position: _Position, at: int, character: str, *, own: bool = False) -> _Position | None:
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
            following = shapes_left(track, cell.line + 1, self._book, ahead)
            if not following:
                return None
            return replace(position, shapes=following if own else plain_of(following))
        settled = track.settled.get((cell.line, cell.column))
        if settled is not None and character != settled:
            return None
        # A reading that verse hardly knows counts only where no other fits.
        shapes = _fitting(position.shapes, cell.column, usual_classes(self._book, character))
        shapes = shapes or _fitting(position.shapes, cell.column, self._book.tone_classes(character))
        if not shapes:
            return None
        after = position if shapes == position.shapes else replace(position, shapes=shapes)
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
        return self._groups.possible(track, label)

    def _reaching(
        self, position: _Position, label: str, here: Place, spent: frozenset[str]
    ) -> frozenset[str]:
        """Groups for the rhyme ``label`` that have characters left for all its places from ``here`` on."""
        reaching = frozenset(
            rhyme
            for rhyme in self._possible(position, label)
            if min(self._groups.spare(position.track, label, rhyme, here, spent).values(), default=0) >= 0
        )
        # 换韵: the next rhyme is another one, where there is one.
        taken = frozenset().union(
            *(rhymes for known, rhymes in position.rhymes if known != label and len(rhymes) == 1)
        )
        return reaching - taken or reaching

    def _rhymes_reach(self, position: _Position, text: str) -> bool:
        """True when every rhyme that is still to come behind ``text`` has characters left to the end."""
        track = position.track
        here = track.place_of(len(text))
        spent = self._spent(track, here, text)
        return all(
            self._reaching(position, label, here, spent)
            for label, tones in track.rhyme_tones.items()
            if any(track.rhymes_due(label, tone, here) for tone in tones)
        )

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
            tone = stricter(tone, tones_at(plain_of(shapes_left(track, line, self._book)), column))
        if here in track.rhymes:
            spent = self._spent(track, here, text)
            label, own_tone = track.rhymes[here]
            rhymes = self._reaching(position, label, here, spent)
            allowed = self._groups.union(self._groups.characters(rhyme, tone) for rhyme in rhymes)
            excluded = spent | self._last_ones(position, here, spent, (label, own_tone))
            # Never so that no rhyme would be left.
            doubled = _not_reduplicated(text, cell, track)
            return allowed, excluded | doubled if allowed - excluded - doubled else excluded
        allowed = self._book.characters(tone, usual=True)
        if not self._distinct:
            return allowed, _not_reduplicated(text, cell, track)
        spent = self._spent(track, here, text)
        return allowed, spent | self._scarce(position) | self._last_ones(position, here, spent)

    def _spent(self, track: Track, here: Place, text: str) -> frozenset[str]:
        """Characters that cannot carry a rhyme at ``here`` or behind it."""
        if self._distinct:
            return track.settled_characters.union(text)
        return self._used_rhymes(track, here, text)

    def _used_rhymes(self, track: Track, here: Place, text: str) -> frozenset[str]:
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

    def _last_ones(
        self, position: _Position, here: Place, spent: frozenset[str], own: tuple[str, str] = ("", "")
    ) -> frozenset[str]:
        """Characters without which a rhyme still to come, other than that at ``here``, would lack one.

        Args:
            position: where the track stands.
            here: the place of the next character.
            spent: characters that cannot come any more.
            own: label and tone of the rhyme at ``here``.
        """
        last: frozenset[str] = frozenset()
        for label in position.track.rhyme_tones:
            common: frozenset[str] | None = None
            for rhyme in self._possible(position, label):
                spare = self._groups.spare(position.track, label, rhyme, here, spent)
                if min(spare.values(), default=0) < 0:
                    continue
                tight = frozenset().union(
                    *(
                        self._groups.characters(rhyme, tone)
                        for tone, count in spare.items()
                        if not count and (label, tone) != own
                    )
                )
                # As long as another group would do, no character is needed.
                common = tight if common is None else common & tight
                if not common:
                    break
            last |= common or frozenset()
        return last


class DeadEndError(ValueError):
    """No track is left.

    Attributes:
        at: the place in the opening, in characters and marks, where the last one ended.
        rhymes: the tones would go on, but the characters that are there leave too few rhymes.
    """

    def __init__(self, at: int, *, rhymes: bool = False) -> None:
        super().__init__(f"no pattern goes on behind {at} characters" + " for want of rhymes" * rhymes)
        self.at = at
        self.rhymes = rhymes


_SINGLE: dict[str, frozenset[str]] = {}


def _only(character: str) -> frozenset[str]:
    """A set of one, always the same object."""
    return _SINGLE.setdefault(character, frozenset({character}))


def _not_reduplicated(text: str, cell: Cell, track: Track) -> frozenset[str]:
    """What would stand twice in a row at ``cell``, beside the character before it in its line or a settled one behind
    it, and is not 叠字; or three times.
    """
    before = text[-1] if cell.column else ""
    two_before = text[-2] if cell.column > 1 else ""
    behind = track.settled.get((cell.line, cell.column + 1), "")
    two_behind = track.settled.get((cell.line, cell.column + 2), "")
    excluded: frozenset[str] = frozenset()
    for character, again in ((before, two_before), (behind, two_behind), (before, behind)):
        if character and (character == again or simplified(character) not in reduplicated()):
            excluded |= _only(character)
    return excluded


def _fitting(shapes: tuple[Shape, ...], column: int, classes: frozenset[str]) -> tuple[Shape, ...]:
    return tuple(
        shape
        for shape in shapes
        if (shape.tones[column] == EITHER and classes) or shape.tones[column] in classes
    )
