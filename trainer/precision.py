"""Where a run computes, and in which number format the matrices are multiplied."""

from __future__ import annotations

import contextlib
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

import torch

Precision = Literal["auto", "bf16", "fp32"]


def cpu_multiplies_bf16() -> bool:
    """True when the processor has bf16 instructions (AVX512-BF16 or AMX-BF16).

    Without them oneDNN emulates bf16, and a training step takes three times as long as in fp32.
    """
    capabilities = torch.cpu.get_capabilities()
    return any(bool(capabilities.get(name)) for name in ("avx512_bf16", "amx_bf16", "bf16"))


_TOKENS_AT_ONCE = {"cpu": 1024, "cuda": 1 << 16}
"""On a CPU measured (docs/starters.md): twice as many or half as many take 7 % longer, all 7,168 of a step 19 %. On a
GPU so many that a step is hardly ever divided."""


@dataclass(frozen=True, slots=True)
class TrainingDevice:
    """Where a run computes.

    Attributes:
        name: ``cuda`` or ``cpu``.
        precision: ``bf16`` or ``fp32``.
    """

    name: str
    precision: Literal["bf16", "fp32"]

    def autocast(self) -> AbstractContextManager[object]:
        """The context to run the model in."""
        if self.precision == "bf16":
            return torch.autocast(self.name, torch.bfloat16)
        return contextlib.nullcontext()

    def rows_at_once(self, length: int) -> int:
        """How many rows of ``length`` tokens to compute together: on a CPU so few that they fit into its cache."""
        return max(1, _TOKENS_AT_ONCE[self.name] // length)

    @property
    def multiply_in(self) -> torch.dtype:
        """The number format of products outside the model."""
        return torch.bfloat16 if self.precision == "bf16" else torch.float32


def choose_device(precision: Precision) -> TrainingDevice:
    """A CUDA device where there is one, else the CPU; ``auto`` takes bf16 where the hardware multiplies in it."""
    name = "cuda" if torch.cuda.is_available() else "cpu"
    if precision == "auto":
        in_bf16 = torch.cuda.is_bf16_supported() if name == "cuda" else cpu_multiplies_bf16()
        precision = "bf16" if in_bf16 else "fp32"
    return TrainingDevice(name, precision)
