"""Random-weight models in the exact layout of a GPT-2 folder with a BERT vocabulary."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

TOKENS = [
    "[PAD]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "，", "。", "？", "！", "；", "：", "、",
    "《", "》",
    *"明月几时有把酒问青天不知上宫阙今夕是何年我欲乘风归去春江花夜白日依山尽黄河入海流欲穷千里目更一层楼",
    "the", "##re", "cat", "7",
]  # fmt: skip
TOKENS = list(dict.fromkeys(TOKENS))


def write_twin(
    folder: Path,
    *,
    weights: str = "model.safetensors",
    tokens: list[str] = TOKENS,
    n_positions: int = 128,
    seed: int = 0,
    prefix: str = "transformer.",
) -> Path:
    """A tiny GPT-2 (2 layers × 16) with lively random weights; ``weights`` names the weights file."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    n, layers, size = 16, 2, len(tokens)
    config = {
        "model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": size, "n_embd": n,
        "n_layer": layers, "n_head": 2, "n_positions": n_positions, "activation_function": "gelu_new",
        "bos_token_id": tokens.index("[CLS]") if "[CLS]" in tokens else 0,
        "eos_token_id": tokens.index("[SEP]") if "[SEP]" in tokens else 0,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "vocab.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")
    shapes = {"wte.weight": (size, n), "wpe.weight": (n_positions, n), "ln_f.weight": (n,), "ln_f.bias": (n,)}
    for layer in range(layers):
        at = f"h.{layer}."
        for name, into, out in (
            ("attn.c_attn", n, 3 * n), ("attn.c_proj", n, n),
            ("mlp.c_fc", n, 4 * n), ("mlp.c_proj", 4 * n, n),
        ):  # fmt: skip
            shapes |= {f"{at}{name}.weight": (into, out), f"{at}{name}.bias": (out,)}
        for name in ("ln_1", "ln_2"):
            shapes |= {f"{at}{name}.weight": (n,), f"{at}{name}.bias": (n,)}
    state = {prefix + name: torch.randn(shape) * 0.3 for name, shape in shapes.items()}
    if weights.endswith(".bin"):
        # What Transformers 3 wrote: the tied head and the causal masks are in the file too.
        state["lm_head.weight"] = state[f"{prefix}wte.weight"].clone()
        state[f"{prefix}h.0.attn.bias"] = torch.ones(1, 1, n_positions, n_positions).tril()
        state[f"{prefix}h.0.attn.masked_bias"] = torch.tensor(-1e4)
        torch.save(state, folder / weights)
    else:
        save_file(state, str(folder / weights), metadata={"format": "pt"})
    return folder
