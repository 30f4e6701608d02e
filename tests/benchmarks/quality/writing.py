"""Poems as a model writes them: by all rules, by the line lengths alone, and with no constraint at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from assistant.api import (
    HAN,
    Cancellation,
    CharacterConstraint,
    CharacterSet,
    Constraint,
    GenerationConfig,
    GenerationRequest,
    LanguageModel,
    Next,
    TokenChunk,
    Vocabulary,
)
from assistant.prosody.patterns import Pattern
from plugins.poem.wish import wish_of
from plugins.poem.writer import PoemWriter


class Mode(StrEnum):
    """What holds the model."""

    RULES = "rules"
    LENGTHS = "lengths"
    FREE = "free"


@dataclass(frozen=True)
class Written:
    """One text.

    Attributes:
        text: the whole poem, what was given included, without line breaks.
        nats: for each character and mark that the model wrote, its own log-probability.
    """

    text: str
    nats: tuple[float, ...]

    @property
    def start(self) -> int:
        """Where in ``text`` the model's own part begins."""
        return len(self.text) - len(self.nats)


class LengthsConstraint(CharacterConstraint):
    """The line lengths and marks of a text, and nothing else.

    Args:
        vocabulary: of the model.
        forms: texts any of which may be followed, with 字 for every character.
        opening: characters and marks that are written already.
    """

    name = "句长"

    def __init__(self, vocabulary: Vocabulary, forms: Collection[str], opening: str = "") -> None:
        super().__init__(vocabulary)
        self._forms = frozenset(forms)
        self._opening = opening

    def next(self, text: str) -> Next:
        written = self._opening + text
        at = len(written)
        fitting = [form for form in self._forms if len(form) >= at and _same_lengths(form, written)]
        here = {form[at] for form in fitting if len(form) > at}
        marks = CharacterSet(frozenset(here - {"字"}))
        end = any(len(form) == at for form in fitting)
        return Next(HAN | marks if "字" in here else marks, end=end)


def forms_of(patterns: Iterable[Pattern]) -> frozenset[str]:
    """The line lengths and marks of ``patterns``."""
    return frozenset(
        "".join("字" * line.length + line.mark for line in pattern.lines) for pattern in patterns
    )


def _same_lengths(form: str, written: str) -> bool:
    return all((a == "字") == (b not in "，。？！；：、") for a, b in zip(form, written, strict=False))


def write(
    model: LanguageModel, writer: PoemWriter, request: GenerationRequest, mode: Mode, count: int
) -> list[Written]:
    """``count`` texts for ``request``, drawn as its options say.

    ``Mode.RULES`` is what the poem writer does, before it ranks and leaves out.
    """
    opening = wish_of(request).written
    if mode is Mode.RULES:
        chunks: Iterable[TokenChunk] = writer.generate(request, model, Cancellation())
    else:
        constraints: list[Constraint] = []
        if mode is Mode.LENGTHS:
            forms = forms_of(wish_of(request).wishes.patterns)
            constraints = [LengthsConstraint(model.vocabulary, forms, opening)]
        config = GenerationConfig(count, writer.sampling(request), constraints, request.seed)
        chunks = model.generate(writer.prompt_tokens(request, model), config, Cancellation())
    return gather(chunks, opening, count)


def gather(chunks: Iterable[TokenChunk], opening: str, count: int) -> list[Written]:
    """The texts that grow from ``chunks``, each behind ``opening``."""
    texts = [""] * count
    nats: list[list[float]] = [[] for _ in range(count)]
    held = [0.0] * count
    for chunk in chunks:
        # Where a character takes several tokens, its log-probability is their sum.
        held[chunk.index] += chunk.logprob
        text = "".join(chunk.text.split())
        if text:
            texts[chunk.index] += text
            nats[chunk.index] += [round(held[chunk.index] / len(text), 4)] * len(text)
            held[chunk.index] = 0.0
    return [Written(opening + text, tuple(own)) for text, own in zip(texts, nats, strict=True)]


def read(model: LanguageModel, told: str, text: str) -> Written:
    """A text that exists already, with the log-probability of each of its characters behind ``told``."""
    tokens = model.vocabulary.encode(text)
    if len(tokens) != len(text):
        raise ValueError("only for vocabularies of whole characters")
    prompt = model.vocabulary.prompt(told)
    means = model.score(prompt, [tokens[:end] for end in range(1, len(tokens) + 1)])
    sums = [mean * length for length, mean in enumerate(means, start=1)]
    own = [after - before for before, after in zip([0.0, *sums], sums, strict=False)]
    return Written(text, tuple(round(value, 4) for value in own))
