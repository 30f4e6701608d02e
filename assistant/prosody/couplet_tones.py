"""The tones of a couplet: where they count, and how those of one side answer those of the other.

Source: 中国楹联学会《联律通则》(修订稿, 2008). A rhythm point is every second character of a clause (第四条,
「二字而节」) and its last one; there the sides oppose each other, and within a clause level and oblique take turns
(第五条). A leading word (领字) is not counted in the rhythm. The tones of the old rhyme books and those of today are
both good, but not mixed (第八条); three equal tones at the end of a clause are to be avoided (第十条).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.prosody.glyphs import Glyph
from assistant.prosody.tones import EITHER, LEVEL, OBLIQUE

PARTICLES = frozenset("之乎者也而以于於其且则則乃与與及或矣焉哉兮所")
"""虚词 that both sides may have at the same place; their tones need not be opposite then."""
OPPOSITE = {LEVEL: OBLIQUE, OBLIQUE: LEVEL}
_LONGEST_FIXED = 7
"""In longer clauses without a pause the rhythm is as the words have it (八言以上视节奏而定)."""


def rhythm_points(length: int, lead: int = 0) -> tuple[int, ...]:
    """Places, from 0, where the tones of a clause count.

    >>> rhythm_points(7), rhythm_points(4), rhythm_points(7, lead=1)
    ((1, 3, 5, 6), (1, 3), (2, 4, 6))

    Args:
        length: characters of the clause, at least 1.
        lead: characters of a leading word.
    """
    return tuple(dict.fromkeys((*range(lead + 1, length, 2), length - 1)))


def clause_ends(count: int) -> str:
    """平 and 仄 that the clauses of a 上联 usually end with (平顶平，仄顶仄); those of the 下联 are opposite.

    >>> clause_ends(1), clause_ends(2), clause_ends(5)
    ('仄', '平仄', '仄仄平平仄')
    """
    return "".join(OBLIQUE if back % 4 in (0, 3) else LEVEL for back in range(count))[::-1]


@dataclass(frozen=True, slots=True)
class ClauseTones:
    """How two clauses of equal length stand to each other.

    Attributes:
        upper: 平, 仄 or 中 for each place of the upper clause: what it is read as, or should be, where tones count.
        lower: the opposite.
        lead: characters of a leading word that is not counted in the rhythm.
        wrong_upper: places, from 0, where the upper clause has the wrong tone.
        wrong_lower: places where the lower one has.
        alike: pairs of places in a row, both of which count, that have the same tone in a clause.
        skewed: the upper clause ends 仄平仄 where 平仄仄 would be usual, as the lines of regulated verse may (特拗);
            the last place but one is then not opposite, and not counted as wrong.
    """

    upper: str
    lower: str
    lead: int
    wrong_upper: tuple[int, ...]
    wrong_lower: tuple[int, ...]
    alike: tuple[tuple[int, int], ...]
    skewed: bool = False


def oppose(
    upper: Sequence[Glyph], lower: Sequence[Glyph], *, end: str, may_lead: bool, last: bool
) -> ClauseTones:
    """Hold two clauses against each other, with the readings that suit best.

    Args:
        upper: characters of the upper clause.
        lower: those of the lower one, as many.
        end: the tone the upper clause ends with when either would do.
        may_lead: the clause may begin with a leading word: it has a pause before or behind it, or is long.
        last: the last clause of the line, whose ``end`` is asked for, not only usual.
    """
    best = None
    for lead in _leads(len(upper)) if may_lead else (0,):
        found = _oppose(upper, lower, end, lead, last)
        wrong = len(found.wrong_upper) + len(found.wrong_lower)
        # A leading word is only believed in where it explains everything.
        if best is None or (not wrong and (best.wrong_upper or best.wrong_lower)):
            best = found
    assert best is not None  # there is always the rhythm without a leading word
    return best


def _leads(length: int) -> tuple[int, ...]:
    return tuple(lead for lead, least in ((0, 0), (1, 5), (3, 7)) if length >= least)


def _oppose(upper: Sequence[Glyph], lower: Sequence[Glyph], end: str, lead: int, last: bool) -> ClauseTones:
    length = len(upper)
    points = rhythm_points(length, lead)
    choices = [
        _choose(upper, lower, _alternating(points, length, first, end), points, last=last)
        for first in OPPOSITE
    ]
    tones, wrong_upper, wrong_lower, _ = max(choices, key=lambda choice: choice[3])
    upper_tones = "".join(tones.get(place, EITHER) for place in range(length))
    lower_tones = "".join(OPPOSITE.get(tone, EITHER) for tone in upper_tones)
    wrong = {*wrong_upper, *wrong_lower}
    skewed = last and not lead and wrong == {length - 2} and _is_skewed(upper, lower)
    if skewed:
        upper_tones = upper_tones[: length - 2] + LEVEL + upper_tones[-1]
        lower_tones = lower_tones[: length - 2] + LEVEL + lower_tones[-1]
        wrong_upper, wrong_lower = [], []
    # The last character of an odd clause has a rhythm of its own.
    even = [point for point in points if (point - lead) % 2 and point not in wrong]
    alike = tuple(
        (a, b)
        for a, b in pairwise(even)
        if b - a == 2 and tones[a] == tones[b] != EITHER and not lead and length <= _LONGEST_FIXED
    )
    return ClauseTones(upper_tones, lower_tones, lead, tuple(wrong_upper), tuple(wrong_lower), alike, skewed)


def _is_skewed(upper: Sequence[Glyph], lower: Sequence[Glyph]) -> bool:
    """(仄仄)平平仄平仄 over (平平)仄仄仄平平 or the like: a kind of line that verse allows as 特拗."""
    if len(upper) not in (5, 7):
        return False
    ends = (OBLIQUE, LEVEL, OBLIQUE)
    tail = all(tone in glyph.classes for glyph, tone in zip(upper[-3:], ends, strict=True))
    return tail and LEVEL in upper[-4].classes and LEVEL in lower[-2].classes


def _alternating(points: Sequence[int], length: int, first: str, end: str) -> dict[int, str]:
    """The tones of a clause whose rhythm begins with ``first`` and whose end is ``end``, at its points."""
    tones = dict(zip(points, [first, OPPOSITE[first]] * len(points), strict=False))
    if end in OPPOSITE and (len(points) < 2 or points[-1] - points[-2] == 1):
        tones[length - 1] = end
    return tones


def _choose(
    upper: Sequence[Glyph], lower: Sequence[Glyph], base: dict[int, str], points: Sequence[int], *, last: bool
) -> tuple[dict[int, str], list[int], list[int], float]:
    """The tones of the upper clause, what is wrong on either side, and how well ``base`` suits."""
    tones, wrong_upper, wrong_lower = {}, list[int](), list[int]()
    total = 0.0
    for point in points:
        wanted = base[point]
        at_end = last and point == len(upper) - 1
        if upper[point].character == lower[point].character and upper[point].character in PARTICLES:
            tones[point] = EITHER
            continue
        options = {
            tone: _usage(upper[point], tone) * _usage(lower[point], OPPOSITE[tone]) for tone in OPPOSITE
        }
        possible = [tone for tone in OPPOSITE if options[tone] > 0 and (not at_end or tone == OBLIQUE)]
        if not possible:
            # Both have the same tone: the one that leaves the alternation is to blame.
            tones[point] = wanted if not at_end else OBLIQUE
            if upper[point].classes and tones[point] not in upper[point].classes:
                wrong_upper.append(point)
                total -= 0.1  # of two ways to put it, the one that leaves the 上联 as it is
            if lower[point].classes and OPPOSITE[tones[point]] not in lower[point].classes:
                wrong_lower.append(point)
            total -= 2
            continue
        tones[point] = max(possible, key=lambda tone: options[tone] * (4 if tone == wanted else 1))
        total += 1 if tones[point] == wanted else 0
        total += options[tones[point]] / 10
    return tones, wrong_upper, wrong_lower, total


def _usage(glyph: Glyph, tone: str) -> float:
    """How usual ``tone`` is for the character; 1 for a gap or an unknown one, which must not look like a clash."""
    if glyph.is_gap or glyph.is_unknown:
        return 1.0
    if tone not in glyph.classes:
        return 0.0
    return (
        max((reading.usage for reading in glyph.readings if reading.tone.tone_class == tone), default=1.0)
        or 0.01
    )
