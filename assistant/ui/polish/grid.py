"""The poem on the polishing table: choose a character, lock it, see what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import QEvent, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from assistant.prosody.report import Severity
from assistant.ui.polish.draft import Place
from assistant.ui.polish.signs import Sign
from assistant.ui.polish.verse_layout import MARK_HEIGHT
from assistant.ui.polish.verse_view import VerseView
from assistant.ui.prosody.grid_paint import paint_rhyme_frame
from assistant.ui.theme import Theme, mix

_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class PolishGrid(VerseView):
    """A click or the arrow keys choose, the right button or the space bar lock, Enter asks for other characters."""

    chosen = Signal(object)
    """A ``Place``."""
    lock_wanted = Signal(object, bool)
    """A ``Place`` and whether it is to be locked."""
    asked = Signal()
    undo_wanted = Signal()
    redo_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, margin=12, parent=parent)
        self.setObjectName("grid")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("逐字推敲")
        self.setAccessibleDescription("方向键选字，空格锁定，回车换一字")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.words_for: Callable[[Place], str] = lambda place: ""
        self._place: Place | None = None
        self._locks: frozenset[Place] = frozenset()
        self._fixed: frozenset[Place] = frozenset()
        self._new: frozenset[Place] = frozenset()
        self._in_the_way: frozenset[Place] = frozenset()
        self._locking: bool | None = None
        self._set_colours(theme)

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        super().set_theme(theme)
        self._set_colours(theme)

    def show_state(
        self,
        chosen: Place | None,
        locks: Collection[Place],
        fixed: Collection[Place],
        *,
        new: Collection[Place] = (),
        in_the_way: Collection[Place] = (),
    ) -> None:
        """Show what is chosen and locked.

        Args:
            chosen: the chosen character.
            locks: locked by the person.
            fixed: what cannot be changed here.
            new: what the last step changed.
            in_the_way: what keeps the writer from writing.
        """
        self._place, self._locks, self._fixed = chosen, frozenset(locks), frozenset(fixed)
        self._new, self._in_the_way = frozenset(new), frozenset(in_the_way)
        self.update()

    def paint_ground(self, painter: QPainter, place: Place, rect: QRect) -> None:
        """A tint below what is locked, a frame around what is chosen."""
        box = QRectF(rect.adjusted(0, MARK_HEIGHT, 0, 0))
        painter.setPen(Qt.PenStyle.NoPen)
        if place in self._locks:
            # Neighbours that are locked too are one stretch, so without round corners between them.
            painter.setBrush(self._locked)
            painter.drawRect(box.adjusted(0, 1, 0, -1))
            painter.setBrush(self.brush.faded)
            painter.drawRect(QRectF(box.left(), box.bottom() - 2.5, box.width(), 1.5))
        elif place in self._new:
            painter.setBrush(self._fresh)
            painter.drawRoundedRect(box.adjusted(0.5, 0, -0.5, 0), 4, 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if place in self._in_the_way:
            painter.setPen(QPen(self.brush.seal, 1.2, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if place == self._place:
            painter.setPen(QPen(self.brush.seal if self.hasFocus() else self.brush.ink, 1.4))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def paint_cell(self, painter: QPainter, place: Place, rect: QRect) -> None:
        """A character, framed at a rhyme."""
        sign = self._signs.get(place, Sign())
        if sign.rhymes and place != self._place:
            box = rect.adjusted(0, MARK_HEIGHT, 0, 0)
            paint_rhyme_frame(
                painter, box, self.colour_of(place, sign) if sign.severity else self.brush.faded
            )
        super().paint_cell(painter, place, rect)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose or lock."""
        place = self._at(event)
        if place is None:
            return
        self.setFocus()
        if event.button() == Qt.MouseButton.RightButton:
            self._locking = place not in self._locks
            self.lock_wanted.emit(place, self._locking)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """With the right button held, lock whatever one passes over."""
        place = self._at(event)
        self.setCursor(Qt.CursorShape.ArrowCursor if place is None else Qt.CursorShape.PointingHandCursor)
        if self._locking is not None and place is not None and (place in self._locks) != self._locking:
            self.lock_wanted.emit(place, self._locking)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Locking ends."""
        if event.button() == Qt.MouseButton.RightButton:
            self._locking = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Everything the mouse can do."""
        step = _STEPS.get(Qt.Key(event.key()))
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self.redo_wanted.emit()
        elif step is not None and self.layout_.cells:
            self.chosen.emit(self.layout_.neighbour(self._place or (-1, -1), *step))
        elif event.key() == Qt.Key.Key_Space and self._place is not None:
            self.lock_wanted.emit(self._place, self._place not in self._locks)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._place is not None:
            self.asked.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Undo and redo are those of the polishing here. And the words about the character under the mouse."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence.StandardKey
            if event.matches(keys.Undo) or event.matches(keys.Redo):
                event.accept()
                return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.layout_.place_at(event.pos().x(), event.pos().y())
            QToolTip.showText(event.globalPos(), self.words_for(place) if place is not None else "", self)
            return True
        return super().event(event)

    def _at(self, event: QMouseEvent) -> Place | None:
        point = event.position().toPoint()
        return self.layout_.place_at(point.x(), point.y())

    def _set_colours(self, theme: Theme) -> None:
        self._locked = QColor(mix(theme.page, theme.line, 0.75))
        self._fresh = QColor(mix(theme.page, theme.seal, 0.12))

    def colour_of(self, place: Place, sign: Sign) -> QColor:
        """The seal's for what is wrong; what cannot be changed here steps back."""
        if sign.severity in (Severity.ERROR, Severity.WARNING):
            return self.brush.colour(sign.severity)
        return self.brush.faded if place in self._fixed else self.brush.ink
