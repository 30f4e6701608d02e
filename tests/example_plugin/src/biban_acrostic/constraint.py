"""What may stand where in an acrostic."""

from __future__ import annotations

from assistant.api import HAN, CharacterConstraint, CharacterSet, Next, Vocabulary


class AcrosticConstraint(CharacterConstraint):
    """One line for each character of ``head``, which begins it; a mark behind each line, then the end."""

    name = "藏头诗的句式"

    def __init__(self, vocabulary: Vocabulary, head: str, line_length: int) -> None:
        super().__init__(vocabulary)
        self._pattern: list[Next] = []
        for number, character in enumerate(head, start=1):
            first = CharacterSet(frozenset(character))
            # No token leads to some rare characters of names; the writer puts those in itself.
            known = vocabulary.mask_after(b"", first).any()
            mark = "，" if number % 2 and number < len(head) else "。"
            self._pattern += [Next(first if known else HAN), *[Next(HAN)] * (line_length - 1)]
            self._pattern.append(Next(CharacterSet(frozenset(mark))))
        self._pattern.append(Next(CharacterSet(), end=True))

    def next(self, text: str) -> Next:
        """What may follow ``text``: its length alone decides."""
        return self._pattern[min(len(text), len(self._pattern) - 1)]
