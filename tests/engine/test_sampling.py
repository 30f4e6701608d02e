"""Drawing tokens, on logits that can be reckoned by hand."""

from __future__ import annotations

import pytest
import torch

from assistant.engine.sampling import Choices, choices, draw, penalize_repetition


def probabilities(logits: torch.Tensor, *, temperature: float, top_k: int, top_p: float) -> torch.Tensor:
    """What may be drawn, spread over the whole vocabulary."""
    among = choices(logits, temperature=temperature, top_k=top_k, top_p=top_p)
    return torch.zeros_like(logits).scatter(1, among.token_ids, among.chances)


def over_all(chances: torch.Tensor) -> Choices:
    return Choices(chances, torch.arange(chances.shape[1]).expand(len(chances), -1))


def test_uniform_logits_stay_uniform_and_are_not_changed() -> None:
    logits = torch.zeros(2, 4)
    kept = logits.clone()
    chances = probabilities(logits, temperature=0.7, top_k=0, top_p=1.0)
    torch.testing.assert_close(chances, torch.full((2, 4), 0.25))
    torch.testing.assert_close(logits, kept)


def test_top_k_keeps_the_likeliest() -> None:
    chances = probabilities(torch.tensor([[3.0, 1.0, 2.0, 0.0]]), temperature=1.0, top_k=2, top_p=1.0)
    assert (chances > 0).tolist() == [[True, False, True, False]]
    assert chances.sum() == pytest.approx(1.0)


def test_top_p_keeps_the_smallest_set_that_reaches_p() -> None:
    logits = torch.log(torch.tensor([[0.5, 0.3, 0.15, 0.05]]))
    chances = probabilities(logits, temperature=1.0, top_k=0, top_p=0.7)
    torch.testing.assert_close(chances, torch.tensor([[0.625, 0.375, 0.0, 0.0]]))
    assert (probabilities(logits, temperature=1.0, top_k=0, top_p=0.01) > 0).sum() == 1


def test_temperature_zero_is_greedy_and_low_temperature_sharper() -> None:
    logits = torch.tensor([[1.0, 2.0, 0.0]])
    assert probabilities(logits, temperature=0.0, top_k=0, top_p=1.0).tolist() == [[0.0, 1.0, 0.0]]
    warm, cold = (probabilities(logits, temperature=t, top_k=0, top_p=1.0)[0, 1] for t in (1.0, 0.3))
    assert cold > warm


def test_masked_tokens_are_never_drawn() -> None:
    logits = torch.zeros(1, 5).masked_fill(torch.tensor([[True, False, True, True, True]]), -torch.inf)
    assert probabilities(logits, temperature=1.0, top_k=0, top_p=0.9)[0, 1] == 1.0


@pytest.mark.parametrize(
    ("name", "value"), [("temperature", -1.0), ("top_k", -1), ("top_p", 0.0), ("top_p", 1.1)]
)
def test_bad_values_are_named(name: str, value: float) -> None:
    arguments = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, name: value}
    with pytest.raises(ValueError, match=f"{name} .*{value}"):
        probabilities(torch.zeros(1, 2), **arguments)  # type: ignore[arg-type]


def test_repetition_penalty_lowers_seen_tokens_of_either_sign_only() -> None:
    logits = torch.tensor([[2.0, -2.0, 1.0]])
    seen = [[0, 1]]
    assert penalize_repetition(logits, seen, 2.0).tolist() == [[1.0, -4.0, 1.0]]
    assert logits.tolist() == [[2.0, -2.0, 1.0]]
    assert penalize_repetition(logits, seen, 1.0) is logits
    with pytest.raises(ValueError, match=r"repetition_penalty must be at least 1, got 0\.5"):
        penalize_repetition(logits, seen, 0.5)


def test_equal_sequences_part_as_soon_as_they_can() -> None:
    chances = torch.full((4, 6), 1 / 6)
    for seed in range(20):
        tokens = draw(over_all(chances), ["same"] * 4, torch.Generator().manual_seed(seed))
        assert len(set(tokens)) == 4


def test_more_sequences_than_tokens_share() -> None:
    chances = torch.tensor([[0.5, 0.5, 0.0]]).repeat(5, 1)
    tokens = draw(over_all(chances), ["same"] * 5, torch.Generator().manual_seed(1))
    assert set(tokens) == {0, 1}


def test_different_sequences_draw_independently_by_their_chances() -> None:
    chances = torch.tensor([[0.8, 0.2], [0.0, 1.0]])
    generator = torch.Generator().manual_seed(3)
    drawn = [draw(over_all(chances), ["a", "b"], generator) for _ in range(500)]
    assert all(second == 1 for _, second in drawn)
    assert 0.7 < sum(first == 0 for first, _ in drawn) / 500 < 0.9


@pytest.mark.parametrize("top_p", [0.1, 0.9, 0.999])
def test_top_p_is_the_same_for_a_nucleus_of_any_size(top_p: float) -> None:
    """Flat chances need the whole vocabulary sorted, steep ones only its top; both follow the definition."""
    torch.manual_seed(0)
    logits = torch.stack([torch.randn(2000) * 0.1, torch.randn(2000) * 8])
    chances = probabilities(logits, temperature=1.0, top_k=0, top_p=top_p)
    for row in range(2):
        ordered = torch.softmax(logits[row], dim=0).sort(descending=True)
        size = int((ordered.values.cumsum(0) - ordered.values < top_p).sum())
        assert set(chances[row].nonzero().squeeze(1).tolist()) == set(ordered.indices[:size].tolist())
