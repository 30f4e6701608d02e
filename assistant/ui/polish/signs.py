"""What is shown at each character of a poem: its tone, whether it rhymes, whether it breaks a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.prosody.report import Report, Severity
from assistant.prosody.tones import EITHER
from assistant.prosody.verse import GAPS
from assistant.ui.polish.draft import Place


@dataclass(frozen=True, slots=True)
class Sign:
    """One character's.

    Attributes:
        mark: 平, 仄, 入, or ？ for a character that no table knows; of a gap, the tone it wants; empty for none.
        free: the pattern takes either tone here.
        rhymes: it stands at a rhyme.
        severity: the gravest that is said of it; None when it is right.
    """

    mark: str = ""
    free: bool = False
    rhymes: bool = False
    severity: Severity | None = None


Signs = Mapping[Place, Sign]

_GRAVE = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


def signs_of(report: Report) -> dict[Place, Sign]:
    """The signs of a verdict. Notes are no fault; an error about a whole line is none of its characters' own."""
    signs = {}
    for number, line in enumerate(report.lines):
        graver: dict[int, Severity] = {}
        for issue in line.issues:
            if issue.position is not None and issue.severity is not Severity.NOTE:
                known = graver.get(issue.position, Severity.NOTE)
                graver[issue.position] = max(known, issue.severity, key=_GRAVE.__getitem__)
        for column, character in enumerate(line.characters):
            gap = character.character in GAPS
            mark = character.wanted.replace(EITHER, "") if gap else character.mark
            free, severity = character.wanted == EITHER, graver.get(column + 1)
            signs[number, column] = Sign(mark, free, character.rhymes, severity)
    return signs


def signs_of_json(report: Mapping[str, Any], lengths: Sequence[int]) -> dict[Place, Sign]:
    """The signs of a candidate's report, which is the checker's ``Report.as_json()``; free places are not told apart.

    Args:
        report: of a candidate.
        lengths: characters of each line of the text it belongs to.

    Returns:
        None at all when report and text do not have the same lines.
    """
    tones = [str(line.get("tones", "")) for line in report.get("lines", ())]
    if [len(line) for line in tones] != list(lengths):
        return {}
    rhymes = rhyming_lines(report, lengths)
    return {
        (number, column): Sign(mark, rhymes=number in rhymes and column == len(line) - 1)
        for number, line in enumerate(tones)
        for column, mark in enumerate(line)
    }


def rhyming_lines(report: Mapping[str, Any], lengths: Sequence[int]) -> frozenset[int]:
    """The lines of a candidate that end with the rhyme, by its form or tune."""
    form, tune, variant = (str(report.get(key, "")) for key in ("form", "tune", "variant"))
    if tune:
        # The tunes were read when the candidate was checked. Importing them here would slow the first paint.
        from assistant.prosody.tunes import find_tune

        found = find_tune(tune)
        for pattern in found.patterns if found is not None else ():
            if pattern.name == variant and list(pattern.line_lengths) == list(lengths):
                return frozenset(number for number, line in enumerate(pattern.lines) if line.rhyme)
        return frozenset()
    if form in ("", "对联"):
        return frozenset()
    even = frozenset(range(1, len(lengths), 2))
    return even | {0} if variant.endswith("首句入韵") else even
