"""Held-out perplexity."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from transformers import GPT2LMHeadModel

from trainer.model import loss_sum
from trainer.packing import Batch


@dataclass(frozen=True, slots=True)
class Evaluation:
    """``loss`` in nats per token; a token is a character (or a piece of a Latin word), a mark or the end."""

    loss: float
    token_count: int

    @property
    def perplexity(self) -> float:
        """exp(loss)."""
        return math.exp(self.loss)


@torch.inference_mode()
def evaluate(model: GPT2LMHeadModel, batches: Iterable[Batch]) -> Evaluation:
    """Mean negative log-likelihood over all learnt tokens of ``batches``.

    Raises:
        ValueError: there are no tokens.
    """
    was_training = model.training
    model.eval()  # type: ignore[no-untyped-call]
    total, count = 0.0, 0
    for batch in batches:
        loss, tokens = loss_sum(model, batch)
        total += float(loss)
        count += tokens
    model.train(was_training)
    if not count:
        raise ValueError("no held-out tokens")
    return Evaluation(total / count, count)
