"""How texts become training examples for one kind of model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class TrainingText:
    """One example: ``text`` is learnt, ``prefix`` stands before it and is only read."""

    text: str
    prefix: str = ""


class TrainingRecipe(ABC):
    """The prompt format of a writer, seen from the trainer.

    The writer and its recipe live in one plugin, so that a model is trained on what it will be asked.
    """

    id: ClassVar[str]
    """Named in a training configuration; usually the id of the writer."""
    name: ClassVar[str]
    title_format: ClassVar[str] = ""
    """Copied into the card of the trained model."""

    @abstractmethod
    def example(self, record: Mapping[str, Any]) -> TrainingText | None:
        """The example for one record of a corpus; None to leave the record out."""
