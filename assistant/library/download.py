"""Downloading a model: to be paused at any moment, and to go on after any interruption."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import logging
import os
import shutil
from collections.abc import Callable, Generator
from dataclasses import replace
from functools import partial
from pathlib import Path

from assistant.api import Cancellation, ModelCard, ModelError, ModelFile, WeightsError
from assistant.library.background import Paused, in_background, wait
from assistant.library.hub import Hub, Interrupted
from assistant.library.progress import DownloadProgress, ProgressMeter
from assistant.library.remote_model import RemoteFile, RemoteModel
from assistant.library.staging import PART_ENDING, DownloadRecord, StagedModel, read_record, write_record

logger = logging.getLogger(__name__)

RETRY_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Pauses before new tries after a break; they begin anew as soon as something arrives."""

FREE_MARGIN_BYTES = 200_000_000
"""What stays free on the disk after a download."""

_AGAIN = "请再试一次；仍然不对就换一个镜像地址。"
_KEPT = "已下载的部分会保留，稍后可继续，也可以换一个镜像地址。"


class ModelDownload:
    """The download of one model.

    Args:
        repo: repository such as ``uer/gpt2-chinese-poem``.
        staging: folder for its files, used for nothing else. What an earlier run left there is used, or
            deleted if it is of another repository or revision.
        revision: branch, tag or commit; a download that was begun stays at the commit it began with.
        endpoint: address of the hub; empty for ``HF_ENDPOINT``, else the default hub.
        expected: files whose hashes are known from elsewhere, so that no mirror can change them.
    """

    def __init__(
        self,
        repo: str,
        staging: Path,
        *,
        revision: str = "main",
        endpoint: str = "",
        expected: tuple[ModelFile, ...] = (),
    ) -> None:
        self._repo = repo
        self._staging = staging
        self._revision = revision
        self._endpoint = endpoint
        self._expected = {file.name: file.sha256 for file in expected if file.sha256}

    @classmethod
    def of_card(cls, card: ModelCard, staging: Path, *, endpoint: str = "") -> ModelDownload:
        """The download of the model that ``card`` describes; ``files`` must arrive as they stand there."""
        return cls(card.repo, staging, revision=card.revision, endpoint=endpoint, expected=card.files)

    def run(
        self, on_progress: Callable[[DownloadProgress], None], cancellation: Cancellation
    ) -> StagedModel | None:
        """Download what is not there yet, in this thread.

        Args:
            on_progress: called in this thread, about ten times a second and at the end of every file.
            cancellation: pauses the download within a second.

        Returns:
            StagedModel | None: the whole model, all hashes compared; None if it was paused.

        Raises:
            InputError: the repository or the address cannot be one.
            ModelNotFoundError: there is no such repository or revision.
            WeightsError: it has no usable weights, or a file did not arrive as it should; that file is gone.
            ModelError: no network, no permission, or no room; whatever has arrived is kept.
        """
        hub = Hub(self._endpoint)
        files: list[RemoteFile] = []
        try:
            model = self._look_up(hub, cancellation)
            files = self._compared(model)
            total = sum(file.size_bytes for file in files)
            missing = self._missing(files)
            self._check_room(missing)
            self._staging.mkdir(parents=True, exist_ok=True)
            write_record(
                DownloadRecord(self._repo, self._revision, model.commit, hub.endpoint, total), self._staging
            )
            meter = ProgressMeter(on_progress, total, total - missing)
            done = [self._get(hub, model, file, meter, cancellation) for file in files]
        except Paused:
            return None
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise self._no_room(self._missing(files)) from error
            raise ModelError(
                f"写不了文件夹 {self._staging}：{error.strerror or error}。", "请检查磁盘和文件夹的权限。"
            ) from error
        return StagedModel(self._staging, self._repo, model.commit, tuple(done))

    def discard(self) -> None:
        """Delete everything that was downloaded; only while it is not running."""
        if self._staging.exists():
            shutil.rmtree(self._staging)

    def _look_up(self, hub: Hub, cancellation: Cancellation) -> RemoteModel:
        record = read_record(self._staging)
        if record and (record.repo, record.revision) != (self._repo, self._revision):
            self.discard()
            record = None
        revision = record.commit if record else self._revision

        def ask() -> Generator[RemoteModel, None, None]:
            yield hub.model(self._repo, revision)

        [model] = [item for item in in_background(ask, cancellation) if item is not None]
        return model

    def _compared(self, model: RemoteModel) -> list[RemoteFile]:
        """The files to get, with the hashes that are known from elsewhere."""
        files = []
        for file in model.needed_files():
            sha256 = self._expected.get(file.name, file.sha256)
            if file.sha256 and sha256 != file.sha256:
                raise WeightsError(f"{self._repo} 的 {file.name} 与模型卡所记的不同。", "请换一个镜像地址。")
            files.append(replace(file, sha256=sha256))
        return files

    def _get(
        self,
        hub: Hub,
        model: RemoteModel,
        file: RemoteFile,
        meter: ProgressMeter,
        cancellation: Cancellation,
    ) -> ModelFile:
        path = self._staging / file.name
        arrived = path
        if not path.exists():
            arrived = self._part(file)
            with arrived.open("ab", buffering=0) as target:
                self._transfer(partial(hub.read, model, file), file, target, meter, cancellation)
                os.fsync(target.fileno())
        meter.report(file.name)
        sha256 = _verified(arrived, file, cancellation)
        arrived.replace(path)
        return ModelFile(name=file.name, size_bytes=file.size_bytes, sha256=sha256)

    def _transfer(
        self,
        read_from: Callable[[int], Generator[bytes, None, None]],
        file: RemoteFile,
        target: io.FileIO,
        meter: ProgressMeter,
        cancellation: Cancellation,
    ) -> None:
        """Append to ``target`` what it lacks."""
        pauses = iter(RETRY_SECONDS)
        while (start := target.tell()) < file.size_bytes:
            reason = "it ended early"
            try:
                # The thread stops as soon as the generator is closed, also when the disk is full.
                with contextlib.closing(in_background(partial(read_from, start), cancellation)) as chunks:
                    for chunk in chunks:
                        meter.add(_write(target, chunk or b""), file.name)
                        if target.tell() > file.size_bytes:
                            return
            except Interrupted as error:
                reason = str(error)
            if target.tell() >= file.size_bytes:
                return
            if target.tell() > start:
                pauses = iter(RETRY_SECONDS)
            logger.info("%s broke off after %d bytes: %s", file.name, target.tell(), reason)
            pause = next(pauses, None)
            if pause is None:
                raise ModelError(f"下载 {file.name} 时连接中断，试了几次都没有接上。", _KEPT)
            wait(pause, cancellation)

    def _part(self, file: RemoteFile) -> Path:
        return self._staging / (file.name + PART_ENDING)

    def _missing(self, files: list[RemoteFile]) -> int:
        """Bytes of ``files`` that have not arrived."""
        missing = 0
        for file in files:
            path = self._staging / file.name
            path = path if path.exists() else self._part(file)
            missing += max(0, file.size_bytes - path.stat().st_size) if path.exists() else file.size_bytes
        return missing

    def _free_bytes(self) -> int:
        folder = next(folder for folder in (self._staging, *self._staging.parents) if folder.exists())
        return shutil.disk_usage(folder).free

    def _check_room(self, missing: int) -> None:
        if self._free_bytes() < missing + FREE_MARGIN_BYTES:
            raise self._no_room(missing)

    def _no_room(self, missing: int) -> ModelError:
        return ModelError(
            f"磁盘空间不够：还要下载 {_megabytes(missing)}，磁盘只剩 {_megabytes(self._free_bytes())}。",
            f"请腾出 {_megabytes(missing + FREE_MARGIN_BYTES)} 以上再继续，已下载的部分会保留。",
        )


def _write(target: io.FileIO, chunk: bytes) -> int:
    """Write all of it; without a buffer, so that nothing is lost or written twice when the disk is full."""
    rest = memoryview(chunk)
    while rest:
        rest = rest[target.write(rest) :]
    return len(chunk)


def _verified(path: Path, file: RemoteFile, cancellation: Cancellation) -> str:
    """The SHA-256 of ``path``, which must be what the hub says of ``file``, or it is deleted."""
    sha256 = hashlib.sha256()
    blob = hashlib.sha1(b"blob %d\0" % file.size_bytes, usedforsecurity=False)
    with path.open("rb") as source:
        while block := source.read(1 << 20):
            if cancellation.cancelled:
                raise Paused
            sha256.update(block)
            if file.blob_id:
                blob.update(block)
    if (
        path.stat().st_size != file.size_bytes
        or (file.sha256 and sha256.hexdigest() != file.sha256)
        or (file.blob_id and blob.hexdigest() != file.blob_id)
    ):
        path.unlink()
        raise WeightsError(f"下载的 {file.name} 与模型仓库所记的不同，已经删去。", _AGAIN)
    return sha256.hexdigest()


def _megabytes(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
