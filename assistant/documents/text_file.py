"""A text file: opened in whatever encoding it is in, saved the way it was."""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.api import DocumentError
from assistant.documents.atomic_file import replace_file
from assistant.documents.encodings import decode, encode

_LINE_END = re.compile("\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class TextFile:
    r"""What a file holds and how it holds it.

    Attributes:
        path: where it lies.
        text: its text with ``\n`` between lines.
        encoding: a key of ``encodings.LABELS``.
        newline: ``\n``, ``\r\n`` or ``\r``.
    """

    path: Path
    text: str = ""
    encoding: str = "utf-8"
    newline: str = "\n"

    def with_text(self, text: str) -> TextFile:
        """The same file with another text."""
        return replace(self, text=text)


def open_text(path: Path) -> TextFile:
    """Read ``path``.

    Mixed line ends become the most frequent of them.

    Raises:
        DocumentError: it cannot be read, or is no text.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _as_document_error(error, "打不开", path) from error
    text, encoding = decode(content)
    ends = _LINE_END.findall(text)
    newline = max(("\n", "\r\n", "\r"), key=ends.count) if ends else "\n"
    return TextFile(path, _LINE_END.sub("\n", text), encoding, newline)


def save_text(file: TextFile) -> None:
    """Write ``file`` to its path, replacing what is there at once.

    Raises:
        DocumentError: it cannot be written, or its encoding lacks a character; the old file is untouched.
    """
    content = encode(file.text.replace("\n", file.newline), file.encoding)
    try:
        replace_file(file.path, content)
    except OSError as error:
        raise _as_document_error(error, "没有存下", file.path) from error


_REASONS = {
    errno.ENOENT: ("找不到它", "请看看它是否已被移走或改名。"),
    errno.EACCES: ("没有权限", "请换一个位置，或检查文件是否只读。"),
    errno.EPERM: ("没有权限", "请换一个位置，或检查文件是否只读。"),
    errno.EROFS: ("磁盘是只读的", "请换一个位置另存。"),
    errno.ENOSPC: ("磁盘已满", "请腾出空间，或换一个位置另存。"),
    errno.EDQUOT: ("磁盘配额已满", "请腾出空间，或换一个位置另存。"),
    errno.EISDIR: ("它是一个文件夹", "请选择文件。"),
    errno.ENOTDIR: ("路径不对", "请换一个位置。"),
    errno.ENAMETOOLONG: ("文件名太长", "请换一个短些的名字。"),
}


def _as_document_error(error: OSError, doing: str, path: Path) -> DocumentError:
    reason, hint = _REASONS.get(
        error.errno or 0, (error.strerror or str(error), "请稍后再试，或换一个位置。")
    )
    return DocumentError(f"{doing}「{path.name}」：{reason}。", hint)
