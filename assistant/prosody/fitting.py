"""How well the tones of a line fit the shapes it may have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.prosody.patterns import Shape
from assistant.prosody.tones import EITHER

_PREFERENCE = {"": 0.0, "孤平拗救": 0.02, "特拗": 0.05, "拗": 0.1, "大拗": 0.2, "三仄尾": 0.4}
"""Of two shapes that a line fits, the plainer one is meant; in wrong characters."""
_RARE = 0.3
"""What a reading weighs that verse hardly knows: a known rescue is likelier meant."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A line held against the shape that it fits best.

    Attributes:
        shape: that shape.
        wrong: places of characters with the other tone, or of unknown tone, from 0.
        cost: their number, and less than one more for an unusual shape.
    """

    shape: Shape
    wrong: tuple[int, ...]
    cost: float


@lru_cache(maxsize=1 << 15)
def fit_line(
    classes: tuple[frozenset[str], ...], shapes: tuple[Shape, ...], usual: tuple[frozenset[str], ...] = ()
) -> Fit:
    """The best of ``shapes`` for a line.

    Args:
        classes: the tones each character can have.
        shapes: accepted ones.
        usual: those of ``classes`` that are not rare; all when empty.

    Raises:
        ValueError: the line and a shape differ in length.
    """
    fits = []
    for shape in shapes:
        if len(shape.tones) != len(classes):
            raise ValueError(f"a line of {len(classes)} characters against {shape.tones}")
        wrong = wrong_places(classes, shape.tones)
        rare = len(wrong_places(usual, shape.tones)) - len(wrong) if usual else 0
        cost = len(wrong) + _PREFERENCE.get(shape.name, 0.1) + _RARE * max(0, rare)
        fits.append(Fit(shape, wrong, cost))
    return min(fits, key=lambda fit: fit.cost)


def wrong_places(classes: Sequence[frozenset[str]], tones: str) -> tuple[int, ...]:
    """Places, from 0, of characters that cannot have the tone asked for; those of unknown tone are among them."""
    return tuple(
        place
        for place, (can_be, wanted) in enumerate(zip(classes, tones, strict=True))
        if not can_be or (wanted != EITHER and wanted not in can_be)
    )
