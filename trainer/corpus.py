"""Reading corpora: records from JSON lines, and the order they are trained in."""

from __future__ import annotations

import json
import lzma
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from assistant.api import InputError, TrainingRecipe, TrainingText

Record = Mapping[str, Any]


def read_records(paths: Sequence[Path], max_records: int = 0) -> Iterator[Record]:
    """All records of ``paths`` in file order.

    Args:
        paths: ``.jsonl`` or ``.jsonl.xz`` files.
        max_records: at most so many from each file; 0 for all.

    Raises:
        InputError: a file is missing or damaged.
    """
    for path in paths:
        try:
            with _open(path) as lines:
                for number, line in enumerate(lines):
                    if max_records and number >= max_records:
                        break
                    yield json.loads(line)
        except (OSError, lzma.LZMAError, EOFError, ValueError) as error:
            raise InputError(f"读不了语料 {path}：{error}。", "请检查路径与文件是否完整。") from error


def _open(path: Path) -> TextIO:
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class WeightedExample:
    """An example and how early in an epoch it tends to come."""

    text: TrainingText
    weight: float = 1.0


def read_examples(
    paths: Sequence[Path],
    recipe: TrainingRecipe,
    weights: Mapping[str, Mapping[str, float]],
    max_records: int = 0,
) -> list[WeightedExample]:
    """What ``recipe`` makes of each record, in file order."""
    examples = []
    for record in read_records(paths, max_records):
        example = recipe.example(record)
        if example is not None:
            weight = 1.0
            for field, by_value in weights.items():
                weight *= by_value.get(str(record.get(field)), 1.0)
            examples.append(WeightedExample(example, weight))
    return examples


def epoch_order(weights: Sequence[float], seed: int, epoch: int) -> list[int]:
    """A weighted random permutation that depends on ``seed`` and ``epoch`` alone.

    Each example draws the key u^(1/w), u uniform in (0, 1); the larger keys come first (Efraimidis and
    Spirakis 2006, "Weighted random sampling with a reservoir"). With equal weights this is a shuffle;
    with a run shorter than one epoch it is weighted sampling without replacement.
    """
    draw = random.Random(f"{seed}/{epoch}")
    keys = [draw.random() ** (1.0 / weight) for weight in weights]
    return sorted(range(len(weights)), key=lambda index: -keys[index])
