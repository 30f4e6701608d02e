"""What the chosen model is good for, below its name."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from assistant.ui.fonts import interface_font
from assistant.ui.panels.option_form import FORM_SPACING, LABEL_WIDTH


class ModelNote(QWidget):
    """A faded line or two, and the way to other models."""

    library_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = QLabel()
        self._words.setObjectName("faded")
        self._words.setFont(interface_font(9))
        self._words.setWordWrap(True)
        self._words.setContentsMargins(0, 2, 0, 0)  # on one line with the button
        self.more = QPushButton("更多模型…")
        self.more.setObjectName("quiet")
        self.more.setFont(interface_font(9))
        self.more.setToolTip("打开模型库")
        self.more.setCursor(Qt.CursorShape.PointingHandCursor)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.clicked.connect(self.library_requested)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(LABEL_WIDTH + FORM_SPACING, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._words, 1, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.more, 0, Qt.AlignmentFlag.AlignTop)

    @property
    def text(self) -> str:
        """What is said."""
        return self._words.text()

    def say(self, words: str) -> None:
        """Say what the model is good for."""
        self._words.setText(words)
