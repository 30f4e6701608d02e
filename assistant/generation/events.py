"""What the worker tells the window about a request: any number of updates, then one terminal event."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.api import BibanError, Candidate


@dataclass(frozen=True, slots=True)
class ModelLoading:
    """The model is not in memory yet and is being read."""

    request_id: str
    model_id: str
    model_name: str


@dataclass(frozen=True, slots=True)
class ModelReady:
    """The model of this request is in memory.

    ``device`` is such as ``cpu``; empty model fields mean a writer without a local model.
    """

    request_id: str
    model_id: str
    model_name: str
    device: str


@dataclass(frozen=True, slots=True)
class CandidatesChanged:
    """Snapshots (not differences) of the candidates that grew since the last event."""

    request_id: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class DraftsGrew:
    """More drafts are being written than will be shown; ``characters`` is what the longest has so far."""

    request_id: str
    drafts: int
    characters: int


@dataclass(frozen=True, slots=True)
class Finished:
    """Terminal: all candidates, best first, without duplicates.

    ``seconds`` counts from the first token asked for (loading not included), ``token_count`` over all
    candidates.
    """

    request_id: str
    candidates: tuple[Candidate, ...]
    seconds: float
    token_count: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Terminal: what had been written when the request was stopped."""

    request_id: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """Terminal: nothing usable; ``error`` says why and what to do."""

    request_id: str
    error: BibanError


TerminalEvent = Finished | Cancelled | Failed
Event = ModelLoading | ModelReady | CandidatesChanged | DraftsGrew | TerminalEvent
