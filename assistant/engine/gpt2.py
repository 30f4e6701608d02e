"""GPT-2 as a lean inference module.

The formulas are those of ``GPT2LMHeadModel`` in Transformers; a test holds the two against each other. It
is written out because importing Transformers takes longer than importing torch, because its pipeline takes
about twice as long a step, and because the cache must be repeated for N candidates after one prefill.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name the field uses
from torch import Tensor

from assistant.engine.kv_cache import KeyValueCache


@dataclass(frozen=True, slots=True)
class GPT2Shape:
    """The fields of ``config.json`` that matter; names as in Transformers' ``GPT2Config``."""

    vocab_size: int
    n_positions: int
    n_embd: int
    n_layer: int
    n_head: int
    n_inner: int
    layer_norm_epsilon: float
    activation_function: str
    scale_attn_weights: bool

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> GPT2Shape:
        """Read a ``config.json``.

        Raises:
            KeyError: a size is missing.
            ValueError: the configuration asks for something this module does not do.
        """
        shape = cls(
            vocab_size=int(config["vocab_size"]),
            n_positions=int(config.get("n_positions", config.get("n_ctx", 1024))),
            n_embd=int(config["n_embd"]),
            n_layer=int(config["n_layer"]),
            n_head=int(config["n_head"]),
            n_inner=int(config.get("n_inner") or 4 * int(config["n_embd"])),
            layer_norm_epsilon=float(config.get("layer_norm_epsilon", 1e-5)),
            activation_function=str(config.get("activation_function", "gelu_new")),
            scale_attn_weights=bool(config.get("scale_attn_weights", True)),
        )
        if shape.n_embd % shape.n_head:
            raise ValueError(f"n_embd {shape.n_embd} is not divisible by n_head {shape.n_head}")
        if shape.activation_function not in _ACTIVATIONS:
            raise ValueError(f"activation_function {shape.activation_function!r}")
        if config.get("scale_attn_by_inverse_layer_idx"):
            raise ValueError("scale_attn_by_inverse_layer_idx")
        return shape


_ACTIVATIONS = {
    "gelu_new": "tanh",
    "gelu_pytorch_tanh": "tanh",
    "gelu_fast": "tanh",
    "gelu": "none",
}
"""Names in ``config.json`` → the ``approximate`` argument of ``torch.nn.functional.gelu``."""


