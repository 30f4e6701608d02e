"""The 格律 panel: what the poem at the cursor is, and each of its characters with its tone."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assistant.api import BibanError
from assistant.prosody.report import Report
from assistant.ui.fonts import interface_font
from assistant.ui.panels.notice import Notice
from assistant.ui.prosody.choosers import Choosers
from assistant.ui.prosody.grid import ToneGrid
from assistant.ui.prosody.legend import Legend
from assistant.ui.prosody.snapshot import AUTO, Poem, PoemChoice
from assistant.ui.prosody.words import book_name, recognised, rhymes, verdict
from assistant.ui.theme import Theme

EMPTY = "在页上写一首诗、一首词或一副对联，这里会逐字标出平仄与韵脚。比如："
"""On an empty page, above the example."""
NO_VERSE = "没有认出诗、词或对联。若写的是诗词，请在上面选定体裁。比如："
"""Where the text has no verse that was recognised."""
EXAMPLE = "登鹳雀楼\n白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。"


class ProsodyPanel(QWidget):
    """Follows what it is told; while it is out of sight it only remembers."""

    example_wanted = Signal()
    """The verdict on ``EXAMPLE`` is needed now."""
    place_chosen = Signal(int, object)
    reading_asked = Signal(int, int, QPoint)

    def __init__(self, theme: Theme, book_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(300)
        self.poem: Poem | None = None
        self.example: Report | None = None
        self._asked = False
        self._line = -1
        self._choice = AUTO
        self._page_is_empty = True
        self._error: BibanError | None = None
        self._stale = True
        self.choosers = Choosers(book_id)
        self.notice = Notice()
        self.name, self.verdict, self.details = QLabel(), QLabel(), QLabel()
        self.name.setObjectName("heading")
        self.name.setFont(interface_font(11))
        self.name.setWordWrap(True)
        self.verdict.setObjectName("verdict")
        self.details.setObjectName("faded")
        self.details.setWordWrap(True)
        self.words = QLabel(EMPTY)
        self.words.setObjectName("faded")
        self.words.setWordWrap(True)
        self.grid = ToneGrid(theme)
        self.legend = Legend(theme)

        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.name, 1)
        head.addWidget(self.verdict, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 12, 8)
        layout.setSpacing(8)
        layout.addWidget(self.choosers)
        layout.addSpacing(4)
        layout.addWidget(self.notice)
        layout.addWidget(self.words)
        layout.addLayout(head)
        layout.addWidget(self.details)
        layout.addWidget(self.grid, 1)
        layout.addWidget(self.legend)
        self.grid.place_chosen.connect(self.place_chosen)
        self.grid.reading_asked.connect(self.reading_asked)

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self.grid.set_theme(theme)
        self.legend.set_theme(theme)

    def show_poem(
        self,
        poem: Poem | None,
        line: int,
        choice: PoemChoice,
        *,
        page_is_empty: bool,
        error: BibanError | None = None,
    ) -> None:
        """Show the poem at the cursor.

        Args:
            poem: None when there is none.
            line: the line of it that the cursor is in, -1 for none.
            choice: what the person said it is.
            page_is_empty: nothing is written at all.
            error: why nothing could be checked.
        """
        shown = (self.poem, self._page_is_empty, self._error)
        self._stale = self._stale or any(
            new is not old for new, old in zip((poem, page_is_empty, error), shown, strict=True)
        )
        self.poem, self._line, self._choice = poem, line, choice
        self._page_is_empty, self._error = page_is_empty, error
        if self.isVisible():
            self._refresh()

    def show_example(self, report: Report) -> None:
        """The verdict on ``EXAMPLE`` has come."""
        self.example = report
        self._stale = True
        if self.isVisible():
            self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened out of sight."""
        super().showEvent(event)
        self._refresh()

    def _refresh(self) -> None:
        self.choosers.show_choice(self._choice)
        if self._stale:
            self._stale = False
            self._show_report()
        self.grid.set_current_line(self._line if self.poem is not None else -1)

    def _show_report(self) -> None:
        report = self.poem.report if self.poem is not None else self.example
        if report is None and not self._asked:
            self._asked = True
            self.example_wanted.emit()
        self.words.setVisible(self.poem is None)
        self.words.setText(EMPTY if self._page_is_empty else NO_VERSE)
        self.grid.show_report(report, live=self.poem is not None)
        self.choosers.show_recognised(report.tune if report is not None and self.poem is not None else "")
        error = self._error or (self.poem.error if self.poem is not None else None)
        if error is not None:
            self.notice.show_error(error)
        else:
            self.notice.clear()
        for part in (self.name, self.verdict, self.details, self.legend):
            part.setVisible(report is not None)
        if report is not None:
            self._show_head(report)

    def _show_head(self, report: Report) -> None:
        self.name.setText(recognised(report) or "诗文")
        words, right = verdict(report)
        self.verdict.setText(words)
        if self.verdict.property("right") != right:
            self.verdict.setProperty("right", right)
            self.verdict.style().unpolish(self.verdict)
            self.verdict.style().polish(self.verdict)
        title = f"《{report.title}》" if report.title and report.title != report.tune else ""
        parts = [part for part in (title, book_name(report.rhyme_book), rhymes(report)) if part]
        self.details.setText("　".join(parts))
        self.details.setToolTip(report.rhyme)
        self.grid.setAccessibleDescription(f"{self.name.text()}：{self.verdict.text()}")
