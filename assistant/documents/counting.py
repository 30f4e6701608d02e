"""How long a text is, as writers of Chinese count it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.api.han import HAN_CLASS

_HAN_RUN = re.compile(f"[{HAN_CLASS}]+")
_VISIBLE_RUN = re.compile(r"\S+")
_PARAGRAPH = re.compile(r"^.*\S.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TextCount:
    """All in code points: 𠮷 counts once.

    Attributes:
        han: 汉字 without punctuation.
        characters: everything but white space.
        paragraphs: lines that are not blank.
    """

    han: int
    characters: int
    paragraphs: int


def count_text(text: str) -> TextCount:
    """Count ``text``; about 100 ms for a million characters."""
    return TextCount(
        han=sum(map(len, _HAN_RUN.findall(text))),
        characters=sum(map(len, _VISIBLE_RUN.findall(text))),
        paragraphs=sum(1 for _ in _PARAGRAPH.finditer(text)),
    )
