"""Decoding: one prefill, the cache repeated for N candidates, a token a step, masks, streaming."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence

import numpy as np
import torch

from assistant.api import (
    Cancellation,
    Constraint,
    FinishReason,
    LanguageModel,
    ModelCard,
    SamplingOptions,
    TokenChunk,
    intersect,
)
from assistant.engine.gpt2 import GPT2
from assistant.engine.kv_cache import KeyValueCache
from assistant.engine.sampling import draw, penalize_repetition, probabilities
from assistant.engine.vocabulary import BertVocabulary, TextStream


class _Sequence:
    """One candidate being written."""

    def __init__(self, index: int, vocabulary: BertVocabulary) -> None:
        self.index = index
        self.tokens: list[int] = []
        self.stream = TextStream(vocabulary)


class CausalLM(LanguageModel):
    """A GPT-2 with a BERT vocabulary, ready to write."""

    def __init__(self, card: ModelCard, network: GPT2, vocabulary: BertVocabulary) -> None:
        self.card = card
        self.vocabulary: BertVocabulary = vocabulary
        self.context_length = network.shape.n_positions
        self.device = str(network.device)
        self.memory_bytes = network.memory_bytes
        self._network = network
        # Tokens that only end a text are added to what constraints may allow.
        self._base_mask = np.array(vocabulary.writable_mask)
        self._base_mask[vocabulary.eos_token_id] = True
        self._han = torch.from_numpy(np.array(vocabulary.han_mask))

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
        if not prompt:
            raise ValueError("the prompt is empty")
        max_length = min(self.context_length, len(prompt) + sampling.max_new_tokens)
        if len(prompt) >= self.context_length:
            raise ValueError(f"the prompt has {len(prompt)} tokens, the context {self.context_length}")
        generator = torch.Generator().manual_seed(secrets.randbits(63) if seed is None else seed)
        running = [_Sequence(index, self.vocabulary) for index in range(num_return_sequences)]
        for constraint in constraints:
            constraint.reset(len(running))
        prompt_seen = torch.zeros(self.vocabulary.size, dtype=torch.bool)
        prompt_seen[torch.tensor(list(prompt))] = True

        if cancellation.cancelled:
            return
        cache = self._network.new_cache(1, max_length)
        logits = self._step(torch.tensor([list(prompt)]), cache).expand(len(running), -1)
        cache = cache.repeated(len(running))
        while True:
            if cancellation.cancelled:
                return
            tokens, logprobs = self._choose(logits, running, prompt_seen, sampling, constraints, generator)
            still: list[int] = []
            for row, (sequence, token) in enumerate(zip(running, tokens, strict=True)):
                ended = token == self.vocabulary.eos_token_id
                sequence.tokens.append(token)
                # The prompt fills the cache too; the token just drawn is not in it yet.
                full = cache.length + 1 >= max_length or len(sequence.tokens) >= sampling.max_new_tokens
                reason = FinishReason.STOP if ended else FinishReason.LENGTH if full else None
                yield TokenChunk(
                    index=sequence.index,
                    text=sequence.stream.push(token),
                    logprob=logprobs[row],
                    token_count=1,
                    finish_reason=reason,
                )
                if reason is None:
                    still.append(row)
            if not still:
                return
            if len(still) < len(running):
                running = [running[row] for row in still]
                cache = cache.keep(still)
            if cancellation.cancelled:
                return
            logits = self._step(torch.tensor([[sequence.tokens[-1]] for sequence in running]), cache)

    def _step(self, token_ids: torch.Tensor, cache: KeyValueCache) -> torch.Tensor:
        """Logits (batch, vocab) on the CPU, where masks and random numbers are."""
        logits: torch.Tensor = self._network.forward(token_ids.to(self._network.device), cache)
        return logits.cpu()

    @torch.inference_mode()
    def _choose(
        self,
        logits: torch.Tensor,
        running: Sequence[_Sequence],
        prompt_seen: torch.Tensor,
        sampling: SamplingOptions,
        constraints: Sequence[Constraint],
        generator: torch.Generator,
    ) -> tuple[list[int], list[float]]:
        """The next token of each sequence and the log-probability the model itself gave it, in nats."""
        generated = [sequence.tokens for sequence in running]
        allowed = torch.from_numpy(intersect(constraints, generated, self._base_mask))
        seen = prompt_seen.repeat(len(running), 1)
        for row, tokens in enumerate(generated):
            seen[row, tokens] = True
        # Only characters: a penalty on 。 would make sentences that never end.
        penalized = penalize_repetition(logits, seen & self._han, sampling.repetition_penalty)
        chances = probabilities(
            penalized.masked_fill(~allowed, -torch.inf),
            temperature=sampling.temperature,
            top_k=sampling.top_k,
            top_p=sampling.top_p,
        )
        chosen = draw(chances, [tuple(tokens) for tokens in generated], generator)
        own = torch.log_softmax(logits, dim=1)
        return chosen, own[torch.arange(len(chosen)), torch.tensor(chosen)].tolist()
