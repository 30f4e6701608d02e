"""The panel beside the page: which writer, its options, the candidates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from assistant.api import ModelCard, SamplingOptions, Writer, WriterOptions, secret_fields
from assistant.settings import SecretStore, Settings
from assistant.ui.panels.candidate_list import CandidateList
from assistant.ui.panels.model_note import ModelNote
from assistant.ui.panels.notice import Notice
from assistant.ui.panels.option_form import LABEL_WIDTH, OptionForm, indent, new_form
from assistant.ui.theme import Theme


class PanelCatalogue(Protocol):
    """Which writers and models there are."""

    @property
    def writers(self) -> Mapping[str, Writer]:
        """All writers by id."""
        ...

    def cards_for(self, writer: Writer) -> list[ModelCard]:
        """Installed models that serve ``writer``."""
        ...

    def how_to_get(self, writer: Writer, *, with_ids: bool = True) -> str:
        """What to do when none does."""
        ...


class WriterPanel(QWidget):
    """Until a catalogue is set it only says that it is getting ready.

    Args:
        settings: what was chosen last; changed by ``remember``.
        theme: colours to begin with.
        secrets: where options that are secret are kept.
        is_shipped: tells the models that came with the program, of which it is said what they are good for.
    """

    generate_requested = Signal()
    stop_requested = Signal()
    library_requested = Signal()
    writer_changed = Signal()

    def __init__(
        self,
        settings: Settings,
        theme: Theme,
        secrets: SecretStore | None = None,
        is_shipped: Callable[[str], bool] = lambda _: False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(300)
        self._settings = settings
        self._secrets = secrets or SecretStore()
        self._is_shipped = is_shipped
        self._catalogue: PanelCatalogue | None = None
        self._form: OptionForm | None = None
        self._form_of = ""  # the writer whose form it is; while another is being chosen it still stands there
        self._kept_secrets: dict[str, str] = {}
        self._secrets_of_window: dict[str, str] = {}
        self._told_no_model = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 12, 16)
        layout.setSpacing(12)

        self._writer_box, self._model_box = QComboBox(), QComboBox()
        self._writer_box.setAccessibleName("写作器")
        self._model_box.setAccessibleName("模型")
        self._model_box.setObjectName("only")  # a single model cannot be chosen, and is no less in use
        self._count = settings.generation.num_return_sequences
        self._count_box: QSpinBox | None = None
        self._waiting = QLabel("正在准备…")
        self._waiting.setObjectName("faded")
        head = new_form()
        for text, box in (("写作器", self._writer_box), ("模型", self._model_box)):
            label = QLabel(text)
            label.setMinimumWidth(LABEL_WIDTH)
            head.addRow(label, box)
        self._head = head
        self.model_note = ModelNote()
        self.model_note.hide()
        above = QVBoxLayout()
        above.setSpacing(4)
        above.addLayout(head)
        above.addWidget(self.model_note)
        layout.addLayout(above)
        self.library_button = QPushButton("打开模型库…")
        self.library_button.setObjectName("quiet")
        self.library_button.hide()
        layout.addWidget(self.library_button)
        layout.addWidget(self._waiting)
        self._form_place = QVBoxLayout()
        layout.addLayout(self._form_place)

        self.generate_button = QPushButton("续写")
        self.generate_button.setObjectName("primary")
        self.generate_button.setToolTip("Ctrl+Enter")
        self.regenerate_button = QPushButton("换一批")
        self.regenerate_button.setToolTip("Ctrl+Shift+Enter")
        self.stop_button = QPushButton("停止")
        self.stop_button.setToolTip("Esc")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button, stretch in (
            (self.generate_button, 2),
            (self.regenerate_button, 1),
            (self.stop_button, 1),
        ):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            buttons.addWidget(button, stretch)
        layout.addLayout(buttons)
        self.notice = Notice()
        layout.addWidget(self.notice)
        self.candidates = CandidateList(theme)
        layout.addWidget(self.candidates, 1)

        self.generate_button.clicked.connect(self.generate_requested)
        self.regenerate_button.clicked.connect(self.generate_requested)
        self.stop_button.clicked.connect(self.stop_requested)
        self.library_button.clicked.connect(self.library_requested)
        self.model_note.library_requested.connect(self.library_requested)
        self._writer_box.currentIndexChanged.connect(self._on_writer_chosen)
        self._model_box.currentIndexChanged.connect(lambda _: self._on_model_chosen())
        self.set_running(False)

    @property
    def writer(self) -> Writer | None:
        """The chosen writer, None while there is none."""
        if self._catalogue is None:
            return None
        return self._catalogue.writers.get(self._writer_box.currentData() or "")

    @property
    def model_id(self) -> str | None:
        """The chosen model, None for whichever the runner takes."""
        data = self._model_box.currentData()
        return data if isinstance(data, str) else None

    @property
    def num_return_sequences(self) -> int:
        """How many candidates to ask for."""
        return self._count_box.value() if self._count_box is not None else self._count

    def options(self) -> WriterOptions:
        """The options as they stand in the form.

        Raises:
            InputError: one of them is unusable.
            RuntimeError: there is no writer.
        """
        if self._form is None:
            raise RuntimeError("no writer is chosen")
        return self._form.options()

    @property
    def form(self) -> OptionForm | None:
        """The form of the chosen writer."""
        return self._form

    def set_catalogue(self, catalogue: PanelCatalogue) -> None:
        """Show the writers of ``catalogue``, the last used one chosen."""
        self._catalogue = catalogue
        self._writer_box.blockSignals(True)
        self._writer_box.clear()
        for writer in catalogue.writers.values():
            self._writer_box.addItem(writer.name, writer.id)
            self._writer_box.setItemData(
                self._writer_box.count() - 1, writer.description, Qt.ItemDataRole.ToolTipRole
            )
        self._writer_box.setCurrentIndex(
            max(0, self._writer_box.findData(self._settings.generation.writer_id))
        )
        self._writer_box.blockSignals(False)
        self._show_writer()

    def choose(self, writer_id: str, options: Mapping[str, Any]) -> None:
        """Show a writer with these options; its others stand at their defaults, but for how tokens are drawn."""
        self.remember()
        kept = self._settings.generation
        drawing = {
            name: value
            for name, value in kept.options.get(writer_id, {}).items()
            if name in SamplingOptions.model_fields
        }
        kept.options = {**kept.options, writer_id: {**drawing, **options}}
        chosen = self._writer_box.findData(writer_id)
        if chosen == self._writer_box.currentIndex():
            self._show_writer()
        else:
            self._writer_box.setCurrentIndex(chosen)

    def refresh_models(self) -> None:
        """Look again which models are installed."""
        if self.writer is not None and self._catalogue is not None:
            self._fill_models(self.writer, self._catalogue)
            self.set_running(self.stop_button.isEnabled())

    def _fill_models(self, writer: Writer, catalogue: PanelCatalogue) -> None:
        chosen = self.model_id or self._settings.generation.model_ids.get(writer.id, "")
        blocked = self._model_box.blockSignals(True)
        self._model_box.clear()
        cards = catalogue.cards_for(writer) if writer.needs_model else []
        for card in cards:
            self._model_box.addItem(card.name, card.id)
            self._model_box.setItemData(
                self._model_box.count() - 1, card.summary, Qt.ItemDataRole.ToolTipRole
            )
        if writer.needs_model and not cards:
            self._model_box.addItem("（还没有）")
        self._model_box.setCurrentIndex(max(0, self._model_box.findData(chosen)))
        self._model_box.setEnabled(len(cards) > 1)
        self._head.setRowVisible(self._model_box, writer.needs_model)
        self.candidates.example.setText(f"用「{writer.example}」试一试")
        self.candidates.example.setVisible(bool(writer.example and (cards or not writer.needs_model)))
        self._model_box.blockSignals(blocked)
        self._show_model_note()
        self.library_button.setVisible(writer.needs_model and not cards)
        if writer.needs_model and not cards:
            self.notice.say(
                f"还没有能用于「{writer.name}」的模型。", catalogue.how_to_get(writer, with_ids=False)
            )
        elif self._told_no_model:
            self.notice.clear()
        self._told_no_model = writer.needs_model and not cards

    def set_running(self, running: bool) -> None:
        """Follow whether something is being written."""
        ready = self.writer is not None
        self.generate_button.setEnabled(ready)
        self.regenerate_button.setEnabled(ready and bool(self.candidates.sheets))
        self.stop_button.setEnabled(running)
        self.candidates.example.setEnabled(ready)

    def remember(self) -> None:
        """Put what is chosen into the settings."""
        self._remember_form()
        kept = self._settings.generation
        kept.num_return_sequences = self.num_return_sequences
        if self.writer is not None and self._form is not None:
            kept.writer_id = self.writer.id

    def _remember_form(self) -> None:
        """Keep options, secrets and model of the writer whose form stands here."""
        if self._form is None:
            return
        kept = self._settings.generation
        kept.options = {**kept.options, self._form_of: self._form.shown_values()}
        for name, secret in self._form.secrets().items():
            if secret != self._kept_secrets.get(name, ""):
                called = f"{self._form_of}.{name}"
                # Without a keyring it is known as long as the window is open.
                self._secrets_of_window[called] = secret
                self._secrets.set(called, secret)
        # The first is what whoever never chose gets, whichever it will be.
        if self.model_id is not None and (self._model_box.currentIndex() or self._form_of in kept.model_ids):
            kept.model_ids = {**kept.model_ids, self._form_of: self.model_id}

    def _secret(self, called: str) -> str:
        known = self._secrets_of_window.get(called)
        return self._secrets.get(called) if known is None else known

    def _on_writer_chosen(self) -> None:
        # Whoever comes back to a writer finds what stood there.
        self._remember_form()
        self._show_writer()

    def _on_model_chosen(self) -> None:
        self._show_model_note()
        self.writer_changed.emit()

    def _show_model_note(self) -> None:
        summary = str(self._model_box.currentData(Qt.ItemDataRole.ToolTipRole) or "")
        shown = bool(summary) and self.model_id is not None and self._is_shipped(self.model_id)
        self.model_note.say(summary)
        self.model_note.setVisible(shown)

    def _show_tip(self) -> None:
        self.candidates.show_tip(self._form.tip if self._form is not None else "")

    def _show_writer(self) -> None:
        self._count = self.num_return_sequences
        if self._form is not None:
            self._form_place.removeWidget(self._form)
            self._form.hide()
            self._form.deleteLater()
            self._form, self._count_box = None, None
        writer = self.writer
        self._model_box.blockSignals(True)
        self._model_box.clear()
        if writer is None or self._catalogue is None:
            self._waiting.setText("没有可用的写作器；请在「帮助」→「插件」里看看哪里出了错。")
        else:
            self._waiting.hide()
            self._writer_box.setToolTip(writer.description)
            self.generate_button.setText(writer.verb)
            self._fill_models(writer, self._catalogue)
            values = dict(self._settings.generation.options.get(writer.id, {}))
            self._kept_secrets = {
                name: self._secret(f"{writer.id}.{name}") for name in secret_fields(writer.options_model)
            }
            values |= self._kept_secrets
            self._count_box = QSpinBox()
            indent(self._count_box)
            self._count_box.setRange(1, 6)
            self._count_box.setValue(self._count)
            self._count_box.setAccessibleName("候选个数")
            self._form = OptionForm(writer.options_model, values, [(QLabel("候选个数"), self._count_box)])
            self._form_of = writer.id
            self._form.changed.connect(self._show_tip)
            self._form_place.addWidget(self._form)
            self._show_tip()
        self._model_box.blockSignals(False)
        self.set_running(False)
        self.writer_changed.emit()
