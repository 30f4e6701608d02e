"""The folder a download grows in, until it is whole and moves to its place."""

from __future__ import annotations

import logging
import shutil
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

import tomli_w

from assistant.api import InputError, ModelCard, ModelError, ModelFile
from assistant.library.cards import write_card
from assistant.library.library import CARD_NAME

logger = logging.getLogger(__name__)

RECORD_NAME = "download.toml"
"""What a folder of an unfinished download remembers; gone once it is installed."""

PART_ENDING = ".part"
"""Added to the name of a file that has not arrived as a whole."""


@dataclass(frozen=True)
class DownloadRecord:
    """What is being downloaded.

    Attributes:
        repo: the repository.
        revision: the branch, tag or commit that was asked for.
        commit: the commit that it stood for when the download began.
        endpoint: address of the hub that was used last.
        total_bytes: size of all files.
    """

    repo: str
    revision: str
    commit: str
    endpoint: str
    total_bytes: int


@dataclass(frozen=True)
class UnfinishedDownload:
    """A download that can go on.

    Attributes:
        folder: where it lies.
        record: what it is.
        received_bytes: how much of it is there.
    """

    folder: Path
    record: DownloadRecord
    received_bytes: int


@dataclass(frozen=True)
class StagedModel:
    """A whole model, every file of the right size and hash, not installed yet.

    Attributes:
        folder: where it lies.
        repo: the repository it came from.
        revision: the commit of that repository.
        files: all its files.
    """

    folder: Path
    repo: str
    revision: str
    files: tuple[ModelFile, ...]


def write_record(record: DownloadRecord, folder: Path) -> None:
    """Remember ``record`` in ``folder``, which must exist.

    Raises:
        OSError: the old record, if any, is as it was.
    """
    temporary = folder / f"{RECORD_NAME}.tmp"
    temporary.write_text(tomli_w.dumps(asdict(record)), encoding="utf-8")
    temporary.replace(folder / RECORD_NAME)


def read_record(folder: Path) -> DownloadRecord | None:
    """What is being downloaded into ``folder``; None if nothing is, or the record is damaged (logged)."""
    path = folder / RECORD_NAME
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        record = DownloadRecord(**values)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as error:
        logger.warning("%s: %s", path, error)
        return None
    if {name: type(value) for name, value in values.items()} != {
        name: int if name == "total_bytes" else str for name in values
    }:
        logger.warning("%s: wrong types", path)
        return None
    return record


def unfinished(folder: Path) -> list[UnfinishedDownload]:
    """Downloads that were paused or broken off in folders of ``folder``, which need not exist."""
    found = []
    for path in sorted(folder.glob(f"*/{RECORD_NAME}")):
        if record := read_record(path.parent):
            others = (path, path.with_name(CARD_NAME))
            received = sum(_size(file) for file in path.parent.iterdir() if file not in others)
            found.append(UnfinishedDownload(path.parent, record, received))
    return found


def install(staged: StagedModel, card: ModelCard, models_folder: Path) -> Path:
    """Write the card of a whole model and move its folder into ``models_folder``, in one step.

    The card's files, repository and revision become those of ``staged``. Both folders must lie on the same
    file system.

    Returns:
        Path: where it is now.

    Raises:
        InputError: a folder of this name is there already; nothing was changed.
        ModelError: the folder could not be written or moved.
    """
    target = models_folder / card.id
    if target.exists():
        raise InputError(f"已经装有名为 {card.id} 的模型。", "请先移除它，再重新安装。")
    filled = card.model_copy(
        update={"files": staged.files, "repo": staged.repo, "revision": staged.revision, "folder": ""}
    )
    try:
        write_card(filled, staged.folder / CARD_NAME)
        wanted = {CARD_NAME, *(file.name for file in staged.files)}
        for path in staged.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name not in wanted:
                path.unlink()
        models_folder.mkdir(parents=True, exist_ok=True)
        staged.folder.rename(target)
    except OSError as error:
        raise ModelError(
            f"装不进 {target}：{error.strerror or error}。", "请检查磁盘和文件夹的权限。"
        ) from error
    return target


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        # A running download renames its files.
        return 0
