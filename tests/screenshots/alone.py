"""One set of pictures alone: a window with the shipped starter, in both themes."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QWidget

from assistant.ui.main_window import MainWindow

Save = Callable[[QWidget, str], None]
WaitUntil = Callable[[Callable[[], bool]], None]


def shoot_alone(
    shoot: Callable[[MainWindow, Save, WaitUntil], None],
    *,
    with_models: bool = True,
    before_models: Callable[[MainWindow, Save], None] = lambda window, save: None,
) -> None:
    """Shoot into the folder that the command line names, light and then dark.

    Args:
        with_models: wait until the starter is loaded.
        before_models: what to shoot before it is.
    """
    if len(sys.argv) != 2:
        raise SystemExit("python -m tests.screenshots.NAME FOLDER")
    from assistant.app import _catalogue_loader, _check_folder, _library, _runner
    from assistant.settings import SettingsStore
    from assistant.ui.application import make_application
    from assistant.ui.generation_service import GenerationService
    from assistant.ui.library.controller import LibraryAccess
    from tests.screenshots.__main__ import save, settle, wait_until

    make_application()
    with tempfile.TemporaryDirectory() as home:
        os.environ["BIBAN_HOME"] = home
        for theme, suffix in (("paper", ""), ("ink", "-dark")):

            def save_it(widget: QWidget, name: str, suffix: str = suffix) -> None:
                save(widget, Path(sys.argv[1]), name + suffix)

            store = SettingsStore(Path(home) / theme / "settings.json")
            settings = store.load()
            settings.appearance.theme = theme  # type: ignore[assignment]
            load_catalogue = _catalogue_loader(settings)
            window = MainWindow(
                service=GenerationService(_runner(settings, load_catalogue, beside_window=True)),
                settings=settings,
                settings_store=store,
                library=LibraryAccess(_library(), _check_folder, Path(home) / "model_cards"),
            )
            window.show()
            window.activateWindow()  # the keyboard's place is only seen there
            settle()
            before_models(window, save_it)
            if with_models:
                window.set_catalogue(load_catalogue())
                wait_until(lambda window=window: "CPU" in window.status.model.text())  # type: ignore[misc]
            shoot(window, save_it, wait_until)
            window.editor.document().setModified(False)
            window.close()
