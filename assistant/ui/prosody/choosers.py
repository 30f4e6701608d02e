"""What the poem is held against: form, tune, rhyme book."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QFormLayout, QHBoxLayout, QLineEdit, QWidget

from assistant.prosody.forms import FORM_NAMES
from assistant.ui.panels.option_form import new_form
from assistant.ui.prosody.snapshot import AUTO, PoemChoice
from assistant.ui.prosody.words import RHYME_BOOKS


class Choosers(QWidget):
    """Two rows. Nothing is loaded for them until the person turns to the 词牌."""

    choice_made = Signal(object)
    """The ``PoemChoice`` for the poem at the cursor."""
    book_chosen = Signal(str)
    """Id of the rhyme book, empty for the usual one."""
    tunes_wanted = Signal()
    """The names of the 词牌 are needed now; once."""

    def __init__(self, book_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form, self.book, self.tune = QComboBox(), QComboBox(), QLineEdit()
        for name in FORM_NAMES:
            self.form.addItem("自动" if name == "auto" else name, name)
        self.form.setAccessibleName("体裁")
        self.form.setMaxVisibleItems(len(FORM_NAMES))
        self.tune.setAccessibleName("词牌")
        self.tune.setPlaceholderText("词牌")
        self.book.addItem("自动", "")
        for book, name in RHYME_BOOKS.items():
            self.book.addItem(name, book)
        self.book.setItemData(0, "诗用平水韵，词用词林正韵", Qt.ItemDataRole.ToolTipRole)
        self.book.setAccessibleName("韵书")
        self.book.setCurrentIndex(max(0, self.book.findData(book_id)))
        self._names = QStringListModel(self)
        completer = QCompleter(self._names, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.activated.connect(lambda _: self._chosen())
        self.tune.setCompleter(completer)
        self.tune.installEventFilter(self)
        self._asked = False
        self._shown = AUTO

        rows: QFormLayout = new_form()
        rows.setContentsMargins(0, 0, 0, 0)
        kind = QHBoxLayout()
        kind.setSpacing(8)
        kind.addWidget(self.form, 1)
        kind.addWidget(self.tune, 1)
        rows.addRow("体裁", kind)
        rows.addRow("韵书", self.book)
        self.setLayout(rows)
        self.form.activated.connect(lambda _: self._on_form())
        self.tune.editingFinished.connect(self._chosen)
        self.book.activated.connect(lambda _: self.book_chosen.emit(self.book.currentData()))

    def show_choice(self, choice: PoemChoice) -> None:
        """What was chosen for the poem at the cursor; what is being typed stays."""
        self._shown = choice
        self.form.setCurrentIndex(max(0, self.form.findData(choice.form)))
        if not self.tune.hasFocus():
            self.tune.setText(choice.tune)

    def show_recognised(self, tune: str) -> None:
        """A tune that was recognised stands faded in the field."""
        self.tune.setPlaceholderText(tune or "词牌")

    def set_tunes(self, names: Sequence[str]) -> None:
        """The names to complete with."""
        self._names.setStringList(list(names))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The first look at the 词牌 asks for their names."""
        if event.type() == QEvent.Type.FocusIn and not self._asked:
            self._asked = True
            self.tunes_wanted.emit()
        return super().eventFilter(watched, event)

    def _on_form(self) -> None:
        if self.form.currentData() != "词":
            self.tune.clear()
        self._chosen()

    def _chosen(self) -> None:
        tune = self.tune.text().strip()
        if tune:
            self.form.setCurrentIndex(self.form.findData("词"))
        elif self._shown.tune and self.form.currentData() == "词":
            self.form.setCurrentIndex(0)  # the tune was taken back
        choice = PoemChoice(self.form.currentData(), tune)
        if choice != self._shown:
            self._shown = choice
            self.choice_made.emit(choice)
