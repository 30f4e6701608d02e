"""The GUI side of the checking thread: it waits for a pause, and the latest text wins."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

from assistant.ui.prosody.snapshot import Snapshot, Verdict
from assistant.ui.prosody.worker import CheckWorker

PAUSE_MS = 120
"""A check waits until nothing was typed for so long."""


class CheckService(QObject):
    """Owns the thread, which starts with the first check. All signals arrive in the GUI thread.

    At most one check is under way. What changes meanwhile is checked after it, once, as it then is.

    Args:
        read: makes the snapshot to check; None while there is nothing to check, such as in the middle of composing.
        worker: does the work; it is moved to the thread.
    """

    checked = Signal(object)
    """A ``Verdict``; the receiver drops one whose revision is not the present one."""
    example_checked = Signal(object)
    tunes_found = Signal(object)

    _check = Signal(object)
    _check_example = Signal(object)
    _find_tunes = Signal()
    _close = Signal()

    def __init__(
        self,
        read: Callable[[], Snapshot | None],
        worker: CheckWorker | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._read = read
        self._busy = self._again = self._closed = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self.check_now)
        self._thread = QThread()
        self._thread.setObjectName("biban-prosody")
        self._worker = worker or CheckWorker()
        self._worker.moveToThread(self._thread)
        self._check.connect(self._worker.check)
        self._check_example.connect(self._worker.check_example)
        self._find_tunes.connect(self._worker.find_tunes)
        self._close.connect(self._worker.close)
        self._worker.checked.connect(self._on_checked)
        self._worker.example_checked.connect(self._on_example)
        self._worker.tunes_found.connect(self._on_tunes)

    @property
    def is_idle(self) -> bool:
        """True when no check is under way or waits."""
        return not (self._busy or self._again or self._timer.isActive())

    def check_soon(self) -> None:
        """Check after a pause."""
        if not self._closed:
            self._timer.start()

    def check_now(self) -> None:
        """Check at once, or when the present check is done."""
        self._timer.stop()
        if self._closed:
            return
        if self._busy:
            self._again = True
            return
        snapshot = self._read()
        if snapshot is not None:
            self._busy = True
            self._start()
            self._check.emit(snapshot)

    def check_example(self, snapshot: Snapshot) -> None:
        """Check a text that is not the document's; ``example_checked`` follows."""
        if not self._closed:
            self._start()
            self._check_example.emit(snapshot)

    def find_tunes(self) -> None:
        """Ask for the names of the 词牌; ``tunes_found`` follows."""
        if not self._closed:
            self._start()
            self._find_tunes.emit()

    def shutdown(self) -> None:
        """Let the present check end, drop its verdict, and wait for the thread."""
        self._timer.stop()
        # A flag, not disconnect(): that waits for Qt's lock with Python's held, and an emitting worker holds
        # them the other way round.
        self._closed = True
        if self._thread.isRunning():
            self._close.emit()
            self._thread.wait()

    def _start(self) -> None:
        if not self._thread.isRunning():
            self._thread.start()

    @Slot(object)
    def _on_checked(self, verdict: Verdict) -> None:
        self._busy = False
        if self._closed:
            return
        if self._again:
            self._again = False
            self.check_now()
        self.checked.emit(verdict)

    @Slot(object)
    def _on_example(self, verdict: Verdict) -> None:
        if not self._closed:
            self.example_checked.emit(verdict)

    @Slot(object)
    def _on_tunes(self, names: tuple[str, ...]) -> None:
        if not self._closed:
            self.tunes_found.emit(names)
