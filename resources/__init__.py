"""Files that ship with the program: icons, themes, model cards and starter models."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def resource_path(*parts: str) -> Path:
    """Path of a shipped file or folder, such as ``resource_path("themes", "paper.toml")``.

    The packages are always installed unpacked, so every resource has a real path.
    """
    return Path(str(files(__name__))).joinpath(*parts)
