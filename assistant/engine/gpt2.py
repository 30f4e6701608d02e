"""GPT-2 as a lean inference module.

The formulas are those of ``GPT2LMHeadModel`` in Transformers; a test holds the two against each other. It
is written out because importing Transformers takes longer than importing torch, because its pipeline takes
about twice as long a step, and because the cache must be repeated for N candidates after one prefill.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name the field uses
from torch import Tensor

from assistant.engine.kernels import FloatLinear, Linear, Precision, activation_dtype, make_linear
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


def gelu_of(shape: GPT2Shape) -> str:
    """``tanh`` for the approximation that GPT-2 was trained with, ``none`` for the exact function."""
    return _ACTIVATIONS[shape.activation_function]


@dataclass(frozen=True, slots=True)
class Block:
    """One layer of the network; norms are (weight, bias)."""

    ln_1: tuple[Tensor, Tensor]
    c_attn: Linear
    attn_proj: Linear
    ln_2: tuple[Tensor, Tensor]
    c_fc: Linear
    mlp_proj: Linear


class GPT2:
    """Weights and forward pass.

    Args:
        shape: the sizes.
        read: a tensor by its name in Transformers, without the prefix ``transformer.``; ``KeyError`` when there is
            none. Called once a tensor, so that no more than one is in memory unconverted. Matrices come (in, out).
            Without ``lm_head.weight`` the output layer is tied to ``wte.weight``.
        precision: of the matrices. With 8 bit, embeddings and positions are kept in 16 bit.
        device: where to keep them.

    Raises:
        KeyError: a tensor is missing.
        ValueError: a tensor has another shape; the message names it.
    """

    def __init__(
        self,
        shape: GPT2Shape,
        read: Callable[[str], Tensor],
        precision: Precision = "fp32",
        device: torch.device | None = None,
    ) -> None:
        self.shape = shape
        self.context_length, self.vocab_size = shape.n_positions, shape.vocab_size
        n, inner = shape.n_embd, shape.n_inner
        device = device or torch.device("cpu")
        dtype = activation_dtype(precision, device)
        stored = torch.float16 if precision == "int8" else dtype
        self._bytes = 0

        def take(name: str, *size: int) -> Tensor:
            tensor = read(name)
            if tuple(tensor.shape) != size:
                raise ValueError(f"{name}: {tuple(tensor.shape)}, expected {size}")
            return tensor

        def keep(name: str, *size: int, dtype: torch.dtype = dtype) -> Tensor:
            tensor = take(name, *size).to(device, dtype)
            self._bytes += tensor.numel() * tensor.element_size()
            return tensor

        def norm(name: str) -> tuple[Tensor, Tensor]:
            return keep(f"{name}.weight", n), keep(f"{name}.bias", n)

        def linear(name: str, into: int, out: int) -> Linear:
            weight, bias = take(f"{name}.weight", into, out), take(f"{name}.bias", out)
            layer = make_linear(weight.t(), bias, precision, device)
            self._bytes += layer.memory_bytes
            return layer

        # The largest first: converting it needs room that the others fill later.
        wte = take("wte.weight", shape.vocab_size, n)
        try:
            head = take("lm_head.weight", shape.vocab_size, n)
        except KeyError:
            head = wte
        # Many files hold the embedding twice, once as output layer.
        tied = head is wte or torch.equal(head, wte)
        self.lm_head = make_linear(head, None, precision, device)
        self._bytes += self.lm_head.memory_bytes
        if tied and isinstance(self.lm_head, FloatLinear):
            self.wte = self.lm_head.weight
        else:
            self.wte = wte.to(device, stored)
            self._bytes += self.wte.numel() * self.wte.element_size()
        del wte, head
        self.wpe = keep("wpe.weight", shape.n_positions, n, dtype=stored)
        self.ln_f = norm("ln_f")
        self.blocks = [
            Block(
                ln_1=norm(f"h.{layer}.ln_1"),
                c_attn=linear(f"h.{layer}.attn.c_attn", n, 3 * n),
                attn_proj=linear(f"h.{layer}.attn.c_proj", n, n),
                ln_2=norm(f"h.{layer}.ln_2"),
                c_fc=linear(f"h.{layer}.mlp.c_fc", n, inner),
                mlp_proj=linear(f"h.{layer}.mlp.c_proj", inner, n),
            )
            for layer in range(shape.n_layer)
        ]
        self._dtype = dtype
        self._gelu = _ACTIVATIONS[shape.activation_function]
        self._scale = 1.0 / math.sqrt(n // shape.n_head) if shape.scale_attn_weights else 1.0

    @property
    def device(self) -> torch.device:
        """Where the weights lie."""
        return self.wte.device

    @property
    def memory_bytes(self) -> int:
        """Bytes of all weights, tied ones counted once."""
        return self._bytes

    def new_cache(self, batch_size: int, max_length: int) -> KeyValueCache:
        """An empty cache for sequences of at most ``max_length`` tokens."""
        shape = self.shape
        return KeyValueCache.empty(
            layers=shape.n_layer,
            batch_size=batch_size,
            heads=shape.n_head,
            max_length=max_length,
            head_size=shape.n_embd // shape.n_head,
            dtype=self._dtype,
            device=self.wte.device,
        )

    @torch.inference_mode()
    def forward(self, token_ids: Tensor, cache: KeyValueCache, *, all_positions: bool = False) -> Tensor:
        """Append ``token_ids`` to the sequences in ``cache``.

        Args:
            token_ids: (batch, T), int64.
            cache: of the same batch size; grows by T.
            all_positions: whether to give logits for all T positions.

        Returns:
            Logits of the last position, (batch, vocab), or of all, (batch, T, vocab); float32.
        """
        batch, length = token_ids.shape
        past = cache.length
        heads, size = self.shape.n_head, self.shape.n_embd // self.shape.n_head
        x = F.embedding(token_ids, self.wte).to(self._dtype) + self.wpe[past : past + length]  # (B, T, C)
        mask = None
        if length > 1 and past:
            # Row t of the new tokens sees the whole past and the new tokens up to itself.
            seen = torch.ones(length, past + length, dtype=torch.bool, device=token_ids.device)
            mask = seen.tril(diagonal=past)
        for layer, block in enumerate(self.blocks):
            qkv = block.c_attn.forward(self._norm(x, block.ln_1)).view(batch, length, 3, heads, size)
            query, key, value = qkv.permute(2, 0, 3, 1, 4).unbind()  # 3 × (B, H, T, D)
            keys, values = cache.append(layer, key, value)
            y = F.scaled_dot_product_attention(
                query, keys, values, attn_mask=mask, is_causal=length > 1 and not past, scale=self._scale
            )
            x = x + block.attn_proj.forward(y.transpose(1, 2).reshape(batch, length, -1))
            y = F.gelu(block.c_fc.forward(self._norm(x, block.ln_2)), approximate=self._gelu)
            x = x + block.mlp_proj.forward(y)
        cache.length = past + length
        x = self._norm(x if all_positions else x[:, -1], self.ln_f)
        return self.lm_head.forward(x).float()

    def _norm(self, x: Tensor, weights: tuple[Tensor, Tensor]) -> Tensor:
        return F.layer_norm(x, (x.shape[-1],), *weights, eps=self.shape.layer_norm_epsilon)
