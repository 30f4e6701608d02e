"""From records to rows of tokens: vocabularies, order, packing, and what each recipe makes of a record."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

from assistant.api import TrainingText
from plugins.continuation.recipe import PASSAGE_CHARACTERS, ProseRecipe, passages
from trainer.config import ModelConfig
from trainer.corpus import WeightedExample, epoch_order
from trainer.model import add_gradients, build_model, loss_sum
from trainer.packing import IGNORED, EncodedExample, RowPacker, SequenceFormat, batches, encode_examples
from trainer.precision import TrainingDevice
from trainer.vocabulary import (
    TokenVocabulary,
    build_vocabulary,
    build_wordpieces,
    count_controls,
)


def test_vocabulary_is_ordered_and_has_a_floor() -> None:
    texts = [TrainingText("明月明，", prefix="《题》", controls=("五绝",)), TrainingText("明 月")]
    controls = count_controls([*texts, texts[0], TrainingText("月", controls=("词",))], 2)
    tokens = build_vocabulary(texts, 2, "《》", controls)
    assert tokens == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[五绝]", "《", "》", "明", "月"]


def test_wordpieces_keep_capitals_and_single_characters() -> None:
    texts = [
        TrainingText("在 Linux 上运行程序。" * 3, prefix="《程序》"),
        TrainingText("Linuxer 用 Li 龘"),
    ] * 2
    texts += [TrainingText("文", prefix="《标题里才有的字》")] * 2
    tokens = build_wordpieces(texts, 2, 60, "…", ["新闻"])
    assert tokens[:6] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[新闻]"]
    assert "程序" not in tokens
    assert {"标", "…"} <= {*tokens}
    tokenizer = TokenVocabulary(tuple(tokens), ("新闻",), lowercase=False).tokenizer()
    assert tokenizer.encode("运行Linux程序", add_special_tokens=False).tokens == [
        "运",
        "行",
        "Linux",
        "程",
        "序",
    ]


def test_order_depends_on_seed_and_epoch_and_weights_are_mean_counts() -> None:
    weights = [1.0] * 300 + [2.5] * 300 + [0.2] * 300
    order = epoch_order(weights, 1, 0)
    assert order == epoch_order(weights, 1, 0)
    assert order != epoch_order(weights, 1, 1)
    assert order != epoch_order(weights, 2, 0)
    assert order != sorted(order)
    counts = Counter(order)
    assert {counts[index] for index in range(300)} == {1}
    assert {counts[index] for index in range(300, 600)} == {2, 3}
    assert 2.3 < sum(counts[index] for index in range(300, 600)) / 300 < 2.7
    assert 0.1 < sum(counts[index] for index in range(600, 900)) / 300 < 0.3


def packer(examples: list[EncodedExample], *, probability: float = 0.0) -> RowPacker:
    form = SequenceFormat(16, 2, 3, 0, prefix_probability=probability, control_probability=probability)
    return RowPacker(examples, form, seed=1)


def test_rows_hold_whole_examples_and_learn_nothing_that_is_told() -> None:
    examples = [
        EncodedExample((7,), (8, 9), (10, 11, 12)),
        EncodedExample((), (), tuple(range(10, 40))),
    ]
    rows = list(packer(examples, probability=1.0).rows(epochs=1))
    by_length = sorted(rows, key=lambda row: row[0].count(0))
    ids, positions, labels = by_length[0]
    assert ids == [2, *range(10, 25)]
    assert positions == list(range(16))
    assert labels == [IGNORED, *range(10, 25)]
    ids, positions, labels = by_length[1]
    assert ids == [2, 7, 8, 9, 10, 11, 12, 3] + [0] * 8
    assert positions == [*range(8), *range(8)]
    assert labels == [IGNORED] * 4 + [10, 11, 12, 3] + [IGNORED] * 8


def test_rows_are_filled_best_and_lose_nothing() -> None:
    lengths = [3, 9, 5, 12, 2, 7, 4, 10, 6, 1] * 40
    examples = [EncodedExample((), (), tuple(range(10, 10 + length))) for length in lengths]
    rows = list(packer(examples).rows(epochs=2))
    assert rows == list(packer(examples).rows(epochs=2))
    learnt = sum(label != IGNORED for _, _, labels in rows for label in labels)
    assert learnt == 2 * sum(length + 1 for length in lengths)
    # In order it would be a fifth; these lengths do not fit without any.
    assert sum(ids.count(0) for ids, _, _ in rows) < 0.08 * 16 * len(rows)


def test_what_stands_before_a_text_comes_and_goes_piece_by_piece() -> None:
    form = SequenceFormat(16, 2, 3, 0, prefix_probability=0.5, control_probability=0.5)
    rows = RowPacker([EncodedExample((7, 6), (8,), (10,))] * 400, form, seed=1).rows(epochs=1)
    before = Counter(
        tuple(sequence.split()[:-1])
        for ids, _, _ in rows
        for sequence in " ".join(map(str, ids)).replace(" 3", "").split("2 ")[1:]
    )
    seen = {tuple(token for token in key if token in "678") for key in before}
    assert len(seen) == 8


def test_texts_with_rare_characters_are_left_out_and_rare_titles_are_read() -> None:
    tokens = build_vocabulary([TrainingText("明月")], 1, "《》", ["五绝"])
    tokenizer = TokenVocabulary(tuple(tokens), ("五绝",), lowercase=True).tokenizer()
    texts = [
        TrainingText("明龘"),
        TrainingText("明月", "《月》", ("五绝", "浣溪沙")),
        TrainingText("月明", "《龘》"),
    ]
    encoded = encode_examples([WeightedExample(text) for text in texts], tokenizer)
    assert [(len(e.controls), len(e.prefix), len(e.text)) for e in encoded] == [(1, 3, 2), (0, 3, 2)]


def test_packed_examples_do_not_see_one_another() -> None:
    torch.manual_seed(0)
    model = build_model(
        ModelConfig(n_layer=2, n_embd=32, n_head=2, n_positions=16), 50, cls_id=2, sep_id=3, pad_id=0
    )
    model.eval()
    examples = [EncodedExample((), (), tuple(range(10, 10 + n))) for n in (5, 4, 3, 2)]
    with torch.inference_mode():
        packed = sum(float(loss_sum(model, b)[0]) for b in batches(packer(examples).rows(epochs=1), 2))
        alone = sum(
            float(loss_sum(model, batch)[0])
            for example in examples
            for batch in batches(packer([example]).rows(epochs=1), 1)
        )
    assert packed == pytest.approx(alone, abs=1e-3)


def test_rows_computed_together_or_one_by_one_give_the_same_gradient() -> None:
    torch.manual_seed(0)
    config = ModelConfig(n_layer=2, n_embd=32, n_head=2, n_positions=16)
    model = build_model(config, 50, cls_id=2, sep_id=3, pad_id=0)
    examples = [EncodedExample((), (), tuple(range(10, 10 + n))) for n in (15, 2, 9, 5, 12, 3, 7)]
    [batch] = batches(packer(examples).rows(epochs=1), 100)
    assert len(batch.labels) > 3
    whole, count = loss_sum(model, batch)
    expected = torch.autograd.grad(whole / count, list(model.parameters()))
    for rows_at_once in (1, 3, 100):
        model.zero_grad()
        loss, learnt = add_gradients(model, batch, rows_at_once, TrainingDevice("cpu", "fp32"))
        assert (loss, learnt) == (pytest.approx(whole.item(), rel=1e-5), count)
        for parameter, gradient in zip(model.parameters(), expected, strict=True):
            torch.testing.assert_close(parameter.grad, gradient)


def test_prose_is_cut_at_sentences_and_its_title_stands_before_the_first_passage() -> None:
    text = "第一句说天气。\n第二句说：“人呢？”第三句！" * 30
    first, *rest = ProseRecipe().examples({"title": "天气", "kind": "news", "text": text})
    assert first.prefix == "《天气》"
    assert first.controls == ("新闻",)
    assert {passage.prefix for passage in rest} == {""}
    assert "".join(passage.text for passage in (first, *rest)) == text.replace("\n", "")
    assert all(len(passage.prefix + passage.text) <= PASSAGE_CHARACTERS for passage in (first, *rest))
    assert all(passage.text.endswith(("。", "！", "”")) for passage in (first, *rest))
    assert [*passages("没有句号", 2)] == ["没有句号"]
    assert [*ProseRecipe().examples({"text": "  \n"})] == []
    [story] = ProseRecipe().examples({"book": "呐喊", "text": "一句。"})
    assert story.controls == ("小说",)
