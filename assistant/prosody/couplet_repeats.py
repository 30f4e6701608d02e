"""Characters that come again in a couplet: mirrored at the same places, and shared by the sides nowhere.

Source: 联律通则 第七条 (叠语 and other figures are kept by both sides) and 第十条 (忌不规则重字).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.prosody.couplet_tones import PARTICLES
from assistant.prosody.report import Issue, Severity
from assistant.prosody.verse import GAPS, VerseLine

_LONG = 4
"""A couplet with so many clauses a side is long (长联): a character may come again in another clause."""

Placed = tuple[int, int, Issue]
"""Side (0 上联, 1 下联), clause, remark."""


@dataclass(frozen=True, slots=True)
class Characters:
    """The characters of one side, one after another.

    Attributes:
        text: all of them.
        places: for each the number of its clause and its position there, from 0.
    """

    text: str
    places: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, clauses: Sequence[VerseLine]) -> Characters:
        """Those of ``clauses``."""
        places = [(number, at) for number, clause in enumerate(clauses) for at in range(len(clause.text))]
        return cls("".join(clause.text for clause in clauses), tuple(places))


def repeat_issues(upper: Characters, lower: Characters, *, name_clauses: bool) -> Iterator[Placed]:
    """Everything about repeated and shared characters.

    Args:
        upper: the 上联.
        lower: the 下联, with clauses of the same lengths.
        name_clauses: messages say in which clause a character stands.
    """
    yield from _Repeats(upper, lower, name_clauses).issues()


class _Repeats:
    def __init__(self, upper: Characters, lower: Characters, name_clauses: bool) -> None:
        self._upper, self._lower, self._name_clauses = upper, lower, name_clauses
        self._long = bool(upper.places) and upper.places[-1][0] + 1 >= _LONG

    def issues(self) -> Iterator[Placed]:
        for at in range(len(self._lower.text)):
            yield from self._not_mirrored(at)
            yield from self._shared(at)

    def _not_mirrored(self, at: int) -> Iterator[Placed]:
        upper, lower = self._upper.text, self._lower.text
        first, second = _earlier(upper, at), _earlier(lower, at)
        if first == second or upper[at] in GAPS or lower[at] in GAPS:
            return
        if first is not None and lower[first] not in GAPS and lower[first] != lower[at]:
            message = f"上联{self._where(first)}与{self._where(at)}重「{upper[at]}」，下联同位当用同一个字。"
            yield self._placed(1, at, Issue("重字", message, self._weight(first, at)))
        if second is not None and upper[second] not in GAPS and upper[second] != upper[at]:
            message = f"下联{self._where(second)}与{self._where(at)}重「{lower[at]}」，上联同位没有重字。"
            yield self._placed(1, at, Issue("重字", message, self._weight(second, at)))

    def _shared(self, at: int) -> Iterator[Placed]:
        upper, lower = self._upper.text, self._lower.text
        character = lower[at]
        if character in GAPS or character not in upper:
            return
        if upper[at] == character:
            if character in PARTICLES:
                message = f"上下联同位都用虚词「{character}」，可以不避。"
                yield self._placed(1, at, Issue("同字", message, Severity.NOTE))
            else:
                message = f"上下联同位都用「{character}」。"
                yield self._placed(1, at, Issue("同字", message, suggestion="上下联不宜有同一个字"))
            return
        others = [place for place, other in enumerate(upper) if other == character]
        if any(lower[place] == upper[at] for place in others):
            message = f"「{character}」与「{upper[at]}」在上下联里互换位置，是互重的格式。"
            yield self._placed(1, at, Issue("同字", message, Severity.NOTE))
            return
        nearest = min(others, key=lambda place: abs(place - at))
        message = f"「{character}」已见于上联{self._where(nearest)}。"
        weight = self._weight(nearest, at)
        yield self._placed(1, at, Issue("同字", message, weight, suggestion="上下联不宜有同一个字"))

    def _weight(self, first: int, second: int) -> Severity:
        apart = self._upper.places[first][0] != self._upper.places[second][0]
        return Severity.WARNING if self._long and apart else Severity.ERROR

    def _where(self, at: int) -> str:
        clause, position = self._upper.places[at]
        return f"第 {clause + 1} 句第 {position + 1} 字" if self._name_clauses else f"第 {position + 1} 字"

    def _placed(self, side: int, at: int, issue: Issue) -> Placed:
        clause, position = self._upper.places[at]
        return side, clause, Issue(issue.rule, issue.message, issue.severity, position + 1, issue.suggestion)


def _earlier(text: str, at: int) -> int | None:
    """The last place before ``at`` with the same character."""
    place = text.rfind(text[at], 0, at)
    return place if place >= 0 else None
