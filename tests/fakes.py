"""Fakes that subclass the real contracts: models that follow a script, wait, fail, or run out of memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from assistant.api import (
    Cancellation,
    Constraint,
    FinishReason,
    GenerationConfig,
    ModelCard,
    TokenChunk,
    Writer,
    hookimpl,
)
from assistant.api.testing import CharacterVocabulary, RandomModel
from assistant.generation.model_cache import ModelCache
from assistant.generation.runner import Runner
from assistant.plugin_host import Catalogue, PluginHost


class ScriptedModel(RandomModel):
    """Writes given texts, a character a step, the candidates in turn."""

    def __init__(self, texts: Sequence[str], **kwargs: object) -> None:
        super().__init__(CharacterVocabulary("".join(texts)), **kwargs)  # type: ignore[arg-type]
        self.texts = list(texts)
        self.prompts: list[str] = []
        self.seen_constraints: list[Constraint] = []

    def generate(
        self, prompt: Sequence[int], config: GenerationConfig, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        self.prompts.append(self.vocabulary.decode(prompt))
        self.seen_constraints = list(config.constraints)
        most = config.sampling.max_new_tokens
        texts = [self.texts[index % len(self.texts)] for index in range(config.num_return_sequences)]
        for position in range(max(map(len, texts)) + 1):
            for index, text in enumerate(texts):
                if cancellation.cancelled:
                    return
                if position < len(text[:most]):
                    yield TokenChunk(index, text[position], logprob=-1.0)
                elif position == len(text[:most]):
                    reason = FinishReason.STOP if len(text) < most else FinishReason.LENGTH
                    yield TokenChunk(index, "", logprob=-1.0, finish_reason=reason)


class BlockingModel(ScriptedModel):
    """Writes one character of each candidate, then waits until it is cancelled or ``go_on`` is set."""

    def __init__(self, texts: Sequence[str], **kwargs: object) -> None:
        super().__init__(texts, **kwargs)
        self.waiting = threading.Event()
        self.go_on = threading.Event()

    def generate(
        self, prompt: Sequence[int], config: GenerationConfig, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        chunks = super().generate(prompt, config, cancellation)
        for number, chunk in enumerate(chunks, start=1):
            yield chunk
            if number == config.num_return_sequences:
                self.waiting.set()
                while not cancellation.cancelled and not self.go_on.wait(0.01):
                    pass


class FailingModel(RandomModel):
    """Raises after one character."""

    def __init__(self, error: Exception, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.error = error

    def generate(
        self, prompt: Sequence[int], config: GenerationConfig, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        yield TokenChunk(0, "明")
        raise self.error


class OutOfMemoryModel(FailingModel):
    """Fails the way torch does."""

    def __init__(self, **kwargs: object) -> None:
        error = RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory")
        super().__init__(error, **kwargs)


class PlainWriter(Writer):
    """A writer that declares no more than it must."""

    id = "plain"
    name = "平常"


def card(model_id: str = "random", writers: Sequence[str] = ("plain", "poem")) -> ModelCard:
    """A card as small as can be."""
    return ModelCard(
        id=model_id,
        name=model_id,
        architecture="gpt2",
        parameters=0,
        context_length=256,
        licence="Apache-2.0",
        source="tests",
        writers=tuple(writers),
    )


class WriterPlugin:
    """A plugin object with the given writers."""

    def __init__(self, *writers: Writer) -> None:
        self._writers = list(writers)

    @hookimpl
    def register_writers(self) -> list[Writer]:
        return self._writers


def catalogue_of(*writers: Writer, cards: Sequence[ModelCard] = ()) -> Catalogue:
    """A catalogue with these writers and cards."""
    host = PluginHost()
    host.register("test", WriterPlugin(*(writers or (PlainWriter(),))))
    return Catalogue(host, cards or [card()])


def runner_of(model: RandomModel, *writers: Writer, catalogue: Catalogue | None = None) -> Runner:
    """A real runner whose one model is ``model``."""
    chosen = catalogue or catalogue_of(*writers, cards=[card(model.card.id)])
    return Runner(lambda: chosen, ModelCache(lambda _: model))
