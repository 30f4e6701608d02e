"""Model files out of a folder, a zip or a tar that may come from a stranger."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import re
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, cast

from assistant.api import Cancellation, InputError, WeightsError

MOST_ENTRIES = 10_000
"""Entries of an archive; a model has a few dozen at most."""
MOST_RATIO = 200
"""Unpacked by packed bytes. Weights hardly compress; a bomb gets into the thousands."""
FREE_RATIO_BYTES = 10_000_000
"""Unpacked bytes up to which any ratio is fine: a short text of zeros harms nobody."""
SPARE_BYTES = 100_000_000
"""What an import leaves free on the disk."""
PIECE_BYTES = 1_000_000
"""Copied between two looks at the cancellation."""

_AGAIN = "请重新取得这个模型。"
_STRANGE = "请只从可信的来源取得模型。"
_LONGEST_READ = 16_000_000
"""No honest header of a tar is longer; ``tarfile`` would read it into memory whatever its size."""
_TAR_ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tbz")
_NEEDED = re.compile(
    r"(config|generation_config|vocab|tokenizer|tokenizer_config|special_tokens_map|added_tokens)\.json"
    r"|vocab\.txt|merges\.txt|chat_template\.jinja|pytorch_model[\w.+-]*\.bin(\.index\.json)?"
    # On Windows, the names of devices open the device.
    r"|(?!(?i:con|prn|aux|nul|com\d|lpt\d)\.)\w[\w.+-]*\.(model|safetensors|safetensors\.index\.json)"
)
_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,  # also what gzip and bz2 raise
    ValueError,  # numbers and names in headers
    NotImplementedError,  # a zip of a version yet to come
    RecursionError,  # a tar whose long names nest without end
)


class ImportCancelled(Exception):  # noqa: N818 - it is no error: somebody asked for it
    """The import was called off between two pieces."""


@dataclass(frozen=True)
class _File:
    """A file of the source.

    Attributes:
        parts: the folders it lies in and its name, below the source.
        size: its declared bytes.
        packed: bytes it takes in the archive, at most.
        open: starts to read it.
    """

    parts: tuple[str, ...]
    size: int
    packed: int
    open: Callable[[], IO[bytes]]

    @property
    def name(self) -> str:
        return self.parts[-1]


def unpack(
    source: Path, target: Path, *, on_progress: Callable[[int, int], None], cancellation: Cancellation
) -> str:
    """Copy the files that a model needs out of ``source`` into ``target``.

    They are those beside the one ``config.json``, which lies at the root or one folder below. All end up
    directly in ``target``; nothing is written elsewhere, nor over a file that is there already. After an
    error or a cancellation ``target`` may hold a part of the files; removing it is up to the caller.

    Args:
        source: a folder, a ``.zip``, or a ``.tar`` that may be packed with gzip, xz or bzip2.
        target: the folder to fill; made when it is not there.
        on_progress: called in this thread with bytes done and bytes in all, about once a megabyte.
        cancellation: looked at between two pieces.

    Returns:
        The name of the folder in ``source`` that holds the model; the name of ``source`` without its ending
        when the files lie at its root.

    Raises:
        InputError: there is no model or more than one, an entry is not safe, the format or a password is
            beyond us, or the disk has no room.
        WeightsError: the archive is damaged or cut short, or a link leads nowhere.
        ImportCancelled: ``cancellation`` was raised.
    """
    source = source.absolute()  # "." has no name
    with _opened(source, cancellation) as (name, found):
        files = _one_kind_of_weights(found)
        _check_sizes(files, target)
        total, done = sum(file.size for file in files), 0
        on_progress(done, total)
        for file in files:
            for count in _pieces(file, target / file.name, source, cancellation):
                done += count
                on_progress(done, total)
    return name


def _opened(source: Path, cancellation: Cancellation) -> AbstractContextManager[tuple[str, list[_File]]]:
    """The name of the model and the files beside its ``config.json``, readable within the context."""
    _stop_if(cancellation)
    lower = source.name.lower()
    if source.is_dir():
        return nullcontext(_look_into(source))
    if not source.is_file():
        raise InputError(f"找不到 {source}。")
    if lower.endswith(".zip"):
        return _opened_zip(source)
    if lower.endswith(_TAR_ENDINGS):
        return _opened_tar(source, cancellation)
    raise InputError(
        f"认不出 {source.name} 的格式。",
        "可以导入文件夹、.zip、.tar、.tar.gz、.tar.xz 和 .tar.bz2；别的压缩包请先解开，再选解出的文件夹。",
    )


def _look_into(source: Path) -> tuple[str, list[_File]]:
    try:
        folders = [path.name for path in source.iterdir() if path.is_dir() and not path.is_symlink()]
        folders = [name for name in folders if not _is_ignored((name,)) and _has_config(source / name)]
        folder = source.resolve() / _model_folder([""] if _has_config(source) else folders, source)
        paths = [
            path for path in sorted(folder.iterdir()) if _NEEDED.fullmatch(path.name) and not path.is_dir()
        ]
    except OSError as error:
        raise InputError(f"读不了文件夹 {source}：{error.strerror}。") from error
    return _folder_name(folder), [_file(path) for path in paths]


def _has_config(folder: Path) -> bool:
    return (folder / "config.json").is_file()


def _file(path: Path) -> _File:
    # Links are followed: the snapshots in the cache of Hugging Face consist of them.
    try:
        status = path.stat()
    except OSError as error:
        raise WeightsError(f"{path} 读不到，或是指向别处的链接，那里的文件不在了。", _AGAIN) from error
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{path} 不是普通文件，没有导入。")
    return _File((path.name,), status.st_size, status.st_size, lambda: path.open("rb"))


def _folder_name(folder: Path) -> str:
    """Its name; that of the repository for a snapshot in the cache of Hugging Face, whose name is a hash."""
    cache = folder.parent.parent.name
    if folder.parent.name == "snapshots" and cache.startswith("models--"):
        return cache.split("--")[-1]
    return folder.name


@contextmanager
def _opened_zip(source: Path) -> Iterator[tuple[str, list[_File]]]:
    with ExitStack() as stack:
        packed = stack.enter_context(_open(source))
        with _damage_reported(source):
            archive = stack.enter_context(zipfile.ZipFile(packed))
            infos = archive.infolist()
            if sum(info.compress_size for info in infos) > os.fstat(packed.fileno()).st_size:
                raise zipfile.BadZipFile("entries overlap")
            _check_count(len(infos), source)
            entries = [_zip_entry(archive, info) for info in infos]
        yield _beside_config([entry for entry in entries if entry is not None], source)


def _zip_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> _File | None:
    # Not ``filename``: that one is cut at a NUL and, on Windows, has its backslashes turned.
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        name = _decoded(name.encode("cp437"))
    kind = stat.S_IFMT(info.external_attr >> 16)
    parts = _parts(name, is_plain=kind in (0, stat.S_IFREG, stat.S_IFDIR))
    if name.endswith("/") or not parts:
        return None
    if info.flag_bits & 0x41:
        raise InputError("这个压缩包加了密码。", "请先用密码解开，再选解出的文件夹。")
    # The other methods unpack all that they are fed into memory at once.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError("这个压缩包用了少见的压缩方法，没有打开。", "请先解开，再选解出的文件夹。")
    return _File(parts, info.file_size, info.compress_size, partial(archive.open, info))


@contextmanager
def _opened_tar(source: Path, cancellation: Cancellation) -> Iterator[tuple[str, list[_File]]]:
    with ExitStack() as stack:
        packed = stack.enter_context(_open(source))
        with _damage_reported(source):
            stream = _Watched(packed, stack.enter_context(_decompressed(packed)), cancellation)
            archive = stack.enter_context(tarfile.TarFile(fileobj=stream, encoding="utf-8"))
            entries: list[_File] = []
            count = 0
            while (member := archive.next()) is not None:
                count += 1
                _check_count(count, source)
                name = _decoded(member.name.encode("utf-8", "surrogateescape"))
                parts = _parts(name, is_plain=member.isreg() or member.isdir())
                if member.isreg() and parts:
                    entries.append(_File(parts, member.size, stream.packed, partial(_read, archive, member)))
            # The checksum of gzip stands at its very end, where tarfile does not look.
            while stream.read(PIECE_BYTES):
                pass
        yield _beside_config(entries, source)


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(member)
    assert file is not None, "a regular file"
    return file


def _decompressed(packed: IO[bytes]) -> IO[bytes]:
    start = packed.read(6)
    packed.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return cast(IO[bytes], gzip.GzipFile(fileobj=packed))
    if start.startswith(b"BZh"):
        return bz2.BZ2File(packed)
    if start == b"\xfd7zXZ\0":
        return lzma.LZMAFile(packed)
    return packed


class _Watched(io.BufferedIOBase):
    """What a tar is unpacked from: a bomb is noticed on the way, and a long way can be broken off.

    Args:
        packed: the file.
        stream: its bytes unpacked; the same file if it is not packed.
        cancellation: looked at with every step.
    """

    def __init__(self, packed: IO[bytes], stream: IO[bytes], cancellation: Cancellation) -> None:
        self.packed = os.fstat(packed.fileno()).st_size
        self._stream = stream
        self._is_plain = stream is packed
        self._cancellation = cancellation

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes. ``tarfile`` reads a header in one go, however long it says it is."""
        if size is None or not 0 <= size <= _LONGEST_READ:
            raise tarfile.HeaderError("header too long")
        data = self._stream.read(size)
        self._look()
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to ``offset`` bytes from the start, which for a packed tar means reading up to there."""
        assert whence == io.SEEK_SET
        if offset < self._stream.tell():
            self._stream.seek(0)
        while (here := self._stream.tell()) < offset:
            self._stream.seek(min(offset, here + _LONGEST_READ))
            # A packed stream stays where it ends, a plain file goes on.
            if self._stream.tell() == here or (self._is_plain and offset > self.packed):
                raise tarfile.ReadError("cut short")
            self._look()
        return offset

    def tell(self) -> int:
        """Bytes from the start."""
        return self._stream.tell()

    def _look(self) -> None:
        _stop_if(self._cancellation)
        _check_ratio(self._stream.tell(), self.packed)


def _beside_config(files: list[_File], source: Path) -> tuple[str, list[_File]]:
    files = [file for file in files if not _is_ignored(file.parts)]
    configs = [file.parts[:-1] for file in files if file.name == "config.json" and len(file.parts) <= 2]
    folder = _model_folder(["".join(parts) for parts in configs], source)
    inside = (folder,) if folder else ()
    found = [file for file in files if file.parts[:-1] == inside and _NEEDED.fullmatch(file.name)]
    names: set[str] = set()
    for file in found:
        if file.name.lower() in names:
            raise InputError(f"{source.name} 里有两个 {file.name}，不知道该用哪个。")
        names.add(file.name.lower())
    ending = next(end for end in (".zip", *_TAR_ENDINGS[::-1]) if source.name.lower().endswith(end))
    return folder or source.name[: -len(ending)] or source.name, found


def _model_folder(found: Collection[str], source: Path) -> str:
    """The folder to import of those that hold a ``config.json``, "" being the root."""
    if "" in found:
        return ""
    folders = sorted(set(found))
    if not folders:
        raise InputError(
            f"{source.name} 里没有模型：找不到 config.json。", "请选装着 config.json 和权重的那个文件夹。"
        )
    if len(folders) > 1:
        names = "、".join(_shown(name) for name in folders[:10])
        raise InputError(
            f"{source.name} 里有 {len(folders)} 个模型：{names}。", "请一次导入一个：解开后选其中一个文件夹。"
        )
    return folders[0]


def _parts(name: str, *, is_plain: bool) -> tuple[str, ...]:
    """The folders and the file name of an entry.

    Raises:
        InputError: it is no plain file or folder, or could mean a place outside the archive.
    """
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if not is_plain:
        raise InputError(f"压缩包里的 {_shown(name)} 是链接或设备，为安全起见没有导入。", _STRANGE)
    if name.startswith("/") or ".." in parts or re.search(r"^[A-Za-z]:|[\\\0]", name):
        raise InputError(f"压缩包里 {_shown(name)} 的路径不安全，没有导入。", _STRANGE)
    return parts


def _is_ignored(parts: tuple[str, ...]) -> bool:
    """What file managers and version control leave behind."""
    return any(part.startswith(".") or part == "__MACOSX" for part in parts)


def _decoded(name: bytes) -> str:
    """A name whose encoding the archive does not tell: Chinese Windows packs in GBK."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("cp437")


