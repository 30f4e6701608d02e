"""What may stand where in a poem."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from assistant.api import HAN, CharacterConstraint, CharacterSet, Next, Vocabulary
from assistant.prosody.plan import VersePlan
from assistant.prosody.verse import LINE_ENDS, SENTENCE_ENDS, is_written

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
        before: the text so far; its last line goes on.
        sentences: end after so many sentences and not before; 0 for whenever the model ends.
        line_length: characters of every line; 0 for as many as the model likes.

    Raises:
        ValueError: ``sentences`` or ``line_length`` is negative.
    """

    name = "诗句的标点"

    def __init__(self, vocabulary: Vocabulary, before: str, sentences: int, line_length: int = 0) -> None:
        super().__init__(vocabulary)
        if sentences < 0:
            raise ValueError(f"sentences must not be negative, got {sentences}")
        if line_length < 0:
            raise ValueError(f"line_length must not be negative, got {line_length}")
        self._sentences = sentences
        self._line_length = line_length
        self._begun = _last_line(before)

    def next(self, text: str) -> Next:
        if text and text[-1] in SENTENCE_ENDS:
            ended = sum(character in SENTENCE_ENDS for character in text)
            if not self._sentences:
                return _AFTER_SENTENCE
            return _END if ended >= self._sentences else _CHARACTER
        line = _last_line(self._begun + text)
        if not line or len(line) < self._line_length:
            return _CHARACTER
        return _MARK if self._line_length else _INSIDE


def uniform_line_length(verse: str) -> int:
    """5 or 7 where every finished line of ``verse`` has so many characters and the last is not longer; else 0.

    Counted in the held-out poems of the corpus: of those that begin with such a line 94 % go on in its length, of those
    that begin with two 97 %.

    >>> uniform_line_length("床前明月光，疑"), uniform_line_length("明月"), uniform_line_length("大江东去，")
    (5, 0, 0)
    """
    *finished, last = map(_written, _LINES.split(verse))
    lengths = {len(line) for line in finished}
    length = lengths.pop() if len(lengths) == 1 else 0
    return length if length in (5, 7) and len(last) <= length else 0


def _last_line(text: str) -> str:
    return _written(_LINES.split(text)[-1])


def _written(line: str) -> str:
    """Without quotes and the like, which belong to no line."""
    return "".join(filter(is_written, line))


_LINES = re.compile("[" + "".join(sorted(LINE_ENDS)) + "]")
_CHARACTER = Next(HAN)
_MARK = Next(CharacterSet(frozenset("，。？！；：")))
_INSIDE = Next(HAN | _MARKS)
_AFTER_SENTENCE = Next(HAN, end=True)
_END = Next(_NOTHING, end=True)
