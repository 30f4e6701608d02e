"""Broken rules underlined on the page, with the reason where the mouse rests.

Drawn over the page, not as ``ExtraSelection``: handing Qt 600 of them took half a second, since it asks for the place
of each and walks there line by line, and they leave their text while an input method composes in front of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPen, QPolygonF, QTextBlock, QTextCursor
from PySide6.QtWidgets import QToolTip

from assistant.prosody.report import Issue, Severity
from assistant.ui.editor.editor import Editor
from assistant.ui.prosody.marks import Mark
from assistant.ui.prosody.snapshot import Poem
from assistant.ui.theme import Theme, mix

NEAR_UNITS = 2500
"""Marks are followed through edits as far as this from the top of what is visible, in UTF-16 units."""
MOVED_UNITS = 800
"""After scrolling so far it is looked anew which marks are near; a page holds far less than the rest of those units."""
WAVE = (2.0, 1.5)
"""Half the length of a wave and its height, in pixels."""


class Underlines(QObject):
    """Waves under broken rules (strong) and warnings (faint).

    They are no part of the document: not in the undo history, not a modification. Between two verdicts they move with
    the text, through cursors; marks far from what is visible get theirs when they come near.
    """

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._marks: list[tuple[int, Mark]] = []  # start of the poem, mark; in the order of the text
        self._placed: list[tuple[QTextCursor, Mark]] = []
        self._top = 0
        self._fresh = False
        self._visible = True
        self._colours = {Severity.ERROR: QColor(), Severity.WARNING: QColor()}
        editor.overlay = self
        editor.textChanged.connect(self._on_text_changed)
        editor.verticalScrollBar().valueChanged.connect(lambda _: self._on_scrolled())
        editor.viewport().installEventFilter(self)

    @property
    def shown(self) -> list[tuple[int, int, Mark]]:
        """Start, end (UTF-16 positions as they are now) and mark of what is followed, for what stands near the view."""
        spans = [(cursor.selectionStart(), cursor.selectionEnd(), mark) for cursor, mark in self._placed]
        return [span for span in spans if span[1] > span[0]] if self._visible else []

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._colours = {
            Severity.ERROR: QColor(theme.seal),
            Severity.WARNING: QColor(mix(theme.page, theme.seal, 0.45)),
        }
        self._editor.viewport().update()

    def set_visible(self, visible: bool) -> None:
        """Show them or not."""
        if visible != self._visible:
            self._visible = visible
            self._editor.viewport().update()

    def show_marks(self, poems: Sequence[Poem]) -> None:
        """Show the marks of a verdict on the text as it is now."""
        self._marks = [(poem.start, mark) for poem in poems for mark in poem.places.marks]
        self._fresh = True
        self._place_near()

    def paint(self, painter: QPainter, rect: QRect) -> None:
        """Draw what lies within ``rect`` of the page; called by the editor after the text."""
        if not (self._visible and self._placed):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = self._editor.contentOffset().x()
        for block, top in self._editor.visible_blocks(rect):
            # Warnings first, so that an error at the same place stays on top.
            for start, end, mark in sorted(
                self._within(block), key=lambda span: span[2].severity is Severity.ERROR
            ):
                painter.setPen(QPen(self._colours[mark.severity], 1.2))
                for line in stretches(block, start, end):
                    painter.drawPolyline(_wave(line.translated(x, top)))

    def issues_at(self, point: QPoint) -> list[Issue]:
        """What there is to say about the character at ``point`` of the viewport."""
        position = self._editor.character_at(point)
        if position is None:
            return []
        issues = [
            issue for start, end, mark in self.shown if start <= position < end for issue in mark.issues
        ]
        return sorted(dict.fromkeys(issues), key=lambda issue: issue.severity is not Severity.ERROR)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """A tooltip where the mouse rests on an underline."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            issues = self.issues_at(event.pos())
            if issues:
                seal = self._colours[Severity.ERROR].name()
                QToolTip.showText(event.globalPos(), tooltip(issues, seal), self._editor.viewport())
            else:
                QToolTip.hideText()
            return True
        return False

    def _on_text_changed(self) -> None:
        self._fresh = False

    def _on_scrolled(self) -> None:
        if abs(self._editor.firstVisibleBlock().position() - self._top) > MOVED_UNITS:
            self._place_near()

    def _place_near(self) -> None:
        """Give cursors to the marks near what is visible; those that stand where they stood keep theirs."""
        if not self._fresh:
            return  # positions of the verdict are no longer those of the text: the next verdict is on its way
        self._top = self._editor.firstVisibleBlock().position()
        before = {(c.selectionStart(), c.selectionEnd(), m.severity): c for c, m in self._placed}
        self._placed = []
        changed = []
        for origin, mark in self._marks:
            start, end = origin + mark.start, origin + mark.end
            if abs(start - self._top) > NEAR_UNITS:
                continue
            cursor = before.pop((start, end, mark.severity), None)
            if cursor is None:
                cursor = self._cursor(start, end)
                changed.append(cursor)
            self._placed.append((cursor, mark))
        self._repaint({cursor.block().blockNumber() for cursor in (*changed, *before.values())})

    def _repaint(self, numbers: set[int]) -> None:
        """Only the lines of these blocks: painting the whole page takes longer than all the rest."""
        viewport = self._editor.viewport()
        if numbers:
            for block, top in self._editor.visible_blocks(viewport.rect()):
                if block.blockNumber() in numbers:
                    height = self._editor.blockBoundingRect(block).height()
                    viewport.update(QRect(0, int(top), viewport.width(), int(height) + 2))

    def _within(self, block: QTextBlock) -> list[tuple[int, int, Mark]]:
        """Start and end (from the start of ``block``) of the marks that begin in it; none goes on into the next."""
        first = block.position()
        last = first + block.length() - 1
        found = []
        for cursor, mark in self._placed[
            bisect_left(self._placed, first, key=lambda p: p[0].selectionStart()) :
        ]:
            start, end = cursor.selectionStart(), cursor.selectionEnd()
            if start >= last:
                break
            if end > start:
                found.append((start - first, min(end, last) - first, mark))
        return found

    def _cursor(self, start: int, end: int) -> QTextCursor:
        cursor = QTextCursor(self._editor.document())
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        # What is typed right behind the underlined text is not underlined with it.
        cursor.setKeepPositionOnInsert(True)
        return cursor


