"""The object that lives in the worker thread: iterates the runner and sends its events."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Protocol

from PySide6.QtCore import QObject, Signal, Slot

from assistant.api import Cancellation, Candidate, GenerationRequest
from assistant.generation.events import CandidatesChanged, Event, Failed
from assistant.generation.failures import as_biban_error

MIN_INTERVAL_S = 1 / 30
"""Snapshots are sent at most so often; faster, they would only keep the window busy."""


class GenerationRunner(Protocol):
    """What the worker iterates."""

    def run(self, request: GenerationRequest, cancellation: Cancellation) -> Iterator[Event]:
        """Events of one request, the last one terminal."""
        ...

    def warm_up(self, writer_id: str, model_id: str | None) -> Iterator[Event]:
        """Events of loading the model that a request would need."""
        ...

    def close(self) -> None:
        """Give memory back."""
        ...


class GenerationWorker(QObject):
    """Runs in one ``QThread``, which therefore owns the device."""

    happened = Signal(object)
    """Every event, coalesced."""

    def __init__(self, runner: GenerationRunner) -> None:
        super().__init__()
        self._runner = runner

    @Slot(object, object)
    def run(self, request: GenerationRequest, cancellation: Cancellation) -> None:
        """Run one request to its terminal event."""
        pending: dict[int, Candidate] = {}
        sent = 0.0

        def flush() -> None:
            if pending:
                self.happened.emit(CandidatesChanged(request.request_id, tuple(pending.values())))
                pending.clear()

        try:
            for event in self._runner.run(request, cancellation):
                if isinstance(event, CandidatesChanged):
                    pending.update({candidate.index: candidate for candidate in event.candidates})
                    now = time.monotonic()
                    if now - sent >= MIN_INTERVAL_S:
                        flush()
                        sent = now
                else:
                    flush()
                    self.happened.emit(event)
        # The runner catches what writers raise; this is for a runner that itself is broken.
        except Exception as error:
            flush()
            self.happened.emit(Failed(request.request_id, as_biban_error(error)))

    @Slot(str, object)
    def warm_up(self, writer_id: str, model_id: str | None) -> None:
        """Load a model ahead of the first request."""
        try:
            for event in self._runner.warm_up(writer_id, model_id):
                self.happened.emit(event)
        except Exception as error:
            self.happened.emit(Failed("", as_biban_error(error)))

    @Slot()
    def close(self) -> None:
        """Give memory back; the last thing that is done in the thread."""
        self._runner.close()
