"""Which device to run on, in which precision, and with how many threads."""

from __future__ import annotations

import os
from typing import Literal

import torch

from assistant.api import InputError
from assistant.engine.kernels import Precision

PrecisionWish = Literal["auto", "fp32", "bf16", "fp16", "int8"]


def choose_device(wish: str = "auto") -> torch.device:
    """``wish`` if it is not ``auto``; else CUDA, Apple's MPS or the CPU, by what is there.

    Raises:
        InputError: the wished device is not there.
    """
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if wish == "auto":
        return torch.device(next(name for name, usable in there.items() if usable))
    try:
        device = torch.device(wish)
    except RuntimeError as error:
        raise InputError(f"没有名为 {wish} 的设备。", "可用 auto、cpu、cuda 或 mps。") from error
    if not there.get(device.type, False):
        raise InputError(f"这台电脑上用不了设备 {wish}。", "请在设置里改用 auto 或 cpu。")
    return device


def choose_precision(wish: PrecisionWish, device: torch.device) -> Precision:
    """``wish`` if it is not ``auto``; else 8 bit on the CPU, where memory is the limit, and 16 bit elsewhere."""
    if wish != "auto":
        return wish
    if device.type == "cpu":
        return "int8"
    if device.type == "cuda" and torch.cuda.is_bf16_supported():
        return "bf16"
    return "fp16"


def free_bytes(device: torch.device) -> int:
    """Free memory of an accelerator with memory of its own; 0 for devices that use the memory of the system."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else 0


def set_threads(threads: int, *, leave_one: bool) -> None:
    """Use ``threads`` CPU threads.

    Args:
        threads: 0 for as many as this process may use.
        leave_one: with ``threads == 0``, one fewer, so that a window beside it stays quick.
    """
    if threads == 0:
        affinity = getattr(os, "sched_getaffinity", None)
        cores = len(affinity(0)) if affinity is not None else os.cpu_count() or 1
        threads = max(1, cores - 1) if leave_one else cores
    torch.set_num_threads(threads)
