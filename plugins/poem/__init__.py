"""Classical poems: continue what is before the cursor, in a form or freely."""

from assistant.api import TrainingRecipe, Writer, hookimpl
from plugins.poem.recipe import PoemRecipe
from plugins.poem.writer import PoemWriter


@hookimpl
def register_writers() -> list[Writer]:
    """The poem writer."""
    return [PoemWriter()]


@hookimpl
def training_recipes() -> list[TrainingRecipe]:
    """How poems become training examples."""
    return [PoemRecipe()]
