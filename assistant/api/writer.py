"""A writer: one way of writing, registered by a plugin."""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import ClassVar

from assistant.api.cancellation import Cancellation
from assistant.api.constraints import Constraint, Vocabulary
from assistant.api.example import WriterExample
from assistant.api.language_model import GenerationConfig, LanguageModel
from assistant.api.model_card import ModelCard
from assistant.api.options import SamplingOptions, WriterOptions
from assistant.api.requests import GenerationRequest
from assistant.api.results import Candidate, TokenChunk


class Reads(StrEnum):
    """Which part of the text a writer looks at."""

    BEFORE = "before"
    AFTER = "after"
    SELECTION = "selection"


class Applies(StrEnum):
    """What happens to the document when a candidate is taken."""

    INSERT = "insert"
    REPLACE = "replace"
    FILL = "fill"


class Writer(ABC):
    """The base class does the usual causal-LM job, so most writers only say their prompt format.

    A writer without a local model (a rule, a remote service) sets ``needs_model = False`` and overrides
    ``generate``; it then gets ``model=None``.
    """

    id: ClassVar[str]
    """Unique, lower-case ASCII: the name on the command line."""
    name: ClassVar[str]
    """What the interface calls it."""
    description: ClassVar[str] = ""
    verb: ClassVar[str] = "续写"
    """What it does, on the button that starts it."""
    example: ClassVar[str] = ""
    """A line to try it on, offered while the page is empty; none by default."""
    examples: ClassVar[tuple[WriterExample, ...]] = ()
    """What the first page offers to press, the most telling one first; none by default."""
    icon: ClassVar[str] = ""
    """Name of an SVG in ``resources/icons`` without its ending, or an absolute path to one."""
    order: ClassVar[int] = 100
    """Its place in the list of writers; smaller comes first."""
    options_model: ClassVar[type[WriterOptions]] = SamplingOptions
    reads: ClassVar[frozenset[Reads]] = frozenset({Reads.BEFORE})
    applies: ClassVar[Applies] = Applies.INSERT
    needs_model: ClassVar[bool] = True
    no_model_hint: ClassVar[str] = ""
    """What to do when no installed model serves this writer; the interface adds which known ones would."""

    def serves(self, card: ModelCard) -> bool:
        """True when the weights of ``card`` can be used by this writer."""
        return self.id in card.writers

    def prepare(self, vocabulary: Vocabulary) -> None:  # noqa: B027 (most writers have nothing to prepare)
        """Read what the first request would otherwise wait for, such as tables. Default: nothing.

        Called on the worker thread when the writer was chosen and its model is loaded. A request may also come without.
        """

    def prompt(self, request: GenerationRequest, card: ModelCard) -> str:
        """The text the model is asked to continue. Default: everything before the cursor, as the card formats it.

        Raises:
            InputError: there is nothing this writer could continue.
        """
        return card.format_prompt(self.id, request.context.before)

    def prompt_tokens(self, request: GenerationRequest, model: LanguageModel) -> list[int]:
        """The tokens the model is asked to continue. Default: those of ``prompt``.

        Raises:
            InputError: there is nothing this writer could continue.
        """
        return model.vocabulary.prompt(self.prompt(request, model.card))

    def heading(self, request: GenerationRequest, card: ModelCard) -> str:
        """The beginning of ``prompt`` that stays where the whole is too long for the model, such as a title. Default:
        none.
        """
        return ""

    def fitted_prompt(
        self, request: GenerationRequest, model: LanguageModel, max_new_tokens: int
    ) -> list[int]:
        """``prompt_tokens``, shortened between ``heading`` and the newest tokens to leave room for the new text."""
        prompt = self.prompt_tokens(request, model)
        heading = model.vocabulary.prompt(self.heading(request, model.card))
        return model.fit_behind(heading, prompt, max_new_tokens)

    def constraints(self, request: GenerationRequest, vocabulary: Vocabulary) -> list[Constraint]:
        """What must hold of the new text. Default: nothing."""
        return []

    def sampling(self, request: GenerationRequest) -> SamplingOptions:
        """How to draw tokens, and at most how many. Default: as the options say."""
        if not isinstance(request.options, SamplingOptions):
            raise TypeError(f"options of writer {self.id!r} must derive from SamplingOptions")
        return request.options

    def opening(self, request: GenerationRequest) -> str:
        """The user's own text that a candidate shows before the new text. Default: none."""
        return ""

    def lead(self, request: GenerationRequest) -> str:
        """What is put into the document before the new text, such as a line break. Default: nothing."""
        return ""

    def replaces(self, request: GenerationRequest) -> int:
        """How many code points right before the cursor the new text takes the place of. Default: none."""
        return 0

    def drafts(self, request: GenerationRequest) -> int:
        """How many texts ``generate`` writes. Default: as many as are asked for; a writer that writes more shows the
        best of them, as ``rank`` orders them, when all are written.
        """
        return request.num_return_sequences

    def generate(
        self, request: GenerationRequest, model: LanguageModel | None, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        """Write ``drafts(request)`` candidates, interleaved as they grow.

        Runs on the worker thread. Every candidate ends with exactly one chunk that has a finish reason,
        unless the request is cancelled.

        Raises:
            BibanError: with a message for the person.
        """
        if model is None:
            raise TypeError(f"writer {self.id!r} needs a model")
        sampling = self.sampling(request)
        config = GenerationConfig(
            num_return_sequences=self.drafts(request),
            sampling=sampling,
            constraints=self.constraints(request, model.vocabulary),
            seed=request.seed,
        )
        prompt = self.fitted_prompt(request, model, sampling.max_new_tokens)
        yield from model.generate(prompt, config, cancellation)

    def rank(
        self, request: GenerationRequest, candidates: Sequence[Candidate], model: LanguageModel | None
    ) -> list[Candidate]:
        """The finished candidates, best first; those that must not be shown left out. Default: as they came."""
        return list(candidates)