def _shown(name: str) -> str:
    """``name`` short and without characters that a terminal would obey."""
    return repr(name if len(name) <= 80 else name[:79] + "…")


def _one_kind_of_weights(files: list[_File]) -> list[_File]:
    """Without the ``.bin`` files when there are safetensors, which hold the same, else without the others."""
    is_safe = any(file.name.startswith("model") and file.name.endswith(".safetensors") for file in files)
    dropped = ".bin" if is_safe else ".safetensors"
    return [file for file in files if not file.name.endswith((dropped, f"{dropped}.index.json"))]


def _check_count(count: int, source: Path) -> None:
    if count > MOST_ENTRIES:
        raise InputError(f"{source.name} 里的文件太多（超过 {MOST_ENTRIES} 个），不像是模型。", _STRANGE)


def _check_ratio(unpacked: int, packed: int) -> None:
    if unpacked > max(FREE_RATIO_BYTES, MOST_RATIO * packed):
        raise InputError("这个压缩包解开后大得离奇，不像是模型，为安全起见没有导入。", _STRANGE)


def _check_sizes(files: list[_File], target: Path) -> None:
    """Make ``target`` and see that the files fit there."""
    for file in files:
        _check_ratio(file.size, file.packed)
    with _writing(target):
        target.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(target).free
    needed = sum(file.size for file in files) + SPARE_BYTES
    if needed > free:
        raise InputError(
            f"磁盘空间不够：导入要 {needed // 1_000_000} MB，只剩 {free // 1_000_000} MB。",
            f"请在 {target} 所在的磁盘上腾出一些空间。",
        )


