"""词牌: finding a tune of 词 by its name or by the lengths of its lines."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from itertools import accumulate
from types import MappingProxyType

from assistant.prosody import tables
from assistant.prosody.own_tunes import own_files
from assistant.prosody.patterns import Pattern
from assistant.prosody.tune_files import Tune, TuneFileError, Variant, load_tunes
from resources import resource_path

logger = logging.getLogger(__name__)

__all__ = [
    "Tune",
    "TuneFileError",
    "UnknownTuneError",
    "Variant",
    "find_tune",
    "load_tunes",
    "tune",
    "tune_names",
    "tunes",
    "tunes_of_lengths",
]

_AROUND_NAMES = " \t\u3000《》〈〉「」【】"
_NEAREST = 5
"""So many names are offered for one that does not exist."""
_MOST_OTHER_ENDS = 0.5
"""A text whose line ends differ from a pattern's by more than this share of its lines is not taken for it."""


class UnknownTuneError(ValueError):
    """No tune has this name; the sentence offers the nearest ones.

    Attributes:
        name: the one asked for.
        nearest: names of tunes, the likeliest first.
    """

    def __init__(self, name: str, nearest: Sequence[str]) -> None:
        self.name = name
        self.nearest = tuple(nearest)
        offer = f"相近的有{'、'.join(self.nearest)}。" if nearest else "请换一个词牌。"
        super().__init__(f"没有「{name}」这个词牌，{offer}")


def tunes() -> Mapping[str, Tune]:
    """All tunes by name, those with the most pieces first, the person's own behind them."""
    return _all()


def tune_names() -> tuple[str, ...]:
    """Names of all tunes, without aliases, in the order of ``tunes``."""
    return tuple(_all())


def find_tune(name: str) -> Tune | None:
    """The tune of this name or alias, in simplified or traditional characters; None when there is none."""
    wanted = name.strip(_AROUND_NAMES)
    by_name = _by_name()
    return by_name.get(wanted) or by_name.get(_simplified(wanted))


def tune(name: str) -> Tune:
    """The tune of this name or alias.

    Raises:
        UnknownTuneError: there is none.
    """
    found = find_tune(name)
    if found is None:
        raise UnknownTuneError(name, _nearest(_simplified(name.strip(_AROUND_NAMES))))
    return found


def tunes_of_lengths(line_lengths: Sequence[int]) -> list[tuple[Tune, Pattern]]:
    """Tunes that a text with lines of these lengths may be, the likeliest first.

    Editors divide the same tune otherwise (六五 for 四七), so a variant counts when it has as many characters, each of
    its rhymes ends a line of the text, and not too many line ends differ.
    """
    ends = frozenset(accumulate(line_lengths))
    found = []
    for owner, variant in _by_count().get(sum(line_lengths), ()):
        if variant.rhyme_ends <= ends:
            different = len(ends - variant.line_ends) + len(variant.firm_ends - ends)
            if different <= _MOST_OTHER_ENDS * len(variant.line_ends):
                found.append((different, -variant.pieces, owner, variant))
    found.sort(key=lambda item: item[:2])
    return [(owner, variant.pattern) for _, _, owner, variant in found]


@cache
def _all() -> Mapping[str, Tune]:
    # The tests build every pattern; here each is built when it is needed.
    loaded = load_tunes(resource_path("prosody", "tunes"), check=False)
    own: dict[str, Tune] = {}
    for file in own_files():
        try:
            own |= load_tunes(file)
        except (TuneFileError, OSError) as error:
            # A slip in one file must not take the other tunes away.
            logger.warning("自己的词谱没有读入：%s", error)
    ordered = sorted(loaded.items(), key=lambda item: -item[1].pieces)
    return MappingProxyType({name: found for name, found in ordered if name not in own} | own)


@cache
def _by_name() -> dict[str, Tune]:
    shipped = _all()
    return {alias: found for found in shipped.values() for alias in found.aliases} | dict(shipped)


@cache
def _by_count() -> dict[int, list[tuple[Tune, Variant]]]:
    table: dict[int, list[tuple[Tune, Variant]]] = {}
    for owner in _all().values():
        for variant in owner.variants:
            table.setdefault(variant.character_count, []).append((owner, variant))
    return table


def _simplified(name: str) -> str:
    simplified = tables.traditional_only()
    return "".join(simplified.get(character, character) for character in name)


def _nearest(name: str) -> list[str]:
    scores: dict[str, float] = {}
    for key, found in _by_name().items():
        shared = len(set(name) & set(key)) / max(len(set(name) | set(key)), 1)
        score = SequenceMatcher(None, name, key).ratio() + shared
        scores[found.name] = max(scores.get(found.name, 0.0), score)
    ranked = sorted(scores, key=lambda key: -scores[key])
    return [key for key in ranked if scores[key] > 0][:_NEAREST] or list(ranked[:_NEAREST])
