"""Holding lines of verse against one pattern: a variant of a tune."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from assistant.prosody.fitting import Fit, fit_line
from assistant.prosody.glyphs import Glyph, reading_issues, unknown_issues
from assistant.prosody.patterns import Pattern
from assistant.prosody.report import CheckedCharacter, CheckedLine, Issue, Severity
from assistant.prosody.rhyme_books import RhymeBook
from assistant.prosody.rhyming import RhymePlace, common_rhyme, rhyme_issues
from assistant.prosody.tones import EITHER, LEVEL, OBLIQUE
from assistant.prosody.verse import VerseLine

_MISPLACED = 3.0
"""What a rhyme that is not at the end of a line weighs, in wrong characters."""
_MISCOUNTED = 20.0
"""What every character too many or too few weighs when variants of a tune are compared."""


@dataclass(frozen=True, slots=True)
class PatternVerdict:
    """What came of it.

    Attributes:
        pattern: the one the lines were held against.
        lines: checked, as the text divides them.
        issues: about the poem as a whole.
        rhyme: the groups in their order, joined by 「、」.
        cost: wrong characters, more for wrong counts.
        complete: false when the text is a beginning of the pattern.
    """

    pattern: Pattern
    lines: tuple[CheckedLine, ...]
    issues: tuple[Issue, ...]
    rhyme: str
    cost: float
    complete: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a character of the text stands in the pattern: its line there, and its place in it."""

    line: int
    column: int


def check_pattern(
    lines: Sequence[VerseLine], glyphs: Sequence[tuple[Glyph, ...]], pattern: Pattern, book: RhymeBook
) -> PatternVerdict:
    """Check ``lines`` against ``pattern``.

    Where the counts agree, lines may be divided otherwise than in the pattern, as editors do (六五 for 四七), as long
    as each rhyme ends a line.
    """
    placed, wrong_counts = _align([len(own) for own in glyphs], pattern.line_lengths)
    flat = {
        place: glyph
        for places, own in zip(placed, glyphs, strict=True)
        for place, glyph in zip(places, own, strict=True)
        if place is not None
    }
    fits = {
        number: fit_line(tuple(flat[_Place(number, at)].classes for at in range(line.length)), line.shapes)
        for number, line in enumerate(pattern.lines)
        if all(_Place(number, at) in flat for at in range(line.length))
    }
    rhymes, out_of_rhyme = _rhymes(pattern, flat, book)
    written = sum(len(own) for own in glyphs)
    complete = written >= pattern.character_count or bool(wrong_counts)
    checked = []
    cost = abs(pattern.character_count - written) * _MISCOUNTED if complete else 0.0
    for number, (line, places, own) in enumerate(zip(lines, placed, glyphs, strict=True)):
        issues = unknown_issues(own)
        if number in wrong_counts:
            issues.insert(0, _count_issue(len(own), wrong_counts[number]))
            cost += 1
        characters, found = _check_line(own, places, pattern, fits, rhymes, out_of_rhyme)
        issues += found
        cost += sum(issue.rule in ("平仄", "失韵") for issue in found)
        cost += _MISPLACED * sum(issue.rule == "断句" for issue in found)
        issues += _repeat_issues(places, pattern, flat)
        issues += reading_issues(own, characters)
        checked.append(CheckedLine(characters, line.mark, tuple(issues), line.stanza))
    poem_issues = []
    if not complete:
        left = len(pattern.lines) - (max((p.line for p in flat), default=-1) + 1)
        poem_issues.append(Issue("未完", f"还差 {left} 句。", Severity.NOTE))
    elif written != pattern.character_count:
        poem_issues.append(
            Issue("字数", f"全篇 {written} 字，{pattern.name}当有 {pattern.character_count} 字。")
        )
    names = list(dict.fromkeys(group for group in rhymes.values() if group))
    return PatternVerdict(pattern, tuple(checked), tuple(poem_issues), "、".join(names), cost, complete)


def best_pattern(
    lines: Sequence[VerseLine],
    glyphs: Sequence[tuple[Glyph, ...]],
    patterns: Sequence[Pattern],
    book: RhymeBook,
) -> PatternVerdict:
    """The verdict by the variant that fits best."""
    ends = set(accumulate(map(len, glyphs)))
    verdicts = [check_pattern(lines, glyphs, pattern, book) for pattern in patterns]
    # Of variants that fit alike, the one that is divided like the text is meant.
    return min(verdicts, key=lambda v: (v.cost, len(ends ^ set(accumulate(v.pattern.line_lengths)))))


