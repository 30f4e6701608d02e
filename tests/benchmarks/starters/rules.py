"""How often the rules are kept: by the model alone, told form or tune where it knows them, and under constraints."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks.quality.inputs import Target
from tests.benchmarks.quality.rules import measure
from tests.benchmarks.quality.store import Store
from tests.benchmarks.quality.tables import percent, table
from tests.benchmarks.quality.writing import Mode
from tests.benchmarks.starters.models import Starter

TARGETS = (
    *(Target(form=form) for form in ("七绝", "五律", "七律")),
    *(Target(tune=tune) for tune in ("浣溪沙", "水调歌头")),
)
_COLUMNS = {"length": "字数", "rhyme": "押韵", "tone": "平仄", "everything": "全对"}


def section(starters: Sequence[Starter], corpus: Path, count: int, store: Store) -> str:
    """The table: a row for each model, target and mode."""
    rows = []
    for starter in starters:
        found = store.get(f"rules-{count}-{starter.key}", partial(_measure, starter, corpus, count))
        for target in TARGETS:
            for name, mode in (("不加约束", Mode.FREE), ("合律", Mode.RULES)):
                verdicts = found[target.name][mode]
                shares = [
                    percent(sum(verdict[column] for verdict in verdicts), len(verdicts))
                    for column in _COLUMNS
                ]
                rows.append([starter.name, target.name, name, str(len(verdicts)), *shares])
    heading = ["模型", "体裁、词牌", "写法", "首", *_COLUMNS.values()]
    return (
        f"{table(heading, rows, text=3)}\n\n"
        f"每行 {count} 题：成语、题目、留出集的首句各三分之一；「不加约束」每题 1 稿，写到它自己结束，"
        "只有模型卡上有的体裁或词牌与题目告诉了它；「合律」每题 2 稿，不挑选。"
        "字数不对的，押韵、平仄一并算错。判定全凭检查器，同 `tests.benchmarks.quality`。"
    )


def _measure(starter: Starter, corpus: Path, count: int) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Verdicts by target and mode."""
    model, found = starter.load(), {}
    for target in TARGETS:
        print(f"rules: {starter.name}, {target.name}", file=sys.stderr, flush=True)
        found[target.name] = {
            str(mode): measure(target, mode, model, corpus, count)["verdicts"]
            for mode in (Mode.FREE, Mode.RULES)
        }
    return found
