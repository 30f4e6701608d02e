"""Generous line spacing, which ``QPlainTextEdit`` has no setting for."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QTextBlock, QTextDocument
from PySide6.QtWidgets import QPlainTextDocumentLayout


class SpacedLayout(QPlainTextDocumentLayout):
    """Moves the lines of each block apart when the block is first measured.

    Everything in ``QPlainTextEdit`` (painting, the cursor, the mouse, scrolling) asks ``blockBoundingRect``
    for a block before it looks at its lines, so this is the one place to do it. Blocks out of sight are not
    measured, so a long document costs nothing.

    Args:
        document: of the editor.
        extra: added to each line as a share of its height, half above and half below.
    """

    def __init__(self, document: QTextDocument, extra: float = 0.35) -> None:
        super().__init__(document)
        self._extra = extra

    def blockBoundingRect(self, block: QTextBlock) -> QRectF:
        """The rectangle of ``block`` with its lines moved apart."""
        rect = super().blockBoundingRect(block)
        layout = block.layout()
        lines = layout.lineCount() if block.isValid() and layout is not None else 0
        if not lines or rect.isEmpty():
            return rect
        first = layout.lineAt(0)
        height = first.height()
        gap = height * self._extra
        if abs(first.y() - gap / 2) > 0.01:
            for number in range(lines):
                line = layout.lineAt(number)
                line.setPosition(QPointF(line.x(), gap / 2 + number * (height + gap)))
        rect.setHeight(lines * (height + gap))
        return rect
