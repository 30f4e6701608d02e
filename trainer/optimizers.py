"""Optimizers and the learning-rate schedule."""

from __future__ import annotations

import torch
from transformers import GPT2LMHeadModel

from trainer.config import OptimizerConfig
from trainer.muon import Muon


def build_optimizers(
    model: GPT2LMHeadModel, config: OptimizerConfig, *, multiply_in: torch.dtype = torch.float32
) -> list[torch.optim.Optimizer]:
    """Muon for the block matrices and AdamW for the rest, or AdamW for everything.

    Embeddings and the output layer are left to AdamW, as Muon's author does.
    """
    parts: dict[torch.nn.Parameter, int] = {}
    if config.kind == "muon":
        for name, parameter in model.transformer.h.named_parameters():
            if parameter.ndim == 2:
                parts[parameter] = 3 if name.endswith("c_attn.weight") else 1
    rest = [p for p in model.parameters() if p not in parts]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(rest, lr=config.lr, betas=(0.9, 0.95), weight_decay=config.weight_decay, fused=True)
    ]
    if parts:
        optimizers.append(
            Muon(parts, lr=config.matrix_lr, weight_decay=config.weight_decay, multiply_in=multiply_in)
        )
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["peak_lr"] = group["lr"]
    return optimizers


def schedule(step: int, steps: int, config: OptimizerConfig) -> float:
    """Factor on the peak rate at ``step`` (0-based) of ``steps``: warm-up, constant, linear to zero."""
    warmup = min(1.0, (step + 1) / config.warmup_steps) if config.warmup_steps else 1.0
    decay = min(1.0, (steps - step) / config.decay_steps) if config.decay_steps else 1.0
    return warmup * decay


def set_learning_rate(optimizers: list[torch.optim.Optimizer], factor: float) -> None:
    """Scale the peak learning rate of every group by ``factor``."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["peak_lr"] * factor
