"""The page 推敲: the poem character by character, what can be done with it, and what the writer proposes."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from assistant.prosody.report import Severity
from assistant.ui.panels.notice import Notice
from assistant.ui.polish.draft import Draft, Place
from assistant.ui.polish.grid import PolishGrid
from assistant.ui.polish.head import PolishHead
from assistant.ui.polish.results import Results
from assistant.ui.polish.session import Session, Wish
from assistant.ui.polish.signs import Signs, signs_of
from assistant.ui.polish.tools import PolishTools
from assistant.ui.prosody.words import readings
from assistant.ui.theme import Theme

EMPTY = (
    "把光标放到一首诗里，按 Ctrl+T，或在候选上点「推敲」。\n\n"
    "点一个字，看看换成什么合平仄、合韵、合意；满意的字锁住，别的重写。"
)
"""Before there is a poem."""


class PolishPanel(QWidget):
    """Shows a ``Session``; what the person wants is told by signals, of this and of its parts."""

    open_wanted = Signal()
    """The poem at the cursor."""
    chosen = Signal(object)
    """A ``Place``."""
    lock_wanted = Signal(object, bool)
    """A ``Place`` and whether it is to be locked."""
    undo_wanted = Signal()
    redo_wanted = Signal()
    put_wanted = Signal()
    copy_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(300)
        self._session: Session | None = None
        self._why_not = ""
        self._in_the_way: frozenset[Place] = frozenset()
        self._drawn: Draft | None = None
        self._signs: Signs = {}
        self.head, self.tools, self.results = PolishHead(), PolishTools(), Results(theme)
        self.grid = PolishGrid(theme)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self.grid)
        self._table = QWidget()
        table = QVBoxLayout(self._table)
        table.setContentsMargins(0, 0, 0, 0)
        table.setSpacing(8)
        for widget, stretch in ((self.head, 0), (self._scroll, 3), (self.tools, 0), (self.results, 2)):
            table.addWidget(widget, stretch)
        table.addLayout(self._build_foot())
        self._empty = self._build_empty()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 12, 12)
        layout.addWidget(self._empty)
        layout.addWidget(self._table, 1)
        self._connect()
        self.show_session(None)

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self.grid.set_theme(theme)
        self.results.proposals.set_theme(theme)

    def show_session(self, session: Session | None, why_not: str = "") -> None:
        """Show a poem, or the way to one.

        Args:
            session: None for none.
            why_not: why the writer cannot write here; empty when it can.
        """
        self._session, self._why_not = session, why_not
        self._drawn = None
        self._empty.setVisible(session is None)
        self._table.setVisible(session is not None)
        self.nothing.clear()
        self.results.show_words()
        self.say_nothing()
        if session is not None:
            self.head.show_forms(session)
            if why_not:
                self.say(why_not)
        self.refresh()

    def say_none(self, message: str, hint: str) -> None:
        """Show no poem, and say why."""
        self.show_session(None)
        self.nothing.say(message, hint)

    def refresh(self) -> None:
        """Show the session as it is now."""
        session = self._session
        if session is None:
            return
        self.grid.show_verse(session.draft.lines, self._signs_for(session))
        self.grid.show_state(
            session.chosen,
            session.locks,
            session.fixed,
            new=session.original.changes(session.draft),
            in_the_way=self._in_the_way,
        )
        self._fit()
        self._reveal()
        self.head.show_verdict(session)
        words = self._words_for(session.chosen) if session.chosen is not None else ""
        self.tools.show_session(session, words, can_write=not self._why_not)
        self.results.proposals.mark_present(session.draft.text)
        self.undo.setEnabled(session.can_undo)
        self.redo.setEnabled(session.can_redo)
        self.put.setEnabled(session.is_changed)

    def say(self, message: str, hint: str = "", in_the_way: frozenset[Place] = frozenset()) -> None:
        """Say what went wrong.

        Args:
            message: one sentence.
            hint: what to do.
            in_the_way: characters to mark, which may be written anew together with what was asked for.
        """
        self._in_the_way = in_the_way
        self.results.say(message, hint, together=bool(in_the_way))
        self.refresh()

    def say_nothing(self) -> None:
        """Nothing is wrong any more, but that the writer may not be able to write here."""
        if not self.results.notice.isHidden():
            self._in_the_way = frozenset()
            self.results.say_nothing()
            if self._why_not:
                self.results.say(self._why_not, "", together=False)
            self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The poem takes no more room than it needs."""
        super().resizeEvent(event)
        self._fit()
        QTimer.singleShot(0, self._reveal)  # when the parts have their new sizes, too

    def _signs_for(self, session: Session) -> Signs:
        """The latest verdict; until this very state has one, what was said of characters that are still there."""
        draft = session.draft
        if session.report is not None:
            self._signs = signs_of(session.report)
        elif self._drawn is not None and self._drawn.lengths == draft.lengths:
            changed = self._drawn.changes(draft)
            self._signs = {place: sign for place, sign in self._signs.items() if place not in changed}
        else:
            self._signs = {}
        self._drawn = draft
        return self._signs

    def _fit(self) -> None:
        self._scroll.setMaximumHeight(self.grid.heightForWidth(self._scroll.viewport().width()) + 2)

    def _reveal(self) -> None:
        """Bring the chosen character into sight."""
        place = self._session.chosen if self._session is not None else None
        cell = self.grid.layout_.cells.get(place) if place is not None else None
        if cell is not None:
            self._scroll.ensureVisible(cell.center().x(), cell.center().y(), 0, cell.height())

    def _words_for(self, place: Place) -> str:
        """What there is to say about a character: its readings, and the rules it breaks."""
        session = self._session
        if session is None or place not in session.draft.places:
            return ""
        if place in session.fixed:
            return "这是正文里已有的字，要改请在正文里改。"
        if session.report is None:
            return ""
        line = session.report.lines[place[0]]
        broken = [
            f"{issue.rule}：{issue.message}"
            for issue in line.issues
            if issue.position in (place[1] + 1, None) and issue.severity is not Severity.NOTE
        ]
        return "\n".join([readings(line.characters[place[1]]), *broken[:1]])

    def _build_foot(self) -> QHBoxLayout:
        self.undo, self.redo = QPushButton("撤销"), QPushButton("重做")
        self.copy, self.put = QPushButton("复制"), QPushButton("用回正文")
        self.put.setObjectName("primary")
        self.put.setToolTip("用推敲好的诗换下正文里的，一步可撤销")
        foot = QHBoxLayout()
        foot.setSpacing(6)
        for button in (self.undo, self.redo, self.copy):
            button.setObjectName("quiet")
        for button, stretch in ((self.undo, 0), (self.redo, 0), (self.copy, 0), (self.put, 1)):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            foot.addWidget(button, stretch)
        return foot

    def _build_empty(self) -> QWidget:
        empty = QWidget()
        layout = QVBoxLayout(empty)
        layout.setContentsMargins(0, 24, 0, 0)
        layout.setSpacing(16)
        words = QLabel(EMPTY)
        words.setObjectName("faded")
        words.setWordWrap(True)
        self.open = QPushButton("推敲光标处的诗")
        self.nothing = Notice()
        layout.addWidget(words)
        layout.addWidget(self.open, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self.nothing)
        layout.addStretch(1)
        return empty

    def _connect(self) -> None:
        grid, tools = self.grid, self.tools
        grid.words_for = self._words_for
        grid.chosen.connect(self.chosen)
        grid.lock_wanted.connect(self.lock_wanted)
        grid.asked.connect(lambda: tools.wished.emit(Wish.CHARACTER))
        tools.lock_toggled.connect(self._toggle_lock)
        for source in (grid.undo_wanted, self.undo.clicked):
            source.connect(self.undo_wanted)
        for source in (grid.redo_wanted, self.redo.clicked):
            source.connect(self.redo_wanted)
        self.open.clicked.connect(self.open_wanted)
        self.put.clicked.connect(self.put_wanted)
        self.copy.clicked.connect(self.copy_wanted)

    def _toggle_lock(self) -> None:
        session = self._session
        if session is not None and session.chosen is not None:
            self.lock_wanted.emit(session.chosen, session.chosen not in session.locks)
