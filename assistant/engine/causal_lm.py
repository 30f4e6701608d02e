"""Decoding: one prefill, the cache repeated for N candidates, a token a step, masks, streaming."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from assistant.api import (
    Cancellation,
    Constraint,
    FinishReason,
    GenerationConfig,
    LanguageModel,
    ModelCard,
    TokenChunk,
    intersect,
)
from assistant.engine.kernels import Precision
from assistant.engine.network import Cache, Network
from assistant.engine.prefix import BLOCK, PrefixReader
from assistant.engine.sampling import Sampler, log_probabilities, penalize_repetition
from assistant.engine.vocabulary import EngineVocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from assistant.api.constraints import Mask


_SCORED_LOGITS = 1 << 24


class CausalLM(LanguageModel):
    """A causal language model of any architecture, ready to write.

    Args:
        card: its card.
        network: weights and forward pass.
        vocabulary: as wide as the logits of ``network``.
        precision: of the weights.
    """

    def __init__(
        self, card: ModelCard, network: Network, vocabulary: EngineVocabulary, precision: Precision = "fp32"
    ) -> None:
        self.card = card
        self.vocabulary: EngineVocabulary = vocabulary
        self.context_length = network.context_length
        self.device = str(network.device)
        self.precision = precision
        self.memory_bytes = network.memory_bytes
        self._network = network
        self._reader = PrefixReader(network)
        self._penalized = vocabulary.penalized_mask.tolist()

    def generate(
        self, prompt: Sequence[int], config: GenerationConfig, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        if not prompt:
            raise ValueError("the prompt is empty")
        if len(prompt) >= self.context_length:
            raise ValueError(f"the prompt has {len(prompt)} tokens, the context {self.context_length}")
        if cancellation.cancelled:
            return
        logits, cache = self._reader.read(prompt)
        max_length = min(self.context_length, len(prompt) + config.sampling.max_new_tokens)
        cache = cache.repeated(config.num_return_sequences, max_length)
        decoding = Decoding(self.vocabulary, config, {token for token in prompt if self._penalized[token]})
        yield from decoding.run(self._network, logits.cpu(), cache, max_length, cancellation)

    def forget_prefix(self) -> None:
        """Give the memory of the last prompt back; the next one is read from its beginning."""
        self._reader.forget()

    @torch.inference_mode()
    def score(self, prompt: Sequence[int], continuations: Sequence[Sequence[int]]) -> list[float]:
        if not all(continuations):
            raise ValueError("a continuation is empty")
        longest = max((len(continuation) for continuation in continuations), default=0)
        if not prompt or len(prompt) + longest > self.context_length:
            raise ValueError(f"{len(prompt)} and {longest} tokens in a context of {self.context_length}")
        first, prefix = self._reader.read(prompt)
        # As many at once as keep their logits within 64 MB.
        batch = max(1, _SCORED_LOGITS // (min(longest, BLOCK) * self._network.vocab_size))
        return [
            score
            for at in range(0, len(continuations), batch)
            for score in self._score_batch(first.cpu(), prefix, continuations[at : at + batch])
        ]

    def _score_batch(
        self, first: Tensor, prefix: Cache, continuations: Sequence[Sequence[int]]
    ) -> list[float]:
        """Mean log-probabilities; ``first`` (1, vocab) are the logits behind the prompt in ``prefix``."""
        longest = max(map(len, continuations))
        # What is put behind the shorter ones cannot be seen by the tokens before it.
        padded = torch.tensor([[*tokens, *[0] * (longest - len(tokens))] for tokens in continuations])
        own = torch.empty(padded.shape)
        own[:, 0] = torch.log_softmax(first, dim=1)[0, padded[:, 0]]
        if longest > 1:
            cache = prefix.repeated(len(continuations), prefix.length + longest)
            for at in range(0, longest - 1, BLOCK):
                block = padded[:, at : min(at + BLOCK, longest - 1)]
                logits = self._network.forward(
                    block.contiguous().to(self._network.device), cache, all_positions=True
                )
                read = padded[:, at + 1 : at + 1 + block.shape[1], None].to(logits.device)
                chosen = logits.gather(2, read)[:, :, 0] - logits.logsumexp(dim=2)
                own[:, at + 1 : at + 1 + block.shape[1]] = chosen.cpu()
        return [float(row[: len(tokens)].mean()) for row, tokens in zip(own, continuations, strict=True)]


class _Sequence:
    """One candidate being written."""

    def __init__(self, index: int, vocabulary: EngineVocabulary) -> None:
        self.index = index
        self.tokens: list[int] = []
        self.stream = vocabulary.new_stream()
        self.seen: set[int] = set()


class Decoding:
    """The loop from the logits behind a prompt to the end of every sequence.

    Args:
        vocabulary: of the model.
        config: how to draw.
        seen: tokens of the prompt that ``repetition_penalty`` makes less likely.
    """

    def __init__(self, vocabulary: EngineVocabulary, config: GenerationConfig, seen: set[int]) -> None:
        self._vocabulary = vocabulary
        self._config = config
        self._sampling = config.sampling
        self._constraints: Sequence[Constraint] = config.constraints
        self._sampler = Sampler(
            temperature=config.sampling.temperature,
            top_k=config.sampling.top_k,
            top_p=config.sampling.top_p,
            seed=config.seed,
        )
        self._seen = seen
        self._penalized = vocabulary.penalized_mask
        # Tokens that only end a text are added to what may be written.
        self._base = np.array(vocabulary.writable_after(b"") | vocabulary.end_mask)

    def run(
        self, network: Network, logits: Tensor, cache: Cache, max_length: int, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        """Write until every sequence has ended.

        Args:
            network: reads the new tokens.
            logits: (1, vocab) behind the prompt, on the CPU, where masks and random numbers are.
            cache: of the prompt, one row for each sequence.
            max_length: tokens of a sequence in ``cache``.
            cancellation: looked at before and after each step.
        """
        vocabulary, most = self._vocabulary, self._sampling.max_new_tokens
        running = [_Sequence(index, vocabulary) for index in range(self._config.num_return_sequences)]
        for constraint in self._constraints:
            constraint.reset(len(running))
        logits = logits.expand(len(running), -1)
        while not cancellation.cancelled:
            tokens, logprobs = self._choose(logits, running)
            still: list[int] = []
            for row, (sequence, token) in enumerate(zip(running, tokens, strict=True)):
                sequence.tokens.append(token)
                if self._penalized[token]:
                    sequence.seen.add(token)
                # The prompt fills the cache too; the token just drawn is not in it yet.
                full = cache.length + 1 >= max_length or len(sequence.tokens) >= most
                ended = token in vocabulary.eos_token_ids
                reason = FinishReason.STOP if ended else FinishReason.LENGTH if full else None
                text = sequence.stream.push(token)
                yield TokenChunk(sequence.index, text, logprobs[row], 1, reason)
                if reason is None:
                    still.append(row)
            if not still or cancellation.cancelled:
                return
            if len(still) < len(running):
                running = [running[row] for row in still]
                for constraint in self._constraints:
                    constraint.keep(still)
                cache = cache.keep(still)
            newest = torch.tensor([[sequence.tokens[-1]] for sequence in running], device=network.device)
            logits = network.forward(newest, cache).cpu()

    def _choose(self, logits: Tensor, running: Sequence[_Sequence]) -> tuple[list[int], list[float]]:
        """The next token of each sequence and the log-probability the model itself gave it, in nats."""
        own: NDArray[np.float32] = logits.numpy()
        generated = [sequence.tokens for sequence in running]
        allowed = intersect(self._constraints, generated, self._writable(generated))
        seen = [[*self._seen, *(sequence.seen - self._seen)] for sequence in running]
        penalized = penalize_repetition(own, seen, self._sampling.repetition_penalty)
        masked = np.where(allowed, penalized, np.float32(-np.inf))
        chosen = self._sampler.draw(masked, [tuple(tokens) for tokens in generated])
        return chosen, log_probabilities(own, chosen)

    def _writable(self, generated: Sequence[Sequence[int]]) -> Mask:
        """Mask (vocab,) or (batch, vocab) of what keeps the text whole, before any constraint."""
        pending = [self._vocabulary.pending(tokens) for tokens in generated]
        if not any(pending):
            return self._base
        return np.stack(
            [self._vocabulary.writable_after(bytes_) if bytes_ else self._base for bytes_ in pending]
        )
