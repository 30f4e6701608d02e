"""Pictures of the first page: as it is at the first start, pressed, in a small window, and without any model."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from assistant.ui.main_window import MainWindow

Save = Callable[[QWidget, str], None]
SMALL = QSize(900, 600)


def shoot_welcome(window: MainWindow, save: Save, wait_until: Callable[[Callable[[], bool]], None]) -> None:
    """Shoot it on the empty page of ``window``; the page is empty again afterwards."""
    size, page = window.size(), window.welcome.page
    assert page is not None
    save(window, "welcome")
    window.resize(SMALL)
    save(window, "welcome-small")
    window.resize(size)
    window.editor.set_zoom(150)
    save(window, "welcome-zoomed")
    window.editor.set_zoom(100)
    page.focus_first()
    save(window, "welcome-keyboard")
    page.show_offers([], any_model=False)
    save(window, "welcome-no-model")
    window.welcome.show()
    page.cards[0].click()
    wait_until(lambda: not window.generation.is_running)
    save(window, "welcome-pressed")
    window.resize(SMALL)
    save(window, "welcome-pressed-small")
    window.resize(size)
    window.welcome.show()
    page.cards[3].click()
    wait_until(lambda: not window.generation.is_running)
    save(window, "welcome-acrostic")
    window.welcome.hide()
    window.panel.choose("poem", {})
    window.panel.candidates.clear()


def main() -> None:
    """Both themes, with the shipped starter."""
    if len(sys.argv) != 2:
        raise SystemExit("python -m tests.screenshots.welcome FOLDER")
    from assistant.app import _catalogue_loader, _check_folder, _library, _runner
    from assistant.settings import SettingsStore
    from assistant.ui.application import make_application
    from assistant.ui.generation_service import GenerationService
    from assistant.ui.library.controller import LibraryAccess
    from tests.screenshots.__main__ import save, settle, wait_until

    make_application()
    with tempfile.TemporaryDirectory() as home:
        os.environ["BIBAN_HOME"] = home
        for theme in ("paper", "ink"):
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
            suffix = "" if theme == "paper" else "-dark"
            save(window, Path(sys.argv[1]), f"welcome-loading{suffix}")
            window.set_catalogue(load_catalogue())
            wait_until(lambda window=window: "CPU" in window.status.model.text())
            shoot_welcome(
                window,
                lambda widget, name, suffix=suffix: save(widget, Path(sys.argv[1]), f"{name}{suffix}"),
                wait_until,
            )
            window.editor.document().setModified(False)
            window.close()


if __name__ == "__main__":
    main()
