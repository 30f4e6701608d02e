"""The measures of ``tests.benchmarks.starters``, each against what can be worked out by hand or in another way."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import GPT2LMHeadModel

from assistant.engine.causal_lm import CausalLM
from tests.benchmarks.starters.models import find_starter
from tests.benchmarks.starters.ngram import rows_of
from tests.benchmarks.starters.opposition import Opposition, equal_error, shuffled
from tests.benchmarks.starters.parallel import couplets_of, tones_of
from tests.benchmarks.starters.perplexity import common_numbers, read_heldout, share_of, told_prompt
from tests.benchmarks.starters.repetition import copied, distinct_2, lines_found, repeated_characters
from tests.benchmarks.starters.scoring import token_nats, tokens_of
from tests.engine.twins import TOKENS, write_twin

POEMS: list[dict[str, Any]] = [
    {"text": "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。", "kind": "五绝", "reg": True, "title": "楼上",
     "dynasty": "唐"},
    {"text": "明月几时有，把酒问青天。", "kind": "other", "title": "", "dynasty": "宋"},
    {"text": "床前明月光，", "kind": "other", "title": "", "dynasty": "唐"},
]  # fmt: skip
CONTROLS = ["[五绝]", "[唐]"]


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_twin(tmp_path_factory.mktemp("models") / "twin", tokens=[*TOKENS, *CONTROLS])
    (folder / "added_tokens.json").write_text(
        "{" + ", ".join(f'"{c}": {len(TOKENS) + at}' for at, c in enumerate(CONTROLS)) + "}", encoding="utf-8"
    )
    (folder / "card.toml").write_text(
        'id = "twin"\nname = "twin"\narchitecture = "gpt2"\nparameters = 0\ncontext_length = 128\nlicence = ""\n'
        'source = ""\nwriters = ["poem"]\ntitle_format = "《{title}》"\ncontrols = ["五绝", "唐"]\n',
        encoding="utf-8",
    )
    return folder


@pytest.fixture(scope="module")
def model(twin: Path) -> CausalLM:
    return find_starter(str(twin)).load("fp32")


def directly(folder: Path, prompt: list[int], tokens: list[int]) -> list[float]:
    """The same with Transformers, one text at a time."""
    reference = GPT2LMHeadModel.from_pretrained(folder)
    with torch.inference_mode():
        logits = reference(torch.tensor([[*prompt, *tokens]])).logits[0, len(prompt) - 1 : -1]
    return (-torch.log_softmax(logits, dim=1)[range(len(tokens)), tokens]).tolist()


def test_nats_of_every_token_are_those_of_transformers(twin: Path, model: CausalLM) -> None:
    starter = find_starter(str(twin))
    for told in (False, True):
        read = read_heldout(model, starter.card, POEMS, told=told)
        assert list(read) == ["0", "1"]  # the third has characters that the vocabulary lacks
        for number, nats in read.items():
            poem = POEMS[int(number)]
            tokens = tokens_of(model.vocabulary, poem["text"])
            assert tokens is not None
            prompt = model.vocabulary.prompt(told_prompt(poem, starter.card) if told else "")
            assert nats == pytest.approx(directly(twin, prompt, tokens), abs=2e-4)
            assert len(nats) == len(poem["text"]) + 1


def test_what_is_told_stands_in_tokens_of_its_own(twin: Path, model: CausalLM) -> None:
    card = find_starter(str(twin)).card
    assert told_prompt(POEMS[0], card) == "[五绝][唐]《楼上》"
    assert len(model.vocabulary.prompt("[五绝][唐]《楼上》")) == 1 + 2 + 4
    assert told_prompt(POEMS[1], card) == ""
    assert told_prompt(POEMS[0], card.model_copy(update={"title_format": "", "controls": ("唐",)})) == "[唐]"


def test_texts_longer_than_the_context_are_read_as_far_as_they_fit(model: CausalLM) -> None:
    text = "明月几时有，" * 30
    tokens = tokens_of(model.vocabulary, text)
    assert tokens is not None
    prompt = model.vocabulary.prompt("")
    [long, short] = token_nats(model, [prompt, prompt], [tokens, tokens[:5]])
    assert (len(long), len(short)) == (127, 5)
    assert long[:5] == pytest.approx(short, abs=1e-4)


def test_perplexity_counts_marks_and_ends_unless_only_han() -> None:
    nats = {"4": [1.0, 2.0, 3.0, 4.0], "2": [5.0, 5.0]}
    texts = {"4": "山水。"}
    whole = share_of(texts, {"4": 4}, nats)
    assert whole.tokens == 4
    assert whole.perplexity == pytest.approx(math.exp(2.5))
    assert share_of(texts, {"4": 4}, nats, only_han=True).perplexity == pytest.approx(math.exp(1.5))
    assert share_of(texts, {"4": 1}, nats).tokens == 1
    assert math.isnan(share_of({}, {}, nats).perplexity)
    assert common_numbers([nats, {"4": [], "10": []}]) == ["4"]


def test_the_key_of_a_model_follows_its_files(twin: Path, tmp_path: Path) -> None:
    other = write_twin(tmp_path / "twin", seed=1)
    keys = [find_starter(str(folder)).key for folder in (twin, twin, other)]
    assert keys[0] == keys[1] != keys[2]
    assert not find_starter(str(other)).knows_titles_or_forms


def test_the_told_probabilities_must_fit_the_texts() -> None:
    lines = ["<s> 山\t1[2-gram] 0.5 -0.30103\n", "<s> 山 </s>\t1[3-gram] 0.25 -0.60206\n"]
    assert list(rows_of(lines, [2])) == [[pytest.approx(math.log(2)), pytest.approx(math.log(4))]]
    for lengths in ([1, 1], [3], [1]):
        with pytest.raises(RuntimeError, match="tlm"):
            list(rows_of(lines, lengths))


def test_distinct_2_counts_pairs_within_lines() -> None:
    # 山水 水流 | 山水 水流 — and not 流山.
    assert distinct_2(["山水流，山水流。"]) == 0.5
    assert distinct_2(["山水，", "山水。", "水山。", "天。"]) == pytest.approx(2 / 3)
    assert distinct_2([]) == 0.0


def test_copied_lines_are_whole_lines() -> None:
    texts = ["床前明月光，疑是地上霜。", "举头望明月，低头思故乡。", ""]
    sources = ["床前明月光，举头望明月，", "低头思故乡。明月光，疑是地上霜啊。"]
    known = lines_found({"床前明月光", "疑是地上霜", "举头望明月", "低头思故乡"}, sources)
    assert known == {"床前明月光", "举头望明月", "低头思故乡"}
    assert copied(texts, known) == (1, 3, 4)


def test_repeated_characters_leave_marks_alone() -> None:
    assert repeated_characters("山水，天地，人。") == 0
    assert repeated_characters("行行重行行，与君生别离。") == 3


def test_opposition_is_smoothed_pmi() -> None:
    opposition = Opposition([("山", "水"), ("山", "水"), ("天", "地")], prior=2.0)
    # Either way round: 12 … 山 2, 水 2, 天 1, 地 1 of 6 observations.
    assert opposition.of_characters("山", "水") == pytest.approx(math.log((2 / (2 / 6) + 2) / (2 + 2)))
    assert opposition.of_characters("天", "水") == pytest.approx(
        (math.log(2 / (1 + 2)) + math.log(2 / (2 + 2))) / 2
    )
    assert opposition.of_characters("龘", "靐") == 0.0
    mean = (opposition.of_characters("山", "水") + opposition.of_characters("天", "地")) / 2
    assert opposition.score("山天", "水地") == pytest.approx(mean)
    assert opposition.score("山天", "水地") > opposition.score("山天", "地水")
    with pytest.raises(ValueError, match="no couplet"):
        opposition.score("山", "水地")


def test_lower_lines_change_places_within_their_kind() -> None:
    couplets = [("上一", "下甲"), ("上二", "下乙"), ("上三", "下丙"), ("上四", "别丁")]
    real, mixed = shuffled(couplets, lambda lower: lower[0])
    assert set(real) == set(couplets[:3])
    assert [upper for upper, _ in real] == [upper for upper, _ in mixed]
    assert {lower for _, lower in mixed} == {"下甲", "下乙", "下丙"}
    assert not set(real) & set(mixed)


def test_the_threshold_is_where_both_errors_are_equal() -> None:
    assert equal_error([3.0, 4.0], [1.0, 2.0]) == (3.0, 0.0)
    # One of four real ones below 3, one of four mixed ones at or above it.
    assert equal_error([2.0, 3.0, 5.0, 6.0], [0.0, 1.0, 2.5, 4.0]) == (3.0, 0.25)
    threshold, error = equal_error([1.0] * 4, [1.0] * 4)
    assert (threshold, error) == (1.0, 0.5)
    with pytest.raises(ValueError, match="no scores"):
        equal_error([], [1.0])


def test_couplets_and_tones_of_a_poem() -> None:
    assert couplets_of("白日依山尽，黄河入海流。欲穷千里目，更上楼。") == [("白日依山尽", "黄河入海流")]
    assert tones_of("黄河入海流") == "平平仄仄平"
    assert tones_of("a") == "?"
