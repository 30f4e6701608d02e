"""The object that lives in the worker thread: iterates the runner and sends its events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from PySide6.QtCore import QObject, QThread, Signal, Slot

from assistant.api import Cancellation, GenerationRequest
from assistant.generation.events import Event, Failed, TerminalEvent
from assistant.generation.failures import as_biban_error


class GenerationRunner(Protocol):
    """What the worker iterates."""

    def run(self, request: GenerationRequest, cancellation: Cancellation) -> Iterator[Event]:
        """Events of one request, the last one terminal."""
        ...

    def warm_up(self, writer_id: str, model_id: str | None) -> Iterator[Event]:
        """Events of loading the model that a request would need; tables are read too."""
        ...

    def close(self) -> None:
        """Give memory back."""
        ...


class GenerationWorker(QObject):
    """Runs in one ``QThread``, which therefore owns the device."""

    happened = Signal(object)
    """Every event."""

    def __init__(self, runner: GenerationRunner) -> None:
        super().__init__()
        self._runner = runner

    @Slot(object, object)
    def run(self, request: GenerationRequest, cancellation: Cancellation) -> None:
        """Run one request to its terminal event."""
        ended = False
        try:
            for event in self._runner.run(request, cancellation):
                ended = isinstance(event, TerminalEvent)
                self.happened.emit(event)
            if not ended:
                raise RuntimeError("the runner ended without a terminal event")
        # The runner catches what writers raise; this is for a runner that itself is broken.
        except Exception as error:
            self.happened.emit(Failed(request.request_id, as_biban_error(error)))

    @Slot(str, object)
    def warm_up(self, writer_id: str, model_id: str | None) -> None:
        """Load a model, and read tables, ahead of the first request."""
        try:
            for event in self._runner.warm_up(writer_id, model_id):
                self.happened.emit(event)
        except Exception as error:
            self.happened.emit(Failed("", as_biban_error(error)))

    @Slot()
    def close(self) -> None:
        """Give memory back, and end the thread."""
        try:
            self._runner.close()
        finally:
            QThread.currentThread().quit()
