"""Muon against the one of torch, and the learning-rate schedule."""

from __future__ import annotations

import pytest
import torch

from trainer.config import ModelConfig, OptimizerConfig
from trainer.model import build_model
from trainer.muon import Muon, orthogonalize
from trainer.optimizers import build_optimizers, schedule


def test_matrices_become_nearly_orthogonal() -> None:
    torch.manual_seed(0)
    for shape in ((2, 16, 16), (3, 16, 48), (1, 48, 16)):
        values = torch.linalg.svdvals(orthogonalize(torch.randn(shape)))
        # The coefficients trade exactness for speed: singular values end between about 0.7 and 1.2.
        assert float(values.min()) > 0.3
        assert float(values.max()) < 1.3


def test_a_square_matrix_takes_the_steps_of_torch() -> None:
    torch.manual_seed(0)
    start, gradients = torch.randn(32, 32), torch.randn(3, 32, 32)
    ours, theirs = (torch.nn.Parameter(start.clone()) for _ in range(2))
    optimizers = (
        Muon({ours: 1}, lr=0.02, weight_decay=0.1),
        torch.optim.Muon([theirs], lr=0.02, weight_decay=0.1, momentum=0.95),
    )
    for gradient in gradients:
        ours.grad, theirs.grad = gradient.clone(), gradient.clone()
        for optimizer in optimizers:
            optimizer.step()
    # Theirs multiplies in bf16.
    torch.testing.assert_close(ours, theirs, atol=2e-3, rtol=0)


def test_parts_side_by_side_are_orthogonalized_each_for_itself() -> None:
    torch.manual_seed(0)
    gradient = torch.randn(8, 24)
    whole = torch.nn.Parameter(torch.zeros(8, 24))
    whole.grad = gradient.clone()
    Muon({whole: 3}, lr=1.0, weight_decay=0.0).step()
    for part, of_part in zip(whole.chunk(3, dim=1), gradient.chunk(3, dim=1), strict=True):
        alone = torch.nn.Parameter(torch.zeros(8, 8))
        alone.grad = of_part.clone()
        Muon({alone: 1}, lr=1.0, weight_decay=0.0).step()
        torch.testing.assert_close(part, alone)


def test_every_parameter_has_one_optimizer() -> None:
    model = build_model(
        ModelConfig(n_layer=1, n_embd=16, n_head=2, n_positions=16), 20, cls_id=2, sep_id=3, pad_id=0
    )
    for kind, count in (("muon", 2), ("adamw", 1)):
        optimizers = build_optimizers(model, OptimizerConfig(kind=kind))  # type: ignore[arg-type]
        assert len(optimizers) == count
        held = [
            id(p) for optimizer in optimizers for group in optimizer.param_groups for p in group["params"]
        ]
        assert sorted(held) == sorted(id(p) for p in model.parameters())


def test_schedule_rises_stays_and_falls_to_zero() -> None:
    config = OptimizerConfig(warmup_steps=10, decay_steps=50)
    factors = [schedule(step, 100, config) for step in range(100)]
    assert factors[0] == pytest.approx(0.1)
    assert factors[10:50] == [1.0] * 40
    assert factors[75] == pytest.approx(0.5)
    assert factors[99] == pytest.approx(0.02)