def stretches(block: QTextBlock, start: int, end: int) -> list[QRectF]:
    """Where the characters from ``start`` to ``end`` of ``block`` stand, a rectangle for each line of the layout."""
    layout = block.layout()
    composing, at = len(layout.preeditAreaText().encode("utf-16-le")) // 2, layout.preeditAreaPosition()
    if composing:  # the layout counts what is being composed, the document does not
        start, end = start + composing * (start >= at), end + composing * (end > at)
    found = []
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        first, last = max(start, line.textStart()), min(end, line.textStart() + line.textLength())
        if first < last:
            left, right = _x(line.cursorToX(first)), _x(line.cursorToX(last))
            found.append(QRectF(left, line.y(), right - left, line.height()))
    return found


def tooltip(issues: Sequence[Issue], seal: str) -> str:
    """Name of the rule, reason, and what would fit, as rich text."""
    parts = []
    for issue in issues:
        suggestion = f"<br>{escape(issue.suggestion)}" if issue.suggestion else ""
        parts.append(f'<b style="color:{seal}">{escape(issue.rule)}</b>　{escape(issue.message)}{suggestion}')
    return f"<div style='white-space:pre-wrap'>{'<br>'.join(parts)}</div>"


def _x(found: object) -> float:
    """``cursorToX`` gives a pair in PySide."""
    return float(found[0]) if isinstance(found, tuple) else float(found)  # type: ignore[arg-type]


def _wave(line: QRectF) -> QPolygonF:
    step, height = WAVE
    count = max(1, round(line.width() / step))
    base = line.bottom() + height
    return QPolygonF(
        [
            QPointF(line.left() + n * line.width() / count, base - (height if n % 2 else 0))
            for n in range(count + 1)
        ]
    )
