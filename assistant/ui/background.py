"""Short work that must not be done in the GUI thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

from PySide6.QtCore import QObject, QThreadPool, Signal

from assistant.api import BibanError
from assistant.generation.failures import as_biban_error

logger = logging.getLogger(__name__)


class Background(QObject):
    """Runs functions on a thread of Qt's pool and tells the result in the GUI thread.

    Results of an older function than the latest are dropped.
    """

    done = Signal(object)
    """What the function returned."""
    failed = Signal(object)
    """A ``BibanError``."""

    _ended = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._latest = 0
        self._running = False
        self._ended.connect(self._on_ended)

    @property
    def is_running(self) -> bool:
        """True from ``run`` to the result of that function."""
        return self._running

    def run(self, work: Callable[[], object]) -> None:
        """Call ``work`` on another thread; it must not touch any widget."""
        self._latest += 1
        self._running = True
        number = self._latest

        def call() -> None:
            try:
                result = work()
            except Exception as error:
                if not isinstance(error, BibanError):
                    logger.exception("work in the background failed")
                result = as_biban_error(error)
            with suppress(RuntimeError):  # the window was closed meanwhile
                self._ended.emit(number, result)

        QThreadPool.globalInstance().start(call)

    def _on_ended(self, number: int, result: object) -> None:
        if number != self._latest:
            return
        self._running = False
        if isinstance(result, BibanError):
            self.failed.emit(result)
        else:
            self.done.emit(result)
