"""From nothing to a window a person can write in, and only then everything else."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from assistant.generation.failures import as_biban_error
from assistant.settings import Settings, SettingsStore
from assistant.ui.application import make_application
from assistant.ui.generation_service import GenerationService
from assistant.ui.generation_worker import GenerationRunner
from assistant.ui.library.controller import LibraryAccess
from assistant.ui.main_window import MainWindow

if TYPE_CHECKING:
    from assistant.plugin_host import Catalogue

logger = logging.getLogger(__name__)

on_first_paint: Callable[[MainWindow], object] | None = None
"""For benchmarks: called once, right after the first paint."""


def run_desktop(
    *,
    load_catalogue: Callable[[], Catalogue],
    runner: GenerationRunner,
    settings: Settings,
    settings_store: SettingsStore,
    library: LibraryAccess,
    files: Sequence[Path] = (),
) -> int:
    """Open the window and run until it is closed.

    Args:
        load_catalogue: loads the plugins; called after the first paint.
        runner: iterated in the worker thread.
        settings: changed by what the person chooses; the runner looks at them too.
        settings_store: they are saved to it.
        library: the models that can be downloaded, imported and removed.
        files: the first one is opened.

    Returns:
        The exit status.
    """
    application = make_application()
    window = MainWindow(
        service=GenerationService(runner), settings=settings, settings_store=settings_store, library=library
    )

    def load() -> None:
        try:
            catalogue = load_catalogue()
        # Each plugin is caught by the host; this is whatever else may be wrong with an installation.
        except Exception as error:
            logger.exception("no catalogue")
            window.panel.notice.show_error(as_biban_error(error))
        else:
            window.set_catalogue(catalogue)

    def painted() -> None:
        if on_first_paint is not None:
            on_first_paint(window)
        # A turn of the event loop later, so that keys that wait are served first.
        QTimer.singleShot(0, load)

    window.editor.first_painted.connect(painted)
    if files:
        window.document.start_with(files[0])
    window.show()
    return application.exec()
