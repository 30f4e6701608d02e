"""The measures of ``tests.benchmarks.prose``, each against what can be worked out in another way."""

from __future__ import annotations

import json
import lzma
import math
from pathlib import Path

import pytest
import torch
from transformers import GPT2LMHeadModel

from tests.benchmarks.prose import passage_nats, passages, perplexity_table, windows_of, writing_table
from tests.benchmarks.starters.models import find_starter
from tests.engine.twins import write_twin

TEXTS = ["明月几时有，把酒问青天。", "白日依山尽，黄河入海流。欲穷千里目。"]


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_twin(tmp_path_factory.mktemp("models") / "twin")
    (folder / "card.toml").write_text(
        'id = "twin"\nname = "twin"\narchitecture = "gpt2"\nparameters = 0\ncontext_length = 128\nlicence = ""\n'
        'source = ""\nwriters = ["continuation"]\ntitle_format = "《{title}》"\n',
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two files in two splits; every passage goes on behind its first sentence for long enough."""
    text = TEXTS[0] + "黄河入海流，白日依山尽。" * 8
    for split in ("train", "heldout"):
        for name, record in (
            ("modern", {"kind": "news", "title": "明月", "text": text}),
            ("prose", {"book": "呐喊", "title": "", "text": TEXTS[1] + text}),
        ):
            with lzma.open(tmp_path / f"{name}.{split}.jsonl.xz", "wt", encoding="utf-8") as file:
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return tmp_path


def test_passages_are_those_of_training(corpus: Path) -> None:
    first, second = passages(corpus, "heldout")
    assert (first.kind, first.title, second.kind, second.title) == ("新闻", "《明月》", "小说", "")


def test_nats_of_a_passage_are_those_of_transformers(twin: Path) -> None:
    model = find_starter(str(twin)).load("fp32")
    vocabulary = model.vocabulary
    found = passage_nats(model, ["", "《明月》"], TEXTS)
    reference = GPT2LMHeadModel.from_pretrained(twin)
    for prompt, text, nats in zip(["", "《明月》"], TEXTS, found, strict=True):
        head = vocabulary.prompt(prompt)
        tokens = [*vocabulary.encode(text), vocabulary.eos_token_id]
        with torch.inference_mode():
            logits = reference(torch.tensor([[*head, *tokens]])).logits[0, len(head) - 1 : -1]
        expected = -torch.log_softmax(logits, dim=1)[range(len(tokens)), tokens].sum()
        assert nats == pytest.approx(float(expected), rel=1e-4)


def test_what_cannot_be_written_or_is_too_long_is_left_out(twin: Path) -> None:
    model = find_starter(str(twin)).load("fp32")
    assert passage_nats(model, ["", "", ""], ["明月𪚥。", TEXTS[0] * 40, TEXTS[0]])[:2] == [None, None]


def test_the_tables_count_characters_and_copies(twin: Path, corpus: Path) -> None:
    starter = find_starter(str(twin))
    *_, whole = perplexity_table(starter, corpus, with_ngram=False).split("\n\n")[0].split("\n")
    cells = [cell.strip() for cell in whole.strip("|").split("|")]
    lengths = [len(passage.text) + 1 for passage in passages(corpus, "heldout")]
    assert cells[:3] == ["全部", "2", str(sum(lengths))]
    # Random weights know nothing: about one in as many as there are tokens.
    assert math.isclose(float(cells[3]), starter.load("fp32").vocabulary.size, rel_tol=0.5)
    real = writing_table(starter, corpus, 1).split("\n")[3]
    assert real.endswith("| 100 % |")
    assert windows_of("白日 依山尽", 4) == ["白日依山", "日依山尽"]
