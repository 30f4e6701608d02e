"""From logits to the next token of each sequence. Nothing is changed in place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence

import torch
from torch import Tensor

_NUCLEUS = 512
"""How many of the likeliest tokens are looked at first for ``top_p``."""


def penalize_repetition(logits: Tensor, seen: Tensor, penalty: float) -> Tensor:
    """Make tokens that were seen less likely (Keskar et al. 2019, "CTRL", §4.1).

    Args:
        logits: (batch, vocab).
        seen: bool (batch, vocab), the tokens to penalize.
        penalty: at least 1; 1 changes nothing.

    Raises:
        ValueError: ``penalty`` is below 1.
    """
    if penalty < 1.0:
        raise ValueError(f"repetition_penalty must be at least 1, got {penalty}")
    if penalty == 1.0:
        return logits
    weakened = torch.where(logits > 0, logits / penalty, logits * penalty)
    return torch.where(seen, weakened, logits)


def probabilities(logits: Tensor, *, temperature: float, top_k: int, top_p: float) -> Tensor:
    """Probabilities to draw from, (batch, vocab).

    Args:
        logits: (batch, vocab), disallowed tokens at -inf.
        temperature: 0 puts everything on the likeliest token.
        top_k: keep the k likeliest; 0 for all.
        top_p: keep the smallest set of likeliest tokens whose probability reaches this (Holtzman et al.
            2020, "The Curious Case of Neural Text Degeneration").

    Raises:
        ValueError: an argument is out of range.
    """
    if temperature < 0:
        raise ValueError(f"temperature must not be negative, got {temperature}")
    if top_k < 0:
        raise ValueError(f"top_k must not be negative, got {top_k}")
    if not 0 < top_p <= 1:
        raise ValueError(f"top_p must be in (0, 1], got {top_p}")
    if temperature == 0:
        return torch.zeros_like(logits).scatter_(1, logits.argmax(dim=1, keepdim=True), 1.0)
    result = torch.softmax(logits / temperature, dim=1)
    if top_k and top_k < result.shape[1]:
        smallest = result.topk(top_k, dim=1).values[:, -1:]
        result = torch.where(result < smallest, 0.0, result)
    if top_p < 1:
        total = result.sum(dim=1, keepdim=True)
        # Sorting a whole vocabulary takes longer than a small model's step; the nucleus is seldom large.
        ordered, order = result.topk(min(_NUCLEUS, result.shape[1]), dim=1)
        if bool((ordered.sum(dim=1, keepdim=True) < top_p * total).any()):
            ordered, order = result.sort(dim=1, descending=True)
        before = ordered.cumsum(dim=1) - ordered  # probability of all likelier tokens
        ordered = torch.where(before >= top_p * total, 0.0, ordered)
        result = torch.zeros_like(result).scatter(1, order, ordered)
    return result / result.sum(dim=1, keepdim=True)


def draw(chances: Tensor, histories: Sequence[Hashable], generator: torch.Generator) -> list[int]:
    """One token for each sequence.

    Sequences that are still the same text draw without replacement, as far as there are tokens to draw, so
    that candidates part as soon as the model sees more than one way to go on.

    Args:
        chances: (batch, vocab), each row sums to 1.
        histories: equal for sequences that are equal so far.
        generator: the only source of randomness.
    """
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for row, history in enumerate(histories):
        groups[history].append(row)
    drawn = [0] * len(histories)
    for rows in groups.values():
        possible = chances[rows[0]].nonzero().squeeze(1)
        among = chances[rows[0], possible]
        # multinomial without replacement needs as many non-zero chances as draws
        distinct = min(len(rows), len(possible))
        places = torch.multinomial(among, distinct, replacement=False, generator=generator).tolist()
        if distinct < len(rows):
            more = len(rows) - distinct
            places += torch.multinomial(among, more, replacement=True, generator=generator).tolist()
        for row, place in zip(rows, places, strict=True):
            drawn[row] = int(possible[place])
    return drawn
