"""Is a text in traditional characters?"""

from __future__ import annotations

from functools import cache

from assistant.prosody import tables


@cache
def _simplified_only() -> frozenset[str]:
    """Characters that traditional text does not have: short forms of others that do not stand for themselves."""
    standing = tables.stands_for()
    return frozenset(short for short in tables.traditional_only().values() if short not in standing[short])


def is_traditional(text: str) -> bool:
    """True when more characters of ``text`` are only traditional than only simplified."""
    traditional, simplified = tables.traditional_only(), _simplified_only()
    return sum(c in traditional for c in text) > sum(c in simplified for c in text)


def simplified(text: str) -> str:
    """``text`` with the characters that only traditional text has as simplified text writes them."""
    forms = tables.traditional_only()
    return "".join(forms.get(character, character) for character in text)
