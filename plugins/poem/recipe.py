"""How a poem becomes a training example."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.api import TrainingRecipe, TrainingText
from plugins.poem.prompt import TITLE_FORMAT

MAX_TITLE_CHARACTERS = 20
"""Longer titles are prefaces rather than titles; the poem is then learnt without one."""


class PoemRecipe(TrainingRecipe):
    """``《title》`` may stand before the text; the text is one line with its punctuation."""

    id = "poem"
    name = "古典诗词"
    title_format = TITLE_FORMAT

    def example(self, record: Mapping[str, Any]) -> TrainingText | None:
        """Reads ``text`` and, when there is one, ``title``."""
        text = "".join(str(record.get("text", "")).split())
        if not text:
            return None
        title = "".join(str(record.get("title", "")).split())
        if not title or len(title) > MAX_TITLE_CHARACTERS:
            return TrainingText(text)
        return TrainingText(text, prefix=TITLE_FORMAT.format(title=title))
