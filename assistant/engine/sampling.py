"""From logits to the next token of each sequence. Nothing is changed in place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

_FIRST_LOOK = 64
"""How many of the likeliest tokens are looked at first for ``top_p``; sorting a whole vocabulary takes longer than a
small model's step, and the nucleus is seldom large."""


class Choices(NamedTuple):
    """What may be drawn, the likeliest first.

    ``chances``: (batch, k), each row sums to 1; ``token_ids``: (batch, k).
    """

    chances: Tensor
    token_ids: Tensor


def penalize_repetition(logits: Tensor, seen: Sequence[Sequence[int]], penalty: float) -> Tensor:
    """Make tokens that were seen less likely (Keskar et al. 2019, "CTRL", §4.1).

    Args:
        logits: (batch, vocab).
        seen: for each sequence the tokens to penalize, each once.
        penalty: at least 1; 1 changes nothing.

    Raises:
        ValueError: ``penalty`` is below 1.
    """
    if penalty < 1.0:
        raise ValueError(f"repetition_penalty must be at least 1, got {penalty}")
    if penalty == 1.0 or not any(seen):
        return logits
    rows = torch.tensor([row for row, tokens in enumerate(seen) for _ in tokens])
    columns = torch.tensor([token for tokens in seen for token in tokens])
    old = logits[rows, columns]
    return logits.index_put((rows, columns), torch.where(old > 0, old / penalty, old * penalty))


def choices(logits: Tensor, *, temperature: float, top_k: int, top_p: float) -> Choices:
    """What to draw from.

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
        best = logits.argmax(dim=1, keepdim=True)
        return Choices(torch.ones_like(best, dtype=logits.dtype), best)
    scaled = logits if temperature == 1 else logits / temperature
    limit = min(top_k or scaled.shape[1], scaled.shape[1])
    look = min(limit, _FIRST_LOOK) if top_p < 1 else limit
    # With top_k, probabilities are those among the k likeliest, as in Transformers' order of warpers.
    total = None if top_k else scaled.logsumexp(dim=1, keepdim=True)
    while True:
        values, token_ids = scaled.topk(look, dim=1)
        if total is None:
            total = scaled.topk(limit, dim=1).values.logsumexp(dim=1, keepdim=True)
        chances = (values - total).exp()
        if look == limit or bool((chances.sum(dim=1) >= top_p).all()):
            break
        look = min(limit, look * 8)
    if top_p < 1:
        likelier = chances.cumsum(dim=1) - chances  # probability of all likelier tokens
        chances = torch.where(likelier >= top_p, 0.0, chances)
    return Choices(chances / chances.sum(dim=1, keepdim=True), token_ids)


def draw(among: Choices, histories: Sequence[Hashable], generator: torch.Generator) -> list[int]:
    """One token for each sequence.

    Sequences that are still the same text draw without replacement, as far as there are tokens to draw, so
    that candidates part as soon as the model sees more than one way to go on.

    Args:
        among: what to draw from.
        histories: equal for sequences that are equal so far.
        generator: the only source of randomness.
    """
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for row, history in enumerate(histories):
        groups[history].append(row)
    if len(groups) == len(histories):
        places = torch.multinomial(among.chances, 1, generator=generator)
        drawn: list[int] = among.token_ids.gather(1, places).squeeze(1).tolist()
        return drawn
    drawn = [0] * len(histories)
    for rows in groups.values():
        chances, token_ids = among.chances[rows[0]], among.token_ids[rows[0]]
        # multinomial without replacement needs as many non-zero chances as draws
        distinct = min(len(rows), int((chances > 0).sum()))
        picked = torch.multinomial(chances, distinct, replacement=False, generator=generator)
        if distinct < len(rows):
            more = len(rows) - distinct
            again = torch.multinomial(chances, more, replacement=True, generator=generator)
            picked = torch.cat([picked, again])
        for row, token in zip(rows, token_ids[picked].tolist(), strict=True):
            drawn[row] = token
    return drawn
