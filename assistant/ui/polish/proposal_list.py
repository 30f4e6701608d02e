"""The ranked list of what the writer proposes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from assistant.ui.fonts import page_font
from assistant.ui.polish.session import Proposal
from assistant.ui.theme import Theme, mix

_ROLE = Qt.ItemDataRole.UserRole
PADDING, NUMBER = 6, 20
"""Pixels left and right of a row, and for its number."""
POINT_SIZE = 12.0


class ProposalList(QListWidget):
    """A row each: the lines that change, what is new in ink and the rest faded. A click or Enter takes one."""

    taken = Signal(object)
    """The ``Proposal``."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("grid")
        self.setAccessibleName("可以换上的字句")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        # Single characters stand in two columns where the lines they make are short enough.
        self.setFlow(QListWidget.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self._painter = _Rows(theme)
        self.setItemDelegate(self._painter)
        self.itemClicked.connect(self._take)

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._painter.set_theme(theme)
        self.viewport().update()

    def show_proposals(self, proposals: Sequence[Proposal], present: str) -> None:
        """Show a list, the best first.

        Args:
            proposals: of one task.
            present: the text of the poem as it is, marked where it is among them.
        """
        self.clear()
        for number, proposal in enumerate(proposals):
            item = QListWidgetItem()
            item.setData(_ROLE, proposal)
            lines = sorted({line for line, _ in proposal.changed})
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole,
                "，".join(proposal.draft.line_text(line) for line in lines),
            )
            item.setData(_ROLE + 1, number + 1)
            self.addItem(item)
        self.mark_present(present)
        self.scrollToTop()

    def mark_present(self, present: str) -> None:
        """Mark the row that the poem has now."""
        for row in range(self.count()):
            proposal = self.item(row).data(_ROLE)
            self.item(row).setData(_ROLE + 2, proposal.draft.text == present)

    @property
    def proposals(self) -> list[Proposal]:
        """What is shown."""
        return [self.item(row).data(_ROLE) for row in range(self.count())]

    def keyPressEvent(self, event: object) -> None:
        """Enter takes the row."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentItem() is not None:  # type: ignore[attr-defined]
            self._take(self.currentItem())
        else:
            super().keyPressEvent(event)  # type: ignore[arg-type]

    def resizeEvent(self, event: object) -> None:
        """Rows may wrap otherwise."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.scheduleDelayedItemsLayout()

    def _take(self, item: QListWidgetItem) -> None:
        self.taken.emit(item.data(_ROLE))


class _Rows(QStyledItemDelegate):
    """Draws the rows."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._ink, self._faded, self._seal = QColor(theme.ink), QColor(theme.faded), QColor(theme.seal)
        self._hover = QColor(mix(theme.page, theme.line, 0.5))

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """A single character's row is low, of lines there are several in a row."""
        proposal: Proposal = index.data(_ROLE)
        view = option.widget
        # Qt begins a new row when items fill one to its last pixel.
        room = (view.viewport().width() if isinstance(view, QListWidget) else 300) - 2
        narrow = 2 * PADDING + NUMBER + max(map(self._width, self._lines(proposal)))
        if len(proposal.changed) == 1 and 2 * narrow <= room:
            room //= 2
        return QSize(room, len(self._rows(proposal, room)) * self._row_height() + 10)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """New characters in ink, the rest faded."""
        proposal: Proposal = index.data(_ROLE)
        rect: QRect = option.rect
        painter.save()
        present = bool(index.data(_ROLE + 2))
        current = (
            option.state & QStyle.StateFlag.State_Selected and option.state & QStyle.StateFlag.State_HasFocus
        )
        if option.state & QStyle.StateFlag.State_MouseOver or current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._hover)
            painter.drawRoundedRect(rect.adjusted(2, 1, -2, -1), 4, 4)
        y = rect.top() + 5
        painter.setFont(page_font(9))
        painter.setPen(self._seal if present else self._faded)
        number = "●" if present else str(index.data(_ROLE + 1))
        box = QRect(rect.left() + PADDING, y, NUMBER, self._row_height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, number)
        font = page_font(POINT_SIZE)
        metrics = QFontMetrics(font)
        painter.setFont(font)
        ink = self._seal if len(proposal.changed) == 1 else self._ink
        for row in self._rows(proposal, rect.width()):
            x = rect.left() + PADDING + NUMBER
            for character, new in row:
                painter.setPen(ink if new else self._faded)
                painter.drawText(
                    QRect(x, y, 40, self._row_height()), Qt.AlignmentFlag.AlignVCenter, character
                )
                x += metrics.horizontalAdvance(character)
            y += self._row_height()
        painter.restore()

    def _rows(self, proposal: Proposal, width: int) -> list[list[tuple[str, bool]]]:
        """The lines that change, as many in a row as find room."""
        room = width - 2 * PADDING - NUMBER
        rows: list[list[tuple[str, bool]]] = []
        used = room + 1
        for line in self._lines(proposal):
            wide = self._width(line)
            if used + wide > room:
                rows.append([])
                used = 0
            rows[-1] += line
            used += wide
        return rows

    def _lines(self, proposal: Proposal) -> list[list[tuple[str, bool]]]:
        """The lines that change: each character and whether it is new."""
        return [
            [
                part
                for column, cell in enumerate(proposal.draft.lines[number])
                for part in [
                    (cell.character, (number, column) in proposal.changed),
                    *((mark, False) for mark in cell.mark),
                ]
            ]
            for number in sorted({line for line, _ in proposal.changed})
        ]

    def _width(self, line: Sequence[tuple[str, bool]]) -> int:
        metrics = QFontMetrics(page_font(POINT_SIZE))
        return sum(metrics.horizontalAdvance(character) for character, _ in line)

    def _row_height(self) -> int:
        return QFontMetrics(page_font(POINT_SIZE)).height() + 2
