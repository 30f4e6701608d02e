"""Where a person keeps tunes of their own: ``*.toml`` files in the notation of ``docs/tunes.md``."""

from __future__ import annotations

from pathlib import Path

_folder: Path | None = None


def use_folder(folder: Path) -> None:
    """Read tunes from ``folder`` too; said once, by the composition root, before the first tune is asked for."""
    global _folder
    _folder = folder


def own_files() -> list[Path]:
    """The person's files, none when there are none."""
    return sorted(_folder.glob("*.toml")) if _folder is not None and _folder.is_dir() else []