def _pieces(file: _File, path: Path, source: Path, cancellation: Cancellation) -> Iterator[int]:
    """Copy ``file`` to the new file ``path``; the bytes of every piece as it is written."""
    with ExitStack() as stack:
        with _damage_reported(source):
            read = stack.enter_context(file.open())
        with _writing(path):
            write = stack.enter_context(path.open("xb", buffering=0))
        left = file.size
        while True:
            _stop_if(cancellation)
            with _damage_reported(source):
                piece = read.read(PIECE_BYTES)
                left -= len(piece)
                # What is not declared was not held against the free space.
                if left < 0 or (left > 0 and not piece):
                    raise EOFError(f"{file.name} has another size than declared")
            if not piece:
                return
            with _writing(path):
                rest = memoryview(piece)
                while rest:
                    rest = rest[write.write(rest) :]
            yield len(piece)


def _open(source: Path) -> IO[bytes]:
    try:
        return source.open("rb")
    except OSError as error:
        raise InputError(f"打不开 {source}：{error.strerror}。") from error


@contextmanager
def _damage_reported(source: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise WeightsError(f"{source.name} 已损坏或不完整，读不出来。", _AGAIN) from error


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"写不了 {path}：{error.strerror}。", "请看看磁盘空间和权限。") from error


def _stop_if(cancellation: Cancellation) -> None:
    if cancellation.cancelled:
        raise ImportCancelled
