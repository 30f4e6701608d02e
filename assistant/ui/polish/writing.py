"""The requests of the polishing page: at most one counts, and what it says is told in the page's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from assistant.api import InputError, Writer
from assistant.generation.events import Cancelled, DraftsGrew, Failed, Finished
from assistant.settings import Settings
from assistant.ui.generation_service import GenerationService
from assistant.ui.panels.writer_panel import PanelCatalogue, WriterPanel
from assistant.ui.polish.asking import proposals_of, request_for
from assistant.ui.polish.rules import WRITER_ID, Rules
from assistant.ui.polish.session import Session, Task


class PolishWriting(QObject):
    """Asks the poem writer through the service that all pages share.

    Args:
        service: runs the requests.
        panel: of the writers; its model and options are used when the poem writer is chosen there.
        settings: what the poem writer was last set to.
        parent: owns this.
    """

    began = Signal(object)
    """The ``Task``."""
    progressed = Signal(str)
    found = Signal(list)
    """The ``Proposal``s, best first; none when nothing was written."""
    refused = Signal(object, object)
    """The ``Task`` and the ``BibanError``."""
    stopped = Signal()
    ended = Signal()
    """Follows each ``began``, whatever became of it."""

    def __init__(
        self, service: GenerationService, panel: WriterPanel, settings: Settings, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._service, self._panel, self._settings = service, panel, settings
        self._catalogue: PanelCatalogue | None = None
        self._task: Task | None = None  # None while what is being written is of no use any more
        self._request_id = ""
        service.drafts_grew.connect(self._on_drafts)
        service.finished.connect(self._on_finished)
        service.cancelled.connect(self._on_cancelled)
        service.failed.connect(self._on_failed)
        service.superseded.connect(self._on_superseded)

    @property
    def is_running(self) -> bool:
        """True while a request of this page is being written, wanted or not."""
        return bool(self._request_id)

    @property
    def would_disturb(self) -> bool:
        """True when a request now would stop that of another page."""
        return self._service.is_running and not self._request_id

    def set_catalogue(self, catalogue: PanelCatalogue) -> None:
        """Writers and models are known now."""
        self._catalogue = catalogue

    def why_not(self, rules: Rules) -> str:
        """Why nothing can be written by ``rules``, in one sentence; empty when it can, or when plugins still load."""
        return "" if self._catalogue is None else rules.why_not(self._writer())

    def ask(self, task: Task, session: Session) -> None:
        """Have ``task`` written; an older request is replaced.

        Raises:
            InputError: it cannot even be asked; says why.
        """
        writer, catalogue = self._writer(), self._catalogue
        if writer is None or catalogue is None:
            return
        if writer.needs_model and not catalogue.cards_for(writer):
            raise InputError("还没有能写诗词的模型。", catalogue.how_to_get(writer, with_ids=False))
        model_id, values = self._chosen_for(writer, catalogue)
        request = request_for(task, session.rules, session.title, writer, model_id, values)
        self._task, self._request_id = task, request.request_id
        self._service.submit(request)
        self.began.emit(task)

    def drop(self) -> None:
        """What is being written is of no use any more."""
        self._task = None
        self.stop()

    def stop(self) -> None:
        """Stop the request of this page."""
        if self._request_id:
            self._service.stop()

    def _writer(self) -> Writer | None:
        return self._catalogue.writers.get(WRITER_ID) if self._catalogue is not None else None

    def _chosen_for(self, writer: Writer, catalogue: PanelCatalogue) -> tuple[str | None, Mapping[str, Any]]:
        """Model and options that the person chose for the poem writer."""
        if self._panel.writer is writer and self._panel.form is not None:
            return self._panel.model_id, self._panel.form.shown_values()
        kept = self._settings.generation
        model_id = kept.model_ids.get(writer.id)
        known = [card.id for card in catalogue.cards_for(writer)]
        return (model_id if model_id in known else None), kept.options.get(writer.id, {})

    def _on_drafts(self, event: DraftsGrew) -> None:
        if event.request_id == self._request_id and self._task is not None:
            self.progressed.emit(f"写着 {event.drafts} 份草稿，挑最好的几份…\n已写到第 {event.characters} 字")

    def _on_finished(self, event: Finished) -> None:
        if event.request_id == self._request_id:
            task = self._end()
            if task is not None:
                self.found.emit(proposals_of(task, event.candidates))

    def _on_cancelled(self, event: Cancelled) -> None:
        if event.request_id == self._request_id and self._end() is not None:
            self.stopped.emit()

    def _on_superseded(self, request_id: str) -> None:
        """A request of another page took the place of this one."""
        if request_id == self._request_id:
            self._end()
            self.stopped.emit()

    def _on_failed(self, event: Failed) -> None:
        if event.request_id and event.request_id == self._request_id:
            task = self._end()
            if task is not None:
                self.refused.emit(task, event.error)

    def _end(self) -> Task | None:
        """The request is over; gives what it was for, None when that is of no use any more."""
        task, self._task, self._request_id = self._task, None, ""
        self.ended.emit()
        return task
