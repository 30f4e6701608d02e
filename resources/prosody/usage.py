"""How verse uses the characters that can be level and oblique, counted at the places of regulated poems that decide."""

from __future__ import annotations

import json
import lzma
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

LEVEL, OBLIQUE = "平", "仄"
OTHER = {LEVEL: OBLIQUE, OBLIQUE: LEVEL}

Classes = Mapping[str, Collection[str]]
"""Character → 平 and 仄 that it can be."""

Demand = tuple[int, str]
"""Place in a line, counted from 0, and the tone class asked for there."""


REGULATED_KINDS = ("五绝", "七绝", "五律", "七律", "排律")


def poems(corpus: Path) -> Iterator[list[str]]:
    """Lines of each poem of ``poems.train`` with the line count of a regulated form, all of 5 or all of 7 characters.

    Whether it keeps the form is for :func:`fit` to say: the corpus' own mark ``reg`` came from a table that lacks some
    readings (忘 as 平), and the poems marked would seem to confirm that nobody uses them.
    """
    with lzma.open(corpus / "poems.train.jsonl.xz", "rt", encoding="utf-8") as file:
        for text in file:
            poem = json.loads(text)
            lines = re.findall(r"[^\s，。？！；：、]+", poem["text"])
            if poem["kind"] in REGULATED_KINDS and len(lines) % 2 == 0 and {*map(len, lines)} in ({5}, {7}):
                yield lines


def demands(lines: Sequence[str], opening: str) -> list[list[Demand]]:
    """What the places 2, 4, 6 and the last ask of each line when the second character of the poem is ``opening``.

    The last place of the first line is left out: it may rhyme or not.
    """
    asked = []
    for number in range(len(lines)):
        # 对 within a couplet, 粘 between couplets: lines 1, 4, 5, 8 … begin like the first, the others against it.
        tone = opening if number % 4 in (0, 3) else OTHER[opening]
        places = [
            (place, tone if place % 4 == 1 else OTHER[tone]) for place in range(1, len(lines[0]) - 1, 2)
        ]
        if number:
            places.append((len(lines[0]) - 1, LEVEL if number % 2 else OBLIQUE))
        asked.append(places)
    return asked


def misfits(line: str, places: Sequence[Demand], classes: Classes) -> int:
    """How many characters have readings but none of the tone class asked for."""
    return sum(bool(classes.get(line[place])) and tone not in classes[line[place]] for place, tone in places)


def fit(lines: Sequence[str], classes: Classes) -> list[list[Demand]] | None:
    """The demands of the opening that fits; None when both or none do (more than one misfit)."""
    options = [demands(lines, tone) for tone in (LEVEL, OBLIQUE)]
    faults = [
        sum(misfits(line, places, classes) for line, places in zip(lines, option, strict=True))
        for option in options
    ]
    if min(faults) > 1 or abs(faults[0] - faults[1]) < 3:
        return None
    return options[faults[1] < faults[0]]


def count(texts: Iterable[list[str]], classes: Classes) -> dict[str, Counter[str]]:
    """Character → how often a place asked it to be 平 and 仄, in lines that fit otherwise.

    The last even place of the lines that do not rhyme is left out: there 拗救 turns a level tone oblique (野火烧不尽)
    and an oblique one level (特拗: 平平仄平仄), and every 不 would count as 平 too.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for lines in texts:
        for number, (line, places) in enumerate(zip(lines, fit(lines, classes) or (), strict=False)):
            wrong = misfits(line, places, classes)
            for place, tone in places:
                if number % 2 == 0 and place == len(line) - 2:
                    continue
                character = line[place]
                own = bool(classes.get(character)) and tone not in classes[character]
                if wrong - own == 0:
                    counts[character][tone] += 1
    return counts


def rhyme_uses(texts: Iterable[list[str]], groups: Mapping[str, Collection[str]]) -> dict[str, Counter[str]]:
    """Character → in which group of level rhymes the other rhymes of its poems are, poems counted.

    Args:
        texts: poems as lists of lines; the even lines rhyme.
        groups: character → groups of its level readings.
    """
    uses: dict[str, Counter[str]] = defaultdict(Counter)
    for lines in texts:
        ends = {line[-1] for line in lines[1::2]}
        shared = Counter(group for end in ends for group in groups.get(end, ()))
        whole = [group for group, count in shared.items() if count == len(ends)]
        if len(ends) > 1 and len(whole) == 1:
            for end in ends:
                if len(groups[end]) > 1:
                    uses[end][whole[0]] += 1
    return uses
