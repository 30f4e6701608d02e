"""Lines of verse, and what a 汉字 is."""

from __future__ import annotations

import pytest

from assistant.api.han import is_han
from assistant.prosody.forms import FORMS
from assistant.prosody.verse import verse_lines


@pytest.mark.parametrize("character", "汉㐀𠮷𰻝〇鿿豈")
def test_han(character: str) -> None:
    assert is_han(character)


@pytest.mark.parametrize("character", "，。aあ한0 々")
def test_not_han(character: str) -> None:
    assert not is_han(character)


def test_verse_lines() -> None:
    assert verse_lines(" 白日依山尽，\n黄河入海流。。欲穷") == [
        ("白日依山尽", "，"),
        ("黄河入海流", "。"),
        ("欲穷", ""),
    ]
    assert verse_lines("") == []


def test_length_counts_characters_and_marks() -> None:
    assert FORMS["五绝"].length == 24
    assert FORMS["七律"].length == 64
