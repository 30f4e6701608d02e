"""Which characters may stand at the rhymes of a poem, and whether there are enough of them to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from weakref import WeakKeyDictionary

from assistant.prosody.rhyme_books import RhymeBook
from assistant.prosody.tones import EITHER
from assistant.prosody.tracks import Place, Track

SPARE_RHYMES = 3
"""A rhyme that the model chooses itself must have so many characters more than places."""


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
            places = {tone: track.rhymes_due(label, tone, (0, 0)) for tone in track.rhyme_tones[label]}
            still_due = {tone: due for tone, due in places.items() if due}
            groups = {
                rhyme
                for rhyme in self.book.rhymes
                if all(
                    len(self.characters(rhyme, tone)) >= due + SPARE_RHYMES for tone, due in still_due.items()
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

    def spare(
        self, track: Track, label: str, rhyme: str, here: Place, spent: frozenset[str]
    ) -> dict[str, int]:
        """How many characters of ``rhyme`` there are more than the places of ``label`` from ``here`` on need.

        Args:
            track: the track.
            label: of the places.
            rhyme: the group that would stand there.
            here: (line, column) of the first place that counts.
            spent: characters that cannot come any more.

        Returns:
            Tone → that number for each tone that is still needed; it is below 0 when the group does not reach.
        """
        found = {}
        for tone in track.rhyme_tones[label]:
            due = track.rhymes_due(label, tone, here)
            if due:
                group = self.characters(rhyme, tone)
                # A large group reaches even if all that is spent were in it.
                left = len(group) - len(spent)
                found[tone] = (left if left > due else len(group - spent)) - due
        return found

    def union(self, sets: Iterable[frozenset[str]]) -> frozenset[str]:
        """All characters of ``sets``; the same object for the same sets, since masks are remembered by it."""
        key = frozenset(sets)
        known = self._unions.get(key)
        if known is None:
            # 平 and 仄 together are all. Equal sets must be one object, or each look-up compares thousands of them.
            union = frozenset().union(*key)
            known = self._unions[key] = self._equal.setdefault(union, union)
        return known
