"""One object for equal sets of characters."""

from __future__ import annotations

_MOST_OBJECTS = 1024
"""Sets to hold; a few hundred are in use at once."""


class SetInterner:
    """Gives equal sets one object, so that dictionaries with sets for keys find them by identity.

    A rhyme or a tone has thousands of characters. A dictionary compares them all when the key it holds is equal but
    another object, and that can take longer than the model; here each object is compared once.
    """

    def __init__(self) -> None:
        self._first: dict[frozenset[str], frozenset[str]] = {}
        # Holding the set itself keeps its id from being given to another.
        self._seen: dict[int, tuple[frozenset[str], frozenset[str]]] = {}

    def intern(self, characters: frozenset[str]) -> frozenset[str]:
        """The first object that was equal to ``characters``."""
        known = self._seen.get(id(characters))
        if known is None:
            if len(self._seen) >= _MOST_OBJECTS:
                self._seen.clear()
                self._first.clear()
            first = self._first.setdefault(characters, characters)
            known = self._seen[id(characters)] = (characters, first)
        return known[1]
