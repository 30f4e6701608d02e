"""Bringing a model into the library: downloading it, or importing files that are there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.api import Cancellation, InputError, ModelCard, WeightsError
from assistant.library.archive import unpack
from assistant.library.describe import describe, slug
from assistant.library.download import ModelDownload
from assistant.library.library import ModelLibrary, ModelState
from assistant.library.progress import DownloadProgress
from assistant.library.staging import StagedModel, install

CheckFolder = Callable[[Path, ModelCard], None]
"""Looks a folder over before it is installed; raises ``WeightsError``."""


def import_model(
    library: ModelLibrary,
    source: Path,
    check: CheckFolder,
    *,
    model_id: str | None = None,
    writers: Sequence[str] = (),
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    cancellation: Cancellation | None = None,
) -> ModelCard:
    """Copy a model folder, a .zip or a .tar into the library.

    Args:
        library: where to put it.
        source: folder or archive; not changed.
        check: looks the files over.
        model_id: id to give it; None for the one of the known card it matches, else made of its name.
        writers: ids of writers it is to serve; none for the usual ones of its kind.
        on_progress: bytes done, bytes in all.
        cancellation: looked at between pieces of a file.

    Raises:
        InputError: the source is not there or unsafe, or the id is taken.
        WeightsError: the files are no usable model.
        ImportCancelled: it was cancelled; nothing is left.
    """
    if not source.exists():
        raise InputError(f"没有 {source} 这个文件或文件夹。", "请检查路径。")
    library.user_models.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".import-", dir=library.user_models) as temporary:
        folder = Path(temporary) / "model"
        name = unpack(source, folder, on_progress=on_progress, cancellation=cancellation or Cancellation())
        card = describe(folder, known=library.known(), name=name, model_id=model_id, writers=writers)
        _refuse_taken(library, card.id)
        check(folder, card)
        install(StagedModel(folder, card.repo, card.revision, card.files), card, library.user_models)
    return library.card(card.id)


def download_model(
    library: ModelLibrary,
    repo_or_id: str,
    check: CheckFolder,
    *,
    endpoint: str = "",
    on_progress: Callable[[DownloadProgress], None] = lambda progress: None,
    cancellation: Cancellation | None = None,
) -> ModelCard | None:
    """Download a known model, or any repository of the hub.

    Args:
        library: where to put it.
        repo_or_id: id of a known card, or ``owner/name``.
        check: looks the files over.
        endpoint: address of the hub or its mirror; empty for ``HF_ENDPOINT``, else the usual hub.
        on_progress: called about ten times a second.
        cancellation: pauses; what has arrived stays for the next call.

    Returns:
        The card of the installed model; None when it was paused.

    Raises:
        InputError: the id is taken, or the card names no repository.
        WeightsError: the files are damaged or no usable model.
        ModelError: the hub cannot be reached, or the disk is full.
    """
    known = _known(library, repo_or_id)
    model_id = known.id if known else slug(repo_or_id.rsplit("/", 1)[-1])
    _refuse_taken(library, model_id)
    staging = library.staging(model_id)
    if known is not None:
        download = ModelDownload.of_card(known, staging, endpoint=endpoint)
    else:
        download = ModelDownload(repo_or_id, staging, endpoint=endpoint)
    staged = download.run(on_progress, cancellation or Cancellation())
    if staged is None:
        return None
    card = describe(
        staged.folder, known=library.known(), name=repo_or_id, model_id=model_id, writers=()
    ).model_copy(update={"repo": staged.repo, "revision": staged.revision, "files": tuple(staged.files)})
    try:
        check(staged.folder, card)
    except WeightsError:
        # What is wrong on the hub does not get right by going on.
        discard_download(library, model_id)
        raise
    install(staged, card, library.user_models)
    return library.card(card.id)


def discard_download(library: ModelLibrary, model_id: str) -> None:
    """Give up a download and delete what has arrived of it."""
    shutil.rmtree(library.staging(model_id), ignore_errors=True)


def _known(library: ModelLibrary, repo_or_id: str) -> ModelCard | None:
    cards = library.known()
    found = next((card for card in cards if card.id == repo_or_id), None)
    if found is None:
        found = next((card for card in cards if card.repo and card.repo == repo_or_id), None)
    if found is None and "/" not in repo_or_id:
        library.entry(repo_or_id)  # says which there are
    if found is not None and not found.repo:
        raise InputError(f"「{found.name}」不能下载。", f"来源：{found.source}。")
    return found


def _refuse_taken(library: ModelLibrary, model_id: str) -> None:
    taken = {entry.card.id: entry for entry in library.entries() if entry.is_installed}
    if model_id in taken:
        hint = "导入时请另取一个标识。"
        if taken[model_id].state is ModelState.INSTALLED:
            hint = "如要换新，请先移除它；要两个都留着，导入时请另取一个标识。"
        raise InputError(f"模型 {model_id} 已经安装。", hint)
