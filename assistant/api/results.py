"""What comes back: pieces of text while a candidate is being written, then whole candidates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class FinishReason(StrEnum):
    """Why a candidate ended."""

    STOP = "stop"
    """The writer's own end: end-of-text token, or the form is complete."""
    LENGTH = "length"
    """``max_new_tokens`` or the context of the model ran out."""
    CANCELLED = "cancelled"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class TokenChunk:
    """A piece of one candidate.

    Attributes:
        index: which candidate, 0 ≤ index < num_return_sequences.
        text: the new text; may be empty (the last chunk, or bytes held back).
        logprob: sum of the natural-log probabilities the model gave to these tokens, in nats.
        token_count: how many tokens the piece stands for.
        finish_reason: set on the last chunk of a candidate only.
    """

    index: int
    text: str
    logprob: float = 0.0
    token_count: int = 1
    finish_reason: FinishReason | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One proposal, whole or still growing.

    Attributes:
        index: its place among the candidates of the request.
        opening: what the candidate shows of the user's own text before the new text (may be empty).
        continuation: the new text; this, and only this, is inserted at the cursor.
        logprob: sum over the new tokens, in nats.
        token_count: how many tokens were written.
        finish_reason: None while it is still growing.
        report: what a checker found; None when nothing checked it.
        replaces: how many code points right before the cursor the new text takes the place of.
    """

    index: int
    opening: str = ""
    continuation: str = ""
    logprob: float = 0.0
    token_count: int = 0
    finish_reason: FinishReason | None = None
    report: Mapping[str, Any] | None = None
    replaces: int = 0

    @property
    def text(self) -> str:
        """The candidate as it is read: opening and continuation."""
        return self.opening + self.continuation

    @property
    def score(self) -> float:
        """Mean log-probability per token in nats (0 when nothing was written); higher is likelier."""
        return self.logprob / self.token_count if self.token_count else 0.0
