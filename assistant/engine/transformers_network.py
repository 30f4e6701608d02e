"""Networks of Transformers, seen by the decoding loop: causal ones, and the decoder behind an encoder."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache, DynamicLayer, EncoderDecoderCache


class TransformersCache:
    """Wraps Transformers' cache; it grows by itself, so no room is set aside.

    Args:
        new: makes an empty cache.
        encoded: (batch, source length, hidden), what the encoder made of the source; None without encoder.
    """

    def __init__(self, new: Any, encoded: Tensor | None = None) -> None:
        self._new = new
        self.past: Any = new()
        self.encoded = encoded
        self.length = 0

    def repeated(self, count: int, max_length: int) -> Self:
        """A copy of a single sequence, ``count`` times."""
        result = copy.copy(self)
        result.past = copy.deepcopy(self.past)
        if self.length:
            result.past.batch_repeat_interleave(count)
        if self.encoded is not None:
            result.encoded = self.encoded.expand(count, -1, -1)
        return result

    def keep(self, rows: Sequence[int]) -> Self:
        """Only these sequences."""
        index = torch.tensor(list(rows))
        self.past.batch_select_indices(index)
        if self.encoded is not None:
            self.encoded = self.encoded[index]
        return self

    def truncate(self, length: int) -> None:
        """Forget what stands behind the first ``length`` tokens; everything where a layer cannot go back."""
        if length >= self.length:
            return
        plain = all(type(layer) is DynamicLayer for layer in getattr(self.past, "layers", ()))
        if length and plain:
            self.past.crop(length - self.length)
            self.length = length
        else:
            self.past = self._new()
            self.length = 0


class TransformersNetwork:
    """A causal model of Transformers.

    Args:
        model: with weights, in evaluation mode.
        memory_bytes: what its weights take.
    """

    def __init__(self, model: Any, memory_bytes: int) -> None:
        self._model = model
        config = model.config.get_text_config()
        self.context_length = int(getattr(config, "max_position_embeddings", None) or 2048)
        self.vocab_size = int(config.vocab_size)
        self.memory_bytes = memory_bytes

    @property
    def device(self) -> torch.device:
        """Where the weights lie."""
        device: torch.device = self._model.device
        return device

    def new_cache(self, batch_size: int, max_length: int) -> TransformersCache:
        """An empty cache."""
        return TransformersCache(lambda: DynamicCache(config=self._model.config))

    @torch.inference_mode()
    def forward(self, token_ids: Tensor, cache: TransformersCache, *, all_positions: bool = False) -> Tensor:
        """As ``Network.forward``."""
        output = self._model(
            input_ids=token_ids,
            past_key_values=cache.past,
            use_cache=True,
            logits_to_keep=0 if all_positions else 1,
        )
        cache.length += token_ids.shape[1]
        logits: Tensor = output.logits.float()
        return logits if all_positions else logits[:, -1]


class DecoderNetwork:
    """The decoder of an encoder–decoder model; ``encode`` comes first.

    Args:
        model: with weights, in evaluation mode.
        memory_bytes: what its weights take.
    """

    def __init__(self, model: Any, memory_bytes: int) -> None:
        self._model = model
        self.context_length = int(getattr(model.config, "max_position_embeddings", None) or 512)
        self.vocab_size = int(model.config.vocab_size)
        self.memory_bytes = memory_bytes

    @property
    def device(self) -> torch.device:
        """Where the weights lie."""
        device: torch.device = self._model.device
        return device

    @torch.inference_mode()
    def encode(self, token_ids: Tensor) -> TransformersCache:
        """Read the source (1, T); the cache of its decoder, still empty."""
        encoded = self._model.get_encoder()(input_ids=token_ids).last_hidden_state
        return TransformersCache(lambda: EncoderDecoderCache(DynamicCache(), DynamicCache()), encoded)

    def new_cache(self, batch_size: int, max_length: int) -> TransformersCache:
        """Not possible without a source."""
        raise NotImplementedError("use encode")

    @torch.inference_mode()
    def forward(self, token_ids: Tensor, cache: TransformersCache, *, all_positions: bool = False) -> Tensor:
        """As ``Network.forward``, for tokens of the target."""
        output = self._model(
            encoder_outputs=(cache.encoded,),
            decoder_input_ids=token_ids,
            past_key_values=cache.past,
            use_cache=True,
        )
        cache.length += token_ids.shape[1]
        logits: Tensor = output.logits.float()
        return logits if all_positions else logits[:, -1]
