"""Which candidates are shown."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.api import Candidate


def without_duplicates(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates without empty ones and without repeated texts, in order.

    Equal candidates come about when the model sees one way to go on only (temperature 0, top_k 1).
    """
    kept: dict[str, Candidate] = {}
    for candidate in candidates:
        if candidate.continuation.strip():
            kept.setdefault(candidate.continuation, candidate)
    return list(kept.values())
