"""Printing: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
from typing import Any


def use_utf8() -> None:
    """Print UTF-8 whatever the locale says; scripts read it, and every terminal of today shows it."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    print(json.dumps(document, ensure_ascii=False, indent=2))


def print_error(line: str) -> None:
    """One line on stderr."""
    print(line, file=sys.stderr)


def human_size(size_bytes: int) -> str:
    """A size for people: ``human_size(12_345_678)`` is ``12.3 MB`` (decimal units, as on disks)."""
    size = float(size_bytes)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
