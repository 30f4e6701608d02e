"""What changes in a run: weights, optimizers, the moving average, and how all of it is saved and taken up again."""

from __future__ import annotations

import hashlib
from typing import Any

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import GPT2LMHeadModel

from assistant.api import InputError
from trainer.checkpoint import BEFORE_DECAY, LATEST, load_checkpoint, save_checkpoint
from trainer.config import TrainingConfig
from trainer.optimizers import build_optimizers


class TrainingState:
    """The model in training, its optimizers and, once the rate decays, the average of its weights.

    Args:
        decay_start: the step from which on the learning rate falls.
        multiply_in: number format of Muon's products.
    """

    def __init__(
        self, config: TrainingConfig, model: GPT2LMHeadModel, *, decay_start: int, multiply_in: torch.dtype
    ) -> None:
        self.model = model
        self.optimizers = build_optimizers(model, config.optimizer, multiply_in=multiply_in)
        self.average: AveragedModel | None = None
        self.step = 0
        self._config = config
        self._decay_start = decay_start

    def begin_averaging(self) -> None:
        """From now on ``average`` follows the weights; without ``average_decay`` nothing is averaged."""
        decay = self._config.optimizer.average_decay
        if decay and self.average is None:
            average_of = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
            self.average = AveragedModel(self.model, multi_avg_fn=average_of)

    def save(self) -> None:
        """Write the checkpoint, and a second one that stays when the rate is about to fall."""
        state = {
            "step": self.step,
            "fingerprint": fingerprint(self._config),
            "steps": self._config.run.steps,
            "decay_start": self._decay_start,
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "average": self.average.state_dict() if self.average else None,
        }
        folder = self._config.output.work_folder
        if self.step == self._decay_start:
            save_checkpoint(folder, state, BEFORE_DECAY)
        save_checkpoint(folder, state, LATEST)

    def restore(self, *, resume: bool) -> None:
        """Take up the run that lies in the work folder, if there is one.

        A run may be made longer as long as its rate has not begun to fall; if it has, the checkpoint before the
        decay is taken.

        Raises:
            InputError: there is a checkpoint and ``resume`` is false, or it belongs to another configuration.
        """
        work = self._config.output.work_folder
        saved = load_checkpoint(work)
        if saved is None:
            return
        if not resume:
            raise InputError(f"{work} 里已有一次训练的检查点。", "加 --resume 接着训练，或先删去这个文件夹。")
        same_plan = saved["decay_start"] == self._decay_start and saved["steps"] == self._config.run.steps
        if saved["step"] > saved["decay_start"] and not same_plan:
            saved = load_checkpoint(work, BEFORE_DECAY)
        if (
            saved is None
            or saved["fingerprint"] != fingerprint(self._config)
            or (not same_plan and saved["step"] > self._decay_start)
        ):
            raise InputError(f"{work} 里的检查点属于另一份配置。", "换一个 work_folder，或用原来的配置。")
        self._load(saved)

    def _load(self, saved: dict[str, Any]) -> None:
        self.step = saved["step"]
        self.model.load_state_dict(saved["model"])
        for optimizer, state in zip(self.optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        if saved["average"] is not None:
            self.begin_averaging()
            assert self.average is not None
            self.average.load_state_dict(saved["average"])


def fingerprint(config: TrainingConfig) -> str:
    """Of all that a checkpoint depends on; how long the run is, and how often it reports, may change.

    Defaults are left out, so that a field added to the program later does not make a run in progress another one.
    """
    fixed = config.model_dump(mode="json", exclude={"output": True}, exclude_defaults=True)
    for section, names in {
        "run": ("steps", "threads", "samples", "log_every_steps", "checkpoint_every_steps", "evaluate_every_steps",
                "evaluate_rows"),
        "optimizer": ("decay_steps", "average_decay"),
        "data": ("late_weights",),
    }.items():  # fmt: skip
        for name in names:
            fixed[section].pop(name, None)
    return hashlib.sha256(repr(fixed).encode()).hexdigest()
