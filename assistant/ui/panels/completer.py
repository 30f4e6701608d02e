"""Completing what is typed into a text field, from names that are read when they are first needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView

from assistant.ui.background import Background

SHOWN = 10
"""Names in sight at once."""


class LazyCompleter(QObject):
    """Offers names that contain what is typed; a click into the empty field or the down key offers all.

    Args:
        field: gets the completer, and owns this.
        names: called on another thread when the field is first turned to.
    """

    def __init__(self, field: QLineEdit, names: Callable[[], Sequence[str]]) -> None:
        super().__init__(field)
        self._field, self._names = field, names
        self._model = QStringListModel(self)
        completer = QCompleter(self._model, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(SHOWN)
        popup = QListView()
        popup.setObjectName("completions")
        completer.setPopup(popup)
        field.setCompleter(completer)
        self._asked = self._wanted = False
        self._work = Background(self)
        self._work.done.connect(self._on_names)
        field.installEventFilter(self)

    @property
    def names(self) -> list[str]:
        """What is offered; empty until it was needed."""
        return self._model.stringList()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Read the names at the first focus; show all when asked."""
        if event.type() == QEvent.Type.FocusIn:
            self._read()
        elif event.type() == QEvent.Type.MouseButtonRelease and not self._field.text():
            self._offer()
        elif (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Down
        ):
            self._offer()
            return True
        return False

    def _read(self) -> None:
        if not self._asked:
            self._asked = True
            self._work.run(self._names)

    def _offer(self) -> None:
        self._read()
        self._wanted = True
        self._show()

    def _on_names(self, names: Sequence[str]) -> None:
        self._model.setStringList(list(names))
        self._show()

    def _show(self) -> None:
        completer = self._field.completer()
        if self._wanted and self.names and self._field.hasFocus():
            self._wanted = False
            completer.setCompletionPrefix(self._field.text())
            completer.complete()
