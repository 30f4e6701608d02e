"""A real window over a real runner, with a model that follows a script."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QThread, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from assistant.api import ModelCard
from assistant.api.testing import RandomModel
from assistant.generation.runner import Runner
from assistant.library import ModelLibrary
from assistant.plugin_host import Catalogue
from assistant.settings import Settings, SettingsStore
from assistant.ui.document_controller import Answer
from assistant.ui.generation_service import GenerationService
from assistant.ui.library.controller import LibraryAccess
from assistant.ui.main_window import MainWindow
from plugins.poem.writer import PoemWriter
from tests.fakes import PlainWriter, card, catalogue_of, runner_of


class MakeWindow(Protocol):
    def __call__(
        self,
        model: RandomModel | None = None,
        *,
        runner: Runner | None = None,
        catalogue: Catalogue | None = None,
        settings: Settings | None = None,
        store: SettingsStore | None = None,
        library: LibraryAccess | None = None,
    ) -> MainWindow: ...


@pytest.fixture
def make_window(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeWindow]:
    """Makes windows, waits for their warm-up, and closes them without a question afterwards."""
    windows: list[MainWindow] = []

    def make(
        model: RandomModel | None = None,
        *,
        runner: Runner | None = None,
        catalogue: Catalogue | None = None,
        settings: Settings | None = None,
        store: SettingsStore | None = None,
        library: LibraryAccess | None = None,
    ) -> MainWindow:
        chosen = catalogue or catalogue_of(PoemWriter(), PlainWriter(), cards=[card()])
        service = GenerationService(runner or runner_of(model or RandomModel(), catalogue=chosen))
        window = MainWindow(
            service=service,
            settings=settings or Settings(),
            settings_store=store or SettingsStore(tmp_path / "home" / "settings.json"),
            library=library or library_in(tmp_path),
        )
        windows.append(window)
        # A modal question would wait for ever; a test that expects one answers it.
        monkeypatch.setattr(window.document, "ask_unsaved", unexpected)
        monkeypatch.setattr(window.document, "tell", unexpected)
        window.show()
        window.activateWindow()  # shortcuts belong to the active window
        assert QTest.qWaitForWindowActive(window)
        window.set_catalogue(chosen)
        return window

    yield make
    for window in windows:
        monkeypatch.setattr(window.document, "ask_unsaved", lambda: Answer.DISCARD)
        monkeypatch.setattr(window.document, "tell", lambda error: None)
        window.close()
        window.deleteLater()


@pytest.fixture(autouse=True)
def no_thread_or_timer_left() -> Iterator[None]:
    """After its windows are closed and deleted, no thread and no timer of a test may still run."""
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    # By type, not isinstance: that asks objects of other libraries for their __class__, and some warn.
    alive = [o for o in gc.get_objects() if issubclass(type(o), (QThread, QTimer)) and shiboken6.isValid(o)]
    current = QThread.currentThread()
    threads = [o for o in alive if isinstance(o, QThread) and o is not current and o.isRunning()]
    timers = [o for o in alive if isinstance(o, QTimer) and o.isActive()]
    assert not threads, f"threads left behind: {[thread.objectName() for thread in threads]}"
    assert not timers, f"timers left behind: {timers}"


def library_in(folder: Path, check: Callable[[Path, ModelCard], None] = lambda *_: None) -> LibraryAccess:
    """A library without any shipped model, all of it below ``folder``."""
    library = ModelLibrary(
        folder / "shipped_cards", folder / "shipped", folder / "models", folder / "model_cards"
    )
    return LibraryAccess(library, check, folder / "model_cards")


def unexpected(*_: object) -> None:
    raise AssertionError("the window asked or told something that this test does not expect")


def finished(window: MainWindow) -> Callable[[], bool]:
    """True once nothing is being written any more."""
    return lambda: not window.generation.is_running


def without_drafts(window: MainWindow) -> MainWindow:
    """The same window, in which candidates are shown as they grow, none more than asked for."""
    assert window.panel.form is not None
    window.panel.form.editors["drafts"].setValue(1)  # type: ignore[attr-defined]
    return window


def shown(window: MainWindow) -> list[str]:
    """The texts on the sheets, from the top."""
    return [sheet.candidate.text if sheet.candidate else "" for sheet in window.panel.candidates.sheets]
