"""One request in, events out; always exactly one terminal event, the last."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from assistant.api import (
    BibanError,
    Cancellation,
    Candidate,
    Constraint,
    FinishReason,
    GenerationConfig,
    GenerationRequest,
    LanguageModel,
    ModelCard,
    TokenChunk,
    Vocabulary,
    Writer,
    WritingContext,
    persons_text_fields,
)
from assistant.generation.events import (
    Cancelled,
    CandidatesChanged,
    DraftsGrew,
    Event,
    Failed,
    Finished,
    ModelLoading,
    ModelReady,
)
from assistant.generation.failures import as_biban_error
from assistant.generation.model_cache import ModelCache
from assistant.generation.ranking import without_duplicates
from assistant.generation.script import ScriptBridge, script_of

logger = logging.getLogger(__name__)


class PluginHooks(Protocol):
    """The hooks that are called for a request."""

    def constraints(self, request: GenerationRequest, vocabulary: Vocabulary) -> list[Constraint]: ...

    def rank_candidates(
        self, request: GenerationRequest, candidates: Sequence[Candidate]
    ) -> list[Candidate]: ...


class WriterCatalogue(Protocol):
    """Where writers and models come from."""

    @property
    def host(self) -> PluginHooks: ...

    def writer(self, writer_id: str) -> Writer: ...

    def card_for(self, writer: Writer, model_id: str | None) -> ModelCard: ...


class Runner:
    """Runs requests one after another on the thread that owns the device.

    Args:
        catalogue: called when the first request comes, so that plugins need not be loaded before.
        cache: of loaded models.
    """

    def __init__(self, catalogue: Callable[[], WriterCatalogue], cache: ModelCache) -> None:
        self._catalogue = catalogue
        self._cache = cache

    def warm_up(self, writer_id: str, model_id: str | None) -> Iterator[Event]:
        """Load and read what a request would need; fails with ``Failed``. ``request_id`` is empty."""
        try:
            catalogue = self._catalogue()
            writer = catalogue.writer(writer_id)
            if writer.needs_model:
                card = catalogue.card_for(writer, model_id)
                model = yield from self._load("", card)
                self._prepare(writer, model.vocabulary)
        except Exception as error:
            yield Failed("", self._explain(error))

    def run(self, request: GenerationRequest, cancellation: Cancellation) -> Iterator[Event]:
        """Write the candidates of ``request``.

        Yields:
            ``ModelLoading`` and ``ModelReady``, then ``CandidatesChanged`` for every piece of text, then one
            of ``Finished``, ``Cancelled`` and ``Failed``.
        """
        try:
            yield from self._run(request, cancellation)
        # Every Exception: torch's out-of-memory is a RuntimeError, and a plugin may raise anything.
        except Exception as error:
            yield Failed(request.request_id, self._explain(error))

    def close(self) -> None:
        """Give back the memory of all models."""
        self._cache.clear()

    def _run(self, request: GenerationRequest, cancellation: Cancellation) -> Iterator[Event]:
        catalogue = self._catalogue()
        writer = catalogue.writer(request.writer_id)
        model: LanguageModel | None = None
        if writer.needs_model:
            card = catalogue.card_for(writer, request.model_id)
            inner, bridge = self._in_script_of(request, card.script)
            # Asked before loading, so that an unusable text is answered at once.
            writer.prompt(inner, card)
            model = yield from self._load(request.request_id, card)
            model = _WithConstraints(model, catalogue.host.constraints(inner, model.vocabulary))
        else:
            yield ModelReady(request.request_id, "", "", "")
            inner, bridge = self._in_script_of(request, "both")

        count, drafts = request.num_return_sequences, writer.drafts(inner)
        blank = Candidate(0, bridge.from_model(writer.opening(inner)), replaces=writer.replaces(inner))
        growing = _GrowingCandidates(inner, bridge, blank, drafts)
        started = time.perf_counter()
        longest = 0
        for chunk in writer.generate(inner, model, cancellation):
            candidate = growing.add(chunk)
            if drafts > count:
                if len(candidate.continuation) > longest:
                    longest = len(candidate.continuation)
                    yield DraftsGrew(request.request_id, drafts, longest)
            elif chunk.text or chunk.finish_reason:
                yield CandidatesChanged(request.request_id, (candidate,))
            if cancellation.cancelled:
                break
        seconds = time.perf_counter() - started
        if cancellation.cancelled:
            yield Cancelled(request.request_id, growing.stopped()[:count])
            return
        candidates = writer.rank(inner, without_duplicates(growing.all()), model)
        ranked = catalogue.host.rank_candidates(request, candidates)[:count]
        if drafts > count:
            # Nobody has seen the drafts: those shown are numbered as they stand.
            ranked = [replace(candidate, index=place) for place, candidate in enumerate(ranked)]
        yield Finished(request.request_id, tuple(ranked), seconds, growing.token_count)

    @staticmethod
    def _prepare(writer: Writer, vocabulary: Vocabulary) -> None:
        try:
            writer.prepare(vocabulary)
            script_of("")  # reads the dictionaries of OpenCC that tell the scripts apart
        except Exception:
            # The model is loaded and good. What is wrong shows, with its reason, when something is asked for.
            logger.exception("preparing %s failed", writer.id)

    def _load(self, request_id: str, card: ModelCard) -> Generator[Event, None, LanguageModel]:
        if card.id not in self._cache:
            yield ModelLoading(request_id, card.id, card.name)
        model = self._cache.get(card)
        yield ModelReady(request_id, card.id, card.name, model.device)
        return model

    @staticmethod
    def _in_script_of(
        request: GenerationRequest, model_script: str
    ) -> tuple[GenerationRequest, ScriptBridge]:
        context = request.context
        words = {
            name: text
            for name in persons_text_fields(type(request.options))
            if (text := str(getattr(request.options, name)))
        }
        bridge = ScriptBridge(
            context.before + context.selection + context.after or "".join(words.values()), model_script
        )
        converted = WritingContext(
            before=bridge.to_model(context.before),
            after=bridge.to_model(context.after),
            selection=bridge.to_model(context.selection),
        )
        options = request.options.model_copy(
            update={name: bridge.to_model(text) for name, text in words.items()}
        )
        traditional = bridge.script == "traditional"
        inner = replace(
            request, context=converted, options=options, traditional=traditional, as_written=context
        )
        return inner, bridge

    def _explain(self, error: Exception) -> BibanError:
        explained = as_biban_error(error)
        if explained is not error:
            logger.exception("request failed", exc_info=error)
            self._cache.clear()  # what is broken, or filled the memory, must not stay
        return explained


class _GrowingCandidates:
    """Adds up chunks to candidates in the script of the text."""

    def __init__(
        self, request: GenerationRequest, bridge: ScriptBridge, blank: Candidate, count: int
    ) -> None:
        self._bridge = bridge
        self._before = bridge.to_model(blank.opening) or request.context.before
        self._raw = [""] * count
        self._candidates = [replace(blank, index=index) for index in range(count)]

    def add(self, chunk: TokenChunk) -> Candidate:
        """The candidate as it is with ``chunk``.

        Raises:
            ValueError: the writer gave an index that was not asked for.
        """
        if not 0 <= chunk.index < len(self._candidates):
            raise ValueError(f"chunk for candidate {chunk.index} of {len(self._candidates)}")
        self._raw[chunk.index] += chunk.text
        old = self._candidates[chunk.index]
        candidate = replace(
            old,
            continuation=self._bridge.from_model(self._raw[chunk.index], self._before),
            logprob=old.logprob + chunk.logprob,
            token_count=old.token_count + chunk.token_count,
            finish_reason=chunk.finish_reason,
        )
        self._candidates[chunk.index] = candidate
        return candidate

    @property
    def token_count(self) -> int:
        return sum(candidate.token_count for candidate in self._candidates)

    def all(self) -> tuple[Candidate, ...]:
        return tuple(self._candidates)

    def stopped(self) -> tuple[Candidate, ...]:
        """All candidates, the unfinished ones marked as cancelled."""
        return tuple(
            c if c.finish_reason else replace(c, finish_reason=FinishReason.CANCELLED)
            for c in self._candidates
        )


class _WithConstraints(LanguageModel):
    """A model that adds the constraints of plugins to those of the writer."""

    def __init__(self, model: LanguageModel, constraints: Sequence[Constraint]) -> None:
        self._model = model
        self._constraints = list(constraints)
        self.card = model.card
        self.vocabulary = model.vocabulary
        self.context_length = model.context_length
        self.device = model.device
        self.precision = model.precision
        self.memory_bytes = model.memory_bytes
        self.fills_gaps = model.fills_gaps

    def generate(
        self, prompt: Sequence[int], config: GenerationConfig, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        constraints = [*config.constraints, *self._constraints]
        return self._model.generate(prompt, replace(config, constraints=constraints), cancellation)

    def score(self, prompt: Sequence[int], continuations: Sequence[Sequence[int]]) -> list[float]:
        return self._model.score(prompt, continuations)

    def fit(self, prompt: Sequence[int], max_new_tokens: int, keep: int = 1) -> list[int]:
        return self._model.fit(prompt, max_new_tokens, keep)

    def room(self, prompt: Sequence[int]) -> int:
        return self._model.room(prompt)
