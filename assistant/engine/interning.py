"""One object for equal sets of characters."""

from __future__ import annotations

_MOST_OBJECTS = 1024
"""Sets to hold, each object counted."""
_SMALL = 64
"""Fewer characters than this are compared quickly."""


class SetInterner:
    """Gives equal large sets one object, so that dictionaries with sets for keys find them by identity.

    A rhyme or a tone has hundreds or thousands of characters. A dictionary compares them all when the key it holds is
    equal but another object, and that can take longer than the model; here each object is compared once. Small sets are
    compared quickly and are left as they are.
    """

    def __init__(self) -> None:
        self._first: dict[frozenset[str], frozenset[str]] = {}
        # Holding the set itself keeps its id from being given to another.
        self._seen: dict[int, tuple[frozenset[str], frozenset[str]]] = {}

    @property
    def is_full(self) -> bool:
        """So many sets are held that it is time to ``clear``, together with what has them for keys."""
        return len(self._seen) >= _MOST_OBJECTS

    def clear(self) -> None:
        """Forget all sets. Dictionaries whose keys are from before would compare again: clear them too."""
        self._first.clear()
        self._seen.clear()

    def intern(self, characters: frozenset[str]) -> frozenset[str]:
        """The first object since ``clear`` that was equal to ``characters``."""
        if len(characters) < _SMALL:
            return characters
        known = self._seen.get(id(characters))
        if known is None:
            first = self._first.setdefault(characters, characters)
            known = self._seen[id(characters)] = (characters, first)
        return known[1]
