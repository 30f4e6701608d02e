"""Models of UER-py, as its scripts convert them: uer/gpt2-chinese-poem, uer/gpt2-chinese-couplet and Pegasus."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from tests.model_twins.bert_tokens import bert_tokens, count_of, write_vocabulary
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

_TURNED = ("attn.c_attn.weight", "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight")


def write_gpt2_chinese_poem(folder: Path, *, size: Size = "tiny", seed: int = 0) -> Path:
    """22,557 tokens, 12 layers of 768; ``pytorch_model.bin``."""
    return _write_gpt2(folder, size, seed, 22_557, {"do_sample": True, "max_length": 120})


def write_gpt2_chinese_couplet(folder: Path, *, size: Size = "tiny", seed: int = 0) -> Path:
    """21,128 tokens, 12 layers of 768; ``pytorch_model.bin``."""
    return _write_gpt2(folder, size, seed, 21_128, {"do_sample": True, "max_length": 25})


def _write_gpt2(folder: Path, size: Size, seed: int, count: int, task: dict[str, object]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    tokens = bert_tokens(count_of(size, count))
    sizes = GPT2Size(len(tokens)) if size == "true" else tiny_gpt2(len(tokens))
    write_vocabulary(folder, tokens)
    write_json(
        folder / "config.json",
        {
            "activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.1,
            # GPT2Config's own, which are no tokens of this vocabulary.
            "bos_token_id": 50256, "eos_token_id": 50256,
            "embd_pdrop": 0.1, "gradient_checkpointing": False, "initializer_range": 0.02,
            "layer_norm_epsilon": 1e-05, "model_type": "gpt2", "n_ctx": sizes.n_positions,
            "n_embd": sizes.n_embd, "n_head": sizes.n_head, "n_inner": None, "n_layer": sizes.n_layer,
            "n_positions": sizes.n_positions, "output_past": True, "resid_pdrop": 0.1,
            "task_specific_params": {"text-generation": task}, "tokenizer_class": "BertTokenizer",
            "vocab_size": len(tokens),
        },
    )  # fmt: skip
    state: dict[str, Tensor] = {}
    for name, tensor in gpt2_tensors(sizes, RandomTensors(seed, STD[size])):
        # The script turns UER's matrices round without copying: the file says so in its strides.
        state[name] = tensor.view(tensor.shape[::-1]).t() if name.endswith(_TURNED) else tensor
    for layer in range(sizes.n_layer):
        state[f"transformer.h.{layer}.attn.bias"] = causal_mask(sizes.n_positions, torch.float32)
        state[f"transformer.h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
    state["lm_head.weight"] = state["transformer.wte.weight"]
    torch.save(state, folder / "pytorch_model.bin")
    return folder


def write_pegasus(folder: Path, *, size: Size = "tiny", seed: int = 0) -> Path:
    """uer/pegasus-base-chinese-cluecorpussmall: 12 + 12 layers of 768, 21,128 tokens; ``pytorch_model.bin``."""
    folder.mkdir(parents=True, exist_ok=True)
    tokens = bert_tokens(count_of(size, 21_128))
    width, inner, layers, heads, positions = (
        (768, 3072, 12, 12, 1024) if size == "true" else (32, 64, 2, 4, 128)
    )
    write_vocabulary(folder, tokens)
    write_json(
        folder / "config.json",
        {
            "activation_dropout": 0.1, "activation_function": "relu", "add_bias_logits": False,
            "add_final_layer_norm": True, "architectures": ["PegasusForConditionalGeneration"],
            "attention_dropout": 0.1, "bos_token_id": 101, "classif_dropout": 0.0, "classifier_dropout": 0.0,
            "d_model": width, "decoder_attention_heads": heads, "decoder_ffn_dim": inner,
            "decoder_layerdrop": 0.0, "decoder_layers": layers, "decoder_start_token_id": 101, "dropout": 0.1,
            "encoder_attention_heads": heads, "encoder_ffn_dim": inner, "encoder_layerdrop": 0.0,
            "encoder_layers": layers, "eos_token_id": 102, "forced_eos_token_id": 102, "init_std": 0.02,
            "is_encoder_decoder": True, "max_position_embeddings": positions, "model_type": "pegasus",
            "normalize_before": True, "num_hidden_layers": layers, "pad_token_id": 0, "scale_embedding": True,
            "static_position_embeddings": True, "tokenizer_class": "BertTokenizer", "vocab_size": len(tokens),
        },
    )  # fmt: skip
    random = RandomTensors(seed, STD[size])
    shared = random(len(tokens), width)
    state = {"model.shared.weight": shared}
    for side in ("encoder", "decoder"):
        state[f"model.{side}.embed_positions.weight"] = _positions(positions, width)
        state[f"model.{side}.embed_tokens.weight"] = shared
    state |= {"lm_head.weight": shared, "final_logits_bias": random(1, len(tokens))}
    for side in ("encoder", "decoder"):
        for layer in range(layers):
            at = f"model.{side}.layers.{layer}"
            state |= {f"{at}.{name}": tensor for name, tensor in _layer(side, width, inner, random)}
        state[f"model.{side}.layer_norm.weight"] = random(width, mean=1.0)
        state[f"model.{side}.layer_norm.bias"] = random(width)
    torch.save(state, folder / "pytorch_model.bin")
    return folder


def _layer(side: str, width: int, inner: int, random: RandomTensors) -> Iterator[tuple[str, Tensor]]:
    for attention in ("self_attn", "encoder_attn") if side == "decoder" else ("self_attn",):
        for name in ("k_proj", "v_proj", "q_proj", "out_proj"):
            yield f"{attention}.{name}.weight", random(width, width)
            yield f"{attention}.{name}.bias", random(width)
        yield f"{attention}_layer_norm.weight", random(width, mean=1.0)
        yield f"{attention}_layer_norm.bias", random(width)
    for name, out, into in (("fc1", inner, width), ("fc2", width, inner)):
        yield f"{name}.weight", random(out, into)
        yield f"{name}.bias", random(out)
    yield "final_layer_norm.weight", random(width, mean=1.0)
    yield "final_layer_norm.bias", random(width)


def _positions(count: int, width: int) -> Tensor:
    """UER's: sines and cosines take turns, while Transformers puts all sines first. The file has the last word."""
    at = torch.arange(count)[:, None] / 10000 ** (torch.arange(0, width, 2) / width)
    return torch.stack([at.sin(), at.cos()], dim=2).view(count, width)
