"""Pictures of the real window with the shipped starter, light and dark.

Run: ``python -m tests.screenshots FOLDER``.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QWidget

from assistant.app import _catalogue_loader, _check_folder, _library, _runner
from assistant.plugin_host import PluginReport, PluginState
from assistant.settings import SettingsStore
from assistant.ui.application import make_application
from assistant.ui.dialogs.plugins_dialog import PluginsDialog
from assistant.ui.generation_service import GenerationService
from assistant.ui.library.controller import LibraryAccess
from assistant.ui.main_window import MainWindow
from tests.screenshots.model_library import shoot_library
from tests.screenshots.polish import shoot_polish
from tests.screenshots.prose import shoot_prose
from tests.screenshots.prosody import shoot_prosody
from tests.screenshots.welcome import shoot_welcome

POEM = "山居秋暝\n空山新雨后，天气晚来秋。\n明月松间照，"


def wait_until(done: Callable[[], bool], seconds: float = 60) -> None:
    """Run the event loop until ``done``."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise SystemExit("nothing happened in time")
        QApplication.processEvents()
        time.sleep(0.005)


def settle(seconds: float = 0.4) -> None:
    """Let layouts and timers come to rest."""
    end = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > end)


def save(widget: QWidget, folder: Path, name: str) -> None:
    """Write a picture."""
    settle()
    folder.mkdir(parents=True, exist_ok=True)
    widget.grab().save(str(folder / f"{name}.png"))
    print(folder / f"{name}.png")


def shoot(folder: Path, theme: str, home: Path) -> None:
    """All pictures in one theme."""
    os.environ["BIBAN_HOME"] = str(home)
    store = SettingsStore(home / "settings.json")
    settings = store.load()
    settings.appearance.theme = theme  # type: ignore[assignment]
    load_catalogue = _catalogue_loader(settings)
    service = GenerationService(_runner(settings, load_catalogue, beside_window=True))
    library = LibraryAccess(_library(), _check_folder, home / "model_cards")
    window = MainWindow(service=service, settings=settings, settings_store=store, library=library)
    window.show()
    window.activateWindow()
    window.set_catalogue(load_catalogue())
    wait_until(lambda: "CPU" in window.status.model.text())
    suffix = "" if theme == "paper" else "-dark"
    shoot_welcome(window, lambda widget, name: save(widget, folder, f"{name}{suffix}"), wait_until)
    save(window, folder, f"empty{suffix}")

    window.editor.setPlainText(POEM)
    window.editor.place_cursor_at_end()
    window.generation.generate()
    wait_until(lambda: any(s.candidate and len(s.candidate.text) > 6 for s in window.panel.candidates.sheets))
    save(window, folder, f"streaming{suffix}")
    wait_until(lambda: not window.generation.is_running)
    save(window, folder, f"window{suffix}")
    window.generation.take_place(0)
    save(window, folder, f"taken{suffix}")
    window.editor.insertPlainText("改")
    window.generation.take_place(1)
    save(window, folder, f"stale{suffix}")

    reports = [
        *load_catalogue().plugins,
        PluginReport(
            "riddle", "biban-riddle", "0.2", PluginState.FAILED, "装载失败：KeyError: 'ink'", "Traceback …"
        ),
    ]
    dialog = PluginsDialog(reports, window)
    dialog.show()
    save(dialog, folder, f"plugins{suffix}")
    dialog.close()
    shoot_library(window, lambda widget, name: save(widget, folder, f"{name}{suffix}"), wait_until)
    shoot_prosody(window, lambda widget, name: save(widget, folder, f"{name}{suffix}"), wait_until)
    shoot_prose(window, lambda widget, name: save(widget, folder, f"{name}{suffix}"), wait_until)
    shoot_polish(window, lambda widget, name: save(widget, folder, f"{name}{suffix}"), wait_until)
    window.editor.document().setModified(False)
    window.close()


def main() -> None:
    """Shoot both themes."""
    if len(sys.argv) != 2:
        raise SystemExit("python -m tests.screenshots FOLDER")
    folder = Path(sys.argv[1])
    make_application()
    with tempfile.TemporaryDirectory() as home:
        for theme in ("paper", "ink"):
            shoot(folder, theme, Path(home) / theme)


if __name__ == "__main__":
    main()
