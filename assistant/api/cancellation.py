"""A flag that one thread raises and another looks at between two steps."""

from __future__ import annotations

import threading


class Cancellation:
    """Wraps ``threading.Event`` so that writers can check it but plugins cannot wait on it."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop; safe from any thread, any number of times."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """True once ``cancel`` was called."""
        return self._event.is_set()
