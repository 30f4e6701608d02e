"""What of a report is underlined, in Qt's UTF-16 positions."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.documents import to_utf16
from assistant.prosody.report import CheckedLine, Issue, Report, Severity


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of text with something to say about it.

    Attributes:
        start: UTF-16 position from the start of the poem.
        end: behind its last character.
        severity: error or warning.
        issues: the graver ones first.
    """

    start: int
    end: int
    severity: Severity
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts of a report stand, as UTF-16 positions from the start of the poem.

    Attributes:
        lines: start and end of each line of the report, without the mark behind it; (0, 0) for an empty line.
        marks: in the order of their starts.
    """

    lines: tuple[tuple[int, int], ...]
    marks: tuple[Mark, ...]


def places_of(text: str, report: Report) -> Places:
    """Find the lines and the marks of ``report``, which is the verdict on ``text``."""
    lines: list[tuple[int, int]] = []
    marks: list[Mark] = []
    for line in report.lines:
        if not line.characters:
            lines.append((0, 0))
            continue
        lines.append(_span(text, line, 1, len(line.characters)))
        marks += _marks_of(text, line)
    return Places(tuple(lines), tuple(sorted(marks, key=lambda mark: (mark.start, mark.end))))


def _marks_of(text: str, line: CheckedLine) -> list[Mark]:
    """One mark for each place of ``line`` that has errors or warnings; the whole line is a place too."""
    by_place: dict[int | None, list[Issue]] = {}
    for issue in line.issues:
        if issue.severity is not Severity.NOTE:
            by_place.setdefault(issue.position, []).append(issue)
    marks = []
    for position, issues in by_place.items():
        known = position is not None and 1 <= position <= len(line.characters)
        first, last = (position, position) if position is not None and known else (1, len(line.characters))
        issues.sort(key=lambda issue: issue.severity is not Severity.ERROR)
        marks.append(Mark(*_span(text, line, first, last), issues[0].severity, tuple(issues)))
    return marks


def _span(text: str, line: CheckedLine, first: int, last: int) -> tuple[int, int]:
    """From the ``first`` to the ``last`` character of ``line``, counted from 1."""
    start = line.characters[first - 1].offset
    end = line.characters[last - 1].offset + 1
    return to_utf16(text, start), to_utf16(text, end)
