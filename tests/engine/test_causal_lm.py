"""Decoding, on a random twin and on the shipped starter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from assistant.api import (
    Cancellation,
    Constraint,
    FinishReason,
    GenerationConfig,
    LanguageModel,
    SamplingOptions,
    TokenChunk,
)
from assistant.engine.loader import load_model
from tests.engine.twins import TOKENS, write_twin
from tests.fakes import card

if TYPE_CHECKING:
    from assistant.api.constraints import Mask


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> LanguageModel:
    return load_model(write_twin(tmp_path_factory.mktemp("twin")), card(), device="cpu", precision="fp32")


def write(
    model: LanguageModel,
    text: str = "明月几时有，",
    *,
    count: int = 3,
    seed: int | None = 5,
    constraints: Sequence[Constraint] = (),
    cancellation: Cancellation | None = None,
    **options: object,
) -> list[TokenChunk]:
    return list(
        model.generate(
            model.vocabulary.prompt(text),
            GenerationConfig(count, SamplingOptions(**options), constraints, seed),  # type: ignore[arg-type]
            cancellation or Cancellation(),
        )
    )


def texts(chunks: Sequence[TokenChunk], count: int = 3) -> list[str]:
    return ["".join(chunk.text for chunk in chunks if chunk.index == index) for index in range(count)]


def test_a_seed_gives_the_same_texts_and_another_seed_others(twin: LanguageModel) -> None:
    assert write(twin) == write(twin)
    assert texts(write(twin)) != texts(write(twin, seed=6))
    assert texts(write(twin, seed=None)) != texts(write(twin, seed=None))


def test_candidates_differ(twin: LanguageModel) -> None:
    assert len(set(texts(write(twin, count=8), 8))) == 8


def test_every_candidate_ends_once_and_within_the_limit(twin: LanguageModel) -> None:
    chunks = write(twin, max_new_tokens=12)
    for index in range(3):
        own = [chunk for chunk in chunks if chunk.index == index]
        assert [c.finish_reason is not None for c in own] == [False] * (len(own) - 1) + [True]
        assert len(own) <= 12
        if own[-1].finish_reason is FinishReason.LENGTH:
            assert len(own) == 12


def test_special_and_unknown_tokens_are_never_written(tmp_path: Path) -> None:
    # A head that wants nothing but [UNK], [MASK] and [unused1].
    folder = write_twin(tmp_path / "twin", weights="pytorch_model.bin")
    state = torch.load(folder / "pytorch_model.bin", weights_only=True)
    for name in ("lm_head.weight", "transformer.wte.weight"):
        for token in ("[UNK]", "[MASK]", "[unused1]", "[PAD]"):
            state[name][TOKENS.index(token)] *= 100
    torch.save(state, folder / "pytorch_model.bin")
    model = load_model(folder, card(), device="cpu", precision="fp32")
    for seed in range(5):
        for text in texts(write(model, seed=seed, temperature=2.0, top_p=1.0)):
            assert "[" not in text


def test_the_end_token_stops_a_candidate_and_writes_nothing(twin: LanguageModel) -> None:
    class EndAfterTwo(Constraint):
        def allowed(self, generated: Sequence[Sequence[int]]) -> Mask:
            end = np.zeros(twin.vocabulary.size, dtype=np.bool_)
            end[twin.vocabulary.eos_token_id] = True
            return np.stack([end if len(tokens) >= 2 else twin.vocabulary.han_mask for tokens in generated])

    chunks = write(twin, constraints=[EndAfterTwo()])
    assert [len(text) for text in texts(chunks)] == [2, 2, 2]
    assert [c.finish_reason for c in chunks if c.finish_reason] == [FinishReason.STOP] * 3


def test_rows_that_go_on_are_not_disturbed_by_rows_that_ended(twin: LanguageModel) -> None:
    """Greedy decoding of one text is the same alone and beside a candidate that ends early."""

    class EndFirst(Constraint):
        """Parts the candidates at the first token, then ends those that began with the first character."""

        def allowed(self, generated: Sequence[Sequence[int]]) -> Mask:
            rows = []
            for tokens in generated:
                row = np.zeros(twin.vocabulary.size, dtype=np.bool_)
                if not tokens:
                    row |= twin.vocabulary.mask_of("春江")
                elif tokens[0] == TOKENS.index("春"):
                    row[twin.vocabulary.eos_token_id] = True
                else:
                    row |= twin.vocabulary.han_mask
                rows.append(row)
            return np.stack(rows)

    for seed in range(20):
        both = texts(write(twin, count=2, constraints=[EndFirst()], seed=seed, max_new_tokens=1), 2)
        if set(both) == {"春", "江"}:
            break
    assert set(both) == {"春", "江"}
    long = texts(write(twin, count=2, constraints=[EndFirst()], seed=seed, max_new_tokens=10, top_p=1.0), 2)
    assert {len(text) for text in long} == {1, 10}


def test_cancellation_comes_within_one_token(twin: LanguageModel) -> None:
    cancellation = Cancellation()
    chunks = twin.generate(
        twin.vocabulary.prompt("明月"),
        GenerationConfig(2, seed=1),
        cancellation,
    )
    next(chunks)
    cancellation.cancel()
    assert len(list(chunks)) <= 1  # the other candidate's token of the same step


def test_the_context_is_never_exceeded(twin: LanguageModel) -> None:
    prompt = twin.vocabulary.prompt("明" * 500 + "月")
    fitted = twin.fit(prompt, 20)
    assert len(fitted) == twin.context_length - 20
    assert fitted[0] == prompt[0]
    assert fitted[-1] == prompt[-1]
    assert len(twin.fit(prompt, 10_000)) == twin.context_length // 2
    assert twin.fit([*range(600)], 20, keep=3)[:4] == [0, 1, 2, 600 - (twin.context_length - 20) + 3]
    assert twin.fit([*range(600)], 20, keep=500)[-1] == 599
    assert twin.fit([3, 6], 20) == [3, 6]
    long = "明" * (twin.context_length - 5)
    chunks = write(twin, long, count=1, max_new_tokens=100)
    assert len(chunks) <= 4
    with pytest.raises(ValueError, match="context"):
        write(twin, "明" * 500)


def test_log_probabilities_are_those_of_the_model_itself(twin: LanguageModel) -> None:
    [first, *_] = write(twin, count=1, temperature=0.0, repetition_penalty=1.0)
    network = twin._network  # type: ignore[attr-defined]
    prompt = torch.tensor([twin.vocabulary.prompt("明月几时有，")])
    own = torch.log_softmax(network.forward(prompt, network.new_cache(1, 32)), dim=1)[0]
    assert first.logprob == pytest.approx(float(own[TOKENS.index(first.text)]), abs=1e-4)
