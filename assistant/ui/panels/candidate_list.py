"""The candidates of the latest request, under one another; and what stands there before the first one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from assistant.api import Candidate, FinishReason
from assistant.ui.panels.candidate_sheet import CandidateSheet
from assistant.ui.theme import Theme


class CandidateList(QScrollArea):
    """Sheets in the order of their keys; the order changes only when a ranking says so at the end."""

    take_requested = Signal(int)
    copy_requested = Signal(int)
    polish_requested = Signal(int)
    example_requested = Signal()
    """The person wants to see it on a famous line."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("candidates")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._theme = theme
        self._sheets: dict[int, CandidateSheet] = {}
        self._marks_shown = False
        inside = QWidget()
        inside.setObjectName("candidates")
        self._layout = QVBoxLayout(inside)
        self._layout.setContentsMargins(0, 0, 4, 0)
        self._layout.setSpacing(8)
        self._empty = self._build_empty()
        self._layout.addWidget(self._empty)
        self._layout.addStretch(1)
        self.setWidget(inside)

    @property
    def sheets(self) -> list[CandidateSheet]:
        """The sheets as they stand, from the top."""
        items = (self._layout.itemAt(index) for index in range(self._layout.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, CandidateSheet)]

    def start(self, count: int) -> None:
        """Lay out ``count`` empty sheets."""
        self.clear()
        self._empty.hide()
        for index in range(count):
            sheet = CandidateSheet(index + 1, self._theme)
            sheet.take_requested.connect(self.take_requested)
            sheet.copy_requested.connect(self.copy_requested)
            sheet.polish_requested.connect(self.polish_requested)
            sheet.marks_toggled.connect(self._show_marks)
            sheet.show_marks(self._marks_shown)
            self._sheets[index] = sheet
            self._layout.insertWidget(self._layout.count() - 1, sheet)

    def clear(self) -> None:
        """Take all sheets away and show the empty state."""
        for sheet in self._sheets.values():
            self._layout.removeWidget(sheet)
            sheet.hide()
            sheet.deleteLater()
        self._sheets.clear()
        self._empty.show()

    def update_candidates(self, candidates: Sequence[Candidate]) -> None:
        """Show snapshots."""
        for candidate in candidates:
            if candidate.index in self._sheets:
                self._sheets[candidate.index].show_candidate(candidate)

    def show_drafts(self, drafts: int, characters: int) -> None:
        """Say how far the drafts are, of which the best will be shown."""
        for place, sheet in enumerate(self.sheets):
            if place == 0:
                count = len(self._sheets)
                sheet.show_words(f"写着 {drafts} 份草稿，挑最好的 {count} 份…")
                sheet.say(f"已写到第 {characters} 字")
            else:
                sheet.say("")

    def finish(self, candidates: Sequence[Candidate]) -> None:
        """Show the final candidates; duplicates and empty ones go, a ranking reorders."""
        self.update_candidates(candidates)
        kept = {candidate.index for candidate in candidates}
        for index in [index for index in self._sheets if index not in kept]:
            sheet = self._sheets.pop(index)
            self._layout.removeWidget(sheet)
            sheet.hide()
            sheet.deleteLater()
        order = [candidate.index for candidate in candidates]
        if order != [sheet.candidate.index for sheet in self.sheets if sheet.candidate is not None]:
            for place, index in enumerate(order):
                self._layout.insertWidget(1 + place, self._sheets[index])
        if not self._sheets:
            self._empty.show()

    def stop(self, candidates: Sequence[Candidate]) -> None:
        """Show what had been written; sheets with nothing on them go."""
        self.finish([candidate for candidate in candidates if candidate.continuation.strip()])

    def stop_here(self) -> None:
        """Nothing more will come: what is written can be taken."""
        shown = [sheet.candidate for sheet in self.sheets if sheet.candidate is not None]
        self.stop([c if c.finish_reason else replace(c, finish_reason=FinishReason.CANCELLED) for c in shown])

    def fail(self) -> None:
        """Keep what was written, marked as broken off."""
        for index, sheet in list(self._sheets.items()):
            if sheet.candidate is None or not sheet.candidate.continuation:
                self._layout.removeWidget(self._sheets.pop(index))
                sheet.hide()
                sheet.deleteLater()
            elif sheet.candidate.finish_reason is None:
                sheet.say(FAILED)
        if not self._sheets:
            self._empty.show()

    def candidate_at(self, place: int) -> Candidate | None:
        """The candidate of the sheet at ``place`` (0 is the top one), if it can be taken."""
        sheets = self.sheets
        if 0 <= place < len(sheets) and sheets[place].is_available:
            return sheets[place].candidate
        return None

    def candidate(self, index: int) -> Candidate | None:
        """The candidate with this index."""
        return self._sheets[index].candidate if index in self._sheets else None

    def mark_taken(self, index: int) -> None:
        """Mark one as taken."""
        for own, sheet in self._sheets.items():
            sheet.set_taken(own == index)

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._theme = theme
        for sheet in self._sheets.values():
            sheet.set_theme(theme)

    def show_tip(self, tip: str) -> None:
        """One more sentence for the empty state: what the options as they stand make possible."""
        self._tip.setText(tip)
        self._tip.setVisible(bool(tip))

    def _show_marks(self, shown: bool) -> None:
        """Whoever wants to see the tones of one wants to see those of all."""
        self._marks_shown = shown
        for sheet in self._sheets.values():
            sheet.show_marks(shown)

    def _build_empty(self) -> QWidget:
        empty = QWidget()
        layout = QVBoxLayout(empty)
        layout.setContentsMargins(0, 24, 0, 0)
        layout.setSpacing(16)
        words = QLabel("写下一句，按 Ctrl+Enter，\n续写会出现在这里。")
        words.setObjectName("faded")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._tip = QLabel()
        self._tip.setObjectName("faded")
        self._tip.setWordWrap(True)
        self._tip.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._tip.hide()
        self.example = QPushButton()
        self.example.hide()  # until a writer says what it shows
        self.example.clicked.connect(self.example_requested)
        layout.addWidget(words)
        layout.addWidget(self._tip)
        layout.addWidget(self.example, alignment=Qt.AlignmentFlag.AlignCenter)
        return empty


FAILED = "没有写完"
"""At the foot of a sheet whose request failed."""
