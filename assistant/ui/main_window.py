"""The window: puts the parts together; what they do is theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow, QSplitter, QVBoxLayout, QWidget

from assistant.api import SettingsError
from assistant.settings import Settings, SettingsStore
from assistant.ui.actions import Actions, State
from assistant.ui.document_controller import DocumentController
from assistant.ui.editor.editor import Editor
from assistant.ui.fonts import NO_CHINESE_FONT, has_chinese_font
from assistant.ui.generation_controller import GenerationController
from assistant.ui.generation_service import GenerationService
from assistant.ui.library.controller import LibraryAccess, LibraryController
from assistant.ui.panels.writer_panel import WriterPanel
from assistant.ui.prosody.controller import ProsodyController
from assistant.ui.side_panel import SidePanel
from assistant.ui.status import Status
from assistant.ui.theme import palette_of, resolve_theme, style_sheet
from assistant.ui.welcome.controller import WelcomeController

if TYPE_CHECKING:
    # Not needed for the first paint, so not imported before it; dialogs are imported where they open.
    from assistant.plugin_host import Catalogue
    from assistant.ui.polish.controller import PolishController

ZOOM_STEP_PERCENT = 10
SIZE = (1280, 800)


class MainWindow(QMainWindow):
    """One document; beside it the writer panel, the rules of verse, or a poem that is being polished.

    Args:
        service: owns the worker thread; shut down when the window closes.
        settings: read and changed in place.
        settings_store: where they are saved when the window closes.
        library: the models that can be downloaded, imported and removed.
    """

    def __init__(
        self,
        *,
        service: GenerationService,
        settings: Settings,
        settings_store: SettingsStore,
        library: LibraryAccess,
    ) -> None:
        super().__init__()
        self._service = service
        self._settings = settings
        self._store = settings_store
        self._catalogue: Catalogue | None = None
        theme = resolve_theme(settings.appearance.theme)
        self.editor = Editor()
        self.status = Status(lambda: (self.editor.text(), self.editor.textCursor().selectedText()))
        self.library = LibraryController(library, settings, settings_store, self.status, self)
        self.panel = WriterPanel(settings, theme, is_shipped=self.library.is_shipped)
        self.prosody = ProsodyController(self.editor, self.status, settings, theme, self)
        self.document = DocumentController(self.editor, self)
        self.generation = GenerationController(self.editor, self.panel, self.status, service, self)
        self._polish: PolishController | None = None
        self._polish_page = QWidget()  # filled when it is first turned to
        QVBoxLayout(self._polish_page).setContentsMargins(0, 0, 0, 0)
        self.side = SidePanel(
            {
                "writer": ("写作", self.panel),
                "prosody": ("格律", self.prosody.panel),
                "polish": ("推敲", self._polish_page),
            }
        )
        self.welcome = WelcomeController(
            self.editor, self.document, self.panel, settings, self.library.is_shipped, self
        )
        self.actions_by_id = Actions(self, self._handlers())

        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(1)
        self._splitter.addWidget(self.editor)
        self._splitter.addWidget(self.side)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setSizes([SIZE[0] - 376, 376])
        self.setCentralWidget(self._splitter)
        self.setStatusBar(self.status)
        self.resize(*SIZE)
        if settings.window.geometry:
            self.restoreGeometry(QByteArray.fromBase64(settings.window.geometry.encode("ascii")))
        self.editor.set_zoom(settings.appearance.zoom_percent)
        self.side.show_page(settings.window.panel_page)
        self.side.page_changed.connect(self._on_page)
        self.show_panel(settings.window.panel_visible)
        self.actions_by_id["underline"].setChecked(settings.prosody.underline)
        self.apply_theme()

        self.editor.textChanged.connect(self.status.count_soon)
        self.editor.selectionChanged.connect(self.status.count_soon)
        self.editor.textChanged.connect(self._update_actions)
        self.editor.selectionChanged.connect(self._update_actions)
        self.editor.undoAvailable.connect(lambda _: self._update_actions())
        self.editor.redoAvailable.connect(lambda _: self._update_actions())
        self.document.changed.connect(self._show_name)
        self.generation.changed.connect(self._update_actions)
        self.generation.polish_requested.connect(lambda index: self.polish.desk.open_candidate(index))
        self.generation.taken.connect(self.welcome.has_learnt)
        self.welcome.started.connect(self._start_example)
        self.welcome.library_requested.connect(self._show_library)
        self.panel.writer_changed.connect(self._on_writer_changed)
        self.panel.library_requested.connect(self._show_library)
        self.library.models_changed.connect(self._on_models_changed)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_colour_scheme)
        self._show_name()
        self._update_actions()
        self.editor.setFocus()
        if settings_store.warning:
            self.panel.notice.say(settings_store.warning)
        elif not has_chinese_font():
            self.panel.notice.say(NO_CHINESE_FONT)
        self._turn_to_notice()

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Writers and models are known now; the model of the chosen writer is loaded ahead of use."""
        self._catalogue = catalogue
        self.panel.set_catalogue(catalogue)
        if self._polish is not None:
            self._polish.set_catalogue(catalogue)
        self.library.set_catalogue(catalogue)
        self.welcome.set_catalogue(catalogue)
        failed = [report.name for report in catalogue.plugins if report.state == "failed"]
        if failed and not self.panel.notice.text:
            self.panel.notice.say(f"插件 {'、'.join(failed)} 出了错，没有启用。", "原因见「帮助」→「插件」。")
        self._turn_to_notice()
        self._update_actions()

    def apply_theme(self) -> None:
        """Show the theme of the settings."""
        choice = self._settings.appearance.theme
        theme = resolve_theme(choice)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setPalette(palette_of(theme))
            application.setStyleSheet(style_sheet(theme))
        self.panel.candidates.set_theme(theme)
        self.prosody.set_theme(theme)
        if self._polish is not None:
            self._polish.set_theme(theme)
        for theme_id in ("auto", "paper", "ink"):
            self.actions_by_id[f"theme_{theme_id}"].setChecked(choice == theme_id)

    def show_panel(self, visible: bool) -> None:
        """Show or hide what stands beside the page."""
        self.side.setVisible(visible)
        self.actions_by_id["panel"].setChecked(visible and self.side.page == "writer")
        self.actions_by_id["prosody_panel"].setChecked(visible and self.side.page == "prosody")

    def toggle_page(self, page: str) -> None:
        """Show a page of the panel; hide the panel when that page is the one in sight."""
        visible = self.side.isHidden() or self.side.page != page
        self.side.show_page(page)
        self.show_panel(visible)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved changes, keep the settings, end the worker thread."""
        if not self.document.may_leave():
            event.ignore()
            return
        self._save_settings()
        self.hide()  # waiting for a model that is just being read must not look like a frozen window
        self.library.shutdown()
        if self._polish is not None:
            self._polish.shutdown()
        self.prosody.shutdown()
        self._service.shutdown()
        event.accept()

    def _handlers(self) -> Mapping[str, Callable[[], object]]:
        return {
            "new": self.document.new,
            "open": self.document.open,
            "save": self.document.save,
            "save_as": self.document.save_as,
            "quit": self.close,
            "undo": self.editor.undo,
            "redo": self.editor.redo,
            "cut": self.editor.cut,
            "copy": self.editor.copy,
            "paste": self.editor.paste,
            "select_all": self.editor.selectAll,
            "generate": self._generate,
            "regenerate": self._generate,
            "polish": lambda: self.polish.desk.open_at_cursor(),
            "stop": self.generation.stop,
            "take_1": partial(self.generation.take_place, 0),
            "take_2": partial(self.generation.take_place, 1),
            "take_3": partial(self.generation.take_place, 2),
            "zoom_in": lambda: self.editor.set_zoom(self.editor.zoom_percent + ZOOM_STEP_PERCENT),
            "zoom_out": lambda: self.editor.set_zoom(self.editor.zoom_percent - ZOOM_STEP_PERCENT),
            "zoom_reset": lambda: self.editor.set_zoom(100),
            "panel": partial(self.toggle_page, "writer"),
            "prosody_panel": partial(self.toggle_page, "prosody"),
            "underline": lambda: self.prosody.set_underlined(self.actions_by_id["underline"].isChecked()),
            "theme_auto": partial(self._choose_theme, "auto"),
            "theme_paper": partial(self._choose_theme, "paper"),
            "theme_ink": partial(self._choose_theme, "ink"),
            "library": self.library.show,
            "engine": self._show_engine,
            "examples": self.welcome.show,
            "plugins": self._show_plugins,
            "about": self._show_about,
        }

    def _generate(self) -> None:
        self.side.show_page("writer")  # where candidates appear, or why there are none
        self.generation.generate()

    def _start_example(self) -> None:
        self.show_panel(True)
        self._generate()

    def _on_page(self) -> None:
        self.show_panel(not self.side.isHidden())
        if self.side.page == "polish":
            _ = self.polish

    @property
    def polish(self) -> PolishController:
        """The page 推敲, made when it is first needed."""
        if self._polish is None:
            from assistant.ui.polish.controller import PolishController
            from assistant.ui.polish.writing import PolishWriting

            writing = PolishWriting(self._service, self.panel, self._settings, self)
            theme = resolve_theme(self._settings.appearance.theme)
            self._polish = PolishController(
                self.editor, self.prosody, self.generation, writing, self.status, theme, self
            )
            if self._catalogue is not None:
                self._polish.set_catalogue(self._catalogue)
            self._polish.changed.connect(self._update_actions)
            self._polish.desk.page_wanted.connect(self._show_polish)
            page = self._polish_page.layout()
            if page is not None:
                page.addWidget(self._polish.panel)
        return self._polish

    def _show_polish(self) -> None:
        self.side.show_page("polish")
        self.show_panel(True)

    def _turn_to_notice(self) -> None:
        if self.panel.notice.text:
            self.side.show_page("writer")

    def _choose_theme(self, theme_id: str) -> None:
        self._settings.appearance.theme = theme_id  # type: ignore[assignment]  # one of the three above
        self.apply_theme()

    def _on_colour_scheme(self) -> None:
        if self._settings.appearance.theme == "auto":
            self.apply_theme()

    def _on_writer_changed(self) -> None:
        writer = self.panel.writer
        if writer is not None and writer.needs_model and self.panel.model_id is not None:
            self._service.warm_up(writer.id, self.panel.model_id)

    def _show_library(self) -> None:
        self.library.show(self.panel.writer.id if self.panel.writer is not None else None)

    def _on_models_changed(self) -> None:
        chosen = self.panel.model_id
        self.panel.refresh_models()
        if self.panel.model_id != chosen:
            self._on_writer_changed()
        if self._catalogue is not None:
            self.welcome.set_catalogue(self._catalogue)
        self._update_actions()

    def _show_engine(self) -> None:
        from assistant.ui.dialogs.engine_dialog import EngineDialog

        dialog = EngineDialog(self._settings.engine, self)
        # The model is loaded anew when the dialog is closed, not at every step of it.
        dialog.finished.connect(self._on_writer_changed)
        dialog.open()

    def _show_plugins(self) -> None:
        from assistant.ui.dialogs.plugins_dialog import PluginsDialog

        reports = self._catalogue.plugins if self._catalogue is not None else []
        PluginsDialog(reports, self).open()

    def _show_about(self) -> None:
        from assistant.ui.dialogs.about_dialog import show_about

        show_about(self)

    def _show_name(self) -> None:
        self.setWindowTitle(f"{self.document.name}[*] — 笔伴")
        self.setWindowModified(self.document.is_modified)

    def _update_actions(self) -> None:
        document = self.editor.document()
        state = State.NONE
        for holds, flag in (
            (self.generation.is_running, State.GENERATING),
            (self.panel.writer is not None, State.READY),
            (any(sheet.is_available for sheet in self.panel.candidates.sheets), State.CANDIDATES),
            (document.isUndoAvailable(), State.UNDO),
            (document.isRedoAvailable(), State.REDO),
            (self.editor.textCursor().hasSelection(), State.SELECTION),
        ):
            if holds:
                state |= flag
        self.actions_by_id.update(state)

    def _save_settings(self) -> None:
        self.panel.remember()
        self._settings.appearance.zoom_percent = self.editor.zoom_percent
        self._settings.window.geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        self._settings.window.panel_visible = not self.side.isHidden()
        # The page 推敲 has nothing to show until a poem is put on it.
        self._settings.window.panel_page = "prosody" if self.side.page == "prosody" else "writer"
        try:
            self._store.save(self._settings)
        except SettingsError as error:
            self.document.tell(error)
