"""An error, told where the thing happened."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from assistant.api import BibanError


class Notice(QFrame):
    """One sentence and what to do next; hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        self._message, self._hint = QLabel(), QLabel()
        self._message.setObjectName("message")
        for label in (self._message, self._hint):
            label.setWordWrap(True)
            layout.addWidget(label)
        self.hide()

    @property
    def text(self) -> str:
        """What is being said, empty when hidden."""
        return "" if self.isHidden() else f"{self._message.text()}{self._hint.text()}"

    def show_error(self, error: BibanError) -> None:
        """Say ``error``."""
        self.say(error.message, error.hint)

    def say(self, message: str, hint: str = "") -> None:
        """Say ``message`` and ``hint``."""
        self._message.setText(message)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self.show()

    def clear(self) -> None:
        """Say nothing."""
        self.hide()
