"""All models under one another: those that can be used, then those that can be had."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from assistant.ui.library.jobs import Subject
from assistant.ui.library.model_row import ModelRow
from assistant.ui.library.row_view import RowView

EMPTY = "模型库里还没有模型。\n在下面下载或导入一个，它就会列在这里。"


class ModelList(QScrollArea):
    """Keeps its rows while the models change, so that the focus stays where it is.

    Args:
        view_of: how to show a row.
    """

    requested = Signal(str, object)
    """The key of a row, and an ``Action``."""

    def __init__(self, view_of: Callable[[Subject], RowView], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view_of = view_of
        self.rows: dict[str, ModelRow] = {}
        self._tab_order: list[str] = []
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setAccessibleName("模型")
        inside = QWidget()
        self._layout = QVBoxLayout(inside)
        self._layout.setContentsMargins(0, 0, 8, 0)
        self._layout.setSpacing(8)
        self._empty = QLabel(EMPTY)
        self._empty.setObjectName("faded")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(0, 128, 0, 0)
        self._headings = (QLabel("已安装"), QLabel("可以下载或导入"))
        for label in self._headings:
            label.setObjectName("faded")
            label.setContentsMargins(0, 8, 0, 0)
            label.hide()
        self._empty.hide()
        self._layout.addStretch(1)
        self.setWidget(inside)

    def show_subjects(self, subjects: Sequence[Subject]) -> None:
        """Show exactly these."""
        ready: list[Subject] = []
        others: list[Subject] = []
        for subject in subjects:
            (ready if subject.entry is not None and subject.entry.is_installed else others).append(subject)
        wanted = {subject.key for subject in subjects}
        for key in [key for key in self.rows if key not in wanted]:
            row = self.rows.pop(key)
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        place = 0
        for heading, part in zip(self._headings, (ready, others), strict=True):
            self._put(heading, place)
            heading.setVisible(bool(part))
            place += 1
            for subject in part:
                if subject.key not in self.rows:
                    self.rows[subject.key] = ModelRow(subject.key)
                    self.rows[subject.key].requested.connect(self.requested)
                self._put(self.rows[subject.key], place)
                self.show_subject(subject)
                place += 1
        self._set_tab_order([subject.key for subject in (*ready, *others)])
        self._put(self._empty, place)
        self._empty.setVisible(not subjects)

    def show_subject(self, subject: Subject) -> None:
        """Show what is new of one."""
        if subject.key in self.rows:
            self.rows[subject.key].show_view(self._view_of(subject))

    def reveal(self, key: str, *, focus: bool = False) -> None:
        """Scroll to a row, once it has found its place."""
        QTimer.singleShot(0, self, partial(self._reveal, key, focus))

    def _reveal(self, key: str, focus: bool) -> None:
        if key not in self.rows:
            return
        self.ensureWidgetVisible(self.rows[key], 0, 16)
        if focus:
            self.rows[key].focus_first()

    def _set_tab_order(self, keys: list[str]) -> None:
        """From row to row, and only then on to what stands below the list; Qt goes by age."""
        if keys == self._tab_order:
            return
        self._tab_order = keys
        before: QWidget = self
        for key in keys:
            for button in self.rows[key].findChildren(QPushButton):
                self.setTabOrder(before, button)
                before = button

    def _put(self, widget: QWidget, place: int) -> None:
        if self._layout.indexOf(widget) != place:
            self._layout.removeWidget(widget)
            self._layout.insertWidget(place, widget)
