"""What the decoding loop needs of an architecture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, Self

import torch
from torch import Tensor


class Cache(Protocol):
    """What was computed of the tokens read so far, for a batch of sequences of equal length."""

    length: int
    """Tokens of each sequence."""

    def repeated(self, count: int, max_length: int) -> Self:
        """A copy of a single sequence, ``count`` times, each with room for ``max_length`` tokens."""

    def keep(self, rows: Sequence[int]) -> Self:
        """Only these sequences."""

    def truncate(self, length: int) -> None:
        """Forget what stands behind the first ``length`` tokens, in place."""


class Network(Protocol):
    """Weights and forward pass of a causal language model."""

    context_length: int
    """Longest sequence in tokens."""
    vocab_size: int
    """Width of the logits."""

    @property
    def memory_bytes(self) -> int:
        """Bytes of all weights, tied ones counted once."""

    @property
    def device(self) -> torch.device:
        """Where the weights lie."""

    def new_cache(self, batch_size: int, max_length: int) -> Cache:
        """An empty cache with room for ``max_length`` tokens."""

    def forward(self, token_ids: Tensor, cache: Any, *, all_positions: bool = False) -> Tensor:
        """Append ``token_ids`` (batch, T), int64, to the sequences in ``cache`` (of ``new_cache``), which grows by T.

        Returns:
            Logits of the last position (batch, vocab), float32; of all new positions (batch, T, vocab)
            with ``all_positions``.
        """
