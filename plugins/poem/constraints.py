"""What may stand where in a poem."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant.api import HAN, CharacterConstraint, CharacterSet, Next, Vocabulary
from assistant.api.han import is_han
from assistant.prosody.plan import VersePlan
from assistant.prosody.verse import LINE_ENDS, SENTENCE_ENDS

_MARKS = CharacterSet(frozenset("，。？！；：、"))
_NOTHING = CharacterSet()


class PlanConstraint(CharacterConstraint):
    """Form, tones, rhyme, acrostic and words: each candidate follows a plan of its own.

    Args:
        vocabulary: of the model.
        name: of the form or tune, for messages.
        make_plan: called once for each candidate.
    """

    def __init__(self, vocabulary: Vocabulary, name: str, make_plan: Callable[[], VersePlan]) -> None:
        super().__init__(vocabulary)
        self.name = f"{name}的格律"
        self._make_plan = make_plan
        self._plans: list[VersePlan] = []

    def reset(self, batch_size: int) -> None:
        self._plans = [self._make_plan() for _ in range(batch_size)]

    def keep(self, rows: Sequence[int]) -> None:
        self._plans = [self._plans[row] for row in rows]

    def next(self, text: str) -> Next:
        return self.next_of(0, text)

    def next_of(self, row: int, text: str) -> Next:
        return self._plans[row].next(text)


class VerseConstraint(CharacterConstraint):
    """Free verse: characters and marks only, no mark after a mark, an end only after a full sentence.

    Args:
        vocabulary: of the model.
        before: the text so far; its last character decides whether a mark may come first.
        sentences: end after so many sentences; 0 for whenever the model ends.
    """

    name = "诗句的标点"

    def __init__(self, vocabulary: Vocabulary, before: str, sentences: int) -> None:
        super().__init__(vocabulary)
        if sentences < 0:
            raise ValueError(f"sentences must not be negative, got {sentences}")
        self._sentences = sentences
        self._starts_with_mark = bool(before) and is_han(before[-1])

    def next(self, text: str) -> Next:
        if not text:
            return _INSIDE if self._starts_with_mark else _CHARACTER
        if text[-1] in SENTENCE_ENDS:
            ended = sum(character in SENTENCE_ENDS for character in text)
            return _END if self._sentences and ended >= self._sentences else _AFTER_SENTENCE
        return _CHARACTER if text[-1] in LINE_ENDS else _INSIDE


_CHARACTER = Next(HAN)
_INSIDE = Next(HAN | _MARKS)
_AFTER_SENTENCE = Next(HAN, end=True)
_END = Next(_NOTHING, end=True)
