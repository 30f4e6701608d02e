"""Mapping torch's libraries into memory without stopping the window.

``import torch`` holds the interpreter lock while the system links ``libtorch_cpu`` (hundreds of megabytes),
so every other Python thread stands still: 260 ms in one piece on two cores. A foreign call releases the
lock, so calling ``dlopen`` through ctypes first leaves the longest pause of the import at 60 ms.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path

_LIBRARIES = (
    "libgomp.so.1",
    "libc10.so",
    "libtorch_cpu.so",
    "libtorch.so",
    "libshm.so",
    "libtorch_python.so",
)
"""In the order of their dependence."""


def preload_torch() -> None:
    """Settle how torch's threads wait, and link its libraries where that helps (Linux, torch not imported yet)."""
    # A thread that waits for the others by spinning keeps them from the core they need, when other programs want
    # cores too: steps of 20 ms became 300. libgomp reads this once, when it is linked.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if not sys.platform.startswith("linux") or "torch" in sys.modules:
        return
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return
    folder = Path(spec.origin).parent / "lib"
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.restype = ctypes.c_void_p
    dlopen.argtypes = [ctypes.c_char_p, ctypes.c_int]
    for name in _LIBRARIES:
        path = folder / name
        if path.exists():
            # A failure is no harm: the import will link the library itself, and say so if it cannot.
            dlopen(os.fsencode(path), os.RTLD_NOW | os.RTLD_LOCAL)
