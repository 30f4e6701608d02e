"""From a folder on disk to a model that can write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from assistant.api import LanguageModel, ModelCard, OutOfMemoryError, WeightsError
from assistant.engine.causal_lm import CausalLM
from assistant.engine.device import choose_device, choose_dtype
from assistant.engine.gpt2 import GPT2, GPT2Shape
from assistant.engine.vocabulary import BertVocabulary
from assistant.engine.weights import AGAIN, read_weights


def load_model(folder: Path, card: ModelCard, *, device: str = "auto") -> LanguageModel:
    """Load a GPT-2 folder with a BERT vocabulary.

    Args:
        folder: holds ``config.json``, ``vocab.txt`` and the weights.
        card: its card.
        device: ``auto``, ``cpu``, ``cuda``, ``mps`` …

    Raises:
        WeightsError: a file is missing or damaged, or the files do not belong together.
        OutOfMemoryError: the weights do not fit.
    """
    config = _read_config(folder)
    if config.get("model_type", "gpt2") != "gpt2":
        raise WeightsError(f"还不支持 {config['model_type']} 结构的模型。", "请选用 GPT-2 结构的模型。")
    vocabulary = BertVocabulary.read(folder / "vocab.txt")
    try:
        shape = GPT2Shape.from_config(config)
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{folder / 'config.json'} 里的 {error} 缺失或无法使用。", AGAIN) from error
    if vocabulary.size != shape.vocab_size:
        raise WeightsError(
            f"词表有 {vocabulary.size} 个词，模型却要 {shape.vocab_size} 个，二者不配套。",
            "请换用与模型配套的 vocab.txt。",
        )
    state = {name.removeprefix("transformer."): tensor for name, tensor in read_weights(folder).items()}
    target = choose_device(device)
    dtype = choose_dtype(target)
    try:
        # Masks that old releases of Transformers stored are not weights.
        moved = {
            name: tensor.to(device=target, dtype=dtype)
            for name, tensor in state.items()
            if not name.endswith((".attn.bias", ".attn.masked_bias"))
        }
        network = GPT2(shape, _shared_head(moved))
    except KeyError as error:
        raise WeightsError(f"权重文件里没有 {error}，与 config.json 不符。", AGAIN) from error
    except ValueError as error:
        raise WeightsError(f"权重的形状与 config.json 不符：{error}。", AGAIN) from error
    except (RuntimeError, MemoryError) as error:
        raise OutOfMemoryError(
            f"内存装不下模型「{card.name}」。", "请关掉一些程序，或换一个小些的模型。"
        ) from error
    return CausalLM(card, network, vocabulary)


def _shared_head(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Drop an output layer that is only a copy of the embedding, so that it is not kept twice."""
    head = state.get("lm_head.weight")
    if head is not None and "wte.weight" in state and torch.equal(head, state["wte.weight"]):
        return {name: tensor for name, tensor in state.items() if name != "lm_head.weight"}
    return state


def _read_config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError(f"读不到模型配置 {path}。", AGAIN) from error
    if not isinstance(config, dict):
        raise WeightsError(f"模型配置 {path} 的内容不是一组设置。", AGAIN)
    return config
