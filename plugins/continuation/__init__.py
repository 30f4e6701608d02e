"""Prose: continue what is before the cursor, or let a model with a chat template answer."""

from assistant.api import TrainingRecipe, Writer, hookimpl
from plugins.continuation.recipe import ProseRecipe
from plugins.continuation.writer import ContinuationWriter


@hookimpl
def register_writers() -> list[Writer]:
    """The continuation writer."""
    return [ContinuationWriter()]


@hookimpl
def training_recipes() -> list[TrainingRecipe]:
    """The recipe of prose."""
    return [ProseRecipe()]
