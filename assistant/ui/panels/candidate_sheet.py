"""One candidate as a small sheet of paper."""

from __future__ import annotations

from collections.abc import Collection
from html import escape

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from assistant.api import Candidate, FinishReason
from assistant.prosody.verse import parse_verse
from assistant.ui.fonts import interface_font, page_font
from assistant.ui.panels.report_words import summary
from assistant.ui.polish.draft import Draft
from assistant.ui.polish.signs import signs_of_json
from assistant.ui.polish.verse_view import VerseView
from assistant.ui.theme import Theme

STATES = {
    None: "正在写…",
    FinishReason.STOP: "",
    FinishReason.LENGTH: "写满了字数",
    FinishReason.CANCELLED: "已停止",
    FinishReason.ERROR: "出错",
}
"""Finish reason → what the sheet says at its foot."""


class CandidateSheet(QFrame):
    """Fills while it streams; the person's own words are faded, the new ones in ink, rhymes in the colour of the seal.

    A candidate with a report has one line below it that says what it is; its tones are shown on demand.

    Args:
        number: counted from 1, the digit of its key.
    """

    take_requested = Signal(int)
    """The index of the candidate."""
    copy_requested = Signal(int)
    polish_requested = Signal(int)
    marks_toggled = Signal(bool)

    def __init__(self, number: int, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self._theme = theme
        self.candidate: Candidate | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 8, 8)
        layout.setSpacing(4)
        self._text = QLabel()
        self._text.setFont(page_font(13))
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        # The first character that arrives must not move the sheets below.
        self._text.setMinimumHeight(round(QFontMetrics(self._text.font()).height() * 1.5))
        self.verse = VerseView(theme, sizes=(22, 20))
        self.verse.hide()
        self._summary = QLabel()
        self._summary.setObjectName("faded")
        self._summary.setFont(interface_font(9))
        self._summary.setWordWrap(True)
        self._summary.hide()
        for widget in (self._text, self.verse, self._summary):
            layout.addWidget(widget)
        foot = QHBoxLayout()
        foot.setSpacing(0)
        self._state = QLabel(STATES[None])
        self._state.setObjectName("faded")
        foot.addWidget(self._state)
        foot.addStretch(1)
        self.marks = QPushButton("平仄")
        self.marks.setCheckable(True)
        self.marks.setToolTip("在每个字上标出平仄：○ 平，● 仄，◆ 入")
        self.polish_button = QPushButton("推敲")
        self.polish_button.setToolTip("逐字推敲这一首")
        self._copy = QPushButton("复制")
        self._take = QPushButton(f"采用 Alt+{number}" if number <= 9 else "采用")
        for button, signal in (
            (self.marks, None),
            (self.polish_button, self.polish_requested),
            (self._copy, self.copy_requested),
            (self._take, self.take_requested),
        ):
            button.setObjectName("quiet")
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            if signal is not None:
                button.clicked.connect(lambda _=False, signal=signal: self._emit(signal))
            foot.addWidget(button)
        self.marks.clicked.connect(self.marks_toggled)
        layout.addLayout(foot)
        self.set_available(False)
        self._show_report()

    @property
    def summary(self) -> str:
        """What is said about the candidate; empty for nothing."""
        return "" if self._summary.isHidden() else self._summary.text()

    def show_candidate(self, candidate: Candidate) -> None:
        """Show a snapshot."""
        self.candidate = candidate
        self._state.setText(STATES[candidate.finish_reason])
        self.set_available(candidate.finish_reason is not None and bool(candidate.continuation))
        self._show_report()
        self._text.setAccessibleName(candidate.text)

    def show_words(self, words: str) -> None:
        """Say something where the text will be."""
        self._text.setText(f'<span style="color:{self._theme.faded}">{_html(words)}</span>')

    def show_marks(self, shown: bool) -> None:
        """Show the tones, where they are known."""
        self.marks.setChecked(shown)
        self._show_report()

    def set_available(self, available: bool) -> None:
        """Let it be taken and copied, or not."""
        self._take.setEnabled(available)
        self._copy.setEnabled(available)
        self.polish_button.setEnabled(available)

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

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._theme = theme
        self.verse.set_theme(theme)
        self._show_report()

    def _show_report(self) -> None:
        candidate = self.candidate
        report = candidate.report if candidate is not None else None
        has_tones = False
        if candidate is not None:
            rhymes: list[int] = []
            if report:
                lines = parse_verse(candidate.text).lines
                signs = signs_of_json(report, [len(line.text) for line in lines])
                if signs:
                    has_tones = True
                    places = {
                        (number, column): offset
                        for number, line in enumerate(lines)
                        for column, offset in enumerate(line.offsets)
                    }
                    draft = Draft.of(candidate.text, [line.offsets for line in lines])
                    own = [place for place, offset in places.items() if offset < len(candidate.opening)]
                    self.verse.show_verse(draft.lines, signs, own)
                    rhymes = [places[place] for place, sign in signs.items() if sign.rhymes]
            self._text.setText(self._rich(candidate, rhymes))
        words = summary(report) if report else ""
        self._summary.setText(words)
        self._summary.setVisible(bool(words))
        self.marks.setVisible(has_tones)
        self.polish_button.setVisible(has_tones)
        self.verse.setVisible(has_tones and self.marks.isChecked())
        self._text.setVisible(self.verse.isHidden())

    def _rich(self, candidate: Candidate, rhymes: Collection[int]) -> str:
        """The candidate as rich text.

        Args:
            candidate: what to show.
            rhymes: places of rhyming characters in its text, in code points.
        """
        opening, text = len(candidate.opening), candidate.text
        parts, start = [], 0
        for end in sorted({opening, len(text), *rhymes, *(place + 1 for place in rhymes)}):
            if start < end:
                colour = self._theme.seal if start in rhymes else self._theme.faded if start < opening else ""
                style = f' style="color:{colour}"' if colour else ""
                parts.append(f"<span{style}>{_html(text[start:end])}</span>")
            start = end
        return f'<div style="line-height:150%">{"".join(parts)}</div>'

    def _emit(self, signal: SignalInstance) -> None:
        if self.candidate is not None:
            signal.emit(self.candidate.index)


def _html(text: str) -> str:
    return escape(text).replace("\n", "<br>")
