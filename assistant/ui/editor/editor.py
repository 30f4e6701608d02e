"""The page: a sheet of paper on a desk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QInputMethodEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QTextLine,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from assistant.api import WritingContext
from assistant.documents import to_code_point
from assistant.ui.editor.anchor import Anchor
from assistant.ui.editor.spaced_layout import SpacedLayout
from assistant.ui.fonts import page_font

PAGE_CHARACTERS = 42
"""Longest line, in 汉字."""
PAGE_PADDING = 48
"""Pixels between the edge of the sheet and the text."""
DESK_MARGIN = 24
"""Pixels of desk above the sheet, and at least so many beside it where there is room."""
BASE_POINT_SIZE = 15.0
ZOOM_PERCENT = (50, 300)

_MOUSE = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonRelease,
    QEvent.Type.MouseButtonDblClick,
)


class Overlay(Protocol):
    """Something drawn over the text, which is no part of it."""

    def paint(self, painter: QPainter, rect: QRect) -> None:
        """Draw what lies within ``rect`` of the viewport."""
        ...


class Editor(QPlainTextEdit):
    """A plain-text editor for Chinese: serif, wide lines, a centred sheet of at most 42 characters."""

    first_painted = Signal()
    """Once, after the first paint: from now on a person can write."""
    zoom_changed = Signal(int)
    """The zoom in percent."""
    composing_changed = Signal(bool)
    """The input method began to compose, or ended."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._painted = False
        self._composing = False
        self.overlay: Overlay | None = None
        self._zoom_percent = 100
        document = self.document()
        document.setDocumentLayout(SpacedLayout(document))
        document.setDocumentMargin(PAGE_PADDING)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setCursorWidth(2)
        self.setTabChangesFocus(False)
        self.setPlaceholderText("明月几时有，\n\n写下一句，按 Ctrl+Enter 续写。")
        self.setAccessibleName("正文")
        self.set_zoom(100)
        document.setModified(False)  # margins and fonts count as changes to Qt

    @property
    def is_composing(self) -> bool:
        """True while the input method shows text that is not yet in the document."""
        return self._composing

    @property
    def is_painted(self) -> bool:
        """True after the first paint."""
        return self._painted

    @property
    def zoom_percent(self) -> int:
        """Size of the text, 100 for the usual."""
        return self._zoom_percent

    def set_zoom(self, percent: int) -> None:
        """Set the size of the text, within 50 to 300 percent."""
        self._zoom_percent = max(ZOOM_PERCENT[0], min(ZOOM_PERCENT[1], percent))
        font = page_font(BASE_POINT_SIZE * self._zoom_percent / 100)
        modified = self.document().isModified()
        self.setFont(font)
        self.document().setModified(modified)  # Qt takes another font for a change of the text
        self.setTabStopDistance(QFontMetricsF(font).horizontalAdvance("国") * 2)
        self._centre_page()
        self.zoom_changed.emit(self._zoom_percent)

    def text(self) -> str:
        r"""The whole text, ``\n`` between lines.

        ``toPlainText`` would turn no-break spaces into plain ones, and a saved file must not differ by that.
        """
        return self.document().toRawText().replace("\u2029", "\n").replace("\u2028", "\n")

    def context(self) -> WritingContext:
        """The text around the cursor, in code points. A selection counts as neither before nor after."""
        text = self.text()
        cursor = self.textCursor()
        start = to_code_point(text, cursor.selectionStart())
        end = to_code_point(text, cursor.selectionEnd())
        return WritingContext(before=text[:start], after=text[end:], selection=text[start:end])

    def anchor(self) -> Anchor:
        """Where new text for ``context()`` belongs: the start of the selection, or the cursor."""
        cursor = self.textCursor()
        cursor.setPosition(cursor.selectionStart())
        return Anchor(cursor)

    def insert_generated(self, text: str, anchor: Anchor) -> bool:
        """Insert ``text`` at ``anchor`` as one undo step, the cursor behind it.

        Returns:
            False, and nothing is changed, when the text around the anchor is no longer what it was.
        """
        if anchor.stale:
            return False
        cursor = anchor.insertion_cursor()
        cursor.beginEditBlock()
        cursor.insertText(text)
        cursor.endEditBlock()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        return True

    def paragraph_around(self, position: int) -> tuple[int, int]:
        """Start and end (UTF-16) of the lines around ``position`` up to the next empty one on either side."""
        first = last = self.document().findBlock(position)
        if first.text().strip():
            while first.previous().isValid() and first.previous().text().strip():
                first = first.previous()
            while last.next().isValid() and last.next().text().strip():
                last = last.next()
        return first.position(), last.position() + last.length() - 1

    def place_cursor_at_end(self) -> None:
        """Move the cursor behind the last character."""
        self.moveCursor(QTextCursor.MoveOperation.End)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Remember whether the input method is composing."""
        before, self._composing = self._composing, bool(event.preeditString())
        super().inputMethodEvent(event)
        if before != self._composing:
            self.composing_changed.emit(self._composing)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the sheet in the middle."""
        self._centre_page()
        super().resizeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl and the wheel zoom."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if event.angleDelta().y():
                self.set_zoom(self._zoom_percent + (10 if event.angleDelta().y() > 0 else -10))
            event.accept()
        else:
            super().wheelEvent(event)

    def event(self, event: QEvent) -> bool:
        """The wheel over the desk beside the sheet scrolls as over the sheet."""
        if isinstance(event, QWheelEvent) and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return QCoreApplication.sendEvent(self.verticalScrollBar(), event)
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Between two lines Qt finds the end of the upper one, whatever x is: move the point into a line."""
        if isinstance(event, QMouseEvent) and event.type() in _MOUSE:
            shifted = QPointF(event.position().x(), self._y_in_a_line(event.position().y()))
            if shifted != event.position():
                event = QMouseEvent(
                    event.type(),
                    shifted,
                    event.globalPosition(),
                    event.button(),
                    event.buttons(),
                    event.modifiers(),
                    event.pointingDevice(),
                )
        return super().viewportEvent(event)

    def _y_in_a_line(self, y: float) -> float:
        block = self.cursorForPosition(QPoint(0, int(y))).block()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        layout = block.layout()
        lines = [layout.lineAt(i).rect().translated(0, top) for i in range(layout.lineCount())]
        near = min(lines, key=lambda line: max(line.top() - y, y - line.bottom(), 0.0), default=None)
        return y if near is None else min(max(y, near.top() + 1), near.bottom() - 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and say so the first time."""
        super().paintEvent(event)
        if self.overlay is not None:
            painter = QPainter(self.viewport())
            self.overlay.paint(painter, event.rect())
            painter.end()
        if not self._painted:
            self._painted = True
            self.first_painted.emit()

    def visible_blocks(self, rect: QRect) -> Iterator[tuple[QTextBlock, float]]:
        """The blocks that reach into ``rect`` of the viewport, each with the y of its top."""
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= rect.bottom():
            height = self.blockBoundingRect(block).height()
            if block.isVisible() and top + height >= rect.top():
                yield block, top
            block, top = block.next(), top + height

    def character_at(self, point: QPoint) -> int | None:
        """Position (UTF-16) of the character under ``point`` of the viewport; None beside the text."""
        y = self._y_in_a_line(point.y())
        block = self.cursorForPosition(QPoint(point.x(), int(y))).block()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        x = point.x() - self.contentOffset().x()
        for number in range(block.layout().lineCount()):
            line = block.layout().lineAt(number)
            text = line.naturalTextRect().translated(0, top)
            if text.top() <= y <= text.bottom() and text.left() <= x < text.right():
                return block.position() + line.xToCursor(x, QTextLine.CursorPosition.CursorOnCharacter)
        return None

    def _centre_page(self) -> None:
        page = QFontMetricsF(self.font()).horizontalAdvance("国") * PAGE_CHARACTERS + 2 * PAGE_PADDING + 2
        side = max(0, int((self.width() - page) / 2))
        if side < DESK_MARGIN:
            side = min(DESK_MARGIN, max(0, (self.width() - 480) // 2))
        self.setViewportMargins(side, DESK_MARGIN, side, 0)
