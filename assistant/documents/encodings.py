"""Which encoding a file is in, and how its bytes become text."""

from __future__ import annotations

import codecs

from assistant.api import DocumentError

LABELS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8（带 BOM）",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "gb18030": "GB18030",
    "big5hkscs": "Big5",
}
"""The encodings that are read and written, and what the interface calls them."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE_BYTES = 65536


def decode(content: bytes) -> tuple[str, str]:
    """The text of ``content`` (line ends as they are) and the name of its encoding, a key of ``LABELS``.

    Order: byte order mark, strict UTF-8, then GB18030 against Big5.

    Raises:
        DocumentError: it is no text, or in no encoding we know.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _strictly(content[len(mark) :], encoding.removesuffix("-sig")), encoding
    if b"\0" in content[:_SAMPLE_BYTES]:
        raise DocumentError("这不像是文本文件。", "请选择纯文本文件（.txt、.md 等）。")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        encoding = _chinese_encoding(content)
        return _strictly(content, encoding), encoding


def encode(text: str, encoding: str) -> bytes:
    """``text`` in ``encoding``, with the byte order mark if the encoding is one with a mark.

    Raises:
        DocumentError: a character of ``text`` does not exist in ``encoding``.
    """
    mark = (
        codecs.BOM_UTF16_LE
        if encoding == "utf-16-le"
        else codecs.BOM_UTF16_BE
        if encoding == "utf-16-be"
        else b""
    )
    try:
        return mark + text.encode(encoding)
    except UnicodeEncodeError as error:
        character = text[error.start]
        raise DocumentError(
            f"「{character}」（U+{ord(character):04X}）在 {LABELS.get(encoding, encoding)} 编码中写不出来。",
            "请另存为 UTF-8 编码。",
        ) from error


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise DocumentError(
            "认不出这个文件的编码，或文件已损坏。", "请先用别的程序把它转成 UTF-8 再打开。"
        ) from error


def _chinese_encoding(content: bytes) -> str:
    """``gb18030`` or ``big5hkscs``: the one that reads ``content`` as more ordinary characters."""
    gb = _decodes(content, "gb18030")
    big5 = _decodes(content, "big5hkscs")
    if gb != big5:
        return "gb18030" if gb else "big5hkscs"
    if not gb:
        return "gb18030"  # and the strict decoding says that it is broken
    sample = content[:_SAMPLE_BYTES]
    # Common characters: GB 2312 level 1 and Big5 level 1; symbols stand in rows A1 to A3 of both.
    gb_share = _share(sample, "gb18030", 0xB0, 0xD7)
    big5_share = _share(sample, "big5hkscs", 0xA4, 0xC6)
    if abs(gb_share - big5_share) > 0.05:
        return "gb18030" if gb_share > big5_share else "big5hkscs"
    return _second_opinion(sample)


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _share(content: bytes, encoding: str, first_lead: int, last_lead: int) -> float:
    """Share of the non-ASCII characters of ``content`` that are symbols or common characters, 0 to 1."""
    ordinary = total = 0
    for character in content.decode(encoding, "ignore"):
        if character.isascii():
            continue
        code = character.encode(encoding)
        total += 1
        # GB 2312 trails start at A1; a GBK trail below it is a rare character.
        trail_is_common = encoding != "gb18030" or code[1] >= 0xA1
        common = first_lead <= code[0] <= last_lead or 0xA1 <= code[0] <= 0xA3
        ordinary += len(code) == 2 and common and trail_is_common
    return ordinary / total if total else 0.0


def _second_opinion(sample: bytes) -> str:
    from charset_normalizer import from_bytes  # slow to import, seldom needed

    best = from_bytes(sample, cp_isolation=["gb18030", "big5hkscs"]).best()
    return best.encoding if best is not None and best.encoding in LABELS else "gb18030"
