"""Both scripts with a model of one."""

from __future__ import annotations

import pytest

from assistant.generation.script import ScriptBridge, script_of


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("明月几时有，把酒问青天。", "simplified"),
        ("明月幾時有，把酒問青天。", "traditional"),
        ("白日依山", "simplified"),
        ("", "simplified"),
        ("头发干净", "simplified"),
        ("頭髮乾淨", "traditional"),
    ],
)
def test_the_script_of_a_text(text: str, script: str) -> None:
    assert script_of(text) == script


def test_a_simplified_text_passes_unchanged() -> None:
    bridge = ScriptBridge("明月几时有", "simplified")
    assert bridge.to_model("几时") == "几时"
    assert bridge.from_model("云里") == "云里"


def test_a_traditional_text_goes_both_ways() -> None:
    bridge = ScriptBridge("明月幾時有，", "simplified")
    assert bridge.to_model("明月幾時有，") == "明月几时有，"
    assert bridge.from_model("云里为谁") == "雲裡為誰"


def test_words_decide_across_the_border_and_between_chunks() -> None:
    bridge = ScriptBridge("頭", "simplified")
    assert bridge.from_model("发白", "白头搔") == "發白"
    assert bridge.from_model("发", "满头") == "髮"  # 头发: the word begins before the new text
    assert bridge.from_model("头发") == "頭髮"


def test_a_simplified_text_with_a_traditional_model() -> None:
    bridge = ScriptBridge("几时", "traditional")
    assert bridge.to_model("几时") == "幾時"
    assert bridge.from_model("雲裡") == "云里"
