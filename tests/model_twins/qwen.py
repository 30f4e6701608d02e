"""A current causal model: Qwen3, with a byte-level ``tokenizer.json`` and a chat template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from torch import Tensor

from tests.model_twins.byte_bpe import byte_tokens, in_alphabet
from tests.model_twins.files import STD, RandomTensors, Size, write_json

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
THINK = ("<think>", "</think>")
_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
_TEMPLATE = (
    "{%- for message in messages %}"
    "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}"
    "{{- '<|im_start|>assistant\\n' }}"
    "{%- if enable_thinking is defined and enable_thinking is false %}"
    "{{- '<think>\\n\\n</think>\\n\\n' }}"
    "{%- endif %}"
    "{%- endif %}"
)


@dataclass(frozen=True)
class _Shape:
    tokens: int
    vocab_size: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    inner: int


# The vocabulary is rounded up: 151,643 tokens, those that were added, and rows that nothing stands for.
_SHAPES = {
    "true": _Shape(151_643, 151_936, 1024, 28, 16, 8, 128, 3072),
    "tiny": _Shape(900, 1024, 32, 2, 4, 2, 8, 64),
}


def write_qwen3(folder: Path, *, size: Size = "tiny", seed: int = 0) -> Path:
    """Sizes of Qwen3-0.6B; ``model.safetensors`` in bf16."""
    folder.mkdir(parents=True, exist_ok=True)
    shape = _SHAPES[size]
    end_of_text, end_of_turn = shape.tokens, shape.tokens + 2
    write_json(
        folder / "config.json",
        {
            "architectures": ["Qwen3ForCausalLM"], "attention_bias": False, "attention_dropout": 0.0,
            "bos_token_id": end_of_text, "eos_token_id": end_of_turn, "head_dim": shape.head_dim,
            "hidden_act": "silu", "hidden_size": shape.hidden, "initializer_range": 0.02,
            "intermediate_size": shape.inner, "max_position_embeddings": 40960,
            "max_window_layers": shape.layers, "model_type": "qwen3", "num_attention_heads": shape.heads,
            "num_hidden_layers": shape.layers, "num_key_value_heads": shape.kv_heads, "rms_norm_eps": 1e-06,
            "rope_scaling": None, "rope_theta": 1000000, "sliding_window": None, "tie_word_embeddings": True,
            "torch_dtype": "bfloat16", "transformers_version": "4.51.0", "use_cache": True,
            "use_sliding_window": False, "vocab_size": shape.vocab_size,
        },
    )  # fmt: skip
    write_json(
        folder / "generation_config.json",
        {
            "bos_token_id": end_of_text, "do_sample": True, "eos_token_id": [end_of_turn, end_of_text],
            "pad_token_id": end_of_text, "temperature": 0.6, "top_k": 20, "top_p": 0.95,
            "transformers_version": "4.51.0",
        },
    )  # fmt: skip
    _write_tokenizer(folder, shape.tokens)
    state = {name: tensor.bfloat16() for name, tensor in _tensors(shape, RandomTensors(seed, STD[size]))}
    # The head is tied, and stands in the file all the same.
    state["lm_head.weight"] = state["model.embed_tokens.weight"].clone()
    save_file(state, str(folder / "model.safetensors"), metadata={"format": "pt"})
    return folder


def _tensors(shape: _Shape, random: RandomTensors) -> Iterator[tuple[str, Tensor]]:
    n, queries, keys = shape.hidden, shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    yield "model.embed_tokens.weight", random(shape.vocab_size, n)
    for layer in range(shape.layers):
        at = f"model.layers.{layer}"
        for name, out, into in (
            ("self_attn.q_proj", queries, n),
            ("self_attn.k_proj", keys, n),
            ("self_attn.v_proj", keys, n),
            ("self_attn.o_proj", n, queries),
            ("mlp.gate_proj", shape.inner, n),
            ("mlp.up_proj", shape.inner, n),
            ("mlp.down_proj", n, shape.inner),
        ):
            yield f"{at}.{name}.weight", random(out, into)
        for name, width in (
            ("self_attn.q_norm", shape.head_dim),
            ("self_attn.k_norm", shape.head_dim),
            ("input_layernorm", n),
            ("post_attention_layernorm", n),
        ):
            yield f"{at}.{name}.weight", random(width, mean=1.0)
    yield "model.norm.weight", random(n, mean=1.0)


def _write_tokenizer(folder: Path, size: int) -> None:
    tokens, merges = byte_tokens(size)
    tokenizer = Tokenizer(
        models.BPE(
            {in_alphabet(token): token_id for token_id, token in enumerate(tokens)},
            [(in_alphabet(left), in_alphabet(right)) for left, right in merges],
        )
    )
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    added = [AddedToken(text, normalized=False, special=True) for text in SPECIAL]
    added += [AddedToken(text, normalized=False, special=False) for text in THINK]
    tokenizer.add_tokens(added)
    tokenizer.save(str(folder / "tokenizer.json"))
    how = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False}
    decoder = {
        str(size + number): {"content": text, **how, "special": text in SPECIAL}
        for number, text in enumerate((*SPECIAL, *THINK))
    }
    write_json(
        folder / "tokenizer_config.json",
        {
            "add_bos_token": False, "add_prefix_space": False, "added_tokens_decoder": decoder,
            "additional_special_tokens": list(SPECIAL[1:]), "bos_token": None, "chat_template": _TEMPLATE,
            "clean_up_tokenization_spaces": False, "eos_token": "<|im_end|>", "errors": "replace",
            "model_max_length": 131072, "pad_token": "<|endoftext|>", "split_special_tokens": False,
            "tokenizer_class": "Qwen2Tokenizer", "unk_token": None,
        },
    )  # fmt: skip
