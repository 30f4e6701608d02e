"""Checkpoints that are either whole or not there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

FILE_NAME = "checkpoint.pt"


def save_checkpoint(
    folder: Path,
    *,
    step: int,
    model: torch.nn.Module,
    optimizers: list[torch.optim.Optimizer],
    fingerprint: str,
) -> None:
    """Write to a temporary file, then replace, so that an interruption leaves the previous checkpoint.

    Args:
        step: how many steps have been done.
        fingerprint: what the run depends on; a checkpoint of another configuration is not resumed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{FILE_NAME}.partial"
    with partial.open("wb") as file:
        torch.save(
            {
                "step": step,
                "fingerprint": fingerprint,
                "model": model.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in optimizers],
            },
            file,
        )
        file.flush()
        os.fsync(file.fileno())
    partial.replace(folder / FILE_NAME)


def load_checkpoint(folder: Path) -> dict[str, Any] | None:
    """The saved state, or None when there is none."""
    path = folder / FILE_NAME
    if not path.exists():
        return None
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state
