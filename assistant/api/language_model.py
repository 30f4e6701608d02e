"""A loaded model, as a writer sees it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from assistant.api.cancellation import Cancellation
from assistant.api.constraints import Constraint, Vocabulary
from assistant.api.model_card import ModelCard
from assistant.api.options import SamplingOptions
from assistant.api.results import TokenChunk


class LanguageModel(ABC):
    """Weights in memory that can continue a sequence of tokens."""

    card: ModelCard
    vocabulary: Vocabulary
    context_length: int
    """Longest sequence in tokens, prompt and new text together."""
    device: str
    """Where it runs, such as ``cpu`` or ``cuda:0``."""
    memory_bytes: int
    """What its weights take in memory."""

    @abstractmethod
    def generate(
        self,
        prompt: Sequence[int],
        *,
        num_return_sequences: int,
        sampling: SamplingOptions,
        constraints: Sequence[Constraint],
        seed: int | None,
        cancellation: Cancellation,
    ) -> Iterator[TokenChunk]:
        """Continue ``prompt`` ``num_return_sequences`` times at once.

        Yields one chunk for each running sequence and step; the last chunk of each sequence carries a
        finish reason. Stops within one token after ``cancellation``.

        Raises:
            ValueError: the prompt is empty or leaves no room in the context.
            ConstraintError: the constraints leave no token.
            OutOfMemoryError: the cache did not fit.
        """

    def fit(self, prompt: Sequence[int], max_new_tokens: int) -> list[int]:
        """``prompt`` shortened to leave room for ``max_new_tokens``.

        The first token (which starts a text) and the newest tokens stay; at least half of the
        context is left to the prompt, however many new tokens are asked for.
        """
        room = max(self.context_length - max_new_tokens, self.context_length // 2)
        if len(prompt) <= room:
            return list(prompt)
        return [prompt[0], *prompt[len(prompt) - room + 1 :]]
