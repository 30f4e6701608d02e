"""From the key to the candidates, and from a candidate into the text."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from assistant.api import Candidate, GenerationRequest, InputError, Writer
from assistant.generation.events import (
    Cancelled,
    CandidatesChanged,
    DraftsGrew,
    Failed,
    Finished,
    ModelLoading,
    ModelReady,
)
from assistant.ui.editor.anchor import Anchor, anchor_before
from assistant.ui.editor.editor import Editor
from assistant.ui.generation_service import GenerationService
from assistant.ui.panels.writer_panel import WriterPanel
from assistant.ui.status import Status


@dataclass(frozen=True, slots=True)
class Origin:
    """A candidate and where it belongs.

    Attributes:
        candidate: as it was written.
        request: what it answers.
        anchor: its place in the document.
        lead: what is put in front of it.
        taken: the candidate where it stands in the document; None until it was taken.
    """

    candidate: Candidate
    request: GenerationRequest
    anchor: Anchor
    lead: str
    taken: Anchor | None = None


class GenerationController(QObject):
    """Joins editor, panel, status line and service; holds the anchor of the latest request."""

    changed = Signal()
    """Something began or ended; actions look again at what is possible."""
    polish_requested = Signal(int)
    """The index of a candidate that is to be polished."""
    taken = Signal()
    """A candidate was put into the text."""

    def __init__(
        self, editor: Editor, panel: WriterPanel, status: Status, service: GenerationService, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._editor, self._panel, self._status, self._service = editor, panel, status, service
        self._anchor: Anchor | None = None
        self._request: GenerationRequest | None = None
        self._lead = ""
        self._taken: dict[int, Anchor] = {}
        panel.generate_requested.connect(self.generate)
        panel.stop_requested.connect(self.stop)
        panel.candidates.take_requested.connect(self.take_index)
        panel.candidates.copy_requested.connect(self.copy_index)
        panel.candidates.polish_requested.connect(self.polish_requested)
        panel.candidates.example_requested.connect(self.show_example)
        status.stop_requested.connect(self.stop)
        service.model_loading.connect(self._on_loading)
        service.model_ready.connect(self._on_ready)
        service.candidates_changed.connect(self._on_candidates)
        service.drafts_grew.connect(self._on_drafts)
        service.finished.connect(self._on_finished)
        service.cancelled.connect(self._on_cancelled)
        service.failed.connect(self._on_failed)
        service.superseded.connect(self._on_superseded)

    @property
    def is_running(self) -> bool:
        """True while something is being written, here or on another page."""
        return self._service.is_running

    def generate(self) -> None:
        """Write candidates for the text at the cursor; a running request is replaced."""
        writer = self._panel.writer
        # While the input method is open, keys and text belong to it.
        if writer is None or self._editor.is_composing:
            return
        if writer.needs_model and self._panel.model_id is None:
            self._panel.refresh_models()  # says which models would do
            return
        self._panel.notice.clear()
        try:
            options = self._panel.options()
        except InputError as error:
            self._panel.notice.show_error(error)
            return
        request = GenerationRequest(
            writer_id=writer.id,
            context=self._editor.context(),
            options=options,
            model_id=self._panel.model_id,
            num_return_sequences=self._panel.num_return_sequences,
        )
        self._request, self._anchor = request, self._editor.anchor()
        self._lead = self._lead_of(writer, request)
        self._taken.clear()
        self._panel.candidates.start(request.num_return_sequences)
        self._service.submit(request)
        self._status.show_running("正在写…")
        self._panel.set_running(True)
        self.changed.emit()

    @staticmethod
    def _lead_of(writer: Writer, request: GenerationRequest) -> str:
        try:
            return writer.lead(request)
        # A text the writer cannot use is explained by the request itself.
        except Exception:
            return ""

    def show_example(self) -> None:
        """Write a famous line at the end of the text and continue it."""
        self._editor.place_cursor_at_end()
        if self._editor.toPlainText() and not self._editor.toPlainText().endswith("\n"):
            self._editor.insertPlainText("\n\n")
        writer = self._panel.writer
        self._editor.insertPlainText(writer.example if writer is not None else "")
        self._editor.setFocus()
        self.generate()

    def stop(self) -> None:
        """Stop writing; what is written stays."""
        if not self._editor.is_composing:
            self._service.stop()

    def take_place(self, place: int) -> None:
        """Take the candidate that stands at ``place`` (0 is the top one)."""
        candidate = self._panel.candidates.candidate_at(place)
        if candidate is not None:
            self.take_index(candidate.index)

    def take_index(self, index: int) -> None:
        """Put a candidate into the text, as one undo step."""
        candidate = self._panel.candidates.candidate(index)
        if candidate is None or self._anchor is None or self._editor.is_composing:
            return
        self._anchor.replace_before(candidate.replaces)
        if self._editor.insert_generated(self._lead + candidate.continuation, self._anchor):
            self._panel.notice.clear()
            self._panel.candidates.mark_taken(index)
            self._taken[index] = anchor_before(self._editor.textCursor(), len(candidate.continuation))
            self.taken.emit()
        else:
            self._panel.notice.say(
                "光标处的文字已经改动，这些候选接不上了。", "按 Ctrl+Shift+Enter 换一批，或撤销改动后再采用。"
            )
        self._editor.setFocus()

    def origin(self, index: int) -> Origin | None:
        """A finished candidate of the latest request and where it belongs."""
        candidate = self._panel.candidates.candidate(index)
        if candidate is None or self._request is None or self._anchor is None:
            return None
        return Origin(candidate, self._request, self._anchor, self._lead, self._taken.get(index))

    def copy_index(self, index: int) -> None:
        """Put the whole candidate on the clipboard."""
        candidate = self._panel.candidates.candidate(index)
        if candidate is not None:
            QGuiApplication.clipboard().setText(candidate.text)
            self._status.say("已复制。", 2)

    def _on_loading(self, event: ModelLoading) -> None:
        self._status.show_model(event.model_name, "正在载入…")

    def _on_ready(self, event: ModelReady) -> None:
        self._status.show_model(event.model_name, event.device)

    def _on_candidates(self, event: CandidatesChanged) -> None:
        if self._is_own(event.request_id):
            self._panel.candidates.update_candidates(event.candidates)
            self.changed.emit()

    def _on_drafts(self, event: DraftsGrew) -> None:
        if self._is_own(event.request_id):
            self._panel.candidates.show_drafts(event.drafts, event.characters)
            self._status.show_running(f"写着 {event.drafts} 份草稿，到第 {event.characters} 字…")

    def _on_finished(self, event: Finished) -> None:
        if not self._is_own(event.request_id):
            return
        self._panel.candidates.finish(event.candidates)
        if not event.candidates:
            self._panel.notice.say("这一次什么也没有写出来。", "换一批，或改一改上文再试。")
        self._ended()

    def _on_cancelled(self, event: Cancelled) -> None:
        if self._is_own(event.request_id):
            self._panel.candidates.stop(event.candidates)
            self._ended()

    def _on_superseded(self, request_id: str) -> None:
        """Another page wants the model now: what is written stays."""
        if self._is_own(request_id):
            self._panel.candidates.stop_here()
            self._panel.set_running(False)

    def _on_failed(self, event: Failed) -> None:
        if not event.request_id:  # a warm-up
            self._panel.notice.show_error(event.error)
            self._status.show_model("", "")
        elif self._is_own(event.request_id):
            self._panel.notice.show_error(event.error)
            self._panel.candidates.fail()
            self._ended()

    def _is_own(self, request_id: str) -> bool:
        return self._request is not None and request_id == self._request.request_id

    def _ended(self) -> None:
        self._status.show_running("")
        self._panel.set_running(False)
        self.changed.emit()
