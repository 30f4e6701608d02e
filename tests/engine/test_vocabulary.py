"""BERT vocabularies: masks, encoding and text."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import BertTokenizerFast

from assistant.api import WeightsError
from assistant.engine.vocabulary import BertVocabulary
from tests.engine.twins import TOKENS, write_twin


@pytest.fixture
def vocabulary(tmp_path: Path) -> BertVocabulary:
    return BertVocabulary.read(write_twin(tmp_path / "twin"))


@pytest.mark.parametrize(
    "text", ["明月几时有，把酒问青天。", "the cat there 明月 7", "𠮷明月龘", "  明\n月 ", ""]
)
def test_encoding_is_that_of_transformers(vocabulary: BertVocabulary, tmp_path: Path, text: str) -> None:
    reference = BertTokenizerFast.from_pretrained(tmp_path / "twin")
    assert vocabulary.encode(text) == reference.encode(text, add_special_tokens=False)
    assert vocabulary.prompt(text)[0] == TOKENS.index("[CLS]")


def test_decoding_has_no_spaces_between_characters_and_no_special_tokens(vocabulary: BertVocabulary) -> None:
    ids = [*vocabulary.prompt("明月几时有，the cat there 7"), vocabulary.eos_token_id]
    assert vocabulary.decode(ids) == "明月几时有，the cat there 7"


def test_masks(vocabulary: BertVocabulary) -> None:
    writable = {token for token, ok in zip(TOKENS, vocabulary.writable_mask, strict=True) if ok}
    assert writable.isdisjoint({"[PAD]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"})
    assert {"明", "，", "the"} <= writable
    han = {token for token, ok in zip(TOKENS, vocabulary.han_mask, strict=True) if ok}
    assert "明" in han
    assert han.isdisjoint({"，", "the", "7", "[UNK]"})
    assert vocabulary.mask_of("月𠮷").sum() == 1
    with pytest.raises(ValueError, match="read-only"):
        vocabulary.writable_mask[0] = True


def test_a_vocabulary_without_special_tokens_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_text("明\n月\n", encoding="utf-8")
    with pytest.raises(WeightsError, match=r"\[UNK\]、\[CLS\]、\[SEP\]"):
        BertVocabulary.read(tmp_path)
    with pytest.raises(WeightsError, match="读不到词表"):
        BertVocabulary.read(tmp_path / "missing")
