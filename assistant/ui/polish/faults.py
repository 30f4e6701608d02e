"""What of a poem must be written anew so that no rule is broken any more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from assistant.prosody.forms import FORMS
from assistant.prosody.report import Report, Severity
from assistant.ui.polish.draft import Place

_LINKS = frozenset({"失对", "失粘"})
"""Errors that are told at one character, but that no other character at its place mends."""
_COUNT = "字数"


@dataclass(frozen=True)
class Faults:
    """The broken rules of a poem.

    Attributes:
        count: how many errors there are.
        characters: places of characters that break a rule.
        lines: lines that break one as a whole.
        lengths: line → how many characters it should have, for lines with too many or too few.
        beyond: what is wrong with the poem as a whole and no line alone can mend, in one sentence; else empty.
    """

    count: int = 0
    characters: frozenset[Place] = frozenset()
    lines: frozenset[int] = frozenset()
    lengths: Mapping[int, int] = field(default_factory=dict)
    beyond: str = ""


def faults_of(report: Report, kept: Collection[Place] = ()) -> Faults:
    """The broken rules of ``report``.

    Args:
        report: the verdict on the poem.
        kept: places that are not to change; where a poem leaves its track (失粘), the part with more of them stays.
    """
    characters, lines, miscounted = set(), set(), set()
    for number, line in enumerate(report.lines):
        for issue in line.issues:
            if issue.severity is not Severity.ERROR:
                continue
            if issue.rule == _COUNT:
                miscounted.add(number)
                lines.add(number)
            elif issue.position is None:
                lines.add(number)
            elif issue.rule not in _LINKS and issue.position <= len(line.characters):
                characters.add((number, issue.position - 1))
    lines |= off_track(report, kept)
    wanted = _line_lengths(report)
    lengths = {number: wanted[number] for number in miscounted if number < len(wanted)}
    wrong = [issue for issue in report.issues if issue.severity is Severity.ERROR]
    # The number of all characters is wrong because that of a line is.
    whole = [issue.message for issue in wrong if not (issue.rule == _COUNT and miscounted)]
    return Faults(len(report.errors), frozenset(characters), frozenset(lines), lengths, "".join(whole[:1]))


def off_track(report: Report, kept: Collection[Place] = ()) -> frozenset[int]:
    """The lines to write anew where lines do not answer one another (失对) or do not adhere (失粘).

    From such a line on all tones are turned round, until the next one turns them back. The lines that go one way stay,
    those that go the other are written anew: a single line cannot answer one neighbour without failing the next.
    """
    tracks: tuple[list[int], list[int]] = ([], [])
    track = 0
    for number, line in enumerate(report.lines):
        if any(issue.rule in _LINKS and issue.severity is Severity.ERROR for issue in line.issues):
            track = 1 - track
        tracks[track].append(number)

    def weight(lines: list[int]) -> tuple[int, int]:
        return sum(place[0] in lines for place in kept), len(lines)

    first, second = tracks
    return frozenset(second if weight(first) >= weight(second) else first)


def _line_lengths(report: Report) -> tuple[int, ...]:
    """How many characters each line should have; empty when that is not known."""
    if report.tune:
        from assistant.prosody.tunes import find_tune  # read already by the check; not before the first paint

        found = find_tune(report.tune)
        for pattern in found.patterns if found is not None else ():
            if pattern.name == report.variant and len(pattern.lines) == len(report.lines):
                return pattern.line_lengths
        return ()
    form = FORMS.get(report.form)
    return (form.line_length,) * len(report.lines) if form is not None and form.line_length else ()
