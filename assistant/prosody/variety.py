"""The best of many texts first, those like one shown before later."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.prosody.verse import is_written

ALIKE = 1.5
"""What a text costs, in nats a character, all of whose characters stand at the same places in one shown before it."""


def best_first(texts: Sequence[str], worth: Sequence[float]) -> list[int]:
    """The order to show ``texts`` in: each time the best of the rest, less what it is like those before.

    Args:
        texts: what is compared, character by character; marks and line breaks do not count.
        worth: how good each is, in nats a character; higher is better.

    >>> best_first(["天高", "天阔", "水深"], [0.0, -0.1, -0.5])
    [0, 2, 1]
    """
    lines = ["".join(filter(is_written, text)) for text in texts]
    order: list[int] = []
    rest = set(range(len(texts)))
    same = [0.0] * len(texts)
    while rest:
        best = max(rest, key=lambda at: (worth[at] - ALIKE * same[at], -at))
        rest.remove(best)
        order.append(best)
        for at in rest:
            same[at] = max(same[at], _alike(lines[at], lines[best]))
    return order


def _alike(first: str, second: str) -> float:
    return sum(a == b for a, b in zip(first, second, strict=False)) / max(len(first), 1)
