"""Which tones a line of a tune asks for, from how poets wrote it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from math import sqrt

MINORITY = 0.08
"""A place where fewer pieces have the other tone is fixed."""
ENOUGH = 40
"""So many lines are needed before two ways of writing a line are told apart."""
BOUND = 0.4
"""Two free places that go together so closely (φ) mean two ways of writing the line."""
RARE = 0.06
"""A way that a smaller share of the lines has is left out."""


def line_shapes(lines: Sequence[str]) -> list[str]:
    """The ways to write a line, the most usual first.

    Where two places of a line are free but bound to each other (平平仄平仄 or 中仄平平仄, not any mixture), the lines
    are parted in two by one of the two places.

    Args:
        lines: the tones of the same line in each piece: 平, 仄, or ？ where a character does not vote.
    """
    ways = sorted(_ways(lines, len(lines), 2), reverse=True)
    shapes: list[str] = []
    for count, shape in ways:
        if count >= RARE * len(lines) and not any(_covers(other, shape) for other in shapes):
            shapes.append(shape)
    return shapes or [fixed_places(lines)]


def fixed_places(lines: Sequence[str]) -> str:
    """平, 仄 or 中 for each place of a line."""
    length = len(lines[0])
    tones = ""
    for place, votes in enumerate(map(Counter, zip(*lines, strict=True))):
        level, oblique = votes["平"], votes["仄"]
        count, minority = level + oblique, min(level, oblique)
        # The first place of a line, and the third of a long one, are usually free.
        is_loose = (place == 0 and length > 3) or (place == 2 and length > 5)
        if is_loose:
            is_fixed = count > 3 and minority < MINORITY * count and (not minority or count >= ENOUGH)
        elif place % 2 and 7 <= count <= 12:
            is_fixed = minority <= 1  # one of so few proves nothing where the rhythm is
        else:
            is_fixed = bool(count) and minority < MINORITY * count
        tones += ("平" if level > oblique else "仄") if is_fixed else "中"
    return tones


def _ways(lines: Sequence[str], total: int, depth: int) -> list[tuple[int, str]]:
    shape = fixed_places(lines)
    whole = [(len(lines), shape)]
    if len(lines) < ENOUGH or not depth or len(shape) < 4:
        return whole
    free = [place for place, tone in enumerate(shape) if tone == "中"]
    pairs = [
        pair for pair in combinations(free, 2) if any(place % 2 for place in pair)
    ]  # one carries the rhythm
    pair = max(pairs, key=lambda pair: _bond(lines, *pair), default=None)
    if pair is None or _bond(lines, *pair) < BOUND:
        return whole
    parted = []
    for place in pair:
        parts = [[line for line in lines if line[place] == tone] for tone in "平仄"]
        if min(map(len, parts)) >= MINORITY * total:
            ways = [way for part in parts for way in _ways(part, total, depth - 1)]
            parted.append((sum(n * way.count("中") for n, way in ways) / sum(n for n, _ in ways), ways))
    freedom, ways = min(parted, default=(len(shape), whole))
    return ways if freedom < len(free) - 1.2 else whole


def _bond(lines: Sequence[str], one: int, other: int) -> float:
    """|φ| of two places; 0 when too few lines tell."""
    pairs = [
        (line[one] == "平", line[other] == "平") for line in lines if "？" not in (line[one], line[other])
    ]
    if len(pairs) < ENOUGH * 3 // 4:
        return 0.0
    a, b = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
    spread = sqrt(a * (1 - a) * b * (1 - b))
    return abs(sum(x and y for x, y in pairs) / len(pairs) - a * b) / spread if spread else 0.0


def _covers(shape: str, other: str) -> bool:
    return all(tone in ("中", its) for tone, its in zip(shape, other, strict=True))
