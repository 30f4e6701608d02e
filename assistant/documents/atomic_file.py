"""Replace a file as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from uuid import uuid4


def replace_file(path: Path, content: bytes) -> None:
    """Make ``content`` the content of ``path``; its permissions stay, a symbolic link stays a link.

    Whoever reads meets the old or the new content, never half of it; after a power cut too.

    Raises:
        OSError: the old content is untouched and nothing is left lying about.
    """
    target = path.resolve()
    try:
        mode: int | None = stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        mode = None
    # Replacing needs no right to write the file itself, only its folder; a file that was made
    # read-only is meant to stay as it is.
    if mode is not None and not os.access(target, os.W_OK):
        raise PermissionError(13, "文件是只读的", str(target))
    temporary = target.with_name(f".{target.name}.{uuid4().hex[:8]}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name durable, where the system knows how (not on Windows)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
