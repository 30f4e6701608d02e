"""How texts become training examples for one kind of model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class TrainingText:
    """One example: ``text`` is learnt; what stands before it is only read.

    Attributes:
        text: what the model learns to write.
        prefix: stands directly before the text, such as a title.
        controls: names of control tokens that stand before the prefix, such as ``七绝``. Each, like the prefix, is
            left out now and then, so that the model can do without.
    """

    text: str
    prefix: str = ""
    controls: tuple[str, ...] = ()


class TrainingRecipe(ABC):
    """The prompt format of a writer, seen from the trainer.

    The writer and its recipe live in one plugin, so that a model is trained on what it will be asked.
    """

    id: ClassVar[str]
    """Named in a training configuration; usually the id of the writer."""
    name: ClassVar[str]
    title_format: ClassVar[str] = ""
    """Copied into the card of the trained model."""
    prompt_formats: ClassVar[Mapping[str, str]] = {}
    """Copied into the card of the trained model."""

    @abstractmethod
    def examples(self, record: Mapping[str, Any]) -> Iterable[TrainingText]:
        """The examples that one record of a corpus gives; none to leave the record out."""
