"""One request in, exactly one terminal event out, whatever happens."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Sequence

import pytest

from assistant.api import (
    Cancellation,
    Candidate,
    FinishReason,
    GenerationRequest,
    InputError,
    ModelCard,
    OutOfMemoryError,
    SamplingOptions,
    Vocabulary,
    WeightsError,
    WritingContext,
    hookimpl,
)
from assistant.api.testing import RandomModel
from assistant.generation.events import (
    Cancelled,
    CandidatesChanged,
    Event,
    Failed,
    Finished,
    ModelLoading,
    ModelReady,
)
from assistant.generation.model_cache import ModelCache
from assistant.generation.runner import Runner
from plugins.poem.options import PoemOptions
from plugins.poem.writer import PoemWriter
from tests.fakes import (
    BlockingModel,
    FailingModel,
    OutOfMemoryModel,
    PlainWriter,
    ScriptedModel,
    card,
    catalogue_of,
    runner_of,
)


def request(text: str = "明月几时有，", *, count: int = 2, **kwargs: object) -> GenerationRequest:
    return GenerationRequest(
        "plain",
        WritingContext(before=text),
        SamplingOptions(),
        num_return_sequences=count,
        **kwargs,  # type: ignore[arg-type]
    )


def run(runner: Runner, asked: GenerationRequest) -> list[Event]:
    events = list(runner.run(asked, Cancellation()))
    assert all(event.request_id == asked.request_id for event in events)
    terminal = [event for event in events if isinstance(event, Finished | Cancelled | Failed)]
    assert terminal == events[-1:]
    return events


def test_loads_streams_and_finishes() -> None:
    runner = runner_of(ScriptedModel(["把酒问青天。", "白日依山尽。"]))
    events = run(runner, request())
    assert isinstance(events[0], ModelLoading)
    assert isinstance(events[1], ModelReady)
    growing = [
        c.continuation
        for e in events
        if isinstance(e, CandidatesChanged)
        for c in e.candidates
        if c.index == 0
    ]
    assert growing[:3] == ["把", "把酒", "把酒问"]
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert [c.text for c in finished.candidates] == ["把酒问青天。", "白日依山尽。"]
    assert finished.candidates[0].score == -1.0
    assert finished.token_count == 14
    assert finished.candidates[0].finish_reason is FinishReason.STOP
    # The second request finds the model in memory.
    assert not any(isinstance(event, ModelLoading) for event in run(runner, request()))


def test_equal_and_empty_candidates_are_shown_once_or_not_at_all() -> None:
    [*_, finished] = run(runner_of(ScriptedModel(["同", "同", ""])), request(count=3))
    assert isinstance(finished, Finished)
    assert [c.text for c in finished.candidates] == ["同"]


def test_cancelling_half_way_keeps_what_was_written() -> None:
    cancellation = Cancellation()
    runner = runner_of(BlockingModel(["把酒问青天。"]))
    events = []
    for event in runner.run(request(), cancellation):
        events.append(event)
        if isinstance(event, CandidatesChanged):
            cancellation.cancel()
    assert isinstance(events[-1], Cancelled)
    assert {c.finish_reason for c in events[-1].candidates} == {FinishReason.CANCELLED}
    assert events[-1].candidates[0].continuation == "把"


@pytest.mark.parametrize(
    ("model", "kind", "message"),
    [
        (OutOfMemoryModel(), OutOfMemoryError, "内存不够"),
        (FailingModel(MemoryError()), OutOfMemoryError, "内存不够"),
        (FailingModel(RuntimeError("shape mismatch\ntrace")), Exception, "RuntimeError：shape mismatch。"),
        (FailingModel(InputError("太短。", "多写一点。")), InputError, "太短。"),
        (FailingModel(KeyError()), Exception, "KeyError"),
    ],
)
def test_a_model_that_raises(model: RandomModel, kind: type[Exception], message: str) -> None:
    [*_, failed] = run(runner_of(model), request())
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, kind)
    assert message in failed.error.message
    assert failed.error.hint


def test_a_model_that_cannot_be_loaded_and_then_can() -> None:
    attempts: list[str] = []

    def load(_: ModelCard) -> RandomModel:
        attempts.append("load")
        if len(attempts) == 1:
            raise WeightsError("权重文件已损坏。", "请重新取得。")
        return ScriptedModel(["好"])

    runner = Runner(lambda: catalogue_of(), ModelCache(load))
    [*_, failed] = run(runner, request())
    assert isinstance(failed, Failed)
    assert failed.error.message == "权重文件已损坏。"
    assert isinstance(run(runner, request())[-1], Finished)


def test_unknown_writer_and_model() -> None:
    runner = runner_of(ScriptedModel(["好"]))
    [failed] = run(runner, GenerationRequest("nobody", WritingContext(), SamplingOptions()))
    assert isinstance(failed, Failed)
    [failed] = run(runner, request(model_id="nothing"))
    assert isinstance(failed, Failed)
    assert "nothing" in failed.error.message


def test_an_unusable_text_is_answered_before_the_model_is_loaded() -> None:
    def load(_: ModelCard) -> RandomModel:
        raise AssertionError("must not load")

    runner = Runner(lambda: catalogue_of(PoemWriter()), ModelCache(load))
    asked = GenerationRequest("poem", WritingContext(before="  \n"), PoemOptions())
    [failed] = run(runner, asked)
    assert isinstance(failed, Failed)
    assert failed.error.message == "还没有可以续写的文字。"


def test_traditional_text_comes_back_traditional() -> None:
    model = ScriptedModel(["云里为谁归", "明月几时有"])
    [*_, finished] = run(runner_of(model), request("明月幾時有，"))
    assert model.prompts == ["明月几时有"]  # the vocabulary of the fake has no comma
    assert isinstance(finished, Finished)
    assert [c.text for c in finished.candidates] == ["雲裡為誰歸", "明月幾時有"]


def test_astral_characters_before_the_cursor() -> None:
    [*_, finished] = run(runner_of(ScriptedModel(["好"])), request("𠮷𠮷明月"))
    assert isinstance(finished, Finished)


def test_plugins_add_constraints_and_rank() -> None:
    from tests.api.test_constraints import Only

    class Plugin:
        @hookimpl
        def constraints(self) -> list[Only]:
            return [Only("丙", [1])]

        @hookimpl
        def rank_candidates(self, candidates: Sequence[Candidate]) -> list[Candidate]:
            return list(reversed(candidates))

    model = ScriptedModel(["甲", "乙"])
    catalogue = catalogue_of(PlainWriter())
    catalogue.host.register("more", Plugin())
    [*_, finished] = run(runner_of(model, catalogue=catalogue), request())
    assert [constraint.name for constraint in model.seen_constraints] == ["丙"]
    assert isinstance(finished, Finished)
    assert [c.text for c in finished.candidates] == ["乙", "甲"]


def test_warm_up_lets_the_writer_prepare_for_the_loaded_model() -> None:
    prepared: list[Vocabulary] = []

    class Preparing(PlainWriter):
        def prepare(self, vocabulary: Vocabulary) -> None:
            prepared.append(vocabulary)

    model = ScriptedModel(["好"])
    runner = runner_of(model, catalogue=catalogue_of(Preparing()))
    run(runner, request())
    assert prepared == []
    assert [type(event) for event in runner.warm_up("plain", None)] == [ModelReady]
    assert prepared == [model.vocabulary]


def test_a_writer_that_fails_to_prepare_leaves_the_model_where_it_is() -> None:
    class Failing(PlainWriter):
        def prepare(self, vocabulary: Vocabulary) -> None:
            raise OSError("no table")

    runner = runner_of(ScriptedModel(["好"]), catalogue=catalogue_of(Failing()))
    loaded = [type(event) for event in runner.warm_up("plain", None)]
    assert loaded == [ModelLoading, ModelReady]
    # It is not loaded again.
    assert isinstance(run(runner, request())[0], ModelReady)


def test_warm_up_loads_and_reports_failure() -> None:
    runner = runner_of(ScriptedModel(["好"]))
    assert [type(event) for event in runner.warm_up("plain", None)] == [ModelLoading, ModelReady]
    assert [type(event) for event in runner.warm_up("plain", None)] == [ModelReady]
    [failed] = runner.warm_up("plain", "nothing")
    assert isinstance(failed, Failed)


def test_the_cache_evicts_and_gives_memory_back() -> None:
    class Big(RandomModel):
        def __init__(self) -> None:
            super().__init__()
            self.memory_bytes = 60

    cache = ModelCache(lambda _: Big(), limit_bytes=lambda: 100)
    first = weakref.ref(cache.get(card("first")))
    cache.get(card("second"))
    gc.collect()
    assert "first" not in cache
    assert "second" in cache
    assert first() is None
    cache.clear()
    assert "second" not in cache


def test_the_cache_makes_room_and_tries_again() -> None:
    loads: list[str] = []

    def load(asked: ModelCard) -> RandomModel:
        loads.append(asked.id)
        if loads.count("big") == 1 and asked.id == "big":
            raise OutOfMemoryError("内存装不下。")
        return RandomModel()

    cache = ModelCache(load)
    cache.get(card("small"))
    cache.get(card("big"))
    assert loads == ["small", "big", "big"]
    assert "small" not in cache


def test_models_are_loaded_anew_when_what_they_depend_on_changes() -> None:
    precision = ["int8"]
    loaded: list[str] = []

    def load(wanted: ModelCard) -> RandomModel:
        loaded.append(f"{wanted.id} {precision[0]}")
        return RandomModel()

    cache = ModelCache(load, version=lambda: precision[0])
    for _ in range(2):
        cache.get(card("one"))
    assert loaded == ["one int8"]
    precision[0] = "fp32"
    assert "one" not in cache
    cache.get(card("one"))
    assert loaded == ["one int8", "one fp32"]
