"""Ending where a sentence ends: the constraint that writers of prose share."""

from __future__ import annotations

from assistant.api.constraints import ANY_CHARACTER, CharacterConstraint, CharacterSet, Next, Vocabulary

SENTENCE_ENDS = frozenset("。！？…!?")
CLOSING_QUOTES = frozenset("”’」』）》")
_MARK_AND_END = 2
_ENDS = CharacterSet(SENTENCE_ENDS - frozenset("!?"))


def ends_sentence(text: str) -> bool:
    """True when ``text`` ends with a sentence, its closing quotes included.

    >>> ends_sentence("他说：“走吧。”"), ends_sentence("他说")
    (True, False)
    """
    return text.rstrip().rstrip("".join(CLOSING_QUOTES))[-1:] in SENTENCE_ENDS


def most_characters(length: int) -> int:
    """How long a text of about ``length`` characters may get before an endless sentence is ended."""
    return length + length // 3 + 20


def tokens_for(characters: int, vocabulary: Vocabulary) -> int:
    """``max_new_tokens`` for at most so many characters and the mark that ends the sentence: enough for the constraint
    alone to end the text. No character takes more than four tokens, and of a vocabulary of characters one.
    """
    return (characters + _MARK_AND_END) * _most_tokens_a_character(vocabulary)


def characters_in(tokens: int, vocabulary: Vocabulary) -> int:
    """How many characters ``tokens_for`` finds room for in so many tokens; never negative."""
    return max(0, tokens // _most_tokens_a_character(vocabulary) - _MARK_AND_END)


def _most_tokens_a_character(vocabulary: Vocabulary) -> int:
    return 1 if vocabulary.tokens_a_character == 1 else 4


class SentenceConstraint(CharacterConstraint):
    """Prose that ends with a sentence, near a wished length.

    Args:
        vocabulary: of the model.
        least: characters before which it does not end, spaces not counted.
        target: it ends with the first sentence that reaches so many characters.
        most: from so many characters on, only the end of a sentence may come.

    Raises:
        ValueError: not 0 ≤ ``least`` ≤ ``target`` ≤ ``most``.
    """

    name = "在句末结束"

    def __init__(self, vocabulary: Vocabulary, *, least: int, target: int, most: int) -> None:
        super().__init__(vocabulary)
        if not 0 <= least <= target <= most:
            raise ValueError(f"lengths must grow: least {least}, target {target}, most {most}")
        self._least, self._target, self._most = least, target, most

    def next(self, text: str) -> Next:
        """What may follow ``text``."""
        length = len("".join(text.split()))
        ended = ends_sentence(text)
        if ended and length >= self._target:
            return Next(CharacterSet(), end=True)
        if length >= self._most:
            return Next(_ENDS)
        return Next(ANY_CHARACTER, end=ended and length >= self._least)
