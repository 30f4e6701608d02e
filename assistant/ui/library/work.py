"""What the jobs do. These functions run in threads; whatever is heavy is imported there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assistant.api import Cancellation, ModelCard
from assistant.library import ModelLibrary
from assistant.library.progress import DownloadProgress, ProgressMeter

Report = Callable[[DownloadProgress], None]
Work = Callable[[Report, Cancellation], bool]
"""Gets a function to report to and a flag to look at; returns False when it was stopped by the flag."""
CheckFolder = Callable[[Path, ModelCard], None]


class _Stopped(Exception):  # noqa: N818 - no error: somebody asked for it
    """Raised out of the check of a folder when nobody waits for it any more."""


def download(library: ModelLibrary, check: CheckFolder, repo_or_id: str, endpoint: Callable[[], str]) -> Work:
    """Download a known model or a repository; the address is asked for when it begins, and at every retry."""

    def work(report: Report, cancellation: Cancellation) -> bool:
        from assistant.library.acquire import download_model

        try:
            card = download_model(
                library,
                repo_or_id,
                _unless_stopped(check, cancellation),
                endpoint=endpoint(),
                on_progress=report,
                cancellation=cancellation,
            )
        except _Stopped:
            return False
        return card is not None

    return work


def import_from(library: ModelLibrary, check: CheckFolder, source: Path, model_id: str | None) -> Work:
    """Copy a folder or an archive into the library."""

    def work(report: Report, cancellation: Cancellation) -> bool:
        from assistant.library.acquire import import_model
        from assistant.library.archive import ImportCancelled

        try:
            import_model(
                library,
                source,
                _unless_stopped(check, cancellation),
                model_id=model_id,
                on_progress=_metered(report, source.name),
                cancellation=cancellation,
            )
        except (ImportCancelled, _Stopped):
            return False
        return True

    return work


def verify(library: ModelLibrary, model_id: str) -> Work:
    """Compare the files of a model with its card."""

    def work(report: Report, cancellation: Cancellation) -> bool:
        return library.verify(model_id, cancellation)

    return work


def remove(library: ModelLibrary, model_id: str) -> Work:
    """Delete an installed model."""

    def work(report: Report, cancellation: Cancellation) -> bool:
        library.remove(model_id)
        return True

    return work


def discard(library: ModelLibrary, model_id: str) -> Work:
    """Delete what has arrived of a download."""

    def work(report: Report, cancellation: Cancellation) -> bool:
        from assistant.library.acquire import discard_download

        discard_download(library, model_id)
        return True

    return work


def nothing(report: Report, cancellation: Cancellation) -> bool:
    """Only the look at the disk that ends every job."""
    return True


def _unless_stopped(check: CheckFolder, cancellation: Cancellation) -> CheckFolder:
    """``check`` that ends the work when it was stopped before or meanwhile: it may take seconds."""

    def checked(folder: Path, card: ModelCard) -> None:
        if not cancellation.cancelled:
            check(folder, card)
        if cancellation.cancelled:
            raise _Stopped

    return checked


def _metered(report: Report, name: str) -> Callable[[int, int], None]:
    """A function of bytes done and bytes in all that reports them with the speed, ten times a second."""
    meter: ProgressMeter | None = None
    before = 0

    def add(done: int, total: int) -> None:
        nonlocal meter, before
        if meter is None:
            meter = ProgressMeter(report, total, done)
            meter.report(name)
        meter.add(done - before, name)
        before = done
        if done == total:
            meter.report(name)

    return add
