"""One piece of long work on the model library, and the thread it runs in."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from enum import Enum, auto

from PySide6.QtCore import QObject, QThread, Signal

from assistant.api import BibanError, Cancellation, ModelError
from assistant.library import LibraryEntry, ModelLibrary
from assistant.library.progress import DownloadProgress
from assistant.library.staging import UnfinishedDownload
from assistant.ui.library.listing import Listing, read_listing
from assistant.ui.library.work import Work

logger = logging.getLogger(__name__)


class JobKind(Enum):
    """What is being done."""

    LIST = auto()
    """Look which models there are."""
    DOWNLOAD = auto()
    IMPORT = auto()
    VERIFY = auto()
    REMOVE = auto()
    DISCARD = auto()
    """Delete what has arrived of a download."""


TRANSFERS = (JobKind.DOWNLOAD, JobKind.IMPORT)
"""The kinds that take long, so that only a few run at a time and the others wait."""

DONE = {
    JobKind.DOWNLOAD: "下载好了，可以用了。",
    JobKind.IMPORT: "导入好了，可以用了。",
    JobKind.VERIFY: "核对过了，文件完好。",
}
"""What to say when a job of this kind has ended well; the others speak for themselves."""


class Phase(Enum):
    """How far a job is. One that has ended well is gone."""

    WAITING = auto()
    RUNNING = auto()
    STOPPING = auto()
    """It was asked to stop, and has not noticed yet."""
    FAILED = auto()


@dataclass
class Job:
    """One piece of work. Changed in the GUI thread only.

    Attributes:
        key: id of the model, or what stands for it while its id is not known.
        kind: what is done.
        title: repository, or name of the file, for as long as no card gives a name.
        work: does it; called in a thread.
        phase: how far it is.
        progress: the latest report.
        error: why it failed.
        is_given_up: what has arrived shall be deleted once it has stopped.
        cancellation: stops it.
    """

    key: str
    kind: JobKind
    title: str
    work: Work
    phase: Phase = Phase.WAITING
    progress: DownloadProgress | None = None
    error: BibanError | None = None
    is_given_up: bool = False
    cancellation: Cancellation = field(default_factory=Cancellation)


@dataclass(frozen=True)
class Subject:
    """What one row is about.

    Attributes:
        key: id of the model, or what stands for it while its id is not known.
        entry: the known model; None of a repository or file that no card knows.
        unfinished: what has arrived of its download.
        job: what is being done, or has failed.
        note: how the last thing ended.
    """

    key: str
    entry: LibraryEntry | None = None
    unfinished: UnfinishedDownload | None = None
    job: Job | None = None
    note: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    Attributes:
        is_done: False when it was stopped or has failed.
        error: what went wrong, None when nothing did.
        listing: what the library holds now; None when it cannot be read.
    """

    is_done: bool
    error: BibanError | None
    listing: Listing | None


class JobThread(QThread):
    """Does one job; its signals arrive in the GUI thread.

    The signals carry no Python objects: to copy one, Qt would wait for Python's lock with its own held, while
    the GUI thread, which connects the next job, waits for Qt's with Python's held.

    Attributes:
        progress: the latest report.
        outcome: how it ended, None before.
    """

    progressed = Signal(str)
    """The key; about ten times a second."""
    ended = Signal(str)
    """The key; the last thing it does."""

    def __init__(self, job: Job, library: ModelLibrary, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName(f"biban-library {job.key}")
        self.progress: DownloadProgress | None = None
        self.outcome: Outcome | None = None
        self._key, self._work, self._cancellation = job.key, job.work, job.cancellation
        self._library = library

    def run(self) -> None:
        """In the thread: does it, then looks at the disk again."""
        is_done, error, listing = False, None, None
        try:
            is_done = self._work(self._report, self._cancellation)
        # Whatever it is, it belongs into the row of its model and must not end the program.
        except Exception as caught:
            error = explained(caught)
        try:
            listing = read_listing(self._library)
        except Exception as caught:
            error = error or explained(caught)
        self.outcome = Outcome(is_done, error, listing)
        self.ended.emit(self._key)

    def _report(self, progress: DownloadProgress) -> None:
        self.progress = progress
        self.progressed.emit(self._key)


def explained(error: Exception) -> BibanError:
    """``error`` itself if it already speaks to a person, else an explanation of it."""
    if isinstance(error, BibanError):
        return error
    if isinstance(error, OSError):
        where = f" {error.filename}" if error.filename else ""
        return ModelError(
            f"动不了文件{where}：{error.strerror or error}。",
            "请检查磁盘空间和文件夹的权限；模型正在用时，关掉笔伴再试。",
        )
    logger.exception("model library", exc_info=error)
    text = str(error).strip().split("\n")[0]
    return ModelError(f"模型库出错：{type(error).__name__}{f'：{text}' if text else ''}。", "请再试一次。")
