"""Code points (Python) and UTF-16 units (Qt): the one place that converts between them."""

from __future__ import annotations

import re

_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")


def utf16_length(text: str) -> int:
    """Length of ``text`` in UTF-16 units: 1 for 月, 2 for 𠮷."""
    return len(text) + len(_BEYOND_BMP.findall(text))


def to_utf16(text: str, index: int) -> int:
    """The UTF-16 position of code point ``index`` of ``text``.

    Raises:
        IndexError: ``index`` is outside ``0 … len(text)``.
    """
    if not 0 <= index <= len(text):
        raise IndexError(f"index must be between 0 and {len(text)}, got {index}")
    return utf16_length(text[:index])


def to_code_point(text: str, utf16_index: int) -> int:
    """The code point of ``text`` at UTF-16 position ``utf16_index``.

    A position in the middle of a surrogate pair counts as the start of its character.

    Raises:
        IndexError: ``utf16_index`` is outside ``0 … utf16_length(text)``.
    """
    if utf16_index < 0:
        raise IndexError(f"utf16_index must not be negative, got {utf16_index}")
    # Each character beyond the BMP shifts what follows it by one unit.
    shift = 0
    for found in _BEYOND_BMP.finditer(text):
        if found.start() + shift + 2 > utf16_index:
            break
        shift += 1
    else:
        if utf16_index - shift > len(text):
            raise IndexError(f"utf16_index must be at most {len(text) + shift}, got {utf16_index}")
        return utf16_index - shift
    return min(utf16_index - shift, found.start())
