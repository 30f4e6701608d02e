"""A model card: everything to know about one set of weights before touching them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class ModelFile(BaseModel):
    """One file of a model folder."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: str
    size_bytes: int = Field(ge=0)
    sha256: str = ""


class ModelCard(BaseModel):
    """A TOML record of one set of weights.

    Attributes:
        id: unique; also the name of the folder the weights lie in.
        name: what the interface calls it.
        summary: one sentence: what it is good for.
        architecture: ``model_type`` of its ``config.json``, such as ``gpt2``.
        tokenizer: ``bert`` (``vocab.txt``) is the only kind served so far.
        parameters: how many numbers it has.
        context_length: longest sequence in tokens, prompt included.
        licence: an SPDX identifier or the name of the licence.
        source: where it comes from.
        writers: ids of the writers it serves.
        script: the script it was trained on; text in the other one is converted both ways.
        title_format: how a title stands before the text in the prompt, ``{title}`` being the title;
            empty when the model knows no titles.
        files: names, sizes and hashes, as ``biban models verify`` checks them.
        training: the command, data and figures of the run that made it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    name: str
    summary: str = ""
    architecture: str
    tokenizer: Literal["bert"] = "bert"
    parameters: int = Field(ge=0)
    context_length: int = Field(ge=1)
    licence: str
    source: str
    writers: tuple[str, ...] = ()
    script: Literal["simplified", "traditional", "both"] = "simplified"
    title_format: str = ""
    files: tuple[ModelFile, ...] = ()
    training: dict[str, str | int | float] = Field(default_factory=dict)

    @property
    def size_bytes(self) -> int:
        """Bytes of all its files."""
        return sum(file.size_bytes for file in self.files)
