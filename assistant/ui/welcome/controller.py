"""When the first page is there, and what a press on it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent

from assistant.documents import to_utf16
from assistant.settings import Settings
from assistant.ui.document_controller import DocumentController
from assistant.ui.editor.editor import Editor
from assistant.ui.panels.writer_panel import PanelCatalogue, WriterPanel

if TYPE_CHECKING:
    # Built after the first paint.
    from assistant.ui.welcome.offers import Offer
    from assistant.ui.welcome.page import WelcomePage


TAKE_ONE = "候选写在右边；写好后按 Alt+1 采用第一个。"
"""On a page that is still white after an example was pressed."""


class WelcomeController(QObject):
    """Lays the first page on an empty, untitled document, and takes it away with the first key.

    Once it has gone it does not come back to the same document by itself: nothing may jump while somebody writes.

    Args:
        editor: the page it lies on.
        document: tells when there is another one.
        panel: shows the writer and the options of an example.
        settings: ``window.welcome`` is read and changed.
        is_shipped: tells the models that came with the program.
    """

    started = Signal()
    """An example stands on the page and in the panel: it wants to be written."""
    library_requested = Signal()

    def __init__(
        self,
        editor: Editor,
        document: DocumentController,
        panel: WriterPanel,
        settings: Settings,
        is_shipped: Callable[[str], bool],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._editor, self._document, self._panel = editor, document, panel
        self._kept = settings.window
        self._is_shipped = is_shipped
        self._catalogue: PanelCatalogue | None = None
        self._placeholder = editor.placeholderText()
        self.page: WelcomePage | None = None
        if self._kept.welcome:
            editor.setPlaceholderText("")  # the first paint must not show what the second takes away
        # Queued: keys that wait are served first.
        editor.first_painted.connect(self._offer, Qt.ConnectionType.QueuedConnection)
        document.replaced.connect(self._offer)
        editor.textChanged.connect(self._on_text_changed)
        editor.composing_changed.connect(self._on_composing)
        editor.zoom_changed.connect(self._on_zoom)

    @property
    def is_shown(self) -> bool:
        """True while it lies on the page."""
        return self.page is not None and not self.page.isHidden()

    def set_catalogue(self, catalogue: PanelCatalogue) -> None:
        """Writers and models are known now, or are others than before."""
        self._catalogue = catalogue
        self._fill()

    def show(self) -> None:
        """Show it, on a new document where this one is not empty."""
        if self._editor.is_composing:
            return
        if self._editor.document().isEmpty() or self._document.new():
            self._show()

    def has_learnt(self) -> None:
        """The person knows how it goes: from the next start on the page is white."""
        self._kept.welcome = False

    def hide(self) -> None:
        """Take it away."""
        self._editor.setPlaceholderText(self._placeholder)
        if self.page is None or self.page.isHidden():
            return
        self._editor.removeEventFilter(self)
        self._editor.viewport().removeEventFilter(self)
        if self.page.has_focus:
            self._editor.setFocus()
        self.page.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While the page is there: it keeps to the sheet, and the tab and down keys lead to it."""
        if self.page is None:
            return False
        if event.type() == QEvent.Type.Resize:
            self._place()
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            leads = event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Down)
            if watched is self._editor and self._editor.hasFocus() and leads and not event.modifiers():
                return self.page.focus_first()
        return False

    def _offer(self) -> None:
        free = self._document.file is None and self._editor.document().isEmpty()
        if not (self._kept.welcome and free and not self._editor.is_composing):
            self.hide()
        elif self._editor.is_painted:
            self._show()

    def _show(self) -> None:
        if self.page is None:
            from assistant.ui.welcome.page import WelcomePage

            self.page = WelcomePage(self._editor.viewport())
            self.page.hide()
            self.page.chosen.connect(self._start)
            self.page.library_requested.connect(self.library_requested)
            self.page.closed.connect(self._close)
            self.page.left.connect(self._editor.setFocus)
        if not self.is_shown:
            self._editor.installEventFilter(self)
            self._editor.viewport().installEventFilter(self)
        self._editor.setPlaceholderText("")
        self.page.set_closing_words("不再显示" if self._kept.welcome else "收起")
        self._fill()
        self._on_zoom(self._editor.zoom_percent)
        self.page.show()
        self.page.repaint()  # at the start the event loop is about to be busy with loading plugins

    def _fill(self) -> None:
        if self.page is None or self._catalogue is None:
            return
        from assistant.ui.welcome.offers import can_write, offers_of

        writers = self._catalogue.writers.values()
        any_model = any(writer.needs_model and can_write(writer, self._catalogue) for writer in writers)
        self.page.show_offers(offers_of(self._catalogue, self._is_shipped), any_model=any_model)

    def _place(self) -> None:
        if self.page is not None:
            viewport = self._editor.viewport().rect()
            top = self._editor.cursorRect().bottom() + 1
            self.page.setGeometry(QRect(0, top, viewport.width(), max(0, viewport.height() - top)))

    def _start(self, offer: Offer) -> None:
        example = offer.example
        self.hide()
        self._editor.setPlaceholderText(TAKE_ONE)
        self._panel.choose(offer.writer_id, example.options)
        cursor = self._editor.textCursor()
        cursor.insertText(example.before + example.after)
        cursor.setPosition(to_utf16(example.before, len(example.before)))
        self._editor.setTextCursor(cursor)
        self._editor.setFocus()
        self.started.emit()

    def _close(self) -> None:
        self._kept.welcome = False
        self.hide()
        self._editor.setFocus()

    def _on_text_changed(self) -> None:
        if not self._editor.document().isEmpty():
            self.hide()

    def _on_composing(self, composing: bool) -> None:
        if composing:
            self.hide()

    def _on_zoom(self, percent: int) -> None:
        if self.page is not None:
            self.page.set_zoom(percent)
            self._place()
