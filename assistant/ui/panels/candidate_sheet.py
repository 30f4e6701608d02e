"""One candidate as a small sheet of paper."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from assistant.api import Candidate, FinishReason
from assistant.ui.fonts import page_font

STATES = {
    None: "正在写…",
    FinishReason.STOP: "",
    FinishReason.LENGTH: "写满了字数",
    FinishReason.CANCELLED: "已停止",
    FinishReason.ERROR: "出错",
}
"""Finish reason → what the sheet says at its foot."""


class CandidateSheet(QFrame):
    """Fills while it streams; the person's own words are faded, the new ones in ink.

    Args:
        number: counted from 1, the digit of its key.
    """

    take_requested = Signal(int)
    """The index of the candidate."""
    copy_requested = Signal(int)

    def __init__(self, number: int, faded: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self._faded = faded
        self.candidate: Candidate | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 8, 8)
        layout.setSpacing(8)
        self._text = QLabel()
        self._text.setFont(page_font(13))
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        layout.addWidget(self._text)
        foot = QHBoxLayout()
        foot.setSpacing(0)
        self._state = QLabel(STATES[None])
        self._state.setObjectName("faded")
        foot.addWidget(self._state)
        foot.addStretch(1)
        self._copy = QPushButton("复制")
        self._take = QPushButton(f"采用 Alt+{number}" if number <= 9 else "采用")
        for button, signal in ((self._copy, self.copy_requested), (self._take, self.take_requested)):
            button.setObjectName("quiet")
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, signal=signal: self._emit(signal))
            foot.addWidget(button)
        layout.addLayout(foot)
        self.set_available(False)

    def show_candidate(self, candidate: Candidate) -> None:
        """Show a snapshot."""
        self.candidate = candidate
        opening = f'<span style="color:{self._faded}">{_html(candidate.opening)}</span>'
        self._text.setText(f'<div style="line-height:150%">{opening}{_html(candidate.continuation)}</div>')
        self._text.setAccessibleName(candidate.text)
        self._state.setText(STATES[candidate.finish_reason])
        self.set_available(candidate.finish_reason is not None and bool(candidate.continuation))

    def set_available(self, available: bool) -> None:
        """Let it be taken and copied, or not."""
        self._take.setEnabled(available)
        self._copy.setEnabled(available)

    @property
    def is_available(self) -> bool:
        """True when it can be taken."""
        return self._take.isEnabled()

    def set_taken(self, taken: bool) -> None:
        """Mark it as the one that was taken."""
        self.setProperty("taken", taken)
        self._state.setText(
            "已采用" if taken else STATES[self.candidate.finish_reason if self.candidate else None]
        )
        self.style().unpolish(self)
        self.style().polish(self)

    def say(self, state: str) -> None:
        """Say something at the foot."""
        self._state.setText(state)

    def set_faded_colour(self, faded: str) -> None:
        """Another theme."""
        self._faded = faded
        if self.candidate is not None:
            state = self._state.text()
            available = self.is_available
            self.show_candidate(self.candidate)
            self._state.setText(state)
            self.set_available(available)

    def _emit(self, signal: object) -> None:
        if self.candidate is not None:
            signal.emit(self.candidate.index)  # type: ignore[attr-defined]


def _html(text: str) -> str:
    return escape(text).replace("\n", "<br>")
