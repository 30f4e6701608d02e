"""The contract test kit finds what it promises to find."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import Field

from assistant.api import (
    Cancellation,
    FinishReason,
    GenerationRequest,
    InputError,
    LanguageModel,
    ModelCard,
    TokenChunk,
    Writer,
    WriterExample,
    WriterOptions,
)
from assistant.api.testing import check_writer
from tests.fakes import PlainWriter


class Rule(Writer):
    """No model: answers from a rule."""

    id = "rule"
    name = "规则"
    needs_model = False
    options_model = WriterOptions

    def generate(
        self, request: GenerationRequest, model: LanguageModel | None, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        for index in range(request.num_return_sequences):
            yield TokenChunk(index, "把酒问青天。", finish_reason=FinishReason.STOP)


def test_good_writers_pass() -> None:
    check_writer(PlainWriter())
    check_writer(Rule())


def test_a_bad_id_is_found() -> None:
    class Bad(PlainWriter):
        id = "My Writer"

    with pytest.raises(AssertionError, match="lower-case"):
        check_writer(Bad())


def test_an_option_without_a_title_is_found() -> None:
    class Options(WriterOptions):
        colour: str = Field("red", description="…")

    class Bad(Rule):
        options_model = Options

    with pytest.raises(AssertionError, match="colour needs a title"):
        check_writer(Bad())


@pytest.mark.parametrize(
    ("example", "said"),
    [
        (WriterExample("春晓", ""), "'春晓' needs a note"),
        (
            WriterExample("春晓", "一首", options={"form": "七绝"}),
            "'春晓' does not work: 没有名为 form 的选项。",
        ),
        (WriterExample("春晓", "一首", before=""), "'春晓' does not work: 还没有文字。"),
    ],
)
def test_an_example_that_does_not_work_is_found(example: WriterExample, said: str) -> None:
    class Picky(PlainWriter):
        examples = (WriterExample("可以", "接着写", before="明月"), example)

        def prompt(self, request: GenerationRequest, card: ModelCard) -> str:
            if not request.context.before:
                raise InputError("还没有文字。", "请先写一句。")
            return super().prompt(request, card)

    with pytest.raises(AssertionError, match=said):
        check_writer(Picky())


def test_a_missing_end_is_found() -> None:
    class Bad(Rule):
        def generate(
            self, request: GenerationRequest, model: LanguageModel | None, cancellation: Cancellation
        ) -> Iterator[TokenChunk]:
            yield TokenChunk(0, "无尽")

    with pytest.raises(AssertionError, match="without an end"):
        check_writer(Bad())


def test_a_broken_character_is_found() -> None:
    class Bad(Rule):
        def generate(
            self, request: GenerationRequest, model: LanguageModel | None, cancellation: Cancellation
        ) -> Iterator[TokenChunk]:
            for index in range(request.num_return_sequences):
                yield TokenChunk(index, "\ufffd", finish_reason=FinishReason.STOP)

    with pytest.raises(AssertionError, match="replacement character"):
        check_writer(Bad())


def test_deafness_to_cancellation_is_found() -> None:
    class Bad(Rule):
        def generate(
            self, request: GenerationRequest, model: LanguageModel | None, cancellation: Cancellation
        ) -> Iterator[TokenChunk]:
            for _ in range(50):
                for index in range(request.num_return_sequences):
                    yield TokenChunk(index, "字")
            for index in range(request.num_return_sequences):
                yield TokenChunk(index, "", finish_reason=FinishReason.STOP)

    with pytest.raises(AssertionError, match="after a cancellation"):
        check_writer(Bad())
