"""A real window over a real runner, with a model that follows a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from PySide6.QtCore import QThread, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from assistant.api.testing import RandomModel
from assistant.generation.runner import Runner
from assistant.plugin_host import Catalogue
from assistant.settings import Settings, SettingsStore
from assistant.ui.document_controller import Answer
from assistant.ui.generation_service import GenerationService
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
    ) -> MainWindow:
        chosen = catalogue or catalogue_of(PoemWriter(), PlainWriter(), cards=[card()])
        service = GenerationService(runner or runner_of(model or RandomModel(), catalogue=chosen))
        window = MainWindow(
            service=service,
            settings=settings or Settings(),
            settings_store=store or SettingsStore(tmp_path / "home" / "settings.json"),
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
    """After the window is closed, nothing of it may still run."""
    yield
    application = QApplication.instance()
    if application is None:
        return
    application.processEvents()
    threads = [t for t in application.findChildren(QThread) if t.isRunning()]
    timers = [
        timer
        for widget in QApplication.topLevelWidgets()
        for timer in widget.findChildren(QTimer)
        if timer.isActive() and widget.isVisible()
    ]
    assert not threads
    assert not timers


def unexpected(*_: object) -> None:
    raise AssertionError("the window asked or told something that this test does not expect")


def finished(window: MainWindow) -> Callable[[], bool]:
    """True once nothing is being written any more."""
    return lambda: not window.generation.is_running


def shown(window: MainWindow) -> list[str]:
    """The texts on the sheets, from the top."""
    return [sheet.candidate.text if sheet.candidate else "" for sheet in window.panel.candidates.sheets]
