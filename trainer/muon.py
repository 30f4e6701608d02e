"""Muon with the precision of its products chosen, and matrices of one shape taken together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import torch

_A, _B, _C = 3.4445, -4.7750, 2.0315
_STEPS = 5


def orthogonalize(matrices: torch.Tensor) -> torch.Tensor:
    """The nearest matrices with singular values about 1, by the quintic Newton–Schulz iteration of Muon.

    Keller Jordan, https://kellerjordan.github.io/posts/muon/. The result is the one of ``torch.optim.Muon``, which
    always multiplies in bf16: without bf16 instructions that takes four times as long as fp32, a third of a whole
    training step of a small model.

    Args:
        matrices: ``(batch, rows, columns)``; the products are made in their number format.
    """
    tall = matrices.shape[-2] > matrices.shape[-1]
    x: torch.Tensor = matrices.mT if tall else matrices
    x = x / (torch.linalg.matrix_norm(x, keepdim=True) + 1e-7)
    for _ in range(_STEPS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=_B, alpha=_C), x, beta=_A)
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalized: for the matrices of the blocks.

    Args:
        parts: how many matrices lie side by side in a parameter: 3 for the queries, keys and values of GPT-2, which
            are orthogonalized each for itself.
        lr: the step, scaled by √(columns / rows) for a matrix that widens. The parameters are ``(inputs, outputs)``,
            as Transformers' ``Conv1D`` keeps them.
        multiply_in: number format of the products.
    """

    def __init__(
        self,
        parts: Mapping[torch.nn.Parameter, int],
        *,
        lr: float,
        weight_decay: float,
        momentum: float = 0.95,
        multiply_in: torch.dtype = torch.float32,
    ) -> None:
        defaults: dict[str, Any] = {"lr": lr, "weight_decay": weight_decay, "momentum": momentum}
        super().__init__(list(parts), defaults)
        self._parts = dict(parts)
        self._format = multiply_in

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """One step; gradients stay as they are."""
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[tuple[torch.Tensor, torch.Tensor]]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                momentum = self.state[parameter].setdefault("momentum", torch.zeros_like(parameter))
                momentum.lerp_(parameter.grad, 1 - group["momentum"])
                update = parameter.grad.lerp(momentum, group["momentum"])  # Nesterov
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                for target, part in self._split(parameter, update):
                    by_shape[part.shape].append((target, part))
            for (rows, columns), pairs in by_shape.items():
                _apply(pairs, group["lr"] * max(1.0, columns / rows) ** 0.5, self._format)

    def _split(
        self, parameter: torch.nn.Parameter, update: torch.Tensor
    ) -> Iterable[tuple[torch.Tensor, torch.Tensor]]:
        count = self._parts[parameter]
        return zip(parameter.chunk(count, dim=1), update.chunk(count, dim=1), strict=True)


def _apply(pairs: list[tuple[torch.Tensor, torch.Tensor]], lr: float, multiply_in: torch.dtype) -> None:
    updates = orthogonalize(torch.stack([update for _, update in pairs]).to(multiply_in))
    for (target, _), update in zip(pairs, updates, strict=True):
        target.add_(update.to(target.dtype), alpha=-lr)
