"""Holding lines of verse against the rules of regulated verse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.prosody.fitting import Fit, fit_line, wrong_places
from assistant.prosody.glyphs import Glyph, reading_issues, unknown_issues
from assistant.prosody.regulated import (
    LineType,
    adheres,
    answers,
    line_shapes,
    opening_name,
)
from assistant.prosody.report import CheckedLine, Issue, Severity
from assistant.prosody.rhyme_books import RhymeBook
from assistant.prosody.rhyming import RhymePlace, common_rhyme, rhyme_issues
from assistant.prosody.tones import LEVEL, OBLIQUE
from assistant.prosody.verse import VerseLine

_BREAK = 1.5
"""What 失对 or 失粘 weighs, in wrong characters: a line of another kind differs in three or four."""
_NAMED = {
    "孤平拗救": "句首当平而仄，第三个音节改平相救，不算孤平。",
    "特拗": "末三字作「仄平仄」，是通行的拗句。",
    "拗": "节外一字拗，可救可不救。",
    "大拗": "这一句拗，由对句中间的平声字相救。",
}


@dataclass(frozen=True, slots=True)
class RegulatedVerdict:
    """What came of it.

    Attributes:
        lines: checked.
        variant: the opening pattern.
        rhyme: the group; empty when unknown.
        cost: wrong characters and broken links; how far the poem is from regulated verse.
    """

    lines: tuple[CheckedLine, ...]
    variant: str
    rhyme: str
    cost: float


def check_regulated(
    lines: Sequence[VerseLine], glyphs: Sequence[tuple[Glyph, ...]], length: int, book: RhymeBook
) -> RegulatedVerdict:
    """Check ``lines`` as regulated verse of ``length`` (5 or 7) characters a line.

    The kinds of the lines are chosen together, so that as little as possible is wrong: a poem that changes its
    track in the middle has one 失粘, not four lines of wrong tones. Lines of another length get 字数.
    """
    even = [RhymePlace(at, glyphs[at][-1]) for at in range(1, len(lines), 2)]
    # The first line may tell which of two groups is meant: 洚 and 憃 are both in 二冬 and 三江.
    rhyme = common_rhyme(even, lambda group: _first_rhyme_cost(glyphs[0][-1], group, book))
    types = _line_types(glyphs, length, rhyme, book)
    first_rhymes = types[0].ends_level
    places = ([RhymePlace(0, glyphs[0][-1], may_be_neighbour=True)] if first_rhymes else []) + even
    by_line = rhyme_issues(places, rhyme, book)
    cost = float(len([issue for issue in by_line.values() if issue.severity is Severity.ERROR]))
    checked = []
    for number, (line, own, line_type) in enumerate(zip(lines, glyphs, types, strict=True)):
        issues = unknown_issues(own)
        if len(own) != length:
            wrong = Issue("字数", f"这一句 {len(own)} 字，应是 {length} 字。")
            checked.append(
                CheckedLine(tuple(g.checked() for g in own), line.mark, (wrong, *issues), line.stanza)
            )
            cost += 1
            continue
        following = glyphs[number + 1] if number % 2 == 0 and number + 1 < len(glyphs) else ()
        fit = _fit(own, line_type, length, following)
        issues += _link_issues(number, types)
        issues += _tone_issues(fit, own, line_type)
        cost += len(fit.wrong) + (_BREAK if _link_issues(number, types) else 0)
        if number in by_line:
            issues.append(replace(by_line[number], position=length))
        rhyming = number % 2 == 1 or (number == 0 and first_rhymes)
        characters = tuple(
            glyph.checked(wanted, (rhyme if rhyming and place == length - 1 else None))
            for place, (glyph, wanted) in enumerate(zip(own, fit.shape.tones, strict=True))
        )
        issues += reading_issues(own, characters)
        checked.append(CheckedLine(characters, line.mark, tuple(issues), line.stanza))
    return RegulatedVerdict(tuple(checked), opening_name(types[0], length), rhyme, cost)


def _classes(glyphs: Sequence[Glyph]) -> tuple[frozenset[str], ...]:
    return tuple(glyph.classes for glyph in glyphs)


def _usual(glyphs: Sequence[Glyph]) -> tuple[frozenset[str], ...]:
    return tuple(glyph.usual_classes for glyph in glyphs)


def _line_types(
    glyphs: Sequence[tuple[Glyph, ...]], length: int, rhyme: str, book: RhymeBook
) -> list[LineType]:
    """The kinds of all lines with the least that is wrong (Viterbi over four kinds a line)."""
    best: list[dict[LineType, tuple[float, LineType | None]]] = []
    for number, own in enumerate(glyphs):
        kinds = [kind for kind in LineType if number == 0 or kind.ends_level == (number % 2 == 1)]
        costs: dict[LineType, tuple[float, LineType | None]] = {}
        for kind in kinds:
            cost = 0.0
            if len(own) == length:
                cost = fit_line(_classes(own), line_shapes(kind, length), _usual(own)).cost
            if number == 0 and kind.ends_level:
                cost += _first_rhyme_cost(own[-1], rhyme, book)
            if number == 0:
                costs[kind] = (cost, None)
                continue
            came = min(
                (total + (0.0 if _follows(before, kind, number) else _BREAK), before)
                for before, (total, _) in best[-1].items()
            )
            costs[kind] = (cost + came[0], came[1])
        best.append(costs)
    types = [min(best[-1], key=lambda kind: best[-1][kind][0])]
    for costs in reversed(best[1:]):
        before = costs[types[-1]][1]
        assert before is not None  # every line but the first has one before it
        types.append(before)
    return types[::-1]


def _first_rhyme_cost(glyph: Glyph, rhyme: str, book: RhymeBook) -> float:
    own = glyph.rhymes(LEVEL)
    if not rhyme or rhyme in own or not own:
        return 0.0
    return 0.3 if book.neighbours(rhyme) & own.keys() else 1.0


def _follows(before: LineType, kind: LineType, number: int) -> bool:
    expected = answers(before) if number % 2 else adheres(before)
    return expected is kind


def _link_issues(number: int, types: Sequence[LineType]) -> list[Issue]:
    if number == 0 or _follows(types[number - 1], types[number], number):
        return []
    if number % 2:
        advice = "第二字当与上句第二字平仄相反"
        return [Issue("失对", "与上一句同一位置的平仄相同，没有相对。", position=2, suggestion=advice)]
    return [Issue("失粘", "与上一联没有粘住。", position=2, suggestion="第二字当与上一句第二字平仄相同")]


def _fit(own: Sequence[Glyph], kind: LineType, length: int, following: Sequence[Glyph]) -> Fit:
    """The best shape of a line; one that the next line has to rescue only counts when it does."""
    classes = _classes(own)
    usable = tuple(
        shape
        for shape in line_shapes(kind, length)
        if not shape.next_line
        or (len(following) == length and not wrong_places(_classes(following), shape.next_line))
    )
    return fit_line(classes, usable, _usual(own))


def _tone_issues(fit: Fit, own: Sequence[Glyph], kind: LineType) -> list[Issue]:
    wrong = [place for place in fit.wrong if not own[place].is_unknown]
    length = len(own)
    if not wrong:
        if fit.shape.name == "三仄尾":
            return [Issue("三仄尾", "末三字都是仄声。", Severity.WARNING, length - 2, "倒数第三字宜平声")]
        if fit.shape.name in _NAMED:
            rule = "特拗" if fit.shape.name == "特拗" else "拗救"
            return [Issue(rule, _NAMED[fit.shape.name], Severity.NOTE)]
        return []
    named = _named_fault(wrong, own, kind)
    if named is not None:
        return [named]
    issues = []
    for place in wrong:
        wanted = fit.shape.tones[place]
        has = OBLIQUE if wanted == LEVEL else LEVEL
        issues.append(
            Issue(
                "平仄",
                f"「{own[place].character}」是{has}声，此处当{wanted}。",
                position=place + 1,
                suggestion=f"此处宜{wanted}声字",
            )
        )
    return issues


def _named_fault(wrong: Sequence[int], own: Sequence[Glyph], kind: LineType) -> Issue | None:
    """孤平 and 三平尾, when that is all that is wrong."""
    length = len(own)
    if len(wrong) != 1:
        return None
    if kind is LineType.B and wrong[0] in (length - 5, length - 3):
        character = own[length - 5].character
        return Issue(
            "孤平",
            f"「{character}」处用仄，除韵脚外只剩一个平声，犯孤平。",
            position=length - 4,
            suggestion=f"「{character}」处宜平声，或把「{own[length - 3].character}」换成平声来救",
        )
    if kind is LineType.D and wrong[0] == length - 3:
        return Issue("三平尾", "末三字都是平声。", position=length - 2, suggestion="倒数第三字宜仄声")
    return None
