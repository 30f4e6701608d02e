"""A GPT-2 trained with zero_nlp: the vocabulary of bert-base-chinese and three tokens more."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from safetensors.torch import save_file
from transformers import BertTokenizerFast

from tests.model_twins.bert_tokens import bert_tokens, count_of
from tests.model_twins.files import (
    STD,
    GPT2Size,
    RandomTensors,
    Size,
    gpt2_tensors,
    tiny_gpt2,
    write_json,
)

ADDED = {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>"}


def write_zero_nlp(
    folder: Path, *, size: Size = "tiny", seed: int = 0, transformers: Literal[4, 5] = 5
) -> Path:
    """21,131 tokens, 12 layers of 768; ``model.safetensors``.

    Args:
        folder: made if it is not there.
        size: of the network and the vocabulary.
        seed: of the weights.
        transformers: which release saved the tokenizer. Release 5 writes no ``vocab.txt``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokens = bert_tokens(count_of(size, 21_128))
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(tokens) + "\n", encoding="utf-8")
    tokenizer = BertTokenizerFast.from_pretrained(folder)
    tokenizer.add_special_tokens(ADDED)
    tokenizer.save_pretrained(folder)
    first = len(tokens)
    if transformers == 5:
        vocabulary.unlink()
    else:
        _as_release_4(folder, first)
    sizes = GPT2Size(first + 3) if size == "true" else tiny_gpt2(first + 3)
    write_json(
        folder / "config.json",
        {
            "activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.1,
            "bos_token_id": first, "embd_pdrop": 0.1, "eos_token_id": first + 1, "initializer_range": 0.02,
            "layer_norm_epsilon": 1e-05, "model_type": "gpt2", "n_ctx": sizes.n_positions,
            "n_embd": sizes.n_embd, "n_head": sizes.n_head, "n_inner": None, "n_layer": sizes.n_layer,
            "n_positions": sizes.n_positions, "pad_token_id": first + 2, "reorder_and_upcast_attn": False,
            "resid_pdrop": 0.1, "scale_attn_by_inverse_layer_idx": False, "scale_attn_weights": True,
            "torch_dtype": "float32", "use_cache": True, "vocab_size": sizes.vocab_size,
        },
    )  # fmt: skip
    write_json(
        folder / "generation_config.json",
        {
            "_from_model_config": True,
            "bos_token_id": first,
            "eos_token_id": first + 1,
            "pad_token_id": first + 2,
        },
    )
    state = dict(gpt2_tensors(sizes, RandomTensors(seed, STD[size])))
    save_file(state, str(folder / "model.safetensors"), metadata={"format": "pt"})
    return folder


def _as_release_4(folder: Path, first: int) -> None:
    """The files beside ``tokenizer.json`` and ``vocab.txt`` that release 4 of Transformers wrote."""
    special = {
        "unk_token": "[UNK]", "sep_token": "[SEP]", "cls_token": "[CLS]", "mask_token": "[MASK]", **ADDED
    }  # fmt: skip
    added = {text: first + number for number, text in enumerate(ADDED.values())}
    places = {"[PAD]": 0, "[UNK]": 100, "[CLS]": 101, "[SEP]": 102, "[MASK]": 103} | added
    how = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    write_json(folder / "added_tokens.json", added)
    write_json(folder / "special_tokens_map.json", special)
    write_json(
        folder / "tokenizer_config.json",
        {
            "added_tokens_decoder": {str(place): {"content": text, **how} for text, place in places.items()},
            "clean_up_tokenization_spaces": True, "do_lower_case": False, "model_max_length": 512,
            "strip_accents": None, "tokenize_chinese_chars": True, "tokenizer_class": "BertTokenizer", **special,
        },
    )  # fmt: skip
