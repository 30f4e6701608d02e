"""Which characters a model may choose from at a place of a couplet."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

from assistant.api import Vocabulary
from assistant.prosody.counterparts import counterparts
from assistant.prosody.rhyme_books import RhymeBook, rhyme_book
from assistant.prosody.tables import stands_for
from assistant.prosody.tones import EITHER


class Choices:
    """Characters by tone, in one rhyme book. The same question gets the same object, by which masks are remembered.

    Args:
        book: says which characters are usually read with a tone; the others are not used.
        traditional: the text will be shown in traditional characters: a simplified one must have its tone whichever
            traditional one it becomes.
        can_write: tells whether the model has a character.
    """

    def __init__(self, book: RhymeBook, traditional: bool, can_write: Callable[[str], bool]) -> None:
        self._shown = rhyme_book(book.id, traditional=True) if traditional else None
        self._book = book
        self._writable = frozenset(filter(can_write, book.characters(EITHER, usual=True)))
        self._of_tone: dict[str, frozenset[str]] = {}
        self._among: dict[tuple[str, frozenset[str]], frozenset[str]] = {}
        self._answers: dict[tuple[str, str, float], frozenset[str]] = {}

    def of_tone(self, tone: str) -> frozenset[str]:
        """All that can be ``tone`` (平, 仄, 中)."""
        if tone not in self._of_tone:
            known = self._book.characters(tone, usual=True) & self._writable
            if self._shown is not None:
                known = frozenset(
                    character for character in known if self._keeps(character, tone, self._shown)
                )
            self._of_tone[tone] = known
        return self._of_tone[tone]

    def among(self, tone: str, characters: frozenset[str]) -> frozenset[str]:
        """Those of ``characters`` that can be ``tone``."""
        key = (tone, characters)
        if key not in self._among:
            self._among[key] = self.of_tone(tone) & characters
        return self._among[key]

    def answering(self, tone: str, opposite: str, least: float) -> frozenset[str]:
        """Those that can be ``tone`` and answer ``opposite`` with a likeness of at least ``least``."""
        key = (tone, opposite, least)
        if key not in self._answers:
            self._answers[key] = self.of_tone(tone) & counterparts().answers(opposite, least)
        return self._answers[key]

    @staticmethod
    def _keeps(character: str, tone: str, shown: RhymeBook) -> bool:
        classes = map(shown.tone_classes, stands_for().get(character, character))
        return all(bool(each) if tone == EITHER else tone in each for each in classes)


_KNOWN: WeakKeyDictionary[Vocabulary, dict[tuple[str, bool], Choices]] = WeakKeyDictionary()


def choices_of(vocabulary: Vocabulary, book: RhymeBook, *, traditional: bool) -> Choices:
    """The choices of a model, remembered as long as its vocabulary is."""
    known = _KNOWN.setdefault(vocabulary, {})
    key = (book.id, traditional)
    if key not in known:
        known[key] = Choices(book, traditional, vocabulary.can_write)
    return known[key]
