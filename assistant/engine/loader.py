"""From a model folder to a model that writes; picks the engine by the architecture."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from assistant.api import LanguageModel, ModelCard, OutOfMemoryError, WeightsError
from assistant.engine.byte_vocabulary import ByteVocabulary
from assistant.engine.causal_lm import CausalLM
from assistant.engine.device import PrecisionWish, choose_device, choose_precision
from assistant.engine.gpt2 import GPT2, GPT2Shape
from assistant.engine.kernels import Precision
from assistant.engine.memory import returning_large_pieces
from assistant.engine.network import Network
from assistant.engine.tokenizer_files import TokenizerFiles
from assistant.engine.vocabulary import BertVocabulary, EngineVocabulary
from assistant.engine.weights import AGAIN, WeightFiles

logger = logging.getLogger(__name__)

_MOST_IN_A_GRAPH = 1 << 30
"""Bytes of 8-bit matrices; a graph is handed to ONNX Runtime in one message, which is copied on the way."""


def load_model(
    folder: Path, card: ModelCard, *, device: str = "auto", precision: PrecisionWish = "auto"
) -> LanguageModel:
    """Load a model folder: GPT-2 by this project's own engine, everything else through Transformers.

    Args:
        folder: holds ``config.json``, the tokenizer files and the weights.
        card: its card.
        device: ``auto``, ``cpu``, ``cuda``, ``mps`` …
        precision: of the weights in memory, whatever they are on disk.

    Raises:
        WeightsError: a file is missing or damaged, or the files do not belong together.
        OutOfMemoryError: the weights do not fit.
        InputError: the device is not there.
    """
    config = _read_config(folder)
    target = choose_device(device)
    chosen = choose_precision(precision, target)
    # Folders of Transformers 3 do not always say what they are; the sizes have GPT-2's names.
    architecture = config.get("model_type", "gpt2" if "n_embd" in config else "")
    try:
        with returning_large_pieces():
            if architecture == "gpt2":
                return _load_gpt2(folder, card, config, target, chosen)
            from assistant.engine.transformers_loader import load_transformers

            return load_transformers(folder, card, config, target, chosen)
    except WeightsError:
        raise
    except (RuntimeError, MemoryError) as error:
        if isinstance(error, MemoryError) or "memory" in str(error) or "alloc" in str(error):
            raise OutOfMemoryError(
                f"内存装不下模型「{card.name}」。", "请关掉一些程序，或换一个小些的模型。"
            ) from error
        raise WeightsError(f"模型「{card.name}」载入失败：{str(error).splitlines()[0]}。", AGAIN) from error


def read_vocabulary(folder: Path, card: ModelCard, size: int) -> EngineVocabulary:
    """The vocabulary of a model folder, as wide as the logits.

    Args:
        folder: holds ``vocab.txt``, or ``tokenizer.json``, or ``vocab.json`` and ``merges.txt``.
        card: may say which of them is meant, and what a prompt begins with.
        size: width of the logits.

    Raises:
        WeightsError: the files are missing or damaged, or do not belong to the weights.
    """
    files = TokenizerFiles(folder)
    is_bert = (folder / "vocab.txt").is_file() or files.has_wordpieces()
    if card.tokenizer == "bert" or (card.tokenizer == "auto" and is_bert):
        return BertVocabulary(files, size, card.start_token)
    return ByteVocabulary(files, size, card.start_token)


def _load_gpt2(
    folder: Path, card: ModelCard, config: dict[str, Any], device: torch.device, precision: Precision
) -> LanguageModel:
    try:
        shape = GPT2Shape.from_config(config)
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{folder / 'config.json'} 里的 {error} 缺失或无法使用。", AGAIN) from error
    vocabulary = read_vocabulary(folder, card, shape.vocab_size)
    files = WeightFiles(folder)

    def read(name: str) -> Tensor:
        # With or without the prefix, depending on which class of Transformers saved the file.
        prefixed = f"transformer.{name}"
        return files.get(prefixed if prefixed in files else name)

    try:
        network = _network(shape, read, precision, device)
    except KeyError as error:
        raise WeightsError(f"权重文件里没有 {error}，与 config.json 不符。", AGAIN) from error
    except ValueError as error:
        raise WeightsError(f"权重的形状与 config.json 不符：{error}。", AGAIN) from error
    files.release()
    return CausalLM(card, network, vocabulary, precision)


def _network(
    shape: GPT2Shape, read: Callable[[str], Tensor], precision: Precision, device: torch.device
) -> Network:
    """ONNX Runtime for 8 bit on the CPU, unless the model is too large for one graph; else torch."""
    matrices = shape.n_layer * shape.n_embd * (4 * shape.n_embd + 2 * shape.n_inner)
    if (
        precision == "int8"
        and device.type == "cpu"
        and matrices + shape.vocab_size * shape.n_embd < _MOST_IN_A_GRAPH
    ):
        try:
            from assistant.engine.onnx_gpt2 import OnnxGPT2
        except ImportError:  # no wheel for this system
            logger.warning("ONNX Runtime is missing; torch's slower 8-bit kernels are used")
        else:
            return OnnxGPT2(shape, read)
    return GPT2(shape, read, precision, device)


def _read_config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError(f"读不到模型配置 {path}。", AGAIN) from error
    if not isinstance(config, dict):
        raise WeightsError(f"模型配置 {path} 的内容不是一组设置。", AGAIN)
    return config
