"""One run at a time in a work folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.api import InputError

_LOCK = "in_use.lock"


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep other runs out of ``folder``; two would write their checkpoints over one another.

    The system lets go of the lock of a process that ends, however it ends, where the file system knows locks.

    Raises:
        InputError: another run is in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        lock = FileLock(folder / _LOCK).acquire(blocking=False)
    except Timeout:
        raise InputError(
            f"另一次训练正在用 {folder}。", "等它结束，或先停下它，再加 --resume 接着训练。"
        ) from None
    with lock:
        yield
