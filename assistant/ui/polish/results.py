"""Where proposals appear, how far they are, and why there are none."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from assistant.ui.panels.notice import Notice
from assistant.ui.polish.proposal_list import ProposalList
from assistant.ui.theme import Theme

NOTHING_YET = "可以换上的字句会列在这里。"
LEAST_HEIGHT = 96
"""Pixels."""


class Results(QStackedWidget):
    """One of: a word of what goes on, a word of what went wrong, the list."""

    stop_wanted = Signal()
    together_wanted = Signal()
    """Write anew what stands in the way, too."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(LEAST_HEIGHT)
        self._has_list = False
        self.proposals = ProposalList(theme)
        self.notice = Notice()
        self.words = QLabel(NOTHING_YET)
        self.words.setObjectName("faded")
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.words.setContentsMargins(0, 16, 0, 0)
        self.together = QPushButton("一并重写")
        self.together.setToolTip("把虚线框里的字也解锁，一起重写")
        self.together.hide()
        self.stop = QPushButton("停止")
        self.stop.setObjectName("quiet")
        self.stop.hide()
        for button in (self.together, self.stop):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        saying = QWidget()
        layout = QVBoxLayout(saying)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.notice, self.together, self.words):
            layout.addWidget(widget)
        layout.addWidget(self.stop, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        self.addWidget(saying)
        self.addWidget(self.proposals)
        self.stop.clicked.connect(self.stop_wanted)
        self.together.clicked.connect(self.together_wanted)

    @property
    def has_list(self) -> bool:
        """True while there are proposals; a word about what went wrong may stand before them."""
        return self._has_list

    def show_words(self, words: str = NOTHING_YET) -> None:
        """Say something where the list will be."""
        self.words.setText(words)
        self._has_list = False
        self.setCurrentIndex(0)

    def show_list(self) -> None:
        """Show the list."""
        self._has_list = True
        self.setCurrentIndex(1)

    def set_running(self, running: bool) -> None:
        """The writer is at work for this page, or not any more."""
        self.stop.setVisible(running)

    def say(self, message: str, hint: str, *, together: bool) -> None:
        """Say what went wrong, and perhaps offer to write more anew."""
        self.notice.say(message, hint)
        self.together.setVisible(together)
        self.words.hide()
        self.setCurrentIndex(0)

    def say_nothing(self) -> None:
        """Nothing is wrong any more."""
        self.notice.clear()
        self.together.hide()
        self.words.show()
        self.setCurrentIndex(1 if self._has_list else 0)
