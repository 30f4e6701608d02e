"""The tables of characters under ``resources/prosody``, each read once and only when first asked for."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from resources import resource_path


class Classical(NamedTuple):
    """A reading in the classical books.

    Attributes:
        rhyme: group of 平水韵, such as 一东.
        division: number of the 词林正韵 division, such as "1".
        origin: where it is from, explained in the head of ``pingshui.tsv``.
    """

    rhyme: str
    division: str
    origin: str

    @property
    def is_sure(self) -> bool:
        """True when more than one source has it, or a hand put it there."""
        return self.origin not in ("广韵", "平水")


class Modern(NamedTuple):
    """A reading of today.

    Attributes:
        final: pinyin final in full (iou, uei, uen; "-i" after zhi and zi).
        tone: 1 to 4.
        origin: where it is from, explained in the head of ``pinyin.tsv``.
    """

    final: str
    tone: str
    origin: str


class Usage(NamedTuple):
    """How often a character was counted, and how many of the uses were level."""

    total: int
    level: int

    @property
    def level_share(self) -> float:
        """Share of level uses, never quite 0 or 1: half a use is added on each side."""
        return (self.level + 0.5) / (self.total + 1)


def rows(name: str) -> Iterator[list[str]]:
    """Columns of each line of ``resources/prosody/<name>``; lines that begin with # are notes."""
    for line in resource_path("prosody", name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


@cache
def books() -> dict[str, Any]:
    """``books.toml``: the groups of each book."""
    return tomllib.loads(resource_path("prosody", "books.toml").read_text(encoding="utf-8"))


@cache
def reduplicated() -> frozenset[str]:
    """Characters that verse says twice in a row (叠字), such as 悠 and 年."""
    return frozenset(row[0] for row in rows("reduplication.tsv"))


@cache
def classical() -> dict[str, list[Classical]]:
    """Character as the rhyme books write it (traditional) → its readings."""
    table: dict[str, list[Classical]] = {}
    for rhyme, division, origin, characters in rows("pingshui.tsv"):
        reading = Classical(rhyme, division, origin)
        for character in characters:
            table.setdefault(character, []).append(reading)
    return table


@cache
def modern() -> dict[str, list[Modern]]:
    """Character → its readings today."""
    table: dict[str, list[Modern]] = {}
    for final, tone, origin, characters in rows("pinyin.tsv"):
        reading = Modern(final, tone, origin)
        for character in characters:
            table.setdefault(character, []).append(reading)
    return table


@cache
def _standing() -> list[list[str]]:
    return list(rows("stands_for.tsv"))


@cache
def stands_for() -> dict[str, str]:
    """Simplified or variant character → the characters whose readings it has, the usual one first."""
    return {row[0]: row[1] for row in _standing()}


@cache
def traditional_only() -> dict[str, str]:
    """Character that only traditional text has → its simplified form."""
    return {long: row[0] for row in _standing() for long in row[2]}


@cache
def shortened() -> dict[str, str]:
    """Traditional character → the simplified one that usually means it."""
    return {row[1][0]: row[0] for row in _standing() if row[1][0] in row[2]}


@cache
def _counts() -> list[list[str]]:
    return list(rows("usage.tsv"))


@cache
def usage(period: str) -> dict[str, Usage]:
    """Character that can be level and oblique → its counts, in classical verse (古) or today (今)."""
    return {
        character: Usage(int(total), int(level))
        for kind, character, total, level in _counts()
        if kind == period
    }


@cache
def usual_rhymes() -> dict[str, list[str]]:
    """Character with several level rhymes in 平水韵 → those that verse uses, by frequency."""
    return {character: groups.split() for kind, character, _, groups in _counts() if kind == "韵"}


@cache
def senses(period: str) -> dict[str, tuple[str, str]]:
    """Character → what it means when level and when oblique, in the classical books (古) or today's (今)."""
    return {
        character: (level, oblique)
        for periods, character, level, oblique in rows("senses.tsv")
        if period in periods
    }
