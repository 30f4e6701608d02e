"""The model library off the GUI thread: what runs, what waits, what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from assistant.api import BibanError
from assistant.library import ModelLibrary
from assistant.ui.library import work
from assistant.ui.library.jobs import DONE, TRANSFERS, Job, JobKind, JobThread, Outcome, Phase, Subject
from assistant.ui.library.listing import Listing, target_of

MAX_TRANSFERS = 2
"""So many downloads and imports run at a time; more would only share the same line and disk."""

_LISTING = "·"
"""Key of the job that only looks at the disk; no model can have it."""


class ModelLibraryService(QObject):
    """Owns one thread a job. All signals arrive in the GUI thread.

    Args:
        library: what is looked at and changed, in threads.
        check: looks a model folder over before it is installed; called in a thread, may import torch.
        endpoint: gives the address of the model hub, empty for the usual one; called in a thread.
    """

    listed = Signal()
    """Rows have come or gone, or ``listing`` is new."""
    changed = Signal(str)
    """What stands in the row of this key is new."""
    installed = Signal(str)
    """A model that was not there before can be used; its id."""

    def __init__(
        self,
        library: ModelLibrary,
        check: work.CheckFolder,
        endpoint: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.library = library
        self.listing = Listing()
        self.list_error: BibanError | None = None
        self._check = check
        self._endpoint = endpoint
        self._jobs: dict[str, Job] = {}
        self._notes: dict[str, str] = {}
        self._threads: dict[str, JobThread] = {}
        self._list_again = False
        self._closed = False

    @property
    def transfers(self) -> list[Job]:
        """Downloads and imports that run or wait."""
        return [job for job in self._jobs.values() if job.kind in TRANSFERS and job.phase != Phase.FAILED]

    def subjects(self) -> list[Subject]:
        """All rows: what no card knows first, then the models in the order of the library."""
        known = [entry.card.id for entry in self.listing.entries]
        strange = [key for key in {**self._jobs, **self.listing.unfinished} if key not in known]
        return [self.subject(key) for key in (*strange, *known)]

    def subject(self, key: str) -> Subject:
        """The row of this key."""
        return Subject(
            key,
            self.listing.entry(key),
            self.listing.unfinished.get(key),
            self._jobs.get(key),
            self._notes.get(key, ""),
        )

    def forget_notes(self) -> None:
        """Say no more about what has ended well."""
        self._notes.clear()

    def refresh(self) -> None:
        """Look at the disk again; ``listed`` follows."""
        if _LISTING in self._threads:
            self._list_again = True
        elif not self._closed:
            self._start(Job(_LISTING, JobKind.LIST, "", work.nothing))

    def download(self, key: str) -> None:
        """Download the model of this row, or go on with it."""
        left = self.listing.unfinished.get(key)
        title = left.record.repo if left and not self.listing.entry(key) else key
        self._download(key, title)

    def download_repo(self, text: str) -> str:
        """Download any repository: ``owner/name``, its address, or the id of a known model.

        Returns:
            The key of its row.

        Raises:
            InputError: it can be seen without asking the hub that this cannot be.
        """
        key, repo_or_id = target_of(text, self.listing)
        self._download(key, repo_or_id)
        return key

    def import_from(self, source: Path, model_id: str | None = None) -> str:
        """Import a folder or an archive, as the known model ``model_id`` if given; the key of its row."""
        key = model_id or f"import:{source}"
        todo = work.import_from(self.library, self._check, source, model_id)
        self._submit(Job(key, JobKind.IMPORT, source.name, todo))
        return key

    def verify(self, key: str) -> None:
        """Compare the files of a model with its card."""
        self._submit(Job(key, JobKind.VERIFY, key, work.verify(self.library, key)))

    def remove(self, key: str) -> None:
        """Delete an installed model."""
        self._submit(Job(key, JobKind.REMOVE, key, work.remove(self.library, key)))

    def stop(self, key: str) -> None:
        """Pause a download, or call off an import; what has arrived of a download stays."""
        job = self._jobs.get(key)
        if job is None or job.phase is Phase.FAILED:
            return
        if job.phase is Phase.WAITING:
            self._forget(key)
        else:
            job.cancellation.cancel()
            job.phase = Phase.STOPPING
            self.changed.emit(key)

    def give_up(self, key: str) -> None:
        """Delete what has arrived of a download, after stopping it if need be."""
        job = self._jobs.get(key)
        if job is not None and job.phase in (Phase.RUNNING, Phase.STOPPING):
            job.is_given_up = True
            self.stop(key)
        elif job is not None and job.kind is not JobKind.DOWNLOAD:
            self._forget(key)
        else:
            self._jobs.pop(key, None)
            self._discard(key, job.title if job else key)

    def dismiss(self, key: str) -> None:
        """Say no more about what has failed."""
        job = self._jobs.get(key)
        if job is not None and job.phase is Phase.FAILED:
            self._forget(key)

    def retry(self, key: str) -> None:
        """Do what has failed once more."""
        job = self._jobs.get(key)
        if job is not None and job.phase is Phase.FAILED:
            self._submit(Job(key, job.kind, job.title, job.work))

    def shutdown(self) -> None:
        """Pause everything and wait for the threads; parts of downloads stay."""
        # A flag, not disconnect(), for the reason that GenerationService has.
        self._closed = True
        for job in self._jobs.values():
            job.cancellation.cancel()
        for thread in self._threads.values():
            thread.wait()
        self._threads.clear()

    def _download(self, key: str, repo_or_id: str) -> None:
        todo = work.download(self.library, self._check, repo_or_id, self._endpoint)
        self._submit(Job(key, JobKind.DOWNLOAD, repo_or_id, todo))

    def _discard(self, key: str, title: str) -> None:
        self._submit(Job(key, JobKind.DISCARD, title, work.discard(self.library, key)))

    def _submit(self, job: Job) -> None:
        running = self._jobs.get(job.key)
        if self._closed or (running is not None and running.phase is not Phase.FAILED):
            return
        self._notes.pop(job.key, None)
        self._jobs[job.key] = job
        self._start_waiting()
        self._tell(job.key)

    def _start_waiting(self) -> None:
        busy = sum(job.kind in TRANSFERS and job.key in self._threads for job in self._jobs.values())
        for job in self._jobs.values():
            if job.phase is not Phase.WAITING or (job.kind in TRANSFERS and busy >= MAX_TRANSFERS):
                continue
            busy += job.kind in TRANSFERS
            self._start(job)

    def _start(self, job: Job) -> None:
        job.phase = Phase.RUNNING
        thread = JobThread(job, self.library, self)
        thread.progressed.connect(self._on_progress)
        thread.ended.connect(self._on_ended)
        self._threads[job.key] = thread
        thread.start()

    @Slot(str)
    def _on_progress(self, key: str) -> None:
        job, thread = self._jobs.get(key), self._threads.get(key)
        if job is not None and thread is not None and not self._closed:
            job.progress = thread.progress
            self.changed.emit(key)

    @Slot(str)
    def _on_ended(self, key: str) -> None:
        if self._closed:
            return
        thread = self._threads.pop(key)
        thread.wait()
        thread.deleteLater()
        outcome = thread.outcome
        assert outcome is not None
        before = {card.id for card in self.listing.installed}
        if outcome.listing is not None and outcome.listing.serial > self.listing.serial:
            self.listing = outcome.listing
        job = self._jobs.get(key)
        new = [card.id for card in self.listing.installed if card.id not in before] if job else []
        if job is None:
            self.list_error = outcome.error
        else:
            self._conclude(job, outcome)
            self._notes |= {model_id: DONE[job.kind] for model_id in new if job.kind in TRANSFERS}
        self._start_waiting()
        self.listed.emit()
        for model_id in new:
            self.installed.emit(model_id)
        if job is None and self._list_again:
            self._list_again = False
            self.refresh()

    def _conclude(self, job: Job, outcome: Outcome) -> None:
        if outcome.error is not None and not job.is_given_up:
            job.phase, job.error = Phase.FAILED, outcome.error
            return
        del self._jobs[job.key]
        if job.is_given_up and not outcome.is_done and job.kind is JobKind.DOWNLOAD:
            self._discard(job.key, job.title)
        elif outcome.is_done and job.kind is JobKind.VERIFY:
            self._notes[job.key] = DONE[job.kind]

    def _forget(self, key: str) -> None:
        self._jobs.pop(key, None)
        self._tell(key)

    def _tell(self, key: str) -> None:
        if self.listing.entry(key) is None:  # its row comes and goes with the job
            self.listed.emit()
        else:
            self.changed.emit(key)
