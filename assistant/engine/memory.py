"""Giving memory back to the system."""

from __future__ import annotations

import ctypes
import gc
import sys


def release_memory() -> None:
    """Return what no object uses any more to the system, now and not some time later."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    if sys.platform.startswith("linux"):
        # glibc keeps freed pieces for later; a model is hundreds of megabytes that may not be needed again.
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
