"""GPT-12L-CN, as it is passed on: a zip of a folder saved by Transformers 2."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import torch

from tests.model_twins.bert_tokens import bert_tokens, count_of
from tests.model_twins.files import (
    STD,
    GPT2Size,
    RandomTensors,
    Size,
    causal_mask,
    gpt2_tensors,
    tiny_gpt2,
)

FOLDER = "GPT_L-12_H-768_A-12_CN"


def write_gpt_12l_cn(folder: Path, *, size: Size = "tiny", seed: int = 0) -> Path:
    """Writes a zip into ``folder`` and returns its path; 21,128 tokens, 12 layers of 768."""
    folder.mkdir(parents=True, exist_ok=True)
    tokens = bert_tokens(count_of(size, 21_128))
    sizes = GPT2Size(len(tokens)) if size == "true" else tiny_gpt2(len(tokens))
    config = {
        "attn_pdrop": 0.1, "embd_pdrop": 0.1, "finetuning_task": None, "initializer_range": 0.02,
        "layer_norm_epsilon": 1e-05, "n_ctx": sizes.n_positions, "n_embd": sizes.n_embd, "n_head": sizes.n_head,
        "n_layer": sizes.n_layer, "n_positions": sizes.n_positions, "num_labels": 1, "output_attentions": False,
        "output_hidden_states": False, "output_past": True, "pruned_heads": {}, "resid_pdrop": 0.1,
        "summary_activation": None, "summary_first_dropout": 0.1, "summary_proj_to_labels": True,
        "summary_type": "cls_index", "summary_use_proj": True, "torchscript": False, "use_bfloat16": False,
        "vocab_size": len(tokens),
    }  # fmt: skip
    state = dict(gpt2_tensors(sizes, RandomTensors(seed, STD[size])))
    for layer in range(sizes.n_layer):
        state[f"transformer.h.{layer}.attn.bias"] = causal_mask(sizes.n_positions, torch.float32)
    state["lm_head.weight"] = state["transformer.wte.weight"]
    path = folder / f"{FOLDER}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(f"{FOLDER}/config.json", json.dumps(config, indent=2))
        archive.writestr(f"{FOLDER}/vocab.txt", "\n".join(tokens) + "\n")
        with archive.open(f"{FOLDER}/pytorch_model.bin", "w") as file:
            # Before torch 1.6 a file was a row of pickles, not a zip.
            torch.save(state, file, _use_new_zipfile_serialization=False)
    return path
