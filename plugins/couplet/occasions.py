"""Occasions (春节, 新居, 婚庆 …) and what couplets for them are made of."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from assistant.api.han import is_han
from resources import resource_path

GENERAL = "通用"


@dataclass(frozen=True)
class Occasion:
    """What a couplet is about.

    Attributes:
        name: as a person calls it; empty for nothing in particular.
        titles: of poems about it, for models that know titles.
        pairs: words that answer each other; the second is empty for a word of the person's own, whose answer is open.
        ends: characters that a line may well end with.
        avoid: characters that have no place in it.
        banners: well-known 横批 for it.
    """

    name: str = ""
    titles: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    ends: frozenset[str] = field(default_factory=frozenset)
    avoid: frozenset[str] = field(default_factory=frozenset)
    banners: tuple[str, ...] = ()

    @property
    def words(self) -> frozenset[str]:
        """All words of its pairs."""
        return frozenset(word for pair in self.pairs for word in pair if word)


def find_occasion(theme: str) -> Occasion:
    """The occasion a person means by ``theme``: a known one whose name it holds, or one of its own."""
    theme = "".join(filter(is_han, theme))
    if not theme:
        return Occasion(banners=_banners()[GENERAL])
    names = {name: occasion for occasion in _occasions() for name in _names()[occasion.name]}
    known = max((name for name in names if name in theme), key=len, default="")
    # 「年」 stands for the New Year alone, not in 少年.
    if known and (len(known) > 1 or known == theme):
        return names[known]
    pairs = ((theme, ""),) if len(theme) <= 4 else ()
    return Occasion(theme, titles=(theme,), pairs=pairs, banners=_banners()[GENERAL])


def occasion_in(line: str) -> Occasion:
    """The occasion a written line is for, by the words in it; none in particular when it has none of them."""
    found = max(_occasions(), key=lambda occasion: _words_in(line, occasion))
    occasion = found if _words_in(line, found) else find_occasion("")
    if is_festive(line) and not occasion.avoid:
        return Occasion(avoid=ill_omened(), banners=occasion.banners)
    return Occasion(
        occasion.name, avoid=ill_omened() if is_festive(line) else frozenset(), banners=occasion.banners
    )


def is_festive(line: str) -> bool:
    """True when ``line`` says something auspicious."""
    return bool(set(_table()["auspicious"]) & set(line))


@cache
def ill_omened() -> frozenset[str]:
    """Characters that have no place in a festive couplet."""
    return frozenset(_table()["ill_omened"])


@cache
def occasion_names() -> Sequence[str]:
    """All names a person may use."""
    return tuple(name for names in _names().values() for name in names)


def _words_in(line: str, occasion: Occasion) -> int:
    return sum(len(word) for pair in occasion.pairs for word in pair if word in line)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resource_path("couplets", "themes.toml").read_text(encoding="utf-8"))


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """First name → all names."""
    return {theme["names"][0]: tuple(theme["names"]) for theme in _table()["themes"]}


@cache
def _occasions() -> tuple[Occasion, ...]:
    found = []
    for theme in _table()["themes"]:
        pairs = [tuple(pair.split()) for pair in theme["pairs"]]
        found.append(
            Occasion(
                theme["names"][0],
                tuple(theme["titles"]),
                tuple((first, second) for first, second in pairs),
                frozenset(theme["ends"]),
                ill_omened() if theme.get("festive") else frozenset(),
                _banners()[theme["names"][0]],
            )
        )
    return tuple(found)


@cache
def _banners() -> dict[str, tuple[str, ...]]:
    """Occasion → its 横批."""
    banners: dict[str, tuple[str, ...]] = {}
    name = GENERAL
    for line in resource_path("couplets", "banners.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):
            banners[name] = (*banners.get(name, ()), *line.split())
        elif line and not line.startswith("#"):
            name = line.strip()
    return banners
