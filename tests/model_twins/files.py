"""What all twins are made with: quick random tensors, JSON files, the tensors of a GPT-2."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

Size = Literal["tiny", "true"]

STD = {"tiny": 0.2, "true": 0.02}
"""Of the weights. Tiny ones are livelier, so that a token is liked clearly better than the next."""

_BLOCK = 1_000_003
"""Random numbers are drawn once and used again and again, which is many times quicker. A prime: rows do not repeat."""


class RandomTensors:
    """Tensors of normal numbers.

    Args:
        seed: the same one gives the same tensors in the same order.
        std: their standard deviation.
    """

    def __init__(self, seed: int, std: float) -> None:
        self._generator = torch.Generator().manual_seed(seed)
        self._block = torch.empty(_BLOCK).normal_(0.0, std, generator=self._generator)

    def __call__(self, *shape: int, mean: float = 0.0) -> Tensor:
        tensor = torch.empty(math.prod(shape))
        at = -int(torch.randint(_BLOCK, (1,), generator=self._generator))
        while at < len(tensor):
            piece = self._block[max(0, -at) : len(tensor) - at]
            tensor[max(0, at) : at + _BLOCK] = piece
            at += _BLOCK
        return tensor.add_(mean).view(shape) if mean else tensor.view(shape)


@dataclass(frozen=True)
class GPT2Size:
    """The sizes of a GPT-2, as its ``config.json`` names them."""

    vocab_size: int
    n_embd: int = 768
    n_layer: int = 12
    n_head: int = 12
    n_positions: int = 1024


def tiny_gpt2(vocab_size: int) -> GPT2Size:
    """Two layers of 32."""
    return GPT2Size(vocab_size, n_embd=32, n_layer=2, n_head=4, n_positions=256)


def gpt2_tensors(size: GPT2Size, random: RandomTensors) -> Iterator[tuple[str, Tensor]]:
    """Names (with ``transformer.``) and tensors, in the order of ``GPT2LMHeadModel``, without head and buffers."""
    n = size.n_embd
    yield "transformer.wte.weight", random(size.vocab_size, n)
    yield "transformer.wpe.weight", random(size.n_positions, n)
    for layer in range(size.n_layer):
        at = f"transformer.h.{layer}"
        for name, into, out in (
            ("ln_1", 0, n),
            ("attn.c_attn", n, 3 * n),
            ("attn.c_proj", n, n),
            ("ln_2", 0, n),
            ("mlp.c_fc", n, 4 * n),
            ("mlp.c_proj", 4 * n, n),
        ):
            yield f"{at}.{name}.weight", random(into, out) if into else random(out, mean=1.0)
            yield f"{at}.{name}.bias", random(out)
    yield "transformer.ln_f.weight", random(n, mean=1.0)
    yield "transformer.ln_f.bias", random(n)


def causal_mask(positions: int, dtype: torch.dtype) -> Tensor:
    """What old releases kept of every layer as ``attn.bias``."""
    return torch.ones(positions, positions, dtype=dtype).tril().view(1, 1, positions, positions)


def write_json(path: Path, content: object) -> None:
    """As Transformers writes its settings."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
