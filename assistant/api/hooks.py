"""The hooks a plugin may implement (pluggy, project name ``biban``).

A plugin is a module or an object with some of these functions, each marked with ``hookimpl``::

    from assistant.api import Writer, hookimpl

    class Echo(Writer):
        id = "echo"
        name = "回声"

    @hookimpl
    def register_writers():
        return [Echo()]

The host calls each plugin in its own ``try`` and checks what comes back; a plugin that raises is shown
in the plugin dialog and the others work on.
"""

from __future__ import annotations

from collections.abc import Sequence

import pluggy

from assistant.api.constraints import Constraint, Vocabulary
from assistant.api.model_card import ModelCard
from assistant.api.requests import GenerationRequest
from assistant.api.results import Candidate
from assistant.api.training import TrainingRecipe
from assistant.api.writer import Writer

PROJECT_NAME = "biban"
ENTRY_POINT_GROUP = "biban.plugins"

hookspec = pluggy.HookspecMarker(PROJECT_NAME)
hookimpl = pluggy.HookimplMarker(PROJECT_NAME)


@hookspec
def register_writers() -> list[Writer]:  # type: ignore[empty-body]
    """GUI thread, at start. Must not touch weights.

    Example: ``return [PoemWriter()]``
    """


@hookspec
def register_model_cards() -> list[ModelCard]:  # type: ignore[empty-body]
    """GUI thread, at start: cards of models that can be installed.

    Example: ``return [ModelCard(id="my-gpt2", ...)]``
    """


@hookspec
def constraints(request: GenerationRequest, vocabulary: Vocabulary) -> list[Constraint]:  # type: ignore[empty-body]
    """Worker thread, once per request: constraints to add to those of the writer.

    Example: ``return [NoRepeatedCharacter(vocabulary)]``
    """


@hookspec(firstresult=True)
def rank_candidates(request: GenerationRequest, candidates: Sequence[Candidate]) -> list[Candidate] | None:
    """Worker thread, after the last token: the same candidates, best first; None to leave it to others.

    Example: ``return sorted(candidates, key=lambda candidate: -candidate.score)``
    """


@hookspec
def training_recipes() -> list[TrainingRecipe]:  # type: ignore[empty-body]
    """Trainer process: how texts become examples.

    Example: ``return [PoemRecipe()]``
    """
