"""What may stand where in the second line of a couplet."""

from __future__ import annotations

from assistant.api import CharacterConstraint, CharacterSet, Next, Vocabulary
from assistant.api.han import is_han


class CoupletConstraint(CharacterConstraint):
    """As many characters as the first line, marks at the same places, repetition where it repeats.

    Where the first line says a character again, so does the second (字字 answers 处处); otherwise it uses no character
    of the first line and none of its own twice (忌重字).

    Args:
        vocabulary: of the model.
        upper: the first line, without the mark at its end.

    Raises:
        ValueError: ``upper`` is empty.
    """

    name = "上联的字数与标点"

    def __init__(self, vocabulary: Vocabulary, upper: str) -> None:
        super().__init__(vocabulary)
        if not upper:
            raise ValueError("the first line is empty")
        self._upper = upper
        self._known = frozenset(filter(is_han, upper))

    def next(self, text: str) -> Next:
        place = len(text)
        if place >= len(self._upper):
            return Next(CharacterSet(), end=True)
        character = self._upper[place]
        if not is_han(character):
            return Next(CharacterSet(frozenset(character)))
        earlier = self._upper.find(character, 0, place)
        if earlier >= 0:
            return Next(CharacterSet(frozenset(text[earlier])))
        return Next(CharacterSet(han=True, without=self._known | frozenset(text)))
