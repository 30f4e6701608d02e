"""What may stand where in a poem."""

from __future__ import annotations

from assistant.api import HAN, CharacterConstraint, CharacterSet, Next, Vocabulary
from assistant.api.han import is_han
from assistant.prosody.forms import LINE_ENDS, SENTENCE_ENDS, Form

_COMMA, _FULL_STOP = CharacterSet(frozenset("，")), CharacterSet(frozenset("。"))
_MARKS = CharacterSet(frozenset(LINE_ENDS))
_NOTHING = CharacterSet()


class FormConstraint(CharacterConstraint):
    """Lines of equal length, a comma behind the odd and a full stop behind the even ones, then the end.

    Args:
        form: how many lines of how many characters.
        vocabulary: of the model.
        written: characters and marks of the form's pattern that the opening already fills.

    Raises:
        ValueError: ``written`` is negative or the form is already full.
    """

    def __init__(self, form: Form, vocabulary: Vocabulary, written: int) -> None:
        super().__init__(vocabulary)
        if not 0 <= written < form.length:
            raise ValueError(f"written must be in [0, {form.length}), got {written}")
        self.name = f"{form.name}的句长"
        self._written = written
        self._pattern: list[Next] = []
        for line in range(form.line_count):
            self._pattern += [Next(HAN)] * form.line_length
            self._pattern.append(Next(_COMMA if line % 2 == 0 else _FULL_STOP))
        self._pattern.append(Next(_NOTHING, end=True))

    def next(self, text: str) -> Next:
        return self._pattern[min(self._written + len(text), len(self._pattern) - 1)]


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
