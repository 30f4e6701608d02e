"""What is measured of texts: the model's own score by place, rare characters, repetition, pairs that poets used."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from assistant.api.han import is_han
from plugins.poem.ranking import worn_phrases
from tests.benchmarks.quality.inputs import lines_of, poems
from tests.benchmarks.quality.writing import Written

_STRAINED = math.log(1000)
KNOWN_PAIR = 5
"""A pair of characters that stands so often within a line of the training poems is one that poets use."""


@dataclass
class Measures:
    """Means over texts.

    Attributes:
        nats: of each 汉字 that the model wrote, negated: lower is likelier.
        rhyme: the same at rhymes.
        ends: at the ends of the other lines.
        inside: everywhere else.
        strained: share of the rhymes that the model gave less than one in a thousand.
        rare: share of characters beyond rank 2,000 at rhymes.
        rarer: beyond rank 3,000.
        rare_inside: beyond rank 2,000 everywhere else.
        known_pairs: share of neighbouring characters within a line that poets used together.
        repeated_pairs: pairs that the same poem says again, a poem.
        worn: phrases that the writer's ranking counts as worn, a poem.
    """

    nats: float
    rhyme: float
    ends: float
    inside: float
    strained: float
    rare: float
    rarer: float
    rare_inside: float
    known_pairs: float
    repeated_pairs: float
    worn: float

    @property
    def perplexity(self) -> float:
        """Of a 汉字."""
        return math.exp(self.nats)


class Corpus:
    """How often characters and pairs of them stand in verse.

    Args:
        folder: of the corpus.
    """

    def __init__(self, folder: Path) -> None:
        rows = (folder / "reference" / "charfreq.tsv").read_text(encoding="utf-8").split("\n")
        self.rank = {row.split("\t")[0]: rank for rank, row in enumerate(filter(None, rows), start=1)}
        pairs: Counter[str] = Counter()
        for poem in poems(folder / "poems.train.jsonl.xz"):
            for line in lines_of(poem["text"]):
                pairs.update(map("".join, pairwise(line)))
        self.pairs = frozenset(pair for pair, count in pairs.items() if count >= KNOWN_PAIR)

    def measure(self, texts: Sequence[Written], rhyme_lines: Collection[int]) -> Measures:
        """Figures of ``texts``.

        Args:
            texts: poems, of which only what the model wrote counts.
            rhyme_lines: numbers of the lines, from 0, that end in the rhyme.
        """
        by_place: dict[str, list[tuple[str, float]]] = {"rhyme": [], "ends": [], "inside": []}
        known = whole = repeated = worn = 0
        for text in texts:
            for place, at in places(text.text, rhyme_lines):
                if at >= text.start:
                    by_place[place].append((text.text[at], -text.nats[at - text.start]))
            lines = lines_of(text.text[text.start :])
            pairs = ["".join(pair) for line in lines for pair in pairwise(line)]
            known += sum(pair in self.pairs for pair in pairs)
            whole += len(pairs)
            repeated += len(pairs) - len(set(pairs))
            worn += sum(_worn_in(line) for line in lines)
        everything = [item for items in by_place.values() for item in items]
        return Measures(
            nats=_mean(nats for _, nats in everything),
            **{place: _mean(nats for _, nats in items) for place, items in by_place.items()},
            strained=_mean(nats > _STRAINED for _, nats in by_place["rhyme"]),
            rare=self._beyond(2000, by_place["rhyme"]),
            rarer=self._beyond(3000, by_place["rhyme"]),
            rare_inside=self._beyond(2000, by_place["ends"] + by_place["inside"]),
            known_pairs=known / max(whole, 1),
            repeated_pairs=repeated / max(len(texts), 1),
            worn=worn / max(len(texts), 1),
        )

    def _beyond(self, rank: int, items: Sequence[tuple[str, float]]) -> float:
        return _mean(self.rank.get(character, 1 << 30) > rank for character, _ in items)


def places(text: str, rhyme_lines: Collection[int]) -> Iterable[tuple[str, int]]:
    """``rhyme``, ``ends`` or ``inside``, and the index, of each 汉字 of ``text``."""
    line = 0
    for at, character in enumerate(text):
        if not is_han(character):
            line += 1
        elif at + 1 < len(text) and is_han(text[at + 1]):
            yield "inside", at
        else:
            yield ("rhyme" if line in rhyme_lines else "ends"), at


def _worn_in(line: str) -> int:
    phrases = worn_phrases()
    return sum(
        line[at : at + length] in phrases for length in (3, 4, 5) for at in range(len(line) - length + 1)
    )


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else math.nan
