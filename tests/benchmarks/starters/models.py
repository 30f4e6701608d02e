"""Which model is measured: by its id in the library, or any folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistant.api import LanguageModel, ModelCard
from assistant.app import home_folders
from assistant.library import ModelLibrary
from assistant.library.cards import read_card
from resources import resource_path

if TYPE_CHECKING:
    from assistant.engine.causal_lm import CausalLM

_CARD = "card.toml"
"""What the library calls the card beside the weights of an installed model."""
_WEIGHTS = ("*.safetensors", "*.bin", "vocab.txt")


@dataclass(frozen=True)
class Starter:
    """One model to measure.

    Attributes:
        name: as the tables call it.
        folder: of weights and vocabulary.
        card: the model's own, or one that says only that the folder holds a GPT-2.
    """

    name: str
    folder: Path
    card: ModelCard

    @cached_property
    def key(self) -> str:
        """The name and a hash of the files: what was measured of other weights is never taken for these."""
        digest = hashlib.sha256(self.card.model_dump_json().encode())
        for path in sorted(path for pattern in _WEIGHTS for path in self.folder.glob(pattern)):
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return f"{self.name}-{digest.hexdigest()[:8]}"

    @property
    def knows_titles_or_forms(self) -> bool:
        """Whether anything but the text can be told."""
        return bool(self.card.title_format or self.card.controls)

    def load(self, precision: Literal["auto", "fp32"] = "auto") -> CausalLM:
        """The model by the project's own engine, on the CPU.

        Raises:
            TypeError: it is none that only continues text.
        """
        model = load_weights(self.folder, self.card, precision)
        from assistant.engine.causal_lm import CausalLM

        if not isinstance(model, CausalLM):
            raise TypeError(f"{self.name} is no causal language model")
        return model


def load_weights(folder: Path, card: ModelCard, precision: Literal["auto", "fp32"] = "auto") -> LanguageModel:
    """As the program loads it on a CPU; the first call imports torch."""
    from assistant.engine.preload import preload_torch

    preload_torch()
    from assistant.engine.device import set_threads
    from assistant.engine.loader import load_model

    set_threads(0, leave_one=False)
    return load_model(folder, card, device="cpu", precision=precision)


def find_starter(name: str) -> Starter:
    """The model of this id or in this folder.

    A folder's card is the one that lies in it, or the shipped one whose id or usual names include the folder's name.

    Raises:
        ModelNotFoundError: it is neither a folder nor the id of an installed model.
    """
    folder = Path(name)
    if folder.is_dir():
        folder = folder.resolve()
        return Starter(folder.name, folder, card_of(folder))
    library = ModelLibrary(
        resource_path("model_cards"), resource_path("models"), user_models=home_folders()[1] / "models"
    )
    return Starter(name, library.folder(name), library.card(name))


def card_of(folder: Path) -> ModelCard:
    """The card in the folder, else the shipped one that names it, else one that says only where the weights are."""
    if (folder / _CARD).is_file():
        return read_card(folder / _CARD)
    for path in sorted(resource_path("model_cards").glob("*.toml")):
        card = read_card(path)
        if folder.name in (card.id, *card.import_names):
            return card
    return ModelCard(
        id="measured",
        name=folder.name,
        architecture="gpt2",
        parameters=0,
        context_length=1,
        licence="",
        source="",
        writers=("poem", "couplet"),
    )
