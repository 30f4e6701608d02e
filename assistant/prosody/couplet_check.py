"""Holding a couplet against the rules.

Source: 中国楹联学会《联律通则》(修订稿, 2008), whose articles are named where they apply; the tones are in
``couplet_tones``, repeated characters in ``couplet_repeats``. Word classes and meaning (第二, 三, 六条) are left to
people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.prosody.couplet_repeats import Characters, repeat_issues
from assistant.prosody.couplet_text import BANNER_LENGTH, CoupletText
from assistant.prosody.couplet_tones import ClauseTones, clause_ends, oppose
from assistant.prosody.glyphs import Glyph, Reader, reading_issues, unknown_issues
from assistant.prosody.report import CheckedLine, Issue, Report, Severity
from assistant.prosody.tones import LEVEL, OBLIQUE
from assistant.prosody.verse import VerseLine

FORM = "对联"
_LONG = 8
"""A clause of so many characters may have a rhythm of its own, as one with a leading word has."""


@dataclass(frozen=True, slots=True)
class _Side:
    name: str
    clauses: tuple[VerseLine, ...]
    glyphs: tuple[tuple[Glyph, ...], ...]


class CoupletCheck:
    """One couplet against the rules.

    Args:
        couplet: the couplet.
        reader: reads its characters in one rhyme book.
    """

    def __init__(self, couplet: CoupletText, reader: Reader) -> None:
        self._couplet = couplet
        self._reader = reader
        self._upper, self._lower = (
            _Side(name, clauses, tuple(reader.line(clause) for clause in clauses))
            for name, clauses in (("上联", couplet.upper), ("下联", couplet.lower))
        )
        self._issues: list[Issue] = []
        self._by_clause: dict[tuple[int, int], list[Issue]] = {}  # (side, clause) → remarks

    def report(self) -> Report:
        """The verdict."""
        upper, lower = self._upper, self._lower
        for number, side in enumerate((upper, lower)):
            for at, glyphs in enumerate(side.glyphs):
                self._say(number, at, *unknown_issues(glyphs))
        self._compare_lengths()
        tones = self._compare_tones()
        if self._couplet.is_even:
            many = len(upper.clauses) > 1
            sides = (Characters.of(upper.clauses), Characters.of(lower.clauses))
            for number, at, issue in repeat_issues(*sides, name_clauses=many):
                self._say(number, at, issue)
        lines = [*self._lines(0, upper, tones), *self._lines(1, lower, tones)]
        if self._couplet.banner is not None:
            lines.append(self._banner_line(self._couplet.banner))
        lengths = "+".join(str(len(clause.text)) for clause in upper.clauses)
        return Report(FORM, self._reader.book.id, tuple(lines), tuple(self._issues), variant=f"{lengths}言")

    def _say(self, side: int, clause: int, *issues: Issue) -> None:
        self._by_clause.setdefault((side, clause), []).extend(issues)

    def _compare_lengths(self) -> None:
        """字句对等 (第一条)."""
        upper, lower = self._couplet.upper, self._couplet.lower
        if len(upper) != len(lower):
            self._issues.append(
                Issue(
                    "字数",
                    f"上联分 {len(upper)} 句，下联分 {len(lower)} 句，断句不同。",
                    suggestion="上下联要在同一处停顿",
                )
            )
            return
        for at, (first, second) in enumerate(zip(upper, lower, strict=True)):
            if len(first.text) != len(second.text):
                which = f"第 {at + 1} 句" if len(upper) > 1 else ""
                message = f"下联{which} {len(second.text)} 字，上联{which} {len(first.text)} 字。"
                self._say(1, at, Issue("字数", message, suggestion="上下联字数要相等"))

    def _compare_tones(self) -> dict[int, ClauseTones]:
        """平仄对立 (第五条): clause → its tones, for the clauses that can be compared."""
        upper, lower = self._upper, self._lower
        found: dict[int, ClauseTones] = {}
        count = len(upper.glyphs)
        ends = clause_ends(count)
        if count == len(lower.glyphs):
            for at, (first, second) in enumerate(zip(upper.glyphs, lower.glyphs, strict=True)):
                if len(first) == len(second):
                    may_lead = count > 1 or len(first) >= _LONG
                    last = at == count - 1
                    found[at] = oppose(first, second, end=ends[at], may_lead=may_lead, last=last)
                    self._say_tones(at, found[at], last=last)
        self._say_line_ends()
        for number, side in enumerate((upper, lower)):
            for at, glyphs in enumerate(side.glyphs):
                self._say(number, at, *_three_alike(glyphs))
        return found

    def _say_tones(self, at: int, tones: ClauseTones, *, last: bool) -> None:
        sides = ((self._upper, self._lower, tones.wrong_upper), (self._lower, self._upper, tones.wrong_lower))
        for number, (side, other, wrong) in enumerate(sides):
            for place in wrong:
                if last and place == len(side.glyphs[at]) - 1:
                    continue  # the end of the line has a rule of its own
                own, opposite = side.glyphs[at][place], other.glyphs[at][place]
                wanted = (tones.upper, tones.lower)[number][place]
                has = OBLIQUE if wanted == LEVEL else LEVEL
                message = (
                    f"{side.name}「{own.character}」与{other.name}同位的「{opposite.character}」都是{has}声，"
                )
                message += f"此处当{wanted}。"
                self._say(
                    number, at, Issue("平仄", message, position=place + 1, suggestion=f"此处宜{wanted}声字")
                )
        if tones.lead and not tones.wrong_upper and not tones.wrong_lower:
            lead = "".join(glyph.character for glyph in self._upper.glyphs[at][: tones.lead])
            message = f"「{lead}」作领字，不与后面的字一起计节奏。"
            self._say(0, at, Issue("平仄", message, Severity.NOTE, 1))
        if tones.skewed:
            place = len(self._upper.glyphs[at]) - 1
            message = "末三字「仄平仄」，倒数第二字与下联同声；律诗里叫特拗，作对联宜避。"
            self._say(0, at, Issue("特拗", message, Severity.WARNING, place, "此处宜仄声字"))
        for first, second in tones.alike:
            message = f"第 {first + 1} 字与第 {second + 1} 字都是{tones.upper[first]}声，句中平仄没有交替。"
            self._say(0, at, Issue("平仄", message, Severity.WARNING, second + 1))

    def _say_line_ends(self) -> None:
        """仄起平落 (第五条); the end of a line that lacks a character is not its end."""
        if len(self._upper.glyphs[-1]) != len(self._lower.glyphs[-1]):
            return
        upper, lower = self._upper.glyphs[-1][-1], self._lower.glyphs[-1][-1]
        wrong_upper = bool(upper.classes) and OBLIQUE not in upper.classes
        wrong_lower = bool(lower.classes) and LEVEL not in lower.classes
        swap = "上下联大约写反了，对调即可" if wrong_upper and wrong_lower else ""
        if wrong_upper:
            message = f"上联当以仄声收尾，「{upper.character}」是平声。"
            position = len(self._upper.glyphs[-1])
            issue = Issue("仄起平落", message, position=position, suggestion=swap or "此处宜仄声字")
            self._say(0, len(self._upper.glyphs) - 1, issue)
        if wrong_lower:
            message = f"下联当以平声收尾，「{lower.character}」是仄声。"
            position = len(self._lower.glyphs[-1])
            issue = Issue("仄起平落", message, position=position, suggestion=swap or "此处宜平声字")
            self._say(1, len(self._lower.glyphs) - 1, issue)

    def _lines(self, number: int, side: _Side, tones: Mapping[int, ClauseTones]) -> list[CheckedLine]:
        lines = []
        for at, (clause, glyphs) in enumerate(zip(side.clauses, side.glyphs, strict=True)):
            found = tones.get(at)
            wanted = (found.upper, found.lower)[number] if found is not None else ""
            characters = tuple(
                glyph.checked(tone) for glyph, tone in zip(glyphs, wanted or [""] * len(glyphs), strict=True)
            )
            issues = (*self._by_clause.get((number, at), ()), *reading_issues(glyphs, characters))
            lines.append(CheckedLine(characters, clause.mark, issues, number))
        return lines

    def _banner_line(self, banner: VerseLine) -> CheckedLine:
        glyphs = self._reader.line(banner)
        issues = [Issue(i.rule, i.message, Severity.WARNING, i.position) for i in unknown_issues(glyphs)]
        if len(glyphs) != BANNER_LENGTH:
            message = f"横批通常 {BANNER_LENGTH} 个字，这里有 {len(glyphs)} 个。"
            issues.append(Issue("字数", message, Severity.WARNING))
        if glyphs[-1].classes == {OBLIQUE}:
            message = f"横批以平声收尾较响亮，「{glyphs[-1].character}」是仄声。"
            issues.append(Issue("平仄", message, Severity.NOTE, len(glyphs)))
        used = {c for clause in (*self._couplet.upper, *self._couplet.lower) for c in clause.text}
        issues += [
            Issue("同字", f"横批的「{glyph.character}」联中已用，能避则避。", Severity.NOTE, place)
            for place, glyph in enumerate(glyphs, start=1)
            if glyph.character in used
        ]
        return CheckedLine(tuple(glyph.checked() for glyph in glyphs), banner.mark, tuple(issues), 2)


def _three_alike(glyphs: Sequence[Glyph]) -> list[Issue]:
    """尾三平, 尾三仄 (第十条), in clauses of five characters and more."""
    tail = glyphs[-3:]
    if len(glyphs) < 5 or any(len(glyph.classes) != 1 or glyph.is_gap for glyph in tail):
        return []
    classes = {next(iter(glyph.classes)) for glyph in tail}
    if len(classes) > 1:
        return []
    tone = classes.pop()
    other = OBLIQUE if tone == LEVEL else LEVEL
    return [
        Issue(
            f"三{tone}尾",
            f"末三字「{''.join(glyph.character for glyph in tail)}」都是{tone}声。",
            Severity.WARNING,
            len(glyphs) - 2,
            f"倒数第三字宜{other}声",
        )
    ]
