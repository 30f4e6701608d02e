"""The line at the bottom: counts, form, model and device, what runs now."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QStatusBar, QWidget

from assistant.documents import count_text

COUNT_DELAY_MS = 150
"""Counting waits for a pause, so that a long text is not counted at every key."""

DEVICES = {"cpu": "CPU", "mps": "Apple GPU"}


class Status(QStatusBar):
    """Quiet: words in faded ink, and one small button while something runs.

    Args:
        read: gives the text and the selection; asked only when they are counted.
    """

    stop_requested = Signal()

    def __init__(self, read: Callable[[], tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.counts, self.form, self.running, self.model = QLabel("0 字"), QLabel(), QLabel(), QLabel()
        self._stop = QPushButton("停止 Esc")
        self._stop.setObjectName("quiet")
        self._stop.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._stop.clicked.connect(self.stop_requested)
        self._stop.hide()
        self.addWidget(self.counts)
        self.addWidget(self.form)
        self.addWidget(self.running)
        self.addWidget(self._stop)
        self.addPermanentWidget(self.model)
        self._read = read
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(COUNT_DELAY_MS)
        self._timer.timeout.connect(self.count_now)

    def count_soon(self) -> None:
        """Count when the text has rested a moment."""
        self._timer.start()

    def count_now(self) -> None:
        """Count at once."""
        self._timer.stop()
        text, selection = self._read()
        count = count_text(text)
        words = f"{count.han} 字"
        if count.characters != count.han:
            words += f"，连标点 {count.characters}"
        if selection:
            words = f"选中 {count_text(selection).han} 字，共 {words}"
        self.counts.setText(words)

    def show_form(self, words: str) -> None:
        """What the poem at the cursor was recognised as; empty for nothing."""
        self.form.setText(words)

    def show_model(self, name: str, device: str) -> None:
        """Which model on which device."""
        words = DEVICES.get(device, device.replace("cuda", "GPU ").strip(":"))
        self.model.setText(f"{name} · {words}" if name else "")

    def show_running(self, words: str) -> None:
        """What runs now; empty for nothing."""
        self.running.setText(words)
        self._stop.setVisible(bool(words))

    def say(self, words: str, seconds: float = 6) -> None:
        """A passing word."""
        self.showMessage(words, int(seconds * 1000))
