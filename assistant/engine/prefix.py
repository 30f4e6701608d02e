"""Reading a prompt into the cache, without reading again what the last prompt had in common with it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from assistant.engine.network import Cache, Network

BLOCK = 64
"""Prompts are read in blocks that begin at multiples of this. A block's numbers depend on nothing but the tokens up to
its end, so a request gives the same result whether or not its beginning was read before."""


class PrefixReader:
    """Keeps the cache of the last prompt.

    Args:
        network: whose caches they are.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._tokens: list[int] = []
        self._cache: Cache | None = None
        self._room = 0

    def read(self, prompt: Sequence[int]) -> tuple[Tensor, Cache]:
        """Logits (1, vocab) behind ``prompt``, and its cache, which the caller must not change (but may repeat)."""
        cache = self._cache
        common = 0 if cache is None else _common_length(self._tokens, prompt)
        # At least one token must be read, for its logits.
        kept = min(common, len(prompt) - 1) // BLOCK * BLOCK
        if cache is None or len(prompt) > self._room:
            self._room = min(self._network.context_length, -(-len(prompt) // 256) * 256)
            cache = (
                cache.repeated(1, self._room) if cache is not None else self._network.new_cache(1, self._room)
            )
        cache.truncate(kept)
        # Nothing is kept while reading: an error or a cancelled request leaves no half-read prompt behind.
        self._cache, self._tokens = None, []
        logits = torch.empty(0)
        while cache.length < len(prompt):
            end = min(len(prompt), cache.length // BLOCK * BLOCK + BLOCK)
            block = torch.tensor([list(prompt[cache.length : end])], device=self._network.device)
            logits = self._network.forward(block, cache)
        self._cache, self._tokens = cache, list(prompt)
        return logits, cache

    def forget(self) -> None:
        """Give the memory back."""
        self._cache, self._tokens, self._room = None, [], 0


def _common_length(first: Sequence[int], second: Sequence[int]) -> int:
    for length, (a, b) in enumerate(zip(first, second, strict=False)):
        if a != b:
            return length
    return min(len(first), len(second))
