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
        architecture: ``model_type`` of its ``config.json``, such as ``gpt2`` or ``pegasus``.
        tokenizer: ``bert`` (``vocab.txt``), ``byte_bpe`` (``vocab.json`` and ``merges.txt``, or
            ``tokenizer.json``), or ``auto`` for whichever of these files lie in the folder.
        parameters: how many numbers it has.
        embedding_parameters: how many of them are looked up by token, not multiplied.
        context_length: longest sequence in tokens, prompt included.
        licence: an SPDX identifier or the name of the licence.
        source: where it comes from, for a person to read.
        repo: its repository on a model hub, such as ``uer/gpt2-chinese-poem``; empty when there is none.
        revision: branch, tag or commit of that repository.
        download_bytes: about how large a download is; 0 for the usual 32 bit a parameter.
        import_names: names of folders and archives (without ending) under which it is passed on.
        folder: absolute path of weights that stay where they are; empty for a folder of the library.
        writers: ids of the writers it serves.
        script: the script it was trained on; text in the other one is converted both ways.
        start_token: the token that a prompt begins with; None leaves it to the tokenizer (``[CLS]`` of a
            BERT vocabulary, the ``bos`` of others if they add one), empty for none.
        prompt_formats: writer id → how its text stands in the prompt, ``{text}`` being the text, such as
            ``{"couplet": "{text}-"}``.
        title_format: how a title stands before the text in the prompt, ``{title}`` being the title;
            empty when the model knows no titles.
        controls: what can be told by a token of its own before the title, such as ``七绝`` by ``[七绝]``.
        files: names, sizes and hashes, as ``biban models verify`` checks them.
        training: the command, data and figures of the run that made it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    name: str
    summary: str = ""
    architecture: str
    tokenizer: Literal["bert", "byte_bpe", "auto"] = "auto"
    parameters: int = Field(ge=0)
    embedding_parameters: int = Field(0, ge=0)
    context_length: int = Field(ge=1)
    licence: str
    source: str
    repo: str = ""
    revision: str = "main"
    download_bytes: int = Field(0, ge=0)
    import_names: tuple[str, ...] = ()
    folder: str = ""
    writers: tuple[str, ...] = ()
    script: Literal["simplified", "traditional", "both"] = "simplified"
    start_token: str | None = None
    prompt_formats: dict[str, str] = Field(default_factory=dict)
    title_format: str = ""
    controls: tuple[str, ...] = ()
    files: tuple[ModelFile, ...] = ()
    training: dict[str, str | int | float] = Field(default_factory=dict)

    def format_prompt(self, writer_id: str, text: str) -> str:
        """``text`` as this model wants it from this writer."""
        return self.prompt_formats.get(writer_id, "{text}").replace("{text}", text)

    def control(self, name: str) -> str:
        """The token that tells ``name``; empty when the model knows none."""
        return f"[{name}]" if name in self.controls else ""

    @property
    def size_bytes(self) -> int:
        """Bytes of all its files."""
        return sum(file.size_bytes for file in self.files)

    @property
    def expected_bytes(self) -> int:
        """``size_bytes`` when the files are known, else about as much."""
        return self.size_bytes or self.download_bytes or 4 * self.parameters
