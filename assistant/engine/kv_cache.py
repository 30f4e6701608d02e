"""Keys and values of the tokens read so far, allocated once for the longest sequence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(slots=True)
class KeyValueCache:
    """``keys``, ``values``: (layers, batch, heads, max_length, head size); ``length`` tokens are filled."""

    keys: Tensor
    values: Tensor
    length: int = 0

    @classmethod
    def empty(
        cls,
        *,
        layers: int,
        batch_size: int,
        heads: int,
        max_length: int,
        head_size: int,
        dtype: torch.dtype,
        device: torch.device,
    ) -> KeyValueCache:
        """Room for ``max_length`` tokens of each sequence."""
        size = (layers, batch_size, heads, max_length, head_size)
        return cls(
            torch.empty(size, dtype=dtype, device=device), torch.empty(size, dtype=dtype, device=device)
        )

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Store ``(batch, heads, T, head size)`` behind what is there; returns all keys and values so far.

        ``length`` itself is moved by the caller once all layers are stored.
        """
        end = self.length + keys.shape[2]
        all_keys, all_values = self.keys[layer, :, :, :end], self.values[layer, :, :, :end]
        all_keys[:, :, self.length :] = keys
        all_values[:, :, self.length :] = values
        return all_keys, all_values

    @torch.inference_mode()
    def repeated(self, count: int, max_length: int) -> KeyValueCache:
        """The same single sequence ``count`` times, each with room for ``max_length`` tokens."""
        return KeyValueCache(
            self._expand(self.keys, count, max_length),
            self._expand(self.values, count, max_length),
            self.length,
        )

    def _expand(self, tensor: Tensor, count: int, max_length: int) -> Tensor:
        layers, _, heads, _, size = tensor.shape
        repeated = tensor.new_empty((layers, count, heads, max_length, size))
        repeated[:, :, :, : self.length] = tensor[:, :1, :, : self.length]
        return repeated

    @torch.inference_mode()
    def keep(self, rows: Sequence[int]) -> KeyValueCache:
        """Only these sequences, after others have ended."""
        index = torch.tensor(list(rows), device=self.keys.device)
        return KeyValueCache(
            self.keys.index_select(1, index), self.values.index_select(1, index), self.length
        )

    def truncate(self, length: int) -> None:
        """Forget what stands behind the first ``length`` tokens."""
        self.length = min(self.length, length)
