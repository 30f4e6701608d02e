"""What counts as a 汉字."""

from __future__ import annotations

# Unified ideographs, their extensions A to J, compatibility ideographs and 〇 (Unicode 17, Blocks.txt).
_RANGES = (
    (0x3007, 0x3007),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2FA1F),
    (0x30000, 0x3347F),
)


HAN_CLASS = "".join(f"{chr(first)}-{chr(last)}" for first, last in _RANGES)
"""The same as the inside of a regular expression's character class, for counting long texts."""


def is_han(character: str) -> bool:
    """True for one 汉字.

    >>> is_han("𠮷"), is_han("，")
    (True, False)
    """
    point = ord(character)
    return any(first <= point <= last for first, last in _RANGES)
