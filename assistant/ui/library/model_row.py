"""One model as a quiet sheet."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from assistant.ui.library.progress_bar import ThinProgressBar
from assistant.ui.library.row_view import ASKED_FIRST, QUIET, Action, RowView
from assistant.ui.panels.notice import Notice


class ModelRow(QFrame):
    """Shows a ``RowView``; asks in place before something is deleted.

    Args:
        key: sent along with what is asked for.
    """

    requested = Signal(str, object)
    """The key, and an ``Action``."""

    def __init__(self, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self.key = key
        self.view: RowView | None = None
        self._asking: Action | None = None
        self.title, self.state = _label("heading"), QLabel()
        self.state.setObjectName("faded")
        self.state.setContentsMargins(0, 0, 8, 0)
        self.summary, self.facts = _label(), _label("faded")
        self.words, self.warning = _label(), _label()
        # The role of links is the accent, in both themes.
        self.warning.setForegroundRole(QPalette.ColorRole.Link)
        self.bar, self.notice = ThinProgressBar(), Notice()
        self._inset = QWidget()
        inset = QVBoxLayout(self._inset)
        inset.setContentsMargins(0, 4, 8, 4)
        inset.setSpacing(8)
        inset.addWidget(self.bar)
        inset.addWidget(self.notice)
        self.buttons = {action: self._button(action.value, quiet=action in QUIET) for action in Action}
        self.confirm, self.keep = self._button("", quiet=False), self._button("留着", quiet=True)
        for action, button in self.buttons.items():
            button.clicked.connect(lambda _=False, action=action: self._press(action))
        self.confirm.clicked.connect(self._confirmed)
        self.keep.clicked.connect(lambda: self._ask(None))
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self.title, 1)
        head.addWidget(self.state, 0, Qt.AlignmentFlag.AlignTop)
        facts = QVBoxLayout()
        facts.setContentsMargins(0, 0, 8, 4)
        facts.setSpacing(4)
        for label in (self.words, self.facts, self.warning):
            facts.addWidget(label)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (*self.buttons.values(), self.confirm, self.keep):
            buttons.addWidget(button)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addLayout(facts, 1)
        foot.addLayout(buttons)
        foot.setAlignment(buttons, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 8, 8)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.summary)
        layout.addWidget(self._inset)
        layout.addLayout(foot)

    def show_view(self, view: RowView) -> None:
        """Show ``view``."""
        if view == self.view:
            return
        self.view = view
        if self._asking not in view.actions:
            self._asking = None
        self.setAccessibleName(view.title)
        self.setAccessibleDescription("，".join(part for part in (view.state, view.summary) if part))
        for label, text in (
            (self.title, view.title),
            (self.state, view.state),
            (self.summary, view.summary),
            (self.facts, view.facts),
            (self.warning, view.warning),
        ):
            label.setText(text)
            label.setVisible(bool(text))
        self.title.setToolTip(f"来源：{view.origin}" if view.origin else "")
        self._inset.setVisible(view.share is not None or view.error is not None)
        self.bar.setVisible(view.share is not None)
        self.bar.set_share(view.share or 0.0)
        self.bar.setAccessibleName(f"{view.title} {view.state}")
        if view.error is None:
            self.notice.clear()
        else:
            self.notice.show_error(view.error)
        self._show_foot(view)

    def _show_foot(self, view: RowView) -> None:
        focused = QApplication.focusWidget()
        had_focus = focused is not None and (focused is self or self.isAncestorOf(focused))
        asking = self._asking
        self.words.setText(view.question if asking else view.words)
        self.words.setVisible(bool(self.words.text()))
        for action, button in self.buttons.items():
            button.setAccessibleName(f"{action.value.rstrip('…')} {view.title}")
            button.setVisible(asking is None and action in view.actions)
        for button in (self.confirm, self.keep):
            button.setVisible(asking is not None)
        if asking is not None:
            self.confirm.setText(asking.value)
            self.confirm.setAccessibleName(f"确定{asking.value} {view.title}")
            self.keep.setAccessibleName(f"留着 {view.title}")
        if had_focus and (focused is self or not (focused and focused.isVisible())):
            self.focus_first()

    def focus_first(self) -> None:
        """Put the focus on the main button; on the harmless one when something is to be deleted."""
        buttons = [self.keep, *(self.buttons[action] for action in (self.view.actions if self.view else ()))]
        next((button for button in buttons if not button.isHidden()), self).setFocus()

    def _press(self, action: Action) -> None:
        if self.view is not None and self.view.question and action in ASKED_FIRST:
            self._ask(action)
        else:
            self.requested.emit(self.key, action)

    def _ask(self, action: Action | None) -> None:
        self._asking = action
        if self.view is not None:
            self._show_foot(self.view)

    def _confirmed(self) -> None:
        action, self._asking = self._asking, None
        if action is not None:
            self.requested.emit(self.key, action)

    def _button(self, text: str, *, quiet: bool) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        if quiet:
            button.setObjectName("quiet")
        button.hide()
        return button


def _label(name: str = "") -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
