"""What counts as a 汉字."""

from __future__ import annotations

from functools import lru_cache

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


@lru_cache(maxsize=1 << 14)
def is_han(character: str) -> bool:
    """True for one 汉字.

    >>> is_han("𠮷"), is_han("，")
    (True, False)
    """
    point = ord(character)
    return any(first <= point <= last for first, last in _RANGES)


def could_become_han(spelled: bytes) -> bool:
    """True when ``spelled`` is the UTF-8 of one 汉字 or the beginning of one.

    >>> could_become_han("汉".encode()[:2]), could_become_han("A".encode())
    (True, False)
    """
    lead = spelled[0]
    length = 1 if lead < 0x80 else 2 if 0xC0 <= lead < 0xE0 else 3 if 0xE0 <= lead < 0xF0 else 4
    if lead < 0x80 or 0x80 <= lead < 0xC0 or lead > 0xF4 or len(spelled) > length:
        return False
    if any(byte & 0xC0 != 0x80 for byte in spelled[1:]):
        return False
    point = lead & (0x7F >> length)
    for byte in spelled[1:]:
        point = point << 6 | byte & 0x3F
    missing = 6 * (length - len(spelled))
    low, high = point << missing, (point + 1 << missing) - 1
    # The shortest code points of a length have shorter spellings, which alone are valid.
    low = max(low, {2: 0x80, 3: 0x800, 4: 0x10000}[length])
    return any(first <= high and low <= last for first, last in _RANGES)
