"""What may stand where in a poem, as token masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from assistant.api import Constraint, Vocabulary
from assistant.api.han import is_han
from assistant.prosody.forms import LINE_ENDS, SENTENCE_ENDS, Form

if TYPE_CHECKING:
    from assistant.api.constraints import Mask


def _end_mask(vocabulary: Vocabulary) -> Mask:
    mask = np.zeros(vocabulary.size, dtype=np.bool_)
    mask[vocabulary.eos_token_id] = True
    return mask


class FormConstraint(Constraint):
    """Lines of equal length, a comma behind the odd and a full stop behind the even ones, then the end.

    Args:
        form: how many lines of how many characters.
        vocabulary: must have one token for each of 「，」 and 「。」.
        written: tokens of the form's pattern (characters and marks) that the opening already fills.

    Raises:
        ValueError: ``written`` is negative or the form is already full, or a mark has no token.
    """

    def __init__(self, form: Form, vocabulary: Vocabulary, written: int) -> None:
        if not 0 <= written < form.length:
            raise ValueError(f"written must be in [0, {form.length}), got {written}")
        self.name = f"{form.name}的句长"
        self._written = written
        marks = {mark: vocabulary.mask_of(mark) for mark in "，。"}
        for mark, mask in marks.items():
            if not mask.any():
                raise ValueError(f"the vocabulary has no token for {mark}")
        pattern: list[Mask] = []
        for line in range(form.line_count):
            pattern += [vocabulary.han_mask] * form.line_length
            pattern.append(marks["，" if line % 2 == 0 else "。"])
        self._pattern = [*pattern, _end_mask(vocabulary)]

    def allowed(self, generated: Sequence[Sequence[int]]) -> Mask:
        last = len(self._pattern) - 1
        return np.stack([self._pattern[min(self._written + len(tokens), last)] for tokens in generated])


class VerseConstraint(Constraint):
    """Free verse: characters and marks only, no mark after a mark, an end only after a full sentence.

    Args:
        vocabulary: of the model.
        before: the text so far; its last character decides whether a mark may come first.
        sentences: end after so many sentences; 0 for whenever the model ends.
    """

    name = "诗句的标点"

    def __init__(self, vocabulary: Vocabulary, before: str, sentences: int) -> None:
        if sentences < 0:
            raise ValueError(f"sentences must not be negative, got {sentences}")
        self._sentences = sentences
        self._starts_with_mark = bool(before) and is_han(before[-1])
        self._marks = vocabulary.mask_of(LINE_ENDS)
        self._sentence_ends = vocabulary.mask_of(SENTENCE_ENDS)
        self._end = _end_mask(vocabulary)
        self._han = vocabulary.han_mask
        self._inside = self._han | self._marks
        self._after_sentence = self._han | self._end

    def allowed(self, generated: Sequence[Sequence[int]]) -> Mask:
        return np.stack([self._row(tokens) for tokens in generated])

    def _row(self, tokens: Sequence[int]) -> Mask:
        if not tokens:
            return self._inside if self._starts_with_mark else self._han
        ends_sentence = self._sentence_ends[list(tokens)]
        if ends_sentence[-1]:
            done = self._sentences and ends_sentence.sum() >= self._sentences
            return self._end if done else self._after_sentence
        return self._han if self._marks[tokens[-1]] else self._inside
