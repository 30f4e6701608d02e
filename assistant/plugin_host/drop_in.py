"""Plugin files in the user's folder: off until the user turns that very content on."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from types import ModuleType

from assistant.api import PluginError


def file_hash(path: Path) -> str:
    """SHA-256 of the file, the identity that the user trusts."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def drop_in_files(folder: Path) -> list[Path]:
    """The ``.py`` files directly in ``folder``, by name; none when there is no such folder."""
    return sorted(folder.glob("*.py")) if folder.is_dir() else []


def import_trusted(path: Path, trusted_sha256: str) -> ModuleType:
    """Run ``path`` as a module if its content is what was trusted.

    The bytes that are hashed are the bytes that run, so the file cannot change in between.

    Raises:
        PluginError: the file was changed since it was turned on.
    """
    source = path.read_bytes()
    if hashlib.sha256(source).hexdigest() != trusted_sha256:
        raise PluginError(
            "文件在启用之后被改动过。", f"确认无误后再启用一次：biban plugins enable {path.stem}"
        )
    spec = importlib.util.spec_from_loader(f"biban_drop_in_{path.stem}", loader=None, origin=str(path))
    if spec is None:  # pragma: no cover - spec_from_loader only fails for a missing loader protocol
        raise PluginError(f"无法装载 {path}。")
    module = importlib.util.module_from_spec(spec)
    exec(compile(source, str(path), "exec"), module.__dict__)
    return module
