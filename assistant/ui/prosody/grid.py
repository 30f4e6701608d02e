"""The lines of a poem as a grid: one widget that draws only what is in sight."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from assistant.prosody.report import CheckedCharacter, CheckedLine, Issue, Report
from assistant.ui.prosody.grid_layout import ROW_HEIGHT, Block, GridLayout, Hit
from assistant.ui.prosody.grid_paint import Brush, looks_of, note_height, paint_block
from assistant.ui.prosody.underlines import tooltip
from assistant.ui.prosody.words import can_be_pinned, readings
from assistant.ui.theme import Theme

_MOST_PICTURES = 80
"""Drawn blocks to keep; several times what fits into a window."""


class ToneGrid(QAbstractScrollArea):
    """Shows a report; where one clicks is told by signals."""

    place_chosen = Signal(int, object)
    """A line, and the index of a character in it or None."""
    reading_asked = Signal(int, int, QPoint)
    """A line, the index of a character that can be read in several ways, and where to show a menu (global)."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("grid")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("逐字平仄")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.viewport().setMouseTracking(True)
        self._brush = Brush.of(theme)
        self._heights: dict[tuple[str, str, str, int], int] = {}
        self._pictures: dict[tuple[object, ...], QPixmap] = {}
        self._report: Report | None = None
        self._live = True
        self._layout = GridLayout(Report("", ""), 1, self._measure)
        self._current = -1

    @property
    def report(self) -> Report | None:
        """What is shown."""
        return self._report

    @property
    def current_line(self) -> int:
        """The line the cursor is in, -1 for none."""
        return self._current

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._brush = Brush.of(theme)
        self._pictures.clear()
        self.viewport().update()

    def show_report(self, report: Report | None, *, live: bool = True) -> None:
        """Show ``report``; one that is not live is an example and takes no clicks."""
        self._report, self._live = report, live
        if not live:
            self._current = -1
        self._lay_out()

    def set_current_line(self, line: int) -> None:
        """Step back from all lines but this one, and bring it into sight."""
        if line == self._current:
            return
        self._current = line
        block = self._layout.block_of(line)
        if block is not None:
            bar = self.verticalScrollBar()
            low = block.top + block.height + ROW_HEIGHT // 2 - self.viewport().height()
            bar.setValue(max(low, min(bar.value(), max(0, block.top - ROW_HEIGHT // 2))))
        self.viewport().update()

    def cell_rect(self, line: int, character: int) -> QRect:
        """Where a character is drawn, in the viewport; empty when there is none."""
        block = self._layout.block_of(line)
        if block is None or not 0 <= character < block.count:
            return QRect()
        return block.cell(character).translated(0, -self.verticalScrollBar().value())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the blocks in sight."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._report is not None:
            offset = self.verticalScrollBar().value()
            painter.translate(0, -offset)
            shown = event.rect().translated(0, offset)
            for block in self._layout.between(shown.top(), shown.bottom()):
                self._paint_block(painter, block, self._report)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lines that were whole may need two rows now."""
        if event.size().width() != self._layout.width:
            self._lay_out()
        self._set_range()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the place; ask for the reading of a polyphone."""
        found = self._hit(event.position().toPoint())
        if found is None or found.line < 0:
            return
        self.place_chosen.emit(found.line, found.character)
        character = self._character(found)
        if found.issue is None and character is not None and can_be_pinned(character):
            self._ask(found.line, found.character or 0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A hand over what can be clicked."""
        found = self._hit(event.position().toPoint())
        clickable = found is not None and found.line >= 0
        self.viewport().setCursor(
            Qt.CursorShape.PointingHandCursor if clickable else Qt.CursorShape.ArrowCursor
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down go through the lines, Enter to the text."""
        count = len(self._report.lines) if self._report is not None and self._live else 0
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if step and count:
            self.set_current_line(max(0, min(count - 1, self._current + step)))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and 0 <= self._current < count:
            self.place_chosen.emit(self._current, None)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """What there is to say about the character under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.words_at(event.pos()), self.viewport())
            return True
        return super().viewportEvent(event)

    def words_at(self, point: QPoint) -> str:
        """The tooltip at a point of the viewport, as rich text; empty for none."""
        found = self._hit(point, examples=True)
        character = self._character(found) if found is not None and found.issue is None else None
        if found is None or character is None or self._report is None or found.character is None:
            return ""
        issues = [i for i in self._report.lines[found.line].issues if i.position == found.character + 1]
        words = [readings(character), *([tooltip(issues, self._brush.seal.name())] if issues else [])]
        return f"<div>{'<br>'.join(words)}</div>"

    def _paint_block(self, painter: QPainter, block: Block, report: Report) -> None:
        """A block as it was drawn before, unless it has changed; what is being written changes one."""
        if block.line >= 0 and block.line == self._current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._brush.here)
            painter.drawRoundedRect(QRect(4, block.top - 3, self._layout.width - 8, block.height + 4), 6, 6)
        line = report.lines[block.line] if block.line >= 0 else None
        key = (block.count, block.columns, block.height, block.notes, line and looks_of(line))
        picture = self._pictures.pop(key, None)
        if picture is None or picture.devicePixelRatio() != self.devicePixelRatio():
            picture = self._picture(block, line)
        self._pictures[key] = picture  # the latest used are last
        if len(self._pictures) > _MOST_PICTURES:
            del self._pictures[next(iter(self._pictures))]
        painter.drawPixmap(0, block.top, picture)

    def _picture(self, block: Block, line: CheckedLine | None) -> QPixmap:
        ratio = self.devicePixelRatio()
        picture = QPixmap(round(self._layout.width * ratio), round(block.height * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(0, -block.top)
        paint_block(painter, self._brush, block, line, self._layout.width)
        painter.end()
        return picture

    def _hit(self, point: QPoint, *, examples: bool = False) -> Hit | None:
        if self._report is None or not (self._live or examples):
            return None
        return self._layout.hit(point.x(), point.y() + self.verticalScrollBar().value())

    def _character(self, hit: Hit) -> CheckedCharacter | None:
        if self._report is None or hit.line < 0 or hit.character is None:
            return None
        characters = self._report.lines[hit.line].characters
        return characters[hit.character] if hit.character < len(characters) else None

    def _ask(self, line: int, character: int) -> None:
        corner = self.cell_rect(line, character).bottomLeft()
        self.reading_asked.emit(line, character, self.viewport().mapToGlobal(corner))

    def _measure(self, issue: Issue, width: int) -> int:
        key = (issue.rule, issue.message, issue.suggestion, width)
        height = self._heights.get(key)
        if height is None:
            if len(self._heights) > 5000:
                self._heights.clear()
            height = self._heights[key] = note_height(self._brush, issue, width)
        return height

    def _lay_out(self) -> None:
        report = self._report or Report("", "")
        if self.viewport().width() != self._layout.width:
            self._pictures.clear()
        self._layout = GridLayout(report, self.viewport().width(), self._measure)
        self._set_range()
        self.viewport().update()

    def _set_range(self) -> None:
        bar = self.verticalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(ROW_HEIGHT // 2)
        bar.setRange(0, max(0, self._layout.height - self.viewport().height()))
