"""Giving memory back to the system."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_M_MMAP_THRESHOLD = -3
"""``mallopt``'s name for the size from which pieces get a mapping of their own (malloc.h)."""


@contextmanager
def returning_large_pieces() -> Iterator[None]:
    """While a model is read, let every piece of 1 MB or more go back to the system as soon as it is freed.

    glibc raises that size to 32 MB by itself; converted tensors then leave holes between the weights, a tenth of a
    large model. Afterwards 32 MB again: for the short-lived tensors of decoding, holes are quicker.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform.startswith("linux") else None
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, 1 << 20)
    try:
        yield
    finally:
        if mallopt is not None:
            mallopt(_M_MMAP_THRESHOLD, 32 << 20)
        release_memory()


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
