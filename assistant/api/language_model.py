"""A loaded model, as a writer sees it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from assistant.api.cancellation import Cancellation
from assistant.api.constraints import Constraint, Vocabulary
from assistant.api.errors import ModelError
from assistant.api.model_card import ModelCard
from assistant.api.options import SamplingOptions
from assistant.api.results import TokenChunk


@dataclass(frozen=True, slots=True)
class GenerationConfig:
    """How to continue a prompt.

    Attributes:
        num_return_sequences: how many continuations to write at once.
        sampling: how tokens are drawn, and at most how many.
        constraints: what must hold of the new text.
        seed: the same one gives the same continuations; None draws a new one.
    """

    num_return_sequences: int = 1
    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    constraints: Sequence[Constraint] = ()
    seed: int | None = None


class LanguageModel(ABC):
    """Weights in memory that can continue a sequence of tokens."""

    card: ModelCard
    vocabulary: Vocabulary
    context_length: int
    """Longest sequence in tokens, prompt and new text together."""
    device: str
    """Where it runs, such as ``cpu`` or ``cuda:0``."""
    precision: str = ""
    """Of its weights: ``fp32``, ``bf16``, ``fp16``, ``int8``."""
    memory_bytes: int
    """What its weights take in memory."""
    fills_gaps: bool = False
    """True for an encoder–decoder model that writes what stands at ``[MASK]`` in its prompt."""

    @abstractmethod
    def generate(
        self, prompt: Sequence[int], config: GenerationConfig, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        """Continue ``prompt`` ``config.num_return_sequences`` times at once.

        Yields one chunk for each running sequence and step; the last chunk of each sequence carries a
        finish reason. Stops within one token after ``cancellation``.

        Raises:
            ValueError: the prompt is empty or leaves no room in the context.
            ConstraintError: the constraints leave no token.
            OutOfMemoryError: the cache did not fit.
        """

    def score(self, prompt: Sequence[int], continuations: Sequence[Sequence[int]]) -> list[float]:
        """Mean log-probability per token, in nats, of each continuation behind ``prompt``.

        Raises:
            ModelError: this kind of model cannot tell.
            ValueError: a continuation is empty, or is too long for the context.
        """
        raise ModelError(f"模型「{self.card.name}」不能给文字打分。", "请换一个续写类的模型。")

    def fit(self, prompt: Sequence[int], max_new_tokens: int, keep: int = 1) -> list[int]:
        """``prompt`` shortened to leave room for ``max_new_tokens``.

        The first ``keep`` tokens (the one that starts a text, a title) and the newest tokens stay; at least half of
        the context is left to the prompt, however many new tokens are asked for, and half of that to the newest.
        """
        return cut(prompt, max(self.context_length - max_new_tokens, self.context_length // 2), keep)

    def fit_behind(self, heading: Sequence[int], prompt: Sequence[int], max_new_tokens: int) -> list[int]:
        """``prompt``, shortened by ``fit`` behind what it begins with in common with ``heading``."""
        # Behind the heading, text may run together with its last characters into other tokens.
        common = takewhile(lambda pair: pair[0] == pair[1], zip(heading, prompt, strict=False))
        return self.fit(prompt, max_new_tokens, max(1, len(list(common))))

    def room(self, prompt: Sequence[int]) -> int:
        """How many new tokens find room behind ``prompt``."""
        return self.context_length - len(prompt)


def cut(prompt: Sequence[int], room: int, keep: int) -> list[int]:
    """At most ``room`` tokens of ``prompt``: the first ``keep``, but not more than half, and the last ones."""
    if len(prompt) <= room:
        return list(prompt)
    keep = min(keep, room // 2)
    return [*prompt[:keep], *prompt[len(prompt) - room + keep :]]
