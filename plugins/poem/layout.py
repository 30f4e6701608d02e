"""Laying a poem out: one sentence group a line."""

from __future__ import annotations

from assistant.prosody.forms import SENTENCE_ENDS


def lay_out(text: str) -> str:
    """``text`` with a line break behind each sentence, none at the end.

    >>> lay_out("白日依山尽，黄河入海流。欲穷千里目，")
    '白日依山尽，黄河入海流。\\n欲穷千里目，'
    """
    layout = LineLayout()
    return layout.push(text)


class LineLayout:
    """The same for text that comes in pieces; a break waits until something follows it.

    Args:
        before: the text that the first piece follows; a break may be due at once.
    """

    def __init__(self, before: str = "") -> None:
        self._break_due = bool(before) and before[-1] in SENTENCE_ENDS

    def push(self, text: str) -> str:
        """``text`` with its line breaks."""
        laid_out = ""
        for character in text:
            if self._break_due:
                laid_out += "\n"
            laid_out += character
            self._break_due = character in SENTENCE_ENDS
        return laid_out
