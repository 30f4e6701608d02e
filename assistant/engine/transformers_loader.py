"""Loading an architecture that this project has no engine of its own for: through Transformers.

The module tree is made without weights; then each tensor is read, quantised and put in its place before the next one
is read, so that a model never lies in memory in full precision. Files whose names do not match the module tree (older
namings, fused experts) are left to Transformers' own loader, which needs more memory, and quantised afterwards.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

from assistant.api import LanguageModel, ModelCard, WeightsError
from assistant.engine.causal_lm import CausalLM
from assistant.engine.fill_model import FillModel
from assistant.engine.kernels import Precision, activation_dtype, make_linear
from assistant.engine.transformers_network import DecoderNetwork, TransformersNetwork
from assistant.engine.weights import AGAIN, WeightFiles

logger = logging.getLogger(__name__)


class HalfEmbedding(nn.Module):
    """An embedding stored in 16 bit; gives vectors of ``dtype``. ``scale`` multiplies them, as some models want."""

    def __init__(self, weight: Tensor, dtype: torch.dtype, scale: float | Tensor = 1.0) -> None:
        super().__init__()
        self.weight, self._dtype, self._scale = weight, dtype, scale

    def forward(self, token_ids: Tensor) -> Tensor:
        """(...) → (..., hidden)."""
        rows = nn.functional.embedding(token_ids, self.weight).to(self._dtype)
        return rows if self._scale == 1.0 else rows * self._scale


def load_transformers(
    folder: Path, card: ModelCard, config: dict[str, Any], device: torch.device, precision: Precision
) -> LanguageModel:
    """Load a folder that Transformers knows; code that comes with the weights is never run.

    Args:
        folder: the model folder.
        card: its card.
        config: its ``config.json``.
        device: where to run.
        precision: of the weights.

    Raises:
        WeightsError: Transformers does not know the architecture, or the files do not fit it.
    """
    from assistant.engine.loader import read_vocabulary

    files = WeightFiles(folder)  # looks into the files before Transformers does: no pickle but plain tensors
    try:
        settings = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    except (ValueError, KeyError, OSError) as error:
        kind = config.get("model_type") or "（未写明）"
        raise WeightsError(
            f"还不支持结构为 {kind} 的模型。",
            "请选用 GPT-2、Qwen、Llama、Pegasus 等 Transformers 自带的结构。",
        ) from error
    encoder_decoder = bool(getattr(settings, "is_encoder_decoder", False))
    kind = AutoModelForSeq2SeqLM if encoder_decoder else AutoModelForCausalLM
    try:
        with init_empty_weights(include_buffers=False):
            model = kind.from_config(settings, trust_remote_code=False)  # type: ignore[no-untyped-call]
    except ValueError as error:
        raise WeightsError(
            f"结构 {settings.model_type} 不能用来续写。", "请换一个生成文字的模型。"
        ) from error
    if not _has_all(model, files):
        logger.info("%s: tensor names differ, loading through Transformers", folder.name)
        files.release()
        dtype = activation_dtype(precision, device)
        # 16 bit on the way: half the memory, and 8 bit is coarser anyway.
        on_the_way = torch.bfloat16 if precision == "int8" else dtype
        model = _load_renamed(kind, folder, on_the_way, settings.model_type)
        source: Any = dict(model.state_dict())
    else:
        source = files
    memory_bytes = _fill(model, source, precision, device)
    files.release()
    model.eval()
    vocabulary = read_vocabulary(folder, card, int(settings.get_text_config().vocab_size))
    if encoder_decoder:
        start = settings.decoder_start_token_id
        network = DecoderNetwork(model, memory_bytes)
        return FillModel(card, network, vocabulary, start if start is not None else 0, precision)
    return CausalLM(card, TransformersNetwork(model, memory_bytes), vocabulary, precision)


def _has_all(model: Any, files: WeightFiles) -> bool:
    """True when every parameter (but tied ones) stands in the files under its own name, in its own shape."""
    tied = set(getattr(model, "all_tied_weights_keys", None) or {})
    return all(
        files.shape(name) == tuple(parameter.shape) if name in files else name in tied
        for name, parameter in model.named_parameters()
    )


def _load_renamed(kind: Any, folder: Path, dtype: torch.dtype, architecture: str) -> Any:
    """Transformers' own loader, which knows older names; but it makes up what is missing."""
    try:
        model, report = kind.from_pretrained(
            folder, dtype=dtype, trust_remote_code=False, output_loading_info=True
        )
    except RuntimeError as error:
        if "mismatched" not in str(error):
            raise
        raise WeightsError(f"权重的形状与 config.json 不符（结构 {architecture}）。", AGAIN) from error
    missing = sorted(report["missing_keys"])
    if missing:
        raise WeightsError(f"权重文件里没有 {missing[0]}，与 config.json 不符。", AGAIN)
    return model


def _fill(model: Any, source: Any, precision: Precision, device: torch.device) -> int:
    """Put the weights in their places; bytes of all of them."""
    dtype = activation_dtype(precision, device)
    stored = torch.float16 if precision == "int8" else dtype
    tied: dict[str, str] = dict(getattr(model, "all_tied_weights_keys", None) or {})
    total = 0

    def read(name: str) -> Tensor:
        tensor: Tensor = source.get(name) if name in source else source.get(tied[name])
        return tensor.detach()

    kept: dict[str, Tensor] = {}

    def keep(name: str, dtype: torch.dtype) -> Tensor:
        """As it will be used; tied tensors (which some files hold several times) once."""
        nonlocal total
        tensor = read(name).to(device, dtype)
        if name in tied or name in tied.values():
            first = kept.setdefault(tied.get(name, name), tensor)
            if first is not tensor and first.dtype == dtype and torch.equal(first, tensor):
                return first
        total += tensor.numel() * tensor.element_size()
        return tensor

    for prefix, module in list(model.named_modules()):
        at = f"{prefix}." if prefix else ""
        if type(module) is nn.Linear:
            bias = read(f"{at}bias") if module.bias is not None else None
            if precision == "int8":
                layer = make_linear(read(f"{at}weight"), bias, precision, device)
                total += layer.memory_bytes
            else:
                layer = make_linear(keep(f"{at}weight", dtype), bias, precision, device)
                total += bias.numel() * dtype.itemsize if bias is not None else 0
            model.set_submodule(prefix, layer)
            continue
        if (
            isinstance(module, nn.Embedding)
            and precision == "int8"
            and type(module).forward is nn.Embedding.forward
        ):
            model.set_submodule(prefix, HalfEmbedding(keep(f"{at}weight", stored), dtype))
            continue
        for name, _ in list(module.named_parameters(recurse=False)):
            tensor = keep(f"{at}{name}", dtype)
            module.register_parameter(name, nn.Parameter(tensor, requires_grad=False))
        for name, buffer in list(module.named_buffers(recurse=False)):
            stored_buffer = read(f"{at}{name}") if f"{at}{name}" in source else buffer
            module._buffers[name] = stored_buffer.to(device)
    return total
