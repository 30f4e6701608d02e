"""What each choice of the training recipe is worth: short runs that differ in one thing, side by side.

Run: ``python -m tests.benchmarks.recipe_search --corpus ../shared/corpus [--only NAME …] [--steps N] [--work FOLDER]``.

Every run is the real trainer on the real corpus, smaller and shorter than the starter's; the figure is the held-out
perplexity a token, of the bare texts and of texts behind all that is known of them. Runs that are done are read from
their logs, so that an interruption costs one run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainer.config import TrainingConfig, load_config
from trainer.train import train

Overrides = Mapping[str, Mapping[str, Any]]
CONFIG = Path(__file__).parents[2] / "trainer" / "configs" / "starter_poem.toml"

BASE: Overrides = {
    "model": {"n_layer": 4, "n_embd": 192, "n_head": 3, "n_positions": 192},
    "optimizer": {"average_decay": 0.0},
    "run": {"rows_per_step": 32, "samples": (), "log_every_steps": 20},
}
"""A small model, so that a run takes minutes; the rate decays over the last 60 % of it."""

VARIANTS: dict[str, Overrides] = {
    "原方案（Muon 0.02，AdamW 2e-3）": {},
    "只用 AdamW，2e-3": {"optimizer": {"kind": "adamw"}},
    "只用 AdamW，4e-3": {"optimizer": {"kind": "adamw", "lr": 4e-3}},
    "Muon 0.01": {"optimizer": {"matrix_lr": 0.01}},
    "Muon 0.04": {"optimizer": {"matrix_lr": 0.04}},
    "嵌入 1e-3": {"optimizer": {"lr": 1e-3}},
    "嵌入 4e-3": {"optimizer": {"lr": 4e-3}},
    "嵌入 8e-3": {"optimizer": {"lr": 8e-3}},
    "嵌入 1.6e-2": {"optimizer": {"lr": 1.6e-2}},
    "后期同前期，学习率不降": {"data": {"late_weights": None}, "optimizer": {"decay_steps": 0}},
    "后期权重平均（EMA 0.99）": {"optimizer": {"average_decay": 0.99}},
    "题目、标记总在": {"data": {"prefix_probability": 1.0, "control_probability": 1.0}},
    "从无题目、标记": {"data": {"prefix_probability": 0.0, "control_probability": 0.0}},
    "各类同权": {"data": {"weights": {}, "late_weights": None}},
    "后期同前期": {"data": {"late_weights": None}},
    "每步一半的行": {"run": {"rows_per_step": 16}},
    "嵌入 8e-3，行减半": {"optimizer": {"lr": 8e-3}, "run": {"rows_per_step": 16}},
}


def config_of(overrides: Overrides, *, corpus: Path, work: Path, steps: int) -> TrainingConfig:
    """The starter's configuration with ``BASE`` and ``overrides``."""
    values = load_config(CONFIG).model_dump()
    # The same tokens in every run, whatever a step has of them.
    rows = BASE["run"]["rows_per_step"]
    longer = rows / overrides.get("run", {}).get("rows_per_step", rows)
    schedule = {"warmup_steps": round(30 * longer), "decay_steps": round(0.6 * steps * longer)}
    for part in (BASE, {"optimizer": schedule, "run": {"steps": round(steps * longer)}}, overrides):
        for section, fields in part.items():
            values[section].update(fields)
    data, run = values["data"], values["run"]
    for name in ("train", "heldout"):
        data[name] = tuple(corpus / path.name for path in data[name])
    run["evaluate_every_steps"] = run["checkpoint_every_steps"] = run["steps"]
    values["output"].update(
        folder=work / "model", card=work / "card.toml", work_folder=work / "run", id="recipe-search"
    )
    return TrainingConfig.model_validate(values)


def figures(overrides: Overrides, *, corpus: Path, work: Path, steps: int) -> dict[str, float]:
    """Held-out perplexity ``bare`` and ``told`` after a run; read from its log when it is done already.

    Each run has a folder of its own in ``work``, named after its whole configuration.
    """
    whole = config_of(overrides, corpus=corpus, work=work, steps=steps)
    # Rows at once change only how fast it goes.
    values = whole.model_dump(exclude={"output": True, "run": {"rows_at_once"}})
    work /= hashlib.sha256(repr(values).encode()).hexdigest()[:12]
    config = config_of(overrides, corpus=corpus, work=work, steps=steps)
    log = config.output.work_folder / "log.jsonl"
    if not any(event["event"] == "heldout" for event in _events(log)):
        train(config, command="recipe_search", resume=log.exists())
    last = [event for event in _events(log) if event["event"] == "heldout"][-1]
    return {"bare": last["perplexity"], "told": last["perplexity_told"]}


def _events(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--only", action="append", help="名称里的一段；可以多次")
    parser.add_argument("--steps", type=int, default=200, help="每步 6,144 个词")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "biban-recipe-search")
    options = parser.parse_args()
    rows = []
    for name, overrides in VARIANTS.items():
        if options.only and not any(part in name for part in options.only):
            continue
        found = figures(overrides, corpus=options.corpus, work=options.work, steps=options.steps)
        rows.append((name, found))
    print("\n| 方案 | 困惑度（无题目） | 困惑度（题目、标记都给） |\n|---|---|---|")
    for name, figure in rows:
        print(f"| {name} | {figure['bare']:.1f} | {figure['told']:.1f} |")


if __name__ == "__main__":
    main()
