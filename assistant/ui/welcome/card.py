"""One example as a small sheet that can be pressed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from assistant.ui.fonts import interface_font, page_font
from assistant.ui.welcome.offers import Offer


class ExampleCard(QPushButton):
    """A title, and below it what comes out; as high as they need at its width."""

    def __init__(self, offer: Offer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.offer = offer
        self.setObjectName("example")
        self.setAutoDefault(True)  # the return key presses it, as the space bar does
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(offer.example.title)
        self.setAccessibleDescription(offer.example.note)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._title, self._note = QLabel(offer.example.title), QLabel(offer.example.note)
        self._note.setObjectName("faded")
        self._box = QVBoxLayout(self)
        for label in (self._title, self._note):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._box.addWidget(label)
        self._box.addStretch(1)

    def set_scale(self, scale: float) -> None:
        """Another size, 1 for the usual."""
        self._title.setFont(page_font(13 * scale))
        self._note.setFont(interface_font(9.5 * scale))
        self._box.setContentsMargins(*(round(side * scale) for side in (12, 12, 12, 12)))
        self._box.setSpacing(round(4 * scale))

    def sizeHint(self) -> QSize:
        """Of what stands on it; a button would ask for its own text."""
        return self._box.totalSizeHint()

    def minimumSizeHint(self) -> QSize:
        """Of what stands on it."""
        return self._box.totalMinimumSize()
