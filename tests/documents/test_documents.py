"""Text files, counts, and positions."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.api import DocumentError
from assistant.api.han import is_han
from assistant.documents import count_text, open_text, save_text, to_code_point, to_utf16, utf16_length

TEXT = "明月几时有，把酒问青天。\n不知天上宫阙，今夕是何年。\n"
TRADITIONAL = "明月幾時有，把酒問青天。\n不知天上宮闕，今夕是何年。\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("encoding", "mark", "text"),
    [
        ("utf-8", b"", TEXT + "𠮷"),
        ("utf-8-sig", b"", TEXT),
        ("utf-16-le", codecs.BOM_UTF16_LE, TEXT + "𠮷"),
        ("utf-16-be", codecs.BOM_UTF16_BE, TEXT),
        ("gb18030", b"", TEXT),
        ("big5hkscs", b"", TRADITIONAL),
    ],
)
def test_a_file_is_saved_the_way_it_was(
    tmp_path: Path, encoding: str, mark: bytes, text: str, newline: str
) -> None:
    path = tmp_path / "poem.txt"
    content = mark + text.replace("\n", newline).encode(encoding)
    path.write_bytes(content)
    file = open_text(path)
    assert file.text == text
    save_text(file)
    assert path.read_bytes() == content
    save_text(file.with_text(text + "添"))
    assert open_text(path).text == text + "添"


def test_a_character_the_encoding_lacks_is_named_and_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "poem.txt"
    path.write_bytes(TRADITIONAL.encode("big5hkscs"))
    with pytest.raises(DocumentError, match="「🖌」") as caught:
        save_text(open_text(path).with_text("🖌"))
    assert "UTF-8" in caught.value.hint
    assert path.read_bytes() == TRADITIONAL.encode("big5hkscs")


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG\0\0\0")
    with pytest.raises(DocumentError, match="不像是文本"):
        open_text(path)
    with pytest.raises(DocumentError, match="找不到它"):
        open_text(tmp_path / "missing.txt")
    with pytest.raises(DocumentError, match="文件夹"):
        open_text(tmp_path)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "poem.txt"
    path.write_text(TEXT, encoding="utf-8")
    file = open_text(path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DocumentError, match="磁盘已满"):
        save_text(file.with_text("别的"))
    assert path.read_text(encoding="utf-8") == TEXT
    assert [found.name for found in tmp_path.iterdir()] == ["poem.txt"]


def test_counts() -> None:
    count = count_text("𠮷月，\n\n ok 〇")
    assert (count.han, count.characters, count.paragraphs) == (3, 6, 2)


@given(st.text(alphabet="a月𠮷，\n𰻝", max_size=30))
def test_positions_go_both_ways(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2
    for index in range(len(text) + 1):
        assert to_code_point(text, to_utf16(text, index)) == index
    assert count_text(text).han == sum(map(is_han, text))


def test_positions_outside_are_named() -> None:
    with pytest.raises(IndexError, match="got 3"):
        to_utf16("𠮷", 3)
    with pytest.raises(IndexError, match="got 3"):
        to_code_point("𠮷", 3)
    with pytest.raises(IndexError, match="got -1"):
        to_code_point("𠮷", -1)
    assert to_code_point("𠮷月", 1) == 0