def _align(lengths: Sequence[int], wanted: Sequence[int]) -> tuple[list[list[_Place | None]], dict[int, int]]:
    """For each line its characters' places in the pattern, and lines with a wrong count (→ the count asked for).

    Lines are taken from the front until a division goes apart that no joining of lines mends; that line has a wrong
    count, and the two go on side by side behind it.
    """
    places = [_Place(line, column) for line, length in enumerate(wanted) for column in range(length)]
    if sum(lengths) == len(places):
        at, placed = 0, []
        for length in lengths:
            placed.append(list[_Place | None](places[at : at + length]))
            at += length
        return placed, {}
    ends: list[int] = []  # characters of the pattern up to and with each line
    for length in wanted:
        ends.append((ends[-1] if ends else 0) + length)
    placed, wrong = [], {}
    at = 0
    number = 0
    while number < len(lengths):
        joined = _joined(lengths[number:], at, ends)
        if joined:
            for length in lengths[number : number + joined]:
                placed.append(list[_Place | None](places[at : at + length]))
                at += length
            number += joined
            continue
        # Wrong: this line stands for the next line of the pattern, whatever its length.
        here = next((line for line, end in enumerate(ends) if end > at), None)
        if here is None:
            placed.append([None] * lengths[number])
            wrong[number] = 0
        else:
            wrong[number] = ends[here] - at
            start, end = at, ends[here]
            # The last character may still carry a rhyme.
            row: list[_Place | None] = [None] * lengths[number]
            row[-1] = places[end - 1]
            if lengths[number] == end - start:
                row = list(places[start:end])
                del wrong[number]
            placed.append(row)
            at = end
        number += 1
    return placed, wrong


def _joined(lengths: Sequence[int], at: int, ends: Sequence[int]) -> int:
    """How many of the next lines (at most three) end together with a line of the pattern, none in the middle of four
    or more; 0 when they do not.
    """
    total = at
    for count, length in enumerate(lengths[:3], start=1):
        total += length
        if total in ends and sum(at < end <= total for end in ends) <= 3:
            return count
    if total < (ends[-1] if ends else 0) and len(lengths) <= 2 and not any(at < end < total for end in ends):
        return len(lengths)  # the last line, not finished yet
    return 0


def _rhymes(
    pattern: Pattern, flat: dict[_Place, Glyph], book: RhymeBook
) -> tuple[dict[str, str], dict[int, Issue]]:
    """Label → group, and line of the pattern → what is wrong with its rhyme."""
    by_label: dict[str, list[RhymePlace]] = {}
    for number, line in enumerate(pattern.lines):
        glyph = flat.get(_Place(number, line.length - 1))
        if line.rhyme and glyph is not None:
            by_label.setdefault(line.rhyme, []).append(RhymePlace(number, glyph, line.rhyme_tone or EITHER))
    groups = {label: common_rhyme(places) for label, places in by_label.items()}
    issues: dict[int, Issue] = {}
    for label, places in by_label.items():
        issues |= rhyme_issues(places, groups[label], book, once_each=False)
    return groups, issues


def _check_line(
    own: Sequence[Glyph],
    places: Sequence[_Place | None],
    pattern: Pattern,
    fits: dict[int, Fit],
    rhymes: dict[str, str],
    out_of_rhyme: dict[int, Issue],
) -> tuple[tuple[CheckedCharacter, ...], list[Issue]]:
    characters, issues = [], []
    for position, (glyph, place) in enumerate(zip(own, places, strict=True), start=1):
        if place is None:
            characters.append(glyph.checked())
            continue
        line = pattern.lines[place.line]
        fit = fits.get(place.line)
        wanted = (fit.shape if fit else line.shapes[0]).tones[place.column]
        ends = place.column == line.length - 1
        rhyme = rhymes.get(line.rhyme, "") if ends and line.rhyme else None
        characters.append(glyph.checked(wanted, rhyme))
        if wanted not in (EITHER, *glyph.classes) and not glyph.is_unknown:
            has = OBLIQUE if wanted == LEVEL else LEVEL
            issues.append(
                Issue(
                    "平仄",
                    f"「{glyph.character}」是{has}声，此处当{wanted}。",
                    position=position,
                    suggestion=f"此处宜{wanted}声字",
                )
            )
        elif rhyme is not None and place.line in out_of_rhyme:
            issues.append(replace(out_of_rhyme[place.line], position=position))
        if rhyme is not None and position < len(own):
            message = f"「{glyph.character}」是韵脚，此处当断句。"
            issues.append(Issue("断句", message, position=position, suggestion="请在此处断句"))
    return tuple(characters), issues


def _count_issue(count: int, wanted: int) -> Issue:
    if not wanted:
        return Issue("句数", "多出这一句。", suggestion="请删去，或换一个词牌")
    return Issue("字数", f"这一句 {count} 字，应是 {wanted} 字。")


def _repeat_issues(
    places: Sequence[_Place | None], pattern: Pattern, flat: dict[_Place, Glyph]
) -> list[Issue]:
    issues = []
    for repeat in pattern.repeats:
        line = pattern.lines[repeat.line]
        if _Place(repeat.line, line.length - 1) not in places:
            continue
        start, of = line.length - repeat.count, pattern.lines[repeat.of].length - repeat.count
        pairs = [
            (flat.get(_Place(repeat.line, start + at)), flat.get(_Place(repeat.of, of + at)))
            for at in range(repeat.count)
        ]
        if all(a and b for a, b in pairs) and any(
            a.character != b.character for a, b in pairs if a and b and not (a.is_gap or b.is_gap)
        ):
            said = "".join(b.character for _, b in pairs if b)
            issues.append(Issue("叠句", f"词谱此处叠用「{said}」。", Severity.WARNING))
    return issues
