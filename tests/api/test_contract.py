"""Requests, results and options."""

from __future__ import annotations

import pytest

from assistant.api import Candidate, GenerationRequest, InputError, SamplingOptions, WritingContext


def test_score_is_the_mean_log_probability_per_token() -> None:
    assert Candidate(0, logprob=-6.0, token_count=3).score == -2.0
    assert Candidate(0).score == 0.0


def test_text_is_opening_and_continuation() -> None:
    assert Candidate(0, "明月几时有，", "把酒问青天。").text == "明月几时有，把酒问青天。"


def test_request_refuses_no_candidates() -> None:
    with pytest.raises(ValueError, match="num_return_sequences must be at least 1, got 0"):
        GenerationRequest("poem", WritingContext(), SamplingOptions(), num_return_sequences=0)


def test_requests_have_ids_of_their_own() -> None:
    first, second = (GenerationRequest("poem", WritingContext(), SamplingOptions()) for _ in range(2))
    assert first.request_id != second.request_id


def test_options_are_read_from_text() -> None:
    assert SamplingOptions.parse({"temperature": "0.5", "top_k": "20"}).top_k == 20


@pytest.mark.parametrize(
    ("values", "message", "hint"),
    [
        ({"temprature": "1"}, "没有名为 temprature 的选项。", "temperature"),
        ({"temperature": "9"}, "选项 temperature 的值 '9' 不能用。", "应不大于 2.0。"),
        ({"top_p": "0"}, "选项 top_p 的值 '0' 不能用。", "应大于 0.0。"),
        ({"top_k": "many"}, "选项 top_k 的值 'many' 不能用。", "应为一个整数。"),
    ],
)
def test_unusable_options_are_named(values: dict[str, str], message: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        SamplingOptions.parse(values)
    assert caught.value.message == message
    assert hint in caught.value.hint
