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


class ProgressLine:
    """One line on stderr that is written over; nothing where stderr is no terminal.

    Args:
        what: what is going on.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = False
        self._is_terminal = sys.stderr.isatty()

    def show(self, done: int, total: int, per_second: float = 0.0) -> None:
        """How far it has come, in bytes, and how fast."""
        if not self._is_terminal:
            return
        share = f"{done / total:.0%}" if total else ""
        speed = f"，每秒 {human_size(int(per_second))}" if per_second else ""
        line = f"{self._what} {share}（{human_size(done)} / {human_size(total)}{speed}）"
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
        self._shown = True

    def close(self) -> None:
        """Go to the next line."""
        if self._shown:
            print(file=sys.stderr)
            self._shown = False
