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
FieldWeights = Mapping[str, Mapping[str, float]]
"""Field name → value → weight; a field that a record lacks has the value ``""``."""


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
    """An example and how often it is read in an epoch: on average ``weight`` times in the main part of a run and
    ``late_weight`` times in its last part.
    """

    text: TrainingText
    weight: float = 1.0
    late_weight: float = 1.0


def read_examples(
    paths: Sequence[Path],
    recipe: TrainingRecipe,
    weights: FieldWeights,
    late_weights: FieldWeights | None = None,
    max_records: int = 0,
) -> list[WeightedExample]:
    """What ``recipe`` makes of each record, in file order."""
    late_weights = weights if late_weights is None else late_weights
    examples = []
    for record in read_records(paths, max_records):
        weight, late_weight = _weight(record, weights), _weight(record, late_weights)
        examples += [WeightedExample(text, weight, late_weight) for text in recipe.examples(record)]
    return examples


def _weight(record: Record, weights: FieldWeights) -> float:
    weight = 1.0
    for field, by_value in weights.items():
        weight *= by_value.get(str(record.get(field, "")), 1.0)
    return weight


def epoch_order(weights: Sequence[float], seed: int, epoch: int) -> list[int]:
    """A shuffle in which each index stands ``weight`` times on average; it depends on ``seed`` and ``epoch`` alone.

    A weight of 2.5 gives two copies in every epoch and a third in every other; one of 0.2 a copy in every fifth.
    """
    draw = random.Random(f"{seed}/{epoch}")
    order = []
    for index, weight in enumerate(weights):
        whole, rest = divmod(weight, 1.0)
        order += [index] * (int(whole) + (draw.random() < rest))
    draw.shuffle(order)
    return order
