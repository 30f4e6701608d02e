"""What is asked of every place of a line before it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.api.han import is_han
from assistant.prosody.couplet_tones import OPPOSITE, clause_ends, oppose
from assistant.prosody.glyphs import Glyph, Reader
from assistant.prosody.tones import EITHER, LEVEL, OBLIQUE
from assistant.prosody.verse import VerseLine

GAP = "□"
PARALLEL = 0.2
"""Least likeness of a character to the one opposite: 80 % of the places of real couplets have more (see
``counterparts``). The model finds lines so written as likely as free ones, and they are couplets."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place of the line.

    Attributes:
        tone: 平, 仄 or 中.
        mark: the mark that stands here instead of a character.
        same_as: the earlier place whose character comes again here.
        opposite: the character that it answers; empty while that is not written.
        fixed: the character that must stand here.
        among: the characters it should be one of, where the tone leaves enough of them; empty for any.
    """

    tone: str = EITHER
    mark: str = ""
    same_as: int | None = None
    opposite: str = ""
    fixed: str = ""
    among: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LinePlan:
    """A line to be written.

    Attributes:
        slots: for each place, marks included.
        avoid: characters that must not be used: those of the other line.
        shun: characters that should not be used, where there are others.
        parallel: least likeness of each character to the one it answers, where the model has a choice; None for any.
    """

    slots: tuple[Slot, ...]
    avoid: frozenset[str] = frozenset()
    shun: frozenset[str] = frozenset()
    parallel: float | None = None

    @property
    def length(self) -> int:
        """Characters and marks."""
        return len(self.slots)

    def ending_with(self, among: frozenset[str]) -> LinePlan:
        """The same with a last character that should be one of ``among``."""
        return replace(self, slots=(*self.slots[:-1], replace(self.slots[-1], among=among)))

    def answering(self, word: str, place: int) -> LinePlan:
        """The same with ``word`` opposite to the characters from ``place`` on, in the other line."""
        slots = list(self.slots)
        for at, character in enumerate(word, start=place):
            slots[at] = replace(slots[at], opposite=character)
        return replace(self, slots=tuple(slots))

    def with_word(self, word: str, place: int) -> LinePlan:
        """The same with ``word`` fixed from ``place`` on."""
        slots = list(self.slots)
        for at, character in enumerate(word, start=place):
            slots[at] = replace(slots[at], fixed=character)
        return replace(self, slots=tuple(slots))


def answering_plan(given: str, reader: Reader, *, upper: bool, parallel: float | None = None) -> LinePlan:
    """The plan of the line that answers ``given``: opposite tones where they count, repetition where it repeats.

    Args:
        given: the other line, marks inside it included.
        reader: reads its characters.
        upper: ``given`` is the 上联, so that the answer ends level; otherwise it is the 下联.
        parallel: see ``LinePlan``.
    """
    tones = _answering_tones(given, reader, upper)
    first: dict[str, int] = {}
    group: dict[int, str] = {}  # first place of a character → the tone all its places ask for
    places = [place for place, character in enumerate(given) if is_han(character)]
    for place in places:
        start = first.setdefault(given[place], place)
        # The end of the line decides; before it, the first place that counts. A character that has both tones may be
        # read differently at each place, so that any tone opposes it.
        if group.get(start, EITHER) == EITHER or place == places[-1]:
            group[start] = tones[place]
    _avoid_three_alike(given, first, group)
    slots = []
    for place, character in enumerate(given):
        if not is_han(character):
            slots.append(Slot(mark=character))
        elif first[character] < place:
            slots.append(Slot(group[first[character]], same_as=first[character], opposite=character))
        else:
            slots.append(Slot(group[place], opposite=character))
    return LinePlan(tuple(slots), frozenset(given[place] for place in places), parallel=parallel)


def free_plan(clauses: Sequence[int], first: str, *, mark: str = "，") -> LinePlan:
    """The plan of a 上联 whose tones take turns.

    Args:
        clauses: characters of each clause.
        first: 平 or 仄 at the second place.
        mark: between two clauses.
    """
    slots: list[Slot] = []
    for number, (length, end) in enumerate(zip(clauses, clause_ends(len(clauses)), strict=True)):
        if number:
            slots.append(Slot(mark=mark))
        slots += [
            Slot(tone) for tone in _clause_tones(length, first if number % 2 == 0 else OPPOSITE[first], end)
        ]
    return LinePlan(tuple(slots))


def clauses_of(line: str) -> list[tuple[int, str]]:
    """Where each clause of ``line`` begins, and its characters."""
    clauses, start = [], 0
    for at, character in enumerate(line + "，"):
        if not is_han(character):
            if at > start:
                clauses.append((start, line[start:at]))
            start = at + 1
    return clauses


def _answering_tones(given: str, reader: Reader, upper: bool) -> dict[int, str]:
    """Place → tone of the answer there."""
    clauses = clauses_of(given)
    ends = clause_ends(len(clauses))
    found: dict[int, str] = {}
    for number, (start, text) in enumerate(clauses):
        own = reader.line(VerseLine(text, tuple(range(start, start + len(text)))))
        gaps = reader.line(VerseLine(GAP * len(text), tuple(range(len(text)))))
        sides: tuple[Sequence[Glyph], Sequence[Glyph]] = (own, gaps) if upper else (gaps, own)
        tones = oppose(*sides, end=ends[number], may_lead=False, last=number + 1 == len(clauses))
        answer = tones.lower if upper else tones.upper
        found |= dict(enumerate(answer, start=start))
    last_start, last = clauses[-1]
    found[last_start + len(last) - 1] = LEVEL if upper else OBLIQUE
    return found


def _avoid_three_alike(given: str, first: Mapping[str, int], group: dict[int, str]) -> None:
    """No 三平尾 and 三仄尾 where the third place from the end is free."""
    for _, text in clauses_of(given):
        if len(text) < 5:
            continue
        third, second, end = (first[character] for character in text[-3:])
        if group[third] == EITHER and group[second] == group[end] and group[end] in OPPOSITE:
            group[third] = OPPOSITE[group[end]]


def _clause_tones(length: int, first: str, end: str) -> list[str]:
    even = range(1, length, 2)
    if length % 2 == 0:
        first = end if len(even) % 2 else OPPOSITE[end]  # the last of them is the end
    tones = [EITHER] * length
    for at, place in enumerate(even):
        tones[place] = first if at % 2 == 0 else OPPOSITE[first]
    tones[-1] = end
    if length >= 5 and tones[-3] == EITHER and tones[-2] == tones[-1]:
        tones[-3] = OPPOSITE[end]
    return tones
