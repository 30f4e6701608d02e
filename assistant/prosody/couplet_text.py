"""A text as a couplet: which lines are 上联, 下联 and 横批."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.prosody.verse import LINE_ENDS, VerseLine, is_written

BANNER_LENGTH = 4
"""Characters of a 横批."""
_LABEL = re.compile(
    r"(?<!\S)(?:(?P<upper>上[联聯])|(?P<lower>下[联聯])|(?P<banner>[横橫](?:批|额|額|披|幅)))(?:\s*[：:]|(?=\s))"
    r"|(?:(?P<upper2>上[联聯])|(?P<lower2>下[联聯])|(?P<banner2>[横橫](?:批|额|額|披|幅)))\s*[：:]"
)
_HEADING = re.compile(r"\s*(?:#|《[^》]*》\s*$)")
_BREAKS = frozenset("\n\r\u2029")
_SPACES = frozenset(" \t\u3000")

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CoupletText:
    """A couplet.

    Attributes:
        upper: the clauses (分句) of the 上联.
        lower: those of the 下联.
        banner: the 横批; None when there is none.
        labelled: true when the text itself says which is 上联 and which 下联.
    """

    upper: tuple[VerseLine, ...]
    lower: tuple[VerseLine, ...]
    banner: VerseLine | None = None
    labelled: bool = False

    @property
    def is_even(self) -> bool:
        """True when both sides have clauses of the same lengths."""
        return _lengths(self.upper) == _lengths(self.lower)


def parse_couplet(text: str) -> CoupletText | None:
    """``text`` as a couplet; None when no two sides can be told in it.

    Understood are 「上联：… 下联：… 横批：…」 in any order, on one line or several; two lines, a third one of four
    characters being the 横批; and clauses that part into two halves, at a 「；」 first of all. A heading is skipped.
    """
    sections = _sections(text)
    banner = _banner(text, sections.get("banner"))
    if "upper" in sections or "lower" in sections:
        upper = _clauses(text, sections.get("upper", (0, 0)), 0)
        lower = _clauses(text, sections.get("lower", (0, 0)), 1)
        return CoupletText(upper, lower, banner, labelled=True) if upper and lower else None
    rows = _rows(text, sections[""])
    if banner is None and len(rows) == 3:
        first, third = _clauses(text, rows[0], 0), _clauses(text, rows[2], 2)
        if _lengths(third) == [BANNER_LENGTH] and _lengths(first) != [BANNER_LENGTH]:
            banner, rows = third[0], rows[:2]
    if len(rows) == 2:
        return CoupletText(_clauses(text, rows[0], 0), _clauses(text, rows[1], 1), banner)
    return _halves([clause for row in rows for clause in _clauses(text, row, 0)], banner)


def _sections(text: str) -> dict[str, _Span]:
    """Label → start and end of what it heads; the text before all labels under an empty one."""
    found = list(_LABEL.finditer(text))
    sections = {"": (0, found[0].start() if found else len(text))}
    for number, match in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        sections.setdefault((match.lastgroup or "").rstrip("2"), (match.end(), end))
    return sections


def _rows(text: str, span: _Span) -> list[_Span]:
    """Start and end of each line that holds verse; a heading is left out."""
    rows, start = [], span[0]
    for at in range(span[0], span[1] + 1):
        if at == span[1] or text[at] in _BREAKS:
            row = text[start:at]
            if any(map(is_written, row)) and not _HEADING.match(row):
                rows.append((start, at))
            start = at + 1
    return rows


def _clauses(text: str, span: _Span, stanza: int) -> tuple[VerseLine, ...]:
    part = text[span[0] : span[1]]
    # Where there is no mark, a space may stand for one.
    pauses = LINE_ENDS | _BREAKS if any(c in LINE_ENDS for c in part) else _SPACES | _BREAKS
    clauses: list[VerseLine] = []
    characters, offsets = "", list[int]()
    for at, character in enumerate(part + "\n", start=span[0]):
        if is_written(character):
            characters += character
            offsets.append(at)
        elif characters and character in pauses:
            mark = character if character in LINE_ENDS else ""
            clauses.append(VerseLine(characters, tuple(offsets), mark, stanza))
            characters, offsets = "", []
    return tuple(clauses)


def _banner(text: str, span: _Span | None) -> VerseLine | None:
    clauses = _clauses(text, span, 2) if span is not None else ()
    return clauses[0] if clauses else None


def _halves(clauses: Sequence[VerseLine], banner: VerseLine | None) -> CoupletText | None:
    semicolons = [number for number, clause in enumerate(clauses[:-1], start=1) if clause.mark in ("；", ";")]
    parted = len(semicolons) == 1
    middle = semicolons[0] if parted else len(clauses) // 2
    lower = tuple(replace(clause, stanza=1) for clause in clauses[middle:])
    couplet = CoupletText(tuple(clauses[:middle]), lower, banner)
    return couplet if couplet.upper and (parted or couplet.is_even or len(clauses) == 2) else None


def _lengths(clauses: Sequence[VerseLine]) -> list[int]:
    return [len(clause.text) for clause in clauses]