class GPT2:
    """Weights and forward pass.

    Args:
        shape: the sizes.
        state: tensors by Transformers' names without the prefix ``transformer.``; matrices are stored
            (in, out). ``lm_head.weight`` may be missing, it is then tied to ``wte.weight``.

    Raises:
        KeyError: a tensor is missing.
        ValueError: a tensor has another shape; the message names it.
    """

    def __init__(self, shape: GPT2Shape, state: Mapping[str, Tensor]) -> None:
        self.shape = shape
        n, inner = shape.n_embd, shape.n_inner

        def take(name: str, *size: int) -> Tensor:
            tensor = state[name]
            if tuple(tensor.shape) != size:
                raise ValueError(f"{name}: {tuple(tensor.shape)}, expected {size}")
            return tensor

        self.wte = take("wte.weight", shape.vocab_size, n)
        self.wpe = take("wpe.weight", shape.n_positions, n)
        self.ln_f = (take("ln_f.weight", n), take("ln_f.bias", n))
        self.lm_head = take("lm_head.weight", shape.vocab_size, n) if "lm_head.weight" in state else self.wte
        self.blocks = []
        for layer in range(shape.n_layer):
            at = f"h.{layer}."

            def linear(name: str, into: int, out: int, at: str = at) -> tuple[Tensor, Tensor]:
                return take(f"{at}{name}.weight", into, out), take(f"{at}{name}.bias", out)

            self.blocks.append(
                {
                    "ln_1": (take(f"{at}ln_1.weight", n), take(f"{at}ln_1.bias", n)),
                    "c_attn": linear("attn.c_attn", n, 3 * n),
                    "attn_proj": linear("attn.c_proj", n, n),
                    "ln_2": (take(f"{at}ln_2.weight", n), take(f"{at}ln_2.bias", n)),
                    "c_fc": linear("mlp.c_fc", n, inner),
                    "mlp_proj": linear("mlp.c_proj", inner, n),
                }
            )
        self._gelu = _ACTIVATIONS[shape.activation_function]
        self._scale = 1.0 / math.sqrt(n // shape.n_head) if shape.scale_attn_weights else 1.0

    @property
    def device(self) -> torch.device:
        """Where the weights lie."""
        return self.wte.device

    @property
    def memory_bytes(self) -> int:
        """Bytes of all weights, tied ones counted once."""
        tensors = [self.wte, self.wpe, *self.ln_f]
        tensors += [tensor for block in self.blocks for pair in block.values() for tensor in pair]
        if self.lm_head is not self.wte:
            tensors.append(self.lm_head)
        return sum(tensor.numel() * tensor.element_size() for tensor in tensors)

    def new_cache(self, batch_size: int, max_length: int) -> KeyValueCache:
        """An empty cache for sequences of at most ``max_length`` tokens."""
        shape = self.shape
        return KeyValueCache.empty(
            layers=shape.n_layer,
            batch_size=batch_size,
            heads=shape.n_head,
            max_length=max_length,
            head_size=shape.n_embd // shape.n_head,
            dtype=self.wte.dtype,
            device=self.wte.device,
        )

    @torch.inference_mode()
    def forward(self, token_ids: Tensor, cache: KeyValueCache) -> Tensor:
        """Append ``token_ids`` to the sequences in ``cache``.

        Args:
            token_ids: (batch, T), int64.
            cache: of the same batch size; grows by T.

        Returns:
            Logits of the last position, (batch, vocab), float32.
        """
        batch, length = token_ids.shape
        past = cache.length
        heads, size = self.shape.n_head, self.shape.n_embd // self.shape.n_head
        positions = torch.arange(past, past + length, device=token_ids.device)
        x = F.embedding(token_ids, self.wte) + F.embedding(positions, self.wpe)  # (B, T, C)
        mask = None
        if length > 1 and past:
            # Row t of the new tokens sees the whole past and the new tokens up to itself.
            seen = torch.ones(length, past + length, dtype=torch.bool, device=token_ids.device)
            mask = seen.tril(diagonal=past)
        for layer, block in enumerate(self.blocks):
            y = self._norm(x, block["ln_1"])
            qkv = self._linear(y, block["c_attn"]).view(batch, length, 3, heads, size)
            query, key, value = qkv.permute(2, 0, 3, 1, 4)  # 3 × (B, H, T, D)
            keys, values = cache.append(layer, key, value)
            y = F.scaled_dot_product_attention(
                query, keys, values, attn_mask=mask, is_causal=length > 1 and not past, scale=self._scale
            )
            x = x + self._linear(y.transpose(1, 2).reshape(batch, length, -1), block["attn_proj"])
            y = F.gelu(self._linear(self._norm(x, block["ln_2"]), block["c_fc"]), approximate=self._gelu)
            x = x + self._linear(y, block["mlp_proj"])
        cache.length = past + length
        x = self._norm(x[:, -1], self.ln_f)
        return F.linear(x, self.lm_head).float()

    def _norm(self, x: Tensor, weights: tuple[Tensor, Tensor]) -> Tensor:
        return F.layer_norm(x, (x.shape[-1],), *weights, eps=self.shape.layer_norm_epsilon)

    @staticmethod
    def _linear(x: Tensor, weights: tuple[Tensor, Tensor]) -> Tensor:
        weight, bias = weights
        return torch.addmm(bias, x.reshape(-1, x.shape[-1]), weight).view(*x.shape[:-1], -1)
