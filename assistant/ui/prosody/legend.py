"""What the signs of the grid mean."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from assistant.ui.prosody.grid_paint import Brush, paint_pin_line, paint_rhyme_frame, paint_tone
from assistant.ui.theme import Theme

ENTRIES = (
    ("平", "平"), ("仄", "仄"), ("入", "入"), ("free", "可平可仄"), ("rhyme", "韵脚"), ("pin", "多音"),
)  # fmt: skip
"""Kind of sign and its name."""
SIGN, GAP, ROW = 18, 12, 22
"""Width of a sign, space between two entries, height of a row; pixels."""


class Legend(QWidget):
    """One faded row, or two where there is no room."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._brush = Brush.of(theme)
        self.setAccessibleName("图例")
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._brush = Brush.of(theme)
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Rows depend on the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height of all rows."""
        return self._places(width)[-1][1].bottom() + 1

    def sizeHint(self) -> QSize:
        """Everything in one row."""
        return QSize(self._places(10_000)[-1][1].right(), ROW)

    def minimumSizeHint(self) -> QSize:
        """The longest entry."""
        return QSize(96, ROW)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw each sign as the grid draws it, and its name."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        brush = self._brush
        for (kind, name), rect in self._places(self.width()):
            centre = QPointF(rect.left() + SIGN / 2 - 2, rect.center().y() + 0.5)
            box = QRect(int(centre.x()) - 8, rect.center().y() - 7, 16, 16)
            if kind == "rhyme":
                paint_rhyme_frame(painter, box, brush.faded)
            elif kind == "pin":
                paint_pin_line(painter, brush, box.translated(0, -4), pinned=False)
            else:
                mark = "仄" if kind == "free" else kind
                paint_tone(painter, brush, mark, centre, free=kind == "free", colour=brush.faded)
            painter.setPen(brush.faded)
            painter.setFont(brush.note_font)
            words = rect.adjusted(SIGN, 0, GAP, 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.end()

    def _places(self, width: int) -> list[tuple[tuple[str, str], QRect]]:
        metrics = QFontMetrics(self._brush.note_font)
        places, x, y = [], 0, 0
        for entry in ENTRIES:
            wide = SIGN + metrics.horizontalAdvance(entry[1])
            if x and x + wide > width:
                x, y = 0, y + ROW
            places.append((entry, QRect(x, y, wide, ROW)))
            x += wide + GAP
        return places
