"""Checkpoints that are either whole or not there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

LATEST = "checkpoint.pt"
BEFORE_DECAY = "before_decay.pt"
"""The state when the learning rate began to fall: a longer run goes on from there."""


def save_checkpoint(folder: Path, state: dict[str, Any], name: str = LATEST) -> None:
    """Write to a temporary file, then replace, so that an interruption leaves the previous checkpoint."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{name}.partial"
    with partial.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(folder / name)


def load_checkpoint(folder: Path, name: str = LATEST) -> dict[str, Any] | None:
    """The saved state, or None when there is none."""
    path = folder / name
    if not path.exists():
        return None
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state
