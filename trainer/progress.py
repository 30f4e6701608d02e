"""Progress as JSON lines: one event a line on stdout, and the same in a log file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TextIO


class Progress:
    """Writes events such as ``{"event": "step", "step": 10, "loss": 5.1}``.

    Args:
        log: a file every event is appended to, or None.
        stream: where every event is printed.
    """

    def __init__(self, log: Path | None, stream: TextIO | None = None) -> None:
        self._log = log
        self._stream = stream if stream is not None else sys.stdout
        if log is not None:
            log.parent.mkdir(parents=True, exist_ok=True)

    def emit(self, event: str, **values: str | int | float) -> None:
        """Report one event; floats are rounded to six digits."""
        rounded = {key: round(v, 6) if isinstance(v, float) else v for key, v in values.items()}
        line = json.dumps({"event": event, **rounded}, ensure_ascii=False)
        print(line, file=self._stream, flush=True)
        if self._log is not None:
            with self._log.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
