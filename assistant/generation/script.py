"""Simplified and traditional characters: any text works with a model of one script."""

from __future__ import annotations

from functools import cache
from typing import Literal

import opencc

Script = Literal["simplified", "traditional"]


@cache
def _converter(config: str) -> opencc.OpenCC:
    return opencc.OpenCC(config)


def convert(text: str, config: str) -> str:
    """``text`` through an OpenCC configuration such as ``s2t``."""
    converted: str = _converter(config).convert(text)
    return converted


def script_of(text: str) -> Script:
    """The script most of the telling characters of ``text`` belong to; simplified when none tells.

    >>> script_of("明月幾時有"), script_of("明月几时有"), script_of("明月")
    ('traditional', 'simplified', 'simplified')
    """
    only_traditional = _changed(text, "t2s")
    only_simplified = _changed(text, "s2t")
    return "traditional" if only_traditional > only_simplified else "simplified"


def _changed(text: str, config: str) -> int:
    converted = convert(text, config)
    return sum(a != b for a, b in zip(text, converted, strict=False))


class ScriptBridge:
    """Takes text to the script of the model, and what the model wrote back to the script of the text.

    Args:
        text: decides which script the person writes.
        model_script: ``simplified``, ``traditional`` or ``both``.
    """

    def __init__(self, text: str, model_script: str) -> None:
        self.script = script_of(text)
        same = model_script in ("both", self.script)
        # s2tw, not s2t: 为 → 為, 里 → 裡, as most who write traditional characters expect; s2t gives 爲, 裏.
        self._to_model = "" if same else ("t2s" if model_script == "simplified" else "s2t")
        self._from_model = "" if same else ("s2tw" if model_script == "simplified" else "t2s")

    def to_model(self, text: str) -> str:
        """``text`` as the model knows it."""
        return convert(text, self._to_model) if self._to_model and text else text

    def from_model(self, text: str, before: str = "") -> str:
        """``text`` as the person writes it.

        One simplified character may stand for several traditional ones, and words decide (头发 → 頭髮), so
        the whole text is converted each time, together with the end of what stands before it.

        Args:
            text: what the model wrote so far.
            before: in the script of the model.
        """
        if not self._from_model or not text:
            return text
        tail = before[-8:]
        converted = convert(tail + text, self._from_model)
        if len(converted) != len(tail) + len(text):
            # Some phrase changed its length: the border is no longer known, so convert the text alone.
            return convert(text, self._from_model)
        return converted[len(tail) :]
