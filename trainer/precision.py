"""Which number format the matrices are multiplied in."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Literal

import torch

Precision = Literal["auto", "bf16", "fp32"]


def cpu_multiplies_bf16() -> bool:
    """True when the processor has bf16 instructions (AVX512-BF16 or AMX-BF16).

    Without them oneDNN emulates bf16, and a training step takes three times as long as in fp32.
    """
    capabilities = torch.cpu.get_capabilities()
    return any(bool(capabilities.get(name)) for name in ("avx512_bf16", "amx_bf16", "bf16"))


def autocast(precision: Precision) -> tuple[str, Callable[[], AbstractContextManager[object]]]:
    """The resolved precision (``bf16`` or ``fp32``) and a factory of the context to run the model in."""
    if precision == "auto":
        precision = "bf16" if cpu_multiplies_bf16() else "fp32"
    if precision == "bf16":
        return precision, lambda: torch.autocast("cpu", torch.bfloat16)
    return precision, contextlib.nullcontext
