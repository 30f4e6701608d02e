"""From logits to the next token of each sequence, in NumPy. Nothing is changed in place.

NumPy rather than torch: these are many short passes over a vocabulary, which are over before torch's threads have met,
and which then do not wait for a core that another program has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_TRIES = 8
"""How often a token outside the nucleus is drawn again before the nucleus is sorted out."""

_BLOCK = 256
"""Cumulated sums are made of this many tokens at a time: one by one is what takes longest about a draw."""


def penalize_repetition(logits: Floats, seen: Sequence[Sequence[int]], penalty: float) -> Floats:
    """Make tokens that were seen less likely (Keskar et al. 2019, "CTRL", §4.1).

    Args:
        logits: (batch, vocab).
        seen: for each sequence the tokens to penalize.
        penalty: at least 1; 1 changes nothing.

    Raises:
        ValueError: ``penalty`` is below 1.
    """
    if penalty < 1.0:
        raise ValueError(f"repetition_penalty must be at least 1, got {penalty}")
    if penalty == 1.0 or not any(seen):
        return logits
    result = logits.copy()
    for row, tokens in enumerate(seen):
        if tokens:
            old = logits[row, tokens]
            result[row, tokens] = np.where(old > 0, old / penalty, old * penalty)
    return result


def log_probabilities(logits: Floats, tokens: Sequence[int]) -> list[float]:
    """What ``logits`` (batch, vocab) say of one token a row, in nats."""
    highest = logits.max(axis=1)
    total = np.exp(logits - highest[:, None]).sum(axis=1, dtype=np.float64)
    chosen = logits[np.arange(len(tokens)), list(tokens)]
    result: list[float] = (chosen - highest - np.log(total)).tolist()
    return result


def _token_at(weights: Floats, blocks: NDArray[np.float64], at: float) -> int:
    """The token at which the cumulated weights pass ``at``; ``blocks`` are their sums at the end of each block."""
    # Rounding may lead to the very end, behind the last token that has any weight.
    block = int(blocks.searchsorted(min(at, np.nextafter(blocks[-1], 0)), side="right"))
    start = block * _BLOCK
    inside = weights[start : start + _BLOCK].cumsum(dtype=np.float64)
    before = float(blocks[block - 1]) if block else 0.0
    place = int(inside.searchsorted(at - before, side="right"))
    return start + (
        place if place < len(inside) else int(np.flatnonzero(weights[start : start + _BLOCK])[-1])
    )


class Sampler:
    """Draws with temperature, top-k and top-p.

    Args:
        temperature: 0 puts everything on the likeliest token.
        top_k: keep the k likeliest; 0 for all.
        top_p: keep the smallest set of likeliest tokens whose probability reaches this, the nucleus (Holtzman et al.
            2020, "The Curious Case of Neural Text Degeneration"). Among the k likeliest when both are given, as in
            Transformers.
        seed: the same one draws the same tokens.

    Raises:
        ValueError: an argument is out of range.
    """

    def __init__(self, *, temperature: float, top_k: int, top_p: float, seed: int | None) -> None:
        if temperature < 0:
            raise ValueError(f"temperature must not be negative, got {temperature}")
        if top_k < 0:
            raise ValueError(f"top_k must not be negative, got {top_k}")
        if not 0 < top_p <= 1:
            raise ValueError(f"top_p must be in (0, 1], got {top_p}")
        self._temperature, self._top_k, self._top_p = temperature, top_k, top_p
        self._random = np.random.default_rng(seed)

    def draw(self, logits: Floats, histories: Sequence[Hashable]) -> list[int]:
        """One token for each row of ``logits`` (batch, vocab), disallowed tokens at -inf.

        Sequences that are still the same text (``histories`` are equal) draw without replacement, as far as there are
        tokens to draw, so that candidates part as soon as the model sees more than one way to go on.
        """
        if self._temperature == 0:
            best: list[int] = logits.argmax(axis=1).tolist()
            return best
        weights = self._weights(logits)
        groups: dict[Hashable, list[int]] = defaultdict(list)
        for row, history in enumerate(histories):
            groups[history].append(row)
        drawn = [0] * len(histories)
        for rows in groups.values():
            taken: list[int] = []
            for row in rows:
                drawn[row] = self._draw_one(weights[row], taken)
                taken.append(drawn[row])
        return drawn

    def _weights(self, logits: Floats) -> Floats:
        """Probabilities of (batch, vocab) up to a factor a row; those below the top k are 0."""
        scaled = logits - logits.max(axis=1, keepdims=True)
        if self._temperature != 1:
            scaled /= self._temperature
        if 0 < self._top_k < scaled.shape[1]:
            smallest = np.partition(scaled, -self._top_k, axis=1)[:, -self._top_k, None]
            scaled = np.where(scaled < smallest, -np.inf, scaled)
        weights: Floats = np.exp(scaled, out=scaled)
        return weights

    def _draw_one(self, weights: Floats, taken: Sequence[int]) -> int:
        """One token of the nucleus that is not ``taken``, unless there is no other.

        A token drawn from the whole distribution is drawn again when it lies outside the nucleus, that is when likelier
        tokens alone reach ``top_p``. That is the same as drawing from the nucleus, without sorting the vocabulary.
        """
        total = float(weights.sum(dtype=np.float64))
        left = weights
        if taken:
            left = weights.copy()
            left[list(taken)] = 0
        blocks = np.add.reduceat(left, np.arange(0, len(left), _BLOCK), dtype=np.float64).cumsum()
        for _ in range(_TRIES if blocks[-1] > 0 else 0):
            token = _token_at(left, blocks, self._random.random() * blocks[-1])
            if self._top_p == 1:
                return token
            # A product, not weights[likelier].sum(): picking scattered numbers out takes several times as long.
            likelier = (weights > weights[token]).astype(np.float32)
            if float(np.dot(weights, likelier)) < self._top_p * total:
                return token
        nucleus = self._nucleus(weights)
        others = np.setdiff1d(nucleus, np.array(taken, dtype=nucleus.dtype), assume_unique=False)
        among = others if len(others) else nucleus
        chances = weights[among].astype(np.float64)
        return int(self._random.choice(among, p=chances / chances.sum()))

    def _nucleus(self, weights: Floats) -> NDArray[np.int64]:
        """The tokens of the nucleus, by its definition."""
        order = np.argsort(-weights, kind="stable")
        ordered = weights[order].astype(np.float64)
        likelier = ordered.cumsum() - ordered
        kept: NDArray[np.int64] = order[(likelier < self._top_p * ordered.sum()) & (ordered > 0)]
        return kept
