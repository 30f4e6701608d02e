"""What can be done with the chosen character, its line, and the poem."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from assistant.ui.fonts import interface_font, page_font
from assistant.ui.polish.session import Session, Wish

HINT = "点一个字，看看换什么合适。\n右键或空格，锁住满意的字。"
"""Before a character is chosen."""
_WISHES = {
    Wish.CHARACTER: ("换一字", "列出合平仄、合韵、合意的字（回车）"),
    Wish.LINE: ("重写此句", "这一句里没有锁住的字，重新写过"),
    Wish.FAULTS: ("重写出律处", "只把不合格律的字句重新写过"),
    Wish.UNLOCKED: ("重写未锁定的", "没有锁住的字都重新写过"),
}
_FILL = "补上缺字"


class PolishTools(QWidget):
    """Words about the chosen character, a field to write another one, and two rows of buttons."""

    wished = Signal(object)
    """A ``Wish``."""
    lock_toggled = Signal()
    """Of the chosen character."""
    line_lock_toggled = Signal()
    """Of its line."""
    typed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.about = QLabel(HINT)
        self.about.setWordWrap(True)
        self.about.setObjectName("faded")
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.about.setFont(interface_font(9.5))
        # Three lines, whatever there is to say: the buttons below stay where they are.
        self.about.setFixedHeight(3 * QFontMetrics(self.about.font()).lineSpacing() + 2)
        self.own = QLineEdit()
        self.own.setPlaceholderText("自填")
        self.own.setAccessibleName("自己填一个字")
        self.own.setToolTip("自己填一个字，换掉选中的字")
        self.own.setFixedWidth(64)
        self.own.setFont(page_font(12))
        self.buttons = {wish: QPushButton(name) for wish, (name, _) in _WISHES.items()}
        self.lock, self.lock_line = QPushButton("锁字"), QPushButton("锁句")
        self.lock.setToolTip("锁住的字，重写时不动（空格或右键）")
        self.lock_line.setToolTip("锁住整句")
        words, first, second = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        words.setSpacing(8)
        words.addWidget(self.about, 1)
        words.addWidget(self.own, 0, Qt.AlignmentFlag.AlignTop)
        for row, buttons in (
            (first, (self.buttons[Wish.CHARACTER], self.buttons[Wish.LINE], self.lock, self.lock_line)),
            (second, (self.buttons[Wish.FAULTS], self.buttons[Wish.UNLOCKED])),
        ):
            row.setSpacing(6)
            for button in buttons:
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                row.addWidget(button, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(words)
        layout.addLayout(first)
        layout.addLayout(second)
        for wish, button in self.buttons.items():
            button.setToolTip(_WISHES[wish][1])
            button.clicked.connect(lambda _=False, wish=wish: self.wished.emit(wish))
        self.lock.clicked.connect(self.lock_toggled)
        self.lock_line.clicked.connect(self.line_lock_toggled)
        self.own.returnPressed.connect(self._type)

    def show_session(self, session: Session, words: str, *, can_write: bool) -> None:
        """Follow the session.

        Args:
            session: what is on the table.
            words: about the chosen character.
            can_write: the writer can write by these rules.
        """
        place = session.chosen
        self.about.setText(words or session.faults.beyond or HINT if place is None else words)
        self.lock.setText("解锁" if place in session.locks else "锁字")
        line = set(session.draft.line_places(place[0])) - session.fixed if place is not None else set()
        self.lock_line.setText("解锁句" if line and line <= session.locks else "锁句")
        own = place is not None and place not in session.fixed
        for button in (self.lock, self.lock_line):
            button.setEnabled(own)
        self.own.setEnabled(own and place not in session.locks)
        only_gaps = not session.faults.count and bool(session.draft.gaps)
        self.buttons[Wish.FAULTS].setText(_FILL if only_gaps else _WISHES[Wish.FAULTS][0])
        makes_sense = {
            Wish.CHARACTER: place is not None,
            Wish.LINE: place is not None,
            Wish.FAULTS: bool(session.faults.count or session.draft.gaps),
            Wish.UNLOCKED: bool(session.kept),
        }
        for wish, button in self.buttons.items():
            ready = can_write and session.report is not None and makes_sense[wish]
            button.setEnabled(ready and session.task(wish) is not None)

    def _type(self) -> None:
        if text := self.own.text().strip():
            self.typed.emit(text)
            self.own.clear()
