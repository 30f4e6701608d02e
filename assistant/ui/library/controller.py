"""Joins the model library to the window: the dialog, the status line, the catalogue, the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from assistant.api import ModelCard, SettingsError
from assistant.settings import Settings, SettingsStore
from assistant.ui.status import Status

if TYPE_CHECKING:
    # Nobody needs the library before the first paint.
    from assistant.library import ModelLibrary
    from assistant.plugin_host import Catalogue
    from assistant.ui.dialogs.model_library_dialog import ModelLibraryDialog
    from assistant.ui.library.service import ModelLibraryService


@dataclass(frozen=True)
class LibraryAccess:
    """What the composition root lends to the window.

    Attributes:
        library: the models.
        check: looks a model folder over before it is installed; called in a thread, may import torch.
        cards_folder: where a person may drop model cards.
    """

    library: ModelLibrary
    check: Callable[[Path, ModelCard], None]
    cards_folder: Path


class LibraryController(QObject):
    """Makes service and dialog when they are first asked for.

    Args:
        access: the models.
        settings: ``library.endpoint`` is read and changed.
        settings_store: where a change of it is saved.
        status: says that downloads go on.
        window: parent of the dialog.
    """

    models_changed = Signal()
    """The catalogue has other models than before."""

    def __init__(
        self,
        access: LibraryAccess,
        settings: Settings,
        settings_store: SettingsStore,
        status: Status,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._access = access
        self._settings = settings
        self._store = settings_store
        self._status = status
        self._window = window
        self._catalogue: Catalogue | None = None
        self._shipped: frozenset[str] | None = None
        self.service: ModelLibraryService | None = None
        self.dialog: ModelLibraryDialog | None = None
        self.indicator = QPushButton()
        self.indicator.setObjectName("quiet")
        self.indicator.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.indicator.setToolTip("打开模型库")
        self.indicator.clicked.connect(lambda: self.show())
        status.addPermanentWidget(self.indicator)
        self.indicator.hide()

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Keep the models of ``catalogue`` up to date from now on."""
        self._catalogue = catalogue
        if self.service is not None:
            self._on_listed()

    def is_shipped(self, model_id: str) -> bool:
        """True for a model that came with the program."""
        if self._shipped is None:
            self._shipped = self._access.library.shipped()
        return model_id in self._shipped

    def show(self, writer_id: str | None = None) -> None:
        """Open the dialog, at a model that would serve this writer if given."""
        if self.dialog is None:
            self._make()
        assert self.dialog is not None
        writers = self._catalogue.writers if self._catalogue is not None else {}
        writer = writers.get(writer_id or "")
        self.dialog.open_for(writer.serves if writer is not None else None)

    def shutdown(self) -> None:
        """Pause what runs and wait for it."""
        if self.dialog is not None:
            self.dialog.close()
        if self.service is not None:
            self.service.shutdown()

    def _make(self) -> None:
        from assistant.ui.dialogs.model_library_dialog import ModelLibraryDialog
        from assistant.ui.library.service import ModelLibraryService

        kept = self._settings.library
        access = self._access
        service = ModelLibraryService(access.library, access.check, lambda: kept.endpoint, self)
        self.service = service
        self.dialog = ModelLibraryDialog(
            service, self._writers_of, access.cards_folder, kept.endpoint, self._window
        )
        self.dialog.endpoint_changed.connect(self._keep_endpoint)
        self.dialog.finished.connect(self._on_closed)
        service.listed.connect(self._on_listed)
        service.listed.connect(self._show_transfers)
        service.changed.connect(self._show_transfers)

    def _writers_of(self, card: ModelCard) -> list[str]:
        if self._catalogue is None:
            return list(card.writers)
        return [writer.name for writer in self._catalogue.writers.values() if writer.serves(card)]

    def _on_listed(self) -> None:
        if self._catalogue is None or self.service is None or not self.service.listing.serial:
            return
        listing = self.service.listing
        if tuple(listing.installed) != self._catalogue.cards:
            self._catalogue.set_models(listing.installed, listing.known)
            self._shipped = None
            self.models_changed.emit()

    def _show_transfers(self) -> None:
        assert self.service is not None
        transfers = self.service.transfers
        self.indicator.setVisible(bool(transfers))
        if transfers:
            known = [job.progress for job in transfers if job.progress is not None]
            total = sum(progress.total_bytes for progress in known)
            share = f" {sum(progress.received_bytes for progress in known) / total:.0%}" if total else ""
            self.indicator.setText(f"正在取 {len(transfers)} 个模型{share}")

    def _on_closed(self) -> None:
        if self.service is not None and self.service.transfers:
            self._status.say("模型还在取，写作照常；进度在右下角。")

    def _keep_endpoint(self, address: str) -> None:
        kept = self._settings.library
        if address == kept.endpoint:
            return
        kept.endpoint = address
        try:
            self._store.save(self._settings)
        except SettingsError as error:
            assert self.dialog is not None
            self.dialog.tell(error)
