"""Which device to run on, and with how many threads."""

from __future__ import annotations

import os

import torch


def choose_device(wish: str = "auto") -> torch.device:
    """``wish`` if it is not ``auto``; else CUDA, Apple's MPS or the CPU, by what is there."""
    if wish != "auto":
        return torch.device(wish)
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def choose_dtype(device: torch.device) -> torch.dtype:
    """float32 on the CPU; half precision where the hardware is made for it."""
    return torch.float32 if device.type == "cpu" else torch.float16


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
