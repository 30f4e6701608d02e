"""Laying a poem out: one sentence group a line, or one 片 of a 词."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.prosody.patterns import Pattern
from assistant.prosody.verse import LINE_ENDS, SENTENCE_ENDS


class LineLayout:
    """Puts a line break behind each sentence of a text that comes in pieces, or behind each 片 of a 词.

    A break waits until something follows it.

    Args:
        patterns: of the 词; empty for other verse.
        before: the text that the first piece follows.
        breaks: whether the page broke the line behind ``before`` already.
    """

    def __init__(self, patterns: Sequence[Pattern] = (), before: str = "", *, breaks: bool = False) -> None:
        self._patterns = list(patterns)
        self._lengths: list[int] = [0]
        self._break_due = False
        self.push(before)
        if breaks:
            self._break_due = False

    def push(self, text: str) -> str:
        """``text`` with its line breaks."""
        laid_out = ""
        for character in text:
            if self._break_due:
                laid_out += "\n"
            laid_out += character
            self._break_due = self._ends_here(character)
        return laid_out

    def _ends_here(self, character: str) -> bool:
        if character not in LINE_ENDS:
            self._lengths[-1] += 1
            return False
        self._lengths.append(0)
        if not self._patterns:
            return character in SENTENCE_ENDS
        ended = tuple(self._lengths[:-1])
        self._patterns = [
            p for p in self._patterns if p.line_lengths[: len(ended)] == ended
        ] or self._patterns
        lines = self._patterns[0].lines
        return len(ended) < len(lines) and lines[len(ended)].stanza > lines[len(ended) - 1].stanza


def lay_out(text: str, patterns: Sequence[Pattern] = ()) -> str:
    """``text`` with its line breaks, none at the end.

    >>> lay_out("白日依山尽，黄河入海流。欲穷千里目，")
    '白日依山尽，黄河入海流。\\n欲穷千里目，'
    """
    return LineLayout(patterns).push(text)
