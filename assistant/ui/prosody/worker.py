"""The object that lives in the checking thread. The prosody tables are read there, when first needed."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal, Slot

from assistant.generation.failures import as_biban_error
from assistant.ui.prosody.snapshot import Snapshot, Verdict

if TYPE_CHECKING:
    from assistant.ui.prosody.checking import SnapshotChecker

logger = logging.getLogger(__name__)

SWITCH_SECONDS = 0.0001
"""How long the window waits at most, each time it needs the interpreter, while a check runs. Python's usual 5 ms would
add up over one paint of the page, in which Qt asks our layout for every line."""


def make_checker() -> SnapshotChecker:
    """The real one; importing it is what takes time."""
    from assistant.ui.prosody.checking import SnapshotChecker

    return SnapshotChecker()


class CheckWorker(QObject):
    """Runs in one ``QThread``.

    Args:
        make: makes the checker, in that thread.
    """

    checked = Signal(object)
    """A ``Verdict``."""
    example_checked = Signal(object)
    """The ``Verdict`` on the example of an empty page."""
    tunes_found = Signal(object)
    """The names of all 词牌."""

    def __init__(self, make: Callable[[], SnapshotChecker] = make_checker) -> None:
        super().__init__()
        self._make = make
        self._checker: SnapshotChecker | None = None

    @Slot(object)
    def check(self, snapshot: Snapshot) -> None:
        """Check one snapshot."""
        self.checked.emit(self._verdict(snapshot))

    @Slot(object)
    def check_example(self, snapshot: Snapshot) -> None:
        """Check the example."""
        self.example_checked.emit(self._verdict(snapshot))

    @Slot()
    def find_tunes(self) -> None:
        """Read the names of all 词牌."""
        try:
            with _sharing():
                from assistant.prosody.tunes import tune_names

                names = tuple(tune_names())
            self.tunes_found.emit(names)
        except Exception:
            logger.exception("no tunes")  # names can still be typed
            self.tunes_found.emit(())

    @Slot()
    def close(self) -> None:
        """End the thread."""
        QThread.currentThread().quit()

    def _verdict(self, snapshot: Snapshot) -> Verdict:
        try:
            with _sharing():
                if self._checker is None:
                    self._checker = self._make()
                return self._checker.check(snapshot)
        # Whatever is wrong with a table or a rule must not end the thread; the panel says it.
        except Exception as error:
            logger.exception("the check failed")
            return Verdict(snapshot.revision, error=as_biban_error(error))


@contextmanager
def _sharing() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)
