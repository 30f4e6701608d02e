"""Optimizers and the learning-rate schedule."""

from __future__ import annotations

import torch
from transformers import GPT2LMHeadModel

from trainer.config import OptimizerConfig


def build_optimizers(model: GPT2LMHeadModel, config: OptimizerConfig) -> list[torch.optim.Optimizer]:
    """Muon for the block matrices and AdamW for the rest, or AdamW for everything.

    Muon is https://kellerjordan.github.io/posts/muon/, which leaves embeddings and the output layer to AdamW.
    """
    matrices = [p for p in model.transformer.h.parameters() if p.ndim == 2]
    if config.kind == "adamw":
        matrices = []
    of_muon = {id(p) for p in matrices}
    rest = [p for p in model.parameters() if id(p) not in of_muon]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(rest, lr=config.lr, betas=(0.9, 0.95), weight_decay=config.weight_decay, fused=True)
    ]
    if matrices:
        optimizers.append(torch.optim.Muon(matrices, lr=config.matrix_lr, weight_decay=config.weight_decay))
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["peak_lr"] = group["lr"]
    return optimizers


def schedule(step: int, steps: int, config: OptimizerConfig) -> float:
    """Factor on the peak rate at ``step`` (0-based) of ``steps``: warm-up, constant, linear to zero."""
    warmup = min(1.0, (step + 1) / config.warmup_steps) if config.warmup_steps else 1.0
    decay_steps = max(1, round(steps * config.decay_fraction))
    decay = min(1.0, (steps - step) / decay_steps)
    return warmup * decay


def set_learning_rate(optimizers: list[torch.optim.Optimizer], factor: float) -> None:
    """Scale the peak learning rate of every group by ``factor``."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["peak_lr"] * factor
