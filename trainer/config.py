"""The training configuration: one TOML file, every field typed, unknown names refused."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from assistant.api import InputError


class Section(BaseModel):
    """Base of all sections: frozen, no unknown names."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelConfig(Section):
    """Shape of the GPT-2; the names are those of Transformers' ``GPT2Config``."""

    n_layer: int = Field(6, ge=1)
    n_embd: int = Field(256, ge=8)
    n_head: int = Field(4, ge=1)
    n_positions: int = Field(256, ge=16)
    """Longest sequence in tokens; a training row is this long."""


class VocabularyConfig(Section):
    """The vocabulary is made of the characters of the corpus."""

    kind: Literal["characters", "wordpieces"] = "characters"
    """``wordpieces``: Latin words are whole tokens or are put together of pieces, in their own case."""
    size: int = Field(0, ge=0)
    """Tokens of a vocabulary of word pieces, characters and controls included."""

    min_count: int = Field(10, ge=1)
    """A character that is rarer in the training files gets no token; texts with it are left out."""
    extra_characters: str = ""
    """Characters to keep whatever their count, such as the marks of the prompt format."""
    min_control_count: int = Field(10, ge=1)
    """A control (the name of a form, say) that is rarer in the training files gets no token and is not told."""

    @model_validator(mode="after")
    def _size_of_word_pieces(self) -> Self:
        if (self.kind == "wordpieces") != bool(self.size):
            raise ValueError("size 与 wordpieces 要一起给出")
        return self


class DataConfig(Section):
    """What is read, and in which order."""

    train: tuple[Path, ...]
    """``.jsonl`` or ``.jsonl.xz``, one record a line."""
    heldout: tuple[Path, ...]
    recipe: str
    """Id of the training recipe that turns a record into an example."""
    max_records: int = Field(0, ge=0)
    """Only the first so many records of each file; 0 for all."""
    prefix_probability: float = Field(0.5, ge=0.0, le=1.0)
    """How often the prefix (a title) stands before the text; decided anew each epoch."""
    control_probability: float = Field(0.75, ge=0.0, le=1.0)
    """How often each control token stands before it."""
    weights: dict[str, dict[str, float]] = Field(default_factory=dict)
    """Field name → value → how often such records are read in an epoch; 1 where nothing is said. The value of a
    field that a record lacks is ``""``; weights of several fields are multiplied."""
    late_weights: dict[str, dict[str, float]] | None = None
    """The same while the learning rate decays; as ``weights`` when left out."""


class OptimizerConfig(Section):
    """Muon for the matrices of the blocks, AdamW for embeddings, biases and norms."""

    kind: Literal["muon", "adamw"] = "muon"
    matrix_lr: float = Field(0.02, gt=0)
    """Learning rate of Muon; not used by ``adamw``."""
    lr: float = Field(2e-3, gt=0)
    weight_decay: float = Field(0.01, ge=0)
    warmup_steps: int = Field(50, ge=0)
    decay_steps: int = Field(0, ge=0)
    """Steps at the end of the run over which both rates fall linearly to zero; before them they are constant."""
    average_decay: float = Field(0.0, ge=0.0, lt=1.0)
    """Exponential moving average of the weights during the decay; exported where it measures better. 0 for none."""
    gradient_clip: float = Field(1.0, gt=0)


class RunConfig(Section):
    """Length and bookkeeping of the run."""

    steps: int = Field(ge=1)
    rows_per_step: int = Field(24, ge=1)
    rows_at_once: int = Field(0, ge=0)
    """Rows that are computed together, in steps and evaluations, which changes memory and speed only; 0 for about
    1,000 tokens on a CPU and a whole step on a GPU."""
    seed: int = 1
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    """``auto``: bf16 autocast where the hardware multiplies in bf16, else fp32."""
    threads: int = Field(0, ge=0)
    """CPU threads; 0 for all cores."""
    log_every_steps: int = Field(10, ge=1)
    checkpoint_every_steps: int = Field(100, ge=1)
    evaluate_every_steps: int = Field(400, ge=1)
    evaluate_rows: int = Field(64, ge=1)
    """Held-out rows of the evaluations during the run; at its end all rows are used."""
    samples: tuple[str, ...] = ()
    """Beginnings, controls in square brackets included, that are continued at each evaluation, for the record."""


class OutputConfig(Section):
    """What is written at the end."""

    id: str
    name: str
    summary: str
    folder: Path
    """The model folder; see ``trainer.export.export_folder``."""
    card: Path
    """The model card (TOML)."""
    licence: str
    source: str
    writers: tuple[str, ...]
    work_folder: Path
    """Checkpoints and the progress log; not shipped."""


class TrainingConfig(Section):
    """A whole configuration file. Relative paths start at the directory the command is run in."""

    model: ModelConfig
    vocabulary: VocabularyConfig
    data: DataConfig
    optimizer: OptimizerConfig
    run: RunConfig
    output: OutputConfig

    @property
    def decay_start(self) -> int:
        """The step from which on the learning rate falls and the late weights count."""
        return max(0, self.run.steps - self.optimizer.decay_steps)


def load_config(path: Path) -> TrainingConfig:
    """Read and check a configuration.

    Raises:
        InputError: the file is missing, is no TOML, or a field is unknown or out of range.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"读不到训练配置 {path}：{error.strerror}。", "请检查路径。") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"训练配置 {path} 不是 TOML：{error}。") from error
    try:
        return TrainingConfig.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise InputError(f"训练配置 {path} 的 {name} 不能用：{first['msg']}。") from error
