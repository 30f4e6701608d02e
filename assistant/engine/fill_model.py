"""An encoder–decoder model such as Pegasus: reads a text with a gap and writes what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from assistant.api import Cancellation, GenerationConfig, LanguageModel, ModelCard, TokenChunk
from assistant.api.language_model import cut
from assistant.engine.causal_lm import Decoding
from assistant.engine.kernels import Precision
from assistant.engine.transformers_network import DecoderNetwork
from assistant.engine.vocabulary import EngineVocabulary


class FillModel(LanguageModel):
    """The prompt is the source, with ``[MASK]`` where a sentence is missing; new tokens are that sentence.

    Args:
        card: its card.
        network: weights and forward passes.
        vocabulary: of source and target.
        decoder_start: the token a target begins with.
        precision: of the weights.
    """

    fills_gaps = True

    def __init__(
        self,
        card: ModelCard,
        network: DecoderNetwork,
        vocabulary: EngineVocabulary,
        decoder_start: int,
        precision: Precision,
    ) -> None:
        self.card = card
        self.vocabulary: EngineVocabulary = vocabulary
        self.context_length = network.context_length
        self.device = str(network.device)
        self.precision = precision
        self.memory_bytes = network.memory_bytes
        self._network = network
        self._decoder_start = decoder_start

    def generate(
        self, prompt: Sequence[int], config: GenerationConfig, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        if not prompt:
            raise ValueError("the prompt is empty")
        # The source ends as it did in training; only then does the encoder know the whole text.
        source = [*prompt, self.vocabulary.eos_token_id]
        if len(source) > self.context_length:
            raise ValueError(f"the source has {len(source)} tokens, the context {self.context_length}")
        if cancellation.cancelled:
            return
        device = self._network.device
        cache = self._network.encode(torch.tensor([source], device=device))
        logits = self._network.forward(torch.tensor([[self._decoder_start]], device=device), cache)
        max_length = min(self.context_length, 1 + config.sampling.max_new_tokens)
        repeated = cache.repeated(config.num_return_sequences, max_length)
        decoding = Decoding(self.vocabulary, config, set())
        yield from decoding.run(self._network, logits.cpu(), repeated, max_length, cancellation)

    def fit(self, prompt: Sequence[int], max_new_tokens: int, keep: int = 1) -> list[int]:
        """The whole prompt: source and target have a context each. Cut behind ``keep`` where it is too long."""
        return cut(prompt, self.context_length - 1, keep)

    def room(self, prompt: Sequence[int]) -> int:
        """All of the target's context but the token that it starts with."""
        return self.context_length - 1
