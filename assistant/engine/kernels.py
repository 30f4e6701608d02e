"""Linear layers in several precisions: the only file that knows which kernels torch has.

On a CPU, 8-bit weights go through FBGEMM (``quantized::linear_dynamic``): weights are int8 with one scale a row,
activations become uint8 on the fly with one scale a call. Measured against oneDNN's kernels and against
``_weight_int8pack_mm`` it is the fastest for 1 to 4 sequences (see ``docs/performance.md``). torch has announced
that its quantised tensors will go; where they are gone, ``Int8Linear`` does the same arithmetic with plain tensors,
more slowly, and that is also what runs on devices without FBGEMM.
"""

from __future__ import annotations

import platform
import warnings
from typing import Any, Literal

import torch
import torch.nn.functional as F  # noqa: N812 - the name the field uses
from torch import Tensor, nn

Precision = Literal["fp32", "bf16", "fp16", "int8"]

_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
_FULL_SCALE = 127.0


class FloatLinear(nn.Module):
    """``x @ weight.T + bias`` in the precision of ``weight`` (out, in)."""

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        self.weight, self.bias = weight, bias
        self.out_features, self.in_features = weight.shape
        self.memory_bytes = _bytes(weight) + (_bytes(bias) if bias is not None else 0)

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) → (..., out)."""
        return F.linear(x, self.weight, self.bias)


class Int8Linear(nn.Module):
    """8-bit weights, float activations, in plain tensors: works everywhere, saves memory, not time.

    Args:
        weight: (out, in), any float type.
        bias: (out,) or None.
        dtype: of the activations.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None, dtype: torch.dtype) -> None:
        super().__init__()
        self.out_features, self.in_features = weight.shape
        scale = row_scales(weight)
        rounded = (weight.float() / scale[:, None]).round_().clamp_(-_FULL_SCALE, _FULL_SCALE)
        self.weight = rounded.to(torch.int8)
        self.scale = scale.to(dtype)
        self.bias = bias.to(dtype) if bias is not None else None
        self.memory_bytes = _bytes(self.weight) + _bytes(self.scale)

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) → (..., out)."""
        y = F.linear(x, self.weight.to(x.dtype)) * self.scale
        return y if self.bias is None else y + self.bias


class PackedInt8Linear(nn.Module):
    """8-bit weights and activations through FBGEMM; float32 in and out, CPU only."""

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        self.out_features, self.in_features = weight.shape
        scales = row_scales(weight)
        with warnings.catch_warnings():
            # torch announces that these constructors will go; has_packed_int8() looks whether they are there.
            warnings.filterwarnings("ignore", message=".*quantized tensor creation", category=UserWarning)
            quantised = torch.quantize_per_channel(
                weight.float().contiguous(),
                scales.double(),
                torch.zeros(len(scales), dtype=torch.long),
                0,
                torch.qint8,
            )
        self._packed: Any = torch.ops.quantized.linear_prepack(
            quantised, bias.float() if bias is not None else None
        )
        self.memory_bytes = weight.numel() + 8 * len(scales)

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) → (..., out), float32."""
        y: Tensor = torch.ops.quantized.linear_dynamic(x, self._packed, _REDUCE_RANGE)
        return y


_HAS_VNNI = bool(getattr(torch.cpu, "_is_vnni_supported", lambda: False)())
_REDUCE_RANGE = platform.machine().lower() in ("x86_64", "amd64") and not _HAS_VNNI
"""Without VNNI, products of two neighbours are added in 16 bits: 7-bit activations keep them from saturating."""


Linear = FloatLinear | Int8Linear | PackedInt8Linear


def row_scales(weight: Tensor) -> Tensor:
    """The scale of each row of ``weight`` (out, in): its largest absolute value becomes 127."""
    # Not abs(): a copy of a large matrix is what memory runs out of.
    largest = torch.maximum(weight.amax(dim=1), -weight.amin(dim=1)).float()
    return (largest / _FULL_SCALE).clamp_min(1e-8)


def has_packed_int8(device: torch.device) -> bool:
    """True where ``PackedInt8Linear`` runs. Sets torch's choice of quantised kernels to FBGEMM."""
    if device.type != "cpu" or "fbgemm" not in torch.backends.quantized.supported_engines:
        return False
    if not hasattr(torch, "quantize_per_channel") or not hasattr(torch.ops.quantized, "linear_prepack"):
        return False
    torch.backends.quantized.engine = "fbgemm"
    return True


def activation_dtype(precision: Precision, device: torch.device) -> torch.dtype:
    """What flows between the layers: 8-bit weights go with float32 on the CPU and float16 elsewhere."""
    if precision == "int8":
        return torch.float32 if device.type == "cpu" else torch.float16
    return _DTYPES[precision]


def make_linear(weight: Tensor, bias: Tensor | None, precision: Precision, device: torch.device) -> Linear:
    """The fastest layer of this precision for this device.

    Args:
        weight: (out, in), any float type; not kept.
        bias: (out,) or None.
        precision: of the weights.
        device: where it will run.
    """
    dtype = activation_dtype(precision, device)
    if precision != "int8":
        moved = bias.to(device, dtype) if bias is not None else None
        return FloatLinear(weight.to(device, dtype).contiguous(), moved)
    if has_packed_int8(device):
        return PackedInt8Linear(weight, bias)
    return Int8Linear(weight.to(device), bias.to(device) if bias is not None else None, dtype)


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()
