"""The GUI side of the worker thread: the newest request wins, late events are dropped."""

from __future__ import annotations

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

from assistant.api import Cancellation, Candidate, GenerationRequest
from assistant.generation.events import (
    Cancelled,
    CandidatesChanged,
    DraftsGrew,
    Event,
    Failed,
    Finished,
    ModelLoading,
    ModelReady,
)
from assistant.ui.generation_worker import GenerationRunner, GenerationWorker

MIN_INTERVAL_MS = 33
"""Snapshots are handed on at most 30 times a second; more often, they would only keep the window busy."""


class GenerationService(QObject):
    """Owns the thread. All signals arrive in the GUI thread and carry the event itself."""

    model_loading = Signal(object)
    model_ready = Signal(object)
    candidates_changed = Signal(object)
    drafts_grew = Signal(object)
    finished = Signal(object)
    cancelled = Signal(object)
    failed = Signal(object)
    superseded = Signal(str)
    """Id of a request that a newer one replaced; no other signal of it follows."""

    _run = Signal(object, object)
    _warm_up = Signal(str, object)
    _close = Signal()

    def __init__(self, runner: GenerationRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._request_id = ""
        self._cancellation: Cancellation | None = None
        self._closed = False
        self._pending: dict[int, Candidate] = {}
        self._drafts: DraftsGrew | None = None
        self._coalesce = QTimer(self)
        self._coalesce.setSingleShot(True)
        self._coalesce.setInterval(MIN_INTERVAL_MS)
        self._coalesce.timeout.connect(self._flush)
        self._thread = QThread()
        self._thread.setObjectName("biban-generation")
        self._worker = GenerationWorker(runner)
        self._worker.moveToThread(self._thread)
        self._run.connect(self._worker.run)
        self._warm_up.connect(self._worker.warm_up)
        self._close.connect(self._worker.close)
        self._worker.happened.connect(self._on_event)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """True from ``submit`` to the terminal signal of that request."""
        return self._cancellation is not None

    def submit(self, request: GenerationRequest) -> None:
        """Run ``request``; an older one is cancelled: ``superseded`` says so, and none of its events follows."""
        older = ""
        if self._cancellation is not None:
            self._cancellation.cancel()
            older = self._request_id
        self._cancellation = Cancellation()
        self._request_id = request.request_id
        self._pending.clear()
        self._drafts = None
        self._run.emit(request, self._cancellation)
        if older:
            self.superseded.emit(older)

    def warm_up(self, writer_id: str, model_id: str | None) -> None:
        """Load the model of a writer while nothing else is to do."""
        self._warm_up.emit(writer_id, model_id)

    def stop(self) -> None:
        """Cancel the running request; its ``cancelled`` signal follows."""
        if self._cancellation is not None:
            self._cancellation.cancel()

    def shutdown(self) -> None:
        """Cancel, give memory back in the worker thread, and wait for the thread to end."""
        if not self._thread.isRunning():
            return
        self.stop()
        self._coalesce.stop()
        # A flag, not disconnect(): that waits for Qt's lock with Python's held, and an emitting worker holds
        # them the other way round.
        self._closed = True
        self._close.emit()
        self._thread.wait()

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        if self._closed:
            return
        warm_up = event.request_id == ""
        if not warm_up and event.request_id != self._request_id:
            return  # of a request that a newer one replaced
        if isinstance(event, Finished | Cancelled | Failed) and not warm_up:
            self._flush()
            self._cancellation = None
        match event:
            case ModelLoading():
                self.model_loading.emit(event)
            case ModelReady():
                self.model_ready.emit(event)
            case CandidatesChanged():
                self._pending.update({candidate.index: candidate for candidate in event.candidates})
                self._flush_soon()
            case DraftsGrew():
                self._drafts = event
                self._flush_soon()
            case Finished():
                self.finished.emit(event)
            case Cancelled():
                self.cancelled.emit(event)
            case Failed():
                self.failed.emit(event)

    def _flush_soon(self) -> None:
        if not self._coalesce.isActive():
            self._coalesce.start()

    def _flush(self) -> None:
        """Hand on the newest snapshot of every candidate that changed, or how far the drafts are."""
        self._coalesce.stop()
        if self._drafts is not None:
            grown, self._drafts = self._drafts, None
            self.drafts_grew.emit(grown)
        if self._pending:
            changed = tuple(self._pending.values())
            self._pending.clear()
            self.candidates_changed.emit(CandidatesChanged(self._request_id, changed))
