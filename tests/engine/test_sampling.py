"""Drawing tokens, on logits that can be reckoned by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.engine.sampling import Sampler, _token_at, log_probabilities, penalize_repetition

DRAWS = 3000


def row(*values: float) -> NDArray[np.float32]:
    return np.array([values], dtype=np.float32)


def shares(
    logits: NDArray[np.float32],
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    seed: int = 5,
) -> dict[int, float]:
    """How often each token of the first row is drawn."""
    sampler = Sampler(temperature=temperature, top_k=top_k, top_p=top_p, seed=seed)
    counts = Counter(sampler.draw(logits, ["only"])[0] for _ in range(DRAWS))
    return {token: count / DRAWS for token, count in counts.items()}


def test_uniform_logits_stay_uniform_and_are_not_changed() -> None:
    logits = row(0, 0, 0, 0)
    kept = logits.copy()
    assert shares(logits, temperature=0.7) == pytest.approx({0: 0.25, 1: 0.25, 2: 0.25, 3: 0.25}, abs=0.04)
    np.testing.assert_array_equal(logits, kept)


def test_top_k_keeps_the_likeliest() -> None:
    assert set(shares(row(3, 1, 2, 0), top_k=2)) == {0, 2}
    assert set(shares(row(3, 1, 2, 0), top_k=9)) == {0, 1, 2, 3}


def test_top_p_keeps_the_smallest_set_that_reaches_p() -> None:
    logits = np.log(row(0.5, 0.3, 0.15, 0.05))
    assert shares(logits, top_p=0.7) == pytest.approx({0: 0.625, 1: 0.375}, abs=0.04)
    assert set(shares(logits, top_p=0.01)) == {0}


def test_top_p_counts_among_the_top_k() -> None:
    logits = np.log(row(0.4, 0.3, 0.2, 0.1))
    # among the two likeliest, the first alone has 0.4 / 0.7 = 0.57
    assert set(shares(logits, top_k=2, top_p=0.5)) == {0}


@pytest.mark.parametrize("top_p", [0.05, 0.5, 0.9, 0.999])
def test_the_nucleus_is_as_defined_whether_flat_or_steep(top_p: float) -> None:
    random = np.random.default_rng(0)
    for spread in (0.1, 2.0, 8.0):
        logits = (random.normal(size=(1, 60)) * spread).astype(np.float32)
        chances = np.exp(logits[0] - logits[0].max(), dtype=np.float64)
        chances /= chances.sum()
        order = np.argsort(-chances)
        size = int((chances[order].cumsum() - chances[order] < top_p).sum())
        drawn = shares(logits, top_p=top_p)
        assert set(drawn) <= set(order[:size].tolist())
        expected = chances[order[:size]] / chances[order[:size]].sum()
        for token, share in zip(order[:size].tolist(), expected, strict=True):
            assert drawn.get(token, 0.0) == pytest.approx(share, abs=0.05)


def test_temperature_zero_is_greedy_and_low_temperature_sharper() -> None:
    assert shares(row(1, 2, 0), temperature=0) == {1: 1.0}
    assert shares(row(1, 2, 0), temperature=0.3)[1] > shares(row(1, 2, 0))[1]


def test_masked_tokens_are_never_drawn() -> None:
    nothing = -np.inf
    assert shares(row(nothing, 0, nothing, nothing), top_p=0.9) == {1: 1.0}


@pytest.mark.parametrize(
    ("name", "value"), [("temperature", -1.0), ("top_k", -1), ("top_p", 0.0), ("top_p", 1.1)]
)
def test_bad_values_are_named(name: str, value: float) -> None:
    arguments = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, name: value}
    with pytest.raises(ValueError, match=f"{name} .*{value}"):
        Sampler(**arguments, seed=1)  # type: ignore[arg-type]


def test_repetition_penalty_lowers_seen_tokens_of_either_sign_only() -> None:
    logits = row(2, -2, 1)
    seen: Sequence[Sequence[int]] = [[0, 1]]
    assert penalize_repetition(logits, seen, 2.0).tolist() == [[1.0, -4.0, 1.0]]
    assert logits.tolist() == [[2.0, -2.0, 1.0]]
    assert penalize_repetition(logits, seen, 1.0) is logits
    with pytest.raises(ValueError, match=r"repetition_penalty must be at least 1, got 0\.5"):
        penalize_repetition(logits, seen, 0.5)


@pytest.mark.parametrize("top_p", [0.4, 0.92, 1.0])
def test_equal_sequences_part_as_soon_as_they_can(top_p: float) -> None:
    logits = np.zeros((4, 16), dtype=np.float32)
    for seed in range(20):
        sampler = Sampler(temperature=1, top_k=0, top_p=top_p, seed=seed)
        assert len(set(sampler.draw(logits, ["same"] * 4))) == 4


def test_more_sequences_than_tokens_share() -> None:
    logits = np.log(np.maximum(row(0.5, 0.5, 0.0), 1e-30)).repeat(5, axis=0)
    for top_p in (0.9, 1.0):
        sampler = Sampler(temperature=1, top_k=2, top_p=top_p, seed=1)
        assert set(sampler.draw(logits, ["same"] * 5)) == {0, 1}


def test_different_sequences_draw_independently_by_their_chances() -> None:
    logits = np.log(np.array([[0.8, 0.2], [1e-30, 1.0]], dtype=np.float32))
    sampler = Sampler(temperature=1, top_k=0, top_p=1, seed=3)
    drawn = [sampler.draw(logits, ["a", "b"]) for _ in range(500)]
    assert all(second == 1 for _, second in drawn)
    assert 0.7 < sum(first == 0 for first, _ in drawn) / 500 < 0.9


def test_log_probabilities_are_those_of_a_softmax() -> None:
    logits = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]], dtype=np.float32)
    expected = [2 - np.log(np.exp([1, 2, 3]).sum()), -np.log(3)]
    assert log_probabilities(logits, [1, 2]) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("at", [0.0, 0.4999999, 0.5, 0.999999999, 1.0])
def test_a_draw_at_the_very_edge_still_finds_a_token_with_weight(at: float) -> None:
    """Blocks of 256; weight only at the end of the first and the beginning of the third, and nothing behind."""
    weights = np.zeros(1000, dtype=np.float32)
    weights[[255, 512]] = 0.5
    blocks = np.add.reduceat(weights, np.arange(0, 1000, 256), dtype=np.float64).cumsum()
    assert _token_at(weights, blocks, at) == (255 if at < 0.5 else 512)


def test_large_vocabularies_are_drawn_from_evenly() -> None:
    logits = np.zeros((1, 20_000), dtype=np.float32)
    sampler = Sampler(temperature=1, top_k=0, top_p=1, seed=8)
    drawn = [sampler.draw(logits, ["only"])[0] for _ in range(2000)]
    assert np.mean(drawn) == pytest.approx(10_000, rel=0.05)
    assert min(drawn) < 300
    assert max(drawn) > 19_700
