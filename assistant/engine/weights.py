"""Reading the weights of a folder: safetensors first, a ``.bin`` only as plain tensors."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from assistant.api import WeightsError

AGAIN = "请重新取得这个模型。"


def read_weights(folder: Path) -> dict[str, Tensor]:
    """All tensors of ``model.safetensors`` or ``pytorch_model.bin`` in ``folder``, on the CPU.

    Raises:
        WeightsError: neither is there, or the file is damaged or holds more than tensors.
    """
    safe, binary = folder / "model.safetensors", folder / "pytorch_model.bin"
    if safe.is_file():
        try:
            return load_file(safe)
        except (SafetensorError, OSError, ValueError) as error:
            raise WeightsError(f"权重文件 {safe} 已损坏或不完整。", AGAIN) from error
    if binary.is_file():
        try:
            # weights_only: a pickle can run any code, and this one comes from a stranger.
            state: Any = torch.load(binary, map_location="cpu", weights_only=True)
        except pickle.UnpicklingError as error:
            raise WeightsError(
                f"权重文件 {binary} 已损坏，或含有张量以外的内容，为安全起见没有打开。", AGAIN
            ) from error
        except (RuntimeError, EOFError, OSError, ValueError) as error:
            raise WeightsError(f"权重文件 {binary} 已损坏或不完整。", AGAIN) from error
        if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
            raise WeightsError(f"权重文件 {binary} 里不是一组张量。", AGAIN)
        return state
    raise WeightsError(f"{folder} 里没有权重文件 model.safetensors 或 pytorch_model.bin。", AGAIN)
