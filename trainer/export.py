"""Writing the trained model: a plain GPT-2 folder and its card."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import torch
from huggingface_hub import save_torch_state_dict
from transformers import GPT2LMHeadModel

from assistant.api import TrainingRecipe
from trainer.config import TrainingConfig
from trainer.vocabulary import SPECIAL_TOKENS, TokenVocabulary, control_token, write_vocabulary

SHARD_BYTES = 14_000_000
"""Larger weights are split into files of about this size at most, so that a repository can hold them; a tensor that is
larger has a file of its own."""
_CONTROL = re.compile(r"\[(.+?)\]")


def export_folder(model: GPT2LMHeadModel, vocabulary: TokenVocabulary, folder: Path) -> list[Path]:
    """Write ``config.json``, ``model.safetensors`` (half precision), ``vocab.txt`` and, where there are controls,
    ``tokenizer_config.json``, by which their tokens are read in one piece, and capitals stay as they are; return the
    files in the order of their names. Weights of more than ``SHARD_BYTES`` become several files with an index.
    Weights and tokenizer of an earlier export are replaced; other files in the folder stay.

    The layout is that of uer/gpt2-chinese-poem; ``transformers`` loads it without this project. The output
    layer is tied to the embedding and not stored twice.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "config.json", folder / "vocab.txt"]
    tokens, controls = vocabulary.tokens, vocabulary.controls
    config = model.config.to_dict()
    kept = {
        key: config[key]
        for key in (
            "vocab_size", "n_layer", "n_embd", "n_head", "n_positions", "layer_norm_epsilon",
            "bos_token_id", "eos_token_id", "pad_token_id",
        )
    }  # fmt: skip
    document = {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "tokenizer_class": "BertTokenizer",
        "activation_function": "gelu_new",
        "tie_word_embeddings": True,
        "dtype": "float16",
        "attn_pdrop": 0.0,
        "embd_pdrop": 0.0,
        "resid_pdrop": 0.0,
        **kept,
    }
    written[0].write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    write_vocabulary(tokens, written[1])
    tokenizer_path = folder / "tokenizer_config.json"
    tokenizer_path.unlink(missing_ok=True)
    if controls or not vocabulary.lowercase:
        added = {
            str(tokens.index(token)): {"content": token, "special": True}
            for token in (*SPECIAL_TOKENS, *map(control_token, controls))
        }
        named = dict(
            zip(
                ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"),
                SPECIAL_TOKENS,
                strict=True,
            )
        )
        tokenizer = {
            "tokenizer_class": "BertTokenizer",
            "do_lower_case": vocabulary.lowercase,
            **named,
            "added_tokens_decoder": added,
        }
        text = json.dumps(tokenizer, ensure_ascii=False, indent=1) + "\n"
        tokenizer_path.write_text(text, encoding="utf-8")
        written.append(tokenizer_path)
    state = {
        name: tensor.detach().to("cpu", torch.float16).contiguous()
        for name, tensor in model.state_dict().items()
        if name != "lm_head.weight"
    }
    save_torch_state_dict(state, folder, max_shard_size=SHARD_BYTES)
    # The call above leaves no other shards behind.
    return sorted([*written, *folder.glob("model*.safetensors*")])


def write_card(
    config: TrainingConfig,
    recipe: TrainingRecipe,
    parameters: int,
    controls: Sequence[str],
    files: Iterable[Path],
    training: Mapping[str, str | int | float],
) -> None:
    """Write the model card (TOML) with the sizes and hashes of the exported files.

    Of the recipe's prompt formats those are written whose control tokens the model has.
    """
    prompt_formats = {
        writer: prompt
        for writer, prompt in recipe.prompt_formats.items()
        if set(_CONTROL.findall(prompt)) <= set(controls)
    }
    output = config.output
    lines = [
        f"# Written by the trainer; made by: {training['command']}",
        *_toml(
            {
                "id": output.id,
                "name": output.name,
                "summary": output.summary,
                "architecture": "gpt2",
                "tokenizer": "bert",
                "parameters": parameters,
                "context_length": config.model.n_positions,
                "licence": output.licence,
                "source": output.source,
                "writers": list(output.writers),
                "script": "simplified",
                "title_format": recipe.title_format,
                "controls": list(controls),
            }
        ),
        *(["", "[prompt_formats]", *_toml(prompt_formats)] if prompt_formats else []),
        "",
        "[training]",
        *_toml(training),
    ]
    for file in files:
        content = file.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        lines += ["", "[[files]]", *_toml({"name": file.name, "size_bytes": len(content), "sha256": digest})]
    output.card.parent.mkdir(parents=True, exist_ok=True)
    output.card.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _toml(values: Mapping[str, object]) -> list[str]:
    """``key = value`` lines; strings, numbers and lists of strings are written alike in JSON and TOML."""
    return [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
