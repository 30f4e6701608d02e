"""The model library: what there is, getting more of it, looking it over, removing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from assistant.api import BibanError, InputError, ModelCard, ModelError
from assistant.library.hub import Hub
from assistant.ui.library.add_form import AddForm
from assistant.ui.library.jobs import Subject
from assistant.ui.library.model_list import ModelList
from assistant.ui.library.row_view import Action, RowView, disk_bytes, row_view, size
from assistant.ui.library.service import ModelLibraryService
from assistant.ui.panels.notice import Notice

ARCHIVES = "压缩包 (*.zip *.tar *.tar.gz *.tgz *.tar.xz *.txz *.tar.bz2 *.tbz2 *.tbz);;所有文件 (*)"


class ModelLibraryDialog(QDialog):
    """Not modal: writing goes on beside it, and closing it stops nothing.

    Args:
        service: does the work.
        writers_of: names of the writers that a card serves.
        cards_folder: where a person may drop cards.
        endpoint: address of the hub as it is set.
    """

    endpoint_changed = Signal(str)

    def __init__(
        self,
        service: ModelLibraryService,
        writers_of: Callable[[ModelCard], Sequence[str]],
        cards_folder: Path,
        endpoint: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("模型库")
        self.setMinimumSize(480, 400)
        self.resize(720, 720)
        self._service = service
        self._writers_of = writers_of
        self._cards_folder = cards_folder
        self._wanted: Callable[[ModelCard], bool] | None = None
        self._begun: frozenset[str] | None = None
        self._told: BibanError | None = None
        self._memory_bytes = int(psutil.virtual_memory().total)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 16, 16)
        layout.setSpacing(16)
        self.head = QLabel()
        self.head.setWordWrap(True)
        self.list = ModelList(self._view_of)
        self.notice = Notice()
        self.form = AddForm(endpoint)
        self.form.download_requested.connect(self.download_repo)
        self.form.import_requested.connect(self._ask_import)
        self.form.address_written.connect(self._take_endpoint)
        layout.addWidget(self.head)
        layout.addWidget(self.list, 1)
        below = QVBoxLayout()
        below.setContentsMargins(0, 0, 8, 0)
        below.setSpacing(16)
        below.addWidget(self.notice)
        below.addWidget(self.form)
        below.addLayout(self._build_foot())
        layout.addLayout(below)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # Enter belongs to the fields
        self.list.requested.connect(self._do)
        service.listed.connect(self._show_all)
        service.changed.connect(self._show_one)
        service.installed.connect(self._on_installed)
        self._show_all()

    def open_for(self, wanted: Callable[[ModelCard], bool] | None = None) -> None:
        """Come to the front with a fresh look at the disk, at the first model to get that is wanted."""
        self._wanted, self._begun = wanted, None
        self.show()
        self.activateWindow()
        self._service.forget_notes()
        self._service.refresh()

    def done(self, result: int) -> None:
        """Close; an address that was just written counts."""
        self._take_endpoint()
        super().done(result)

    def _build_foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        self.cards_button, self.reload_button = QPushButton("打开模型卡文件夹"), QPushButton("重新读取")
        self.cards_button.setToolTip("放进去的 .toml 模型卡会列在这里。")
        self.cards_button.clicked.connect(self._open_cards_folder)
        self.reload_button.clicked.connect(self._service.refresh)
        close = QPushButton("关闭")
        close.clicked.connect(self.reject)
        for button in (self.cards_button, self.reload_button):
            button.setObjectName("quiet")
            foot.addWidget(button)
        foot.addStretch(1)
        foot.addWidget(close)
        return foot

    def download_repo(self) -> None:
        """Download what stands in the field."""
        self.notice.clear()
        self._take_endpoint()
        try:
            key = self._service.download_repo(self.form.repo.text())
        except InputError as error:
            self.notice.show_error(error)
            return
        self.form.repo.clear()
        self.list.reveal(key)

    def ask_folder(self) -> Path | None:
        """The folder to import, None for none."""
        name = QFileDialog.getExistingDirectory(self, "导入模型文件夹", str(Path.home()))
        return Path(name) if name else None

    def ask_archive(self) -> Path | None:
        """The archive to import, None for none."""
        name, _ = QFileDialog.getOpenFileName(self, "导入模型压缩包", str(Path.home()), ARCHIVES)
        return Path(name) if name else None

    def import_from(self, ask: Callable[[], Path | None], model_id: str | None) -> None:
        """Import what ``ask`` gives."""
        source = ask()
        if source is not None:
            self.list.reveal(self._service.import_from(source, model_id))

    def import_menu(self, model_id: str | None) -> QMenu:
        """Asks what to import; no system has one dialog for both files and folders."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for title, ask in (("文件夹…", self.ask_folder), ("压缩包…", self.ask_archive)):
            menu.addAction(title).triggered.connect(lambda _=False, ask=ask: self.import_from(ask, model_id))
        return menu

    @Slot(QPushButton)
    def _ask_import(self, button: QPushButton, model_id: str | None = None) -> None:
        self.import_menu(model_id).popup(button.mapToGlobal(button.rect().bottomLeft()))

    @Slot(str, object)
    def _do(self, key: str, action: Action) -> None:
        match action:
            case Action.DOWNLOAD | Action.RESUME:
                self._take_endpoint()
                self._service.download(key)
            case Action.PAUSE | Action.CANCEL:
                self._service.stop(key)
            case Action.RETRY:
                self._take_endpoint()
                self._service.retry(key)
            case Action.GIVE_UP:
                self._service.give_up(key)
            case Action.DISMISS:
                self._service.dismiss(key)
            case Action.VERIFY:
                self._service.verify(key)
            case Action.REMOVE:
                self._service.remove(key)
            case Action.IMPORT:
                self._ask_import(self.list.rows[key].buttons[action], key)

    def _take_endpoint(self) -> None:
        address = self.form.endpoint.text().strip().rstrip("/")
        try:
            if address:
                Hub(address)  # asks nobody
        except InputError as error:
            self.notice.show_error(error)
            return
        self.notice.clear()
        self.endpoint_changed.emit(address)

    def _open_cards_folder(self) -> None:
        try:
            self._cards_folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.tell(ModelError(f"建不了文件夹 {self._cards_folder}：{error.strerror}。"))
            return
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._cards_folder))):
            self.notice.say("打不开文件管理器。", f"模型卡文件夹在 {self._cards_folder}。")

    def tell(self, error: BibanError) -> None:
        """Say what went wrong with something that has no row."""
        self.notice.show_error(error)

    @Slot()
    def _show_all(self) -> None:
        listing, subjects = self._service.listing, self._service.subjects()
        if self._begun is None and listing.serial:
            # Fixed until the dialog is opened anew: a row must not run away when its download begins or pauses.
            self._begun = frozenset(one.key for one in subjects if one.unfinished or one.job)
        begun = self._begun or frozenset()
        self.list.show_subjects(
            sorted(subjects, key=lambda one: one.entry is not None and one.key not in begun)
        )
        if self._service.list_error is not None:
            self.tell(self._service.list_error)
        elif self._told is not None:
            self.notice.clear()
        self._told = self._service.list_error
        own = [disk_bytes(card) for card in listing.installed]
        self.head.setVisible(bool(subjects))
        self.head.setText(f"装了 {len(own)} 个模型，共 {size(sum(own))}。装好以后不再需要网络。")
        if listing.serial and self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            cards = [entry.card for entry in listing.entries if not entry.is_installed and wanted(entry.card)]
            first = next((card for card in cards if card.repo), cards[0] if cards else None)
            if first is not None:
                self.list.reveal(first.id, focus=True)

    @Slot(str)
    def _show_one(self, key: str) -> None:
        self.list.show_subject(self._service.subject(key))

    @Slot(str)
    def _on_installed(self, model_id: str) -> None:
        self.list.reveal(model_id)

    def _view_of(self, subject: Subject) -> RowView:
        writers = self._writers_of(subject.entry.card) if subject.entry is not None else ()
        return row_view(subject, writers, self._memory_bytes)
