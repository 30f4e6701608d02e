"""Wenzhong-GPT2-110M and Wenzhong-GPT2-3.5B of the Fengshenbang project: GPT-2's own tokenizer."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.model_twins.byte_bpe import write_vocab_and_merges
from tests.model_twins.files import (
    STD,
    GPT2Size,
    RandomTensors,
    Size,
    causal_mask,
    gpt2_tensors,
    tiny_gpt2,
    write_json,
)

TINY_TOKENS = 900
"""Tokens of the tiny vocabulary but ``<|endoftext|>``."""


def write_wenzhong_110m(folder: Path, *, size: Size = "tiny", seed: int = 0) -> Path:
    """50,257 tokens, 12 layers of 768; ``pytorch_model.bin``."""
    tokens = 50_256 if size == "true" else TINY_TOKENS
    sizes = GPT2Size(tokens + 1) if size == "true" else tiny_gpt2(tokens + 1)
    _write_settings(folder, sizes, tokens)
    state = dict(gpt2_tensors(sizes, RandomTensors(seed, STD[size])))
    for layer in range(sizes.n_layer):
        state[f"transformer.h.{layer}.attn.bias"] = causal_mask(sizes.n_positions, torch.uint8)
        state[f"transformer.h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
    state["lm_head.weight"] = state["transformer.wte.weight"]
    torch.save(state, folder / "pytorch_model.bin")
    return folder


def write_wenzhong_3_5b(
    folder: Path,
    *,
    size: Size = "tiny",
    seed: int = 0,
    dtype: Literal["fp32", "fp16"] = "fp32",
) -> Path:
    """50,304 rows for 50,257 tokens, 30 layers of 3072; shards of safetensors. The true one takes 14 GB in fp32."""
    tokens = 50_256 if size == "true" else TINY_TOKENS
    # As in Megatron, the rows are rounded up to a multiple of 128.
    rows = 50_304 if size == "true" else -(-(tokens + 1) // 128) * 128
    sizes = GPT2Size(rows, n_embd=3072, n_layer=30, n_head=32) if size == "true" else tiny_gpt2(rows)
    _write_settings(folder, sizes, tokens)
    kind = torch.float16 if dtype == "fp16" else torch.float32
    tensors = (
        (name, tensor.to(kind)) for name, tensor in gpt2_tensors(sizes, RandomTensors(seed, STD[size]))
    )
    write_shards(folder, tensors, most_bytes=1 << 30 if size == "true" else 50_000)
    return folder


def write_shards(folder: Path, tensors: Iterable[tuple[str, Tensor]], most_bytes: int) -> None:
    """safetensors files of about ``most_bytes``, written as the tensors come, and their index."""
    files: list[list[str]] = []
    shard: dict[str, Tensor] = {}
    total = held = 0

    def close() -> None:
        save_file(shard, str(folder / f"{len(files)}.part"), metadata={"format": "pt"})
        files.append(list(shard))
        shard.clear()

    for name, tensor in tensors:
        size = tensor.numel() * tensor.element_size()
        if shard and held + size > most_bytes:
            close()
            held = 0
        shard[name] = tensor
        total, held = total + size, held + size
    close()
    # How many there are, which each name says, is only known now.
    weight_map = {}
    for number, names in enumerate(files):
        file = f"model-{number + 1:05}-of-{len(files):05}.safetensors"
        (folder / f"{number}.part").rename(folder / file)
        weight_map |= dict.fromkeys(names, file)
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(weight_map.items()))}
    write_json(folder / "model.safetensors.index.json", index)


def _write_settings(folder: Path, sizes: GPT2Size, tokens: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_vocab_and_merges(folder, tokens, "<|endoftext|>")
    write_json(
        folder / "config.json",
        {
            "activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.1,
            "bos_token_id": tokens, "embd_pdrop": 0.1, "eos_token_id": tokens, "gradient_checkpointing": False,
            "initializer_range": 0.02, "layer_norm_epsilon": 1e-05, "model_type": "gpt2",
            "n_ctx": sizes.n_positions, "n_embd": sizes.n_embd, "n_head": sizes.n_head,
            "n_inner": 4 * sizes.n_embd, "n_layer": sizes.n_layer, "n_positions": sizes.n_positions,
            "resid_pdrop": 0.1, "scale_attn_weights": True, "summary_activation": None,
            "summary_first_dropout": 0.1, "summary_proj_to_labels": True, "summary_type": "cls_index",
            "summary_use_proj": True, "torch_dtype": "float32", "transformers_version": "4.18.0",
            "use_cache": True, "vocab_size": sizes.vocab_size,
        },
    )  # fmt: skip
