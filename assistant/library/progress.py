"""How far a download is, and how fast."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

_REPORT_SECONDS = 0.1
_SPEED_SECONDS = 3.0
"""The speed is the mean of this last while."""


@dataclass(frozen=True)
class DownloadProgress:
    """How far a download is.

    Attributes:
        received_bytes: of all files, what arrived in earlier runs included.
        total_bytes: of all files.
        bytes_per_second: in the last seconds.
        file_name: the file at work.
    """

    received_bytes: int
    total_bytes: int
    bytes_per_second: float
    file_name: str


class ProgressMeter:
    """Counts bytes and reports them, not too often.

    Args:
        on_progress: called at most ten times a second, and whenever a report must not wait.
        total_bytes: what there is to receive.
        received_bytes: what was there before; it counts for the progress, not for the speed.
    """

    def __init__(
        self, on_progress: Callable[[DownloadProgress], None], total_bytes: int, received_bytes: int
    ) -> None:
        self._on_progress = on_progress
        self._total_bytes = total_bytes
        self._received_bytes = received_bytes
        self._samples = deque([(time.monotonic(), received_bytes)])

    def add(self, count: int, file_name: str) -> None:
        """``count`` more bytes of this file have arrived; zero keeps the speed honest while nothing comes."""
        self._received_bytes += count
        if time.monotonic() - self._samples[-1][0] >= _REPORT_SECONDS:
            self.report(file_name)

    def report(self, file_name: str) -> None:
        """Report now."""
        now = time.monotonic()
        self._samples.append((now, self._received_bytes))
        while now - self._samples[0][0] > _SPEED_SECONDS:
            self._samples.popleft()
        since, before = self._samples[0]
        speed = (self._received_bytes - before) / max(now - since, 1e-3)
        self._on_progress(DownloadProgress(self._received_bytes, self._total_bytes, speed, file_name))
