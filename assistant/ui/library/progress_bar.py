"""A thin line that fills."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

STEPS = 1000
HEIGHT = 4


class ThinProgressBar(QProgressBar):
    """Drawn by hand in the colours of the palette, so that it follows the theme and nothing in it moves by itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(0, STEPS)
        self.setTextVisible(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As thin as it is."""
        return QSize(120, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return QSize(40, HEIGHT)

    def set_share(self, share: float) -> None:
        """``share`` from 0 to 1."""
        self.setValue(round(share * STEPS))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A groove, and how much of it is full."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        groove = QRectF(0, (self.height() - HEIGHT) / 2, self.width(), HEIGHT)
        full = QRectF(groove)
        full.setWidth(groove.width() * self.value() / STEPS)
        for rect, role in ((groove, QPalette.ColorRole.Dark), (full, QPalette.ColorRole.Highlight)):
            painter.setBrush(self.palette().color(role))
            painter.drawRoundedRect(rect, HEIGHT / 2, HEIGHT / 2)
        painter.end()
