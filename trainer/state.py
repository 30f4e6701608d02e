"""What changes in a run: weights, optimizers, the moving average, and how all of it is saved and taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from pydantic import ValidationError
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import GPT2LMHeadModel

from assistant.api import InputError
from trainer.checkpoint import BEFORE_DECAY, LATEST, load_checkpoint, save_checkpoint
from trainer.config import TrainingConfig
from trainer.optimizers import build_optimizers
from trainer.vocabulary import TokenVocabulary


class TrainingState:
    """The model in training, its optimizers and, once the rate decays, the average of its weights.

    Args:
        multiply_in: number format of Muon's products.
    """

    def __init__(
        self,
        config: TrainingConfig,
        vocabulary: TokenVocabulary,
        model: GPT2LMHeadModel,
        *,
        multiply_in: torch.dtype,
    ) -> None:
        self.model = model
        self.optimizers = build_optimizers(model, config.optimizer, multiply_in=multiply_in)
        self.average: AveragedModel | None = None
        self.step = 0
        self._config = config
        self._vocabulary = vocabulary

    def begin_averaging(self) -> None:
        """From now on ``average`` follows the weights; without ``average_decay`` nothing is averaged."""
        decay = self._config.optimizer.average_decay
        if decay and self.average is None:
            average_of = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
            self.average = AveragedModel(self.model, multi_avg_fn=average_of)

    def save(self) -> None:
        """Write the checkpoint, and a second one that stays when the rate is about to fall."""
        vocabulary = self._vocabulary
        state = {
            "step": self.step,
            "config": self._config.model_dump(mode="json"),
            # Made anew, the vocabulary might be in another order.
            "tokens": list(vocabulary.tokens),
            "controls": list(vocabulary.controls),
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "average": self.average.state_dict() if self.average else None,
        }
        folder = self._config.output.work_folder
        if self.step == self._config.decay_start:
            save_checkpoint(folder, state, BEFORE_DECAY)
        save_checkpoint(folder, state, LATEST)

    def load(self, saved: Mapping[str, Any]) -> None:
        """Go on from what ``find_saved`` found."""
        self.step = saved["step"]
        self.model.load_state_dict(saved["model"])
        for optimizer, state in zip(self.optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        if saved["average"] is not None:
            self.begin_averaging()
            assert self.average is not None
            self.average.load_state_dict(saved["average"])


def find_saved(config: TrainingConfig, *, resume: bool) -> Mapping[str, Any] | None:
    """The run that lies in the work folder, if there is one.

    A run may be made longer, and what happens once the rate falls (when, how the weights are averaged, which texts are
    read) may be changed; if it has begun to fall, the checkpoint before the decay is taken.

    Raises:
        InputError: there is a checkpoint and ``resume`` is false, or it belongs to another configuration.
    """
    work = config.output.work_folder
    saved = load_checkpoint(work)
    if saved is None:
        return None
    if not resume:
        raise InputError(f"{work} 里已有一次训练的检查点。", "加 --resume 接着训练，或先删去这个文件夹。")
    then = _config_of(saved)
    if then is not None and saved["step"] > then.decay_start and _decay(then) != _decay(config):
        saved = load_checkpoint(work, BEFORE_DECAY)
        then = _config_of(saved)
    same_decay = then is not None and _decay(then) == _decay(config)
    if (
        saved is None
        or then is None
        or _fixed(then) != _fixed(config)
        or (not same_decay and saved["step"] > config.decay_start)
    ):
        raise InputError(f"{work} 里的检查点属于另一份配置。", "换一个 work_folder，或用原来的配置。")
    return saved


def vocabulary_of(saved: Mapping[str, Any], config: TrainingConfig) -> TokenVocabulary:
    """The vocabulary of a checkpoint."""
    lowercase = config.vocabulary.kind == "characters"
    return TokenVocabulary(tuple(saved["tokens"]), tuple(saved["controls"]), lowercase)


def _config_of(saved: Mapping[str, Any] | None) -> TrainingConfig | None:
    """The configuration of a checkpoint, fields that are newer than it at their defaults; None when it has others."""
    try:
        return TrainingConfig.model_validate(saved["config"]) if saved else None
    except (KeyError, ValidationError):
        return None


def _decay(config: TrainingConfig) -> tuple[object, ...]:
    """All that counts from ``decay_start`` on."""
    return config.decay_start, config.run.steps, config.optimizer.average_decay, config.data.late_weights


def _fixed(config: TrainingConfig) -> dict[str, Any]:
    """All that a checkpoint depends on."""
    reports = {
        "samples",
        "log_every_steps",
        "checkpoint_every_steps",
        "evaluate_every_steps",
        "evaluate_rows",
    }
    return config.model_dump(
        exclude={
            "output": True,
            "run": {"steps", "threads", "rows_at_once", *reports},
            "optimizer": {"decay_steps", "average_decay"},
            "data": {"late_weights"},
        }
    )
