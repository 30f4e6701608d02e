"""Which rules a text keeps, by the checker's word."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.api import InputError
from assistant.prosody.checker import CheckSettings, check
from assistant.prosody.report import Report
from tests.benchmarks.quality.inputs import Target

LENGTH_RULES = frozenset({"字数", "句数", "断句", "体裁", "未完"})
RHYME_RULES = frozenset({"失韵", "重韵"})


@dataclass(frozen=True)
class Verdict:
    """What is right.

    Attributes:
        length: number and lengths of the lines. Where they are wrong, nothing else counts as right.
        rhyme: every rhyme, each of known characters.
        tone: every place, 对 and 粘, each of known characters.
        everything: the checker finds no error at all.
        faults: 「rule line.position message」 of each error.
    """

    length: bool
    rhyme: bool
    tone: bool
    everything: bool
    faults: tuple[str, ...] = ()


_NOTHING = Verdict(False, False, False, False)


def judge(text: str, target: Target) -> Verdict:
    """The verdict on ``text`` as a poem of ``target``."""
    settings = CheckSettings(form=target.form or "auto", tune=target.tune, traditional=False)
    try:
        report = check(text, settings)
    except InputError:
        return _NOTHING
    return verdict_of(report)


def verdict_of(report: Report) -> Verdict:
    """The columns of the table from a report."""
    length = not any(rule in LENGTH_RULES for rule, *_ in errors_of(report)) and not any(
        issue.rule == "未完" for issue in report.issues
    )
    rhyme = tone = length
    for rule, line, position, _ in errors_of(report):
        at_end = line is not None and position == len(report.lines[line].characters)
        if rule in RHYME_RULES or (rule == "未收字" and at_end):
            rhyme = False
        if rule not in RHYME_RULES and rule not in LENGTH_RULES:
            tone = False
    faults = tuple(
        f"{rule} {'' if line is None else line + 1}.{position or ''} {message}"
        for rule, line, position, message in errors_of(report)
    )
    return Verdict(length, rhyme, tone, report.ok and length, faults)


def errors_of(report: Report) -> list[tuple[str, int | None, int | None, str]]:
    """Rule, line from 0 (None for the poem), position from 1 and message of each error."""
    found: list[tuple[str, int | None, int | None, str]] = [
        (issue.rule, None, issue.position, issue.message)
        for issue in report.issues
        if issue.severity.value == "error"
    ]
    for number, line in enumerate(report.lines):
        found += [
            (issue.rule, number, issue.position, issue.message)
            for issue in line.issues
            if issue.severity.value == "error"
        ]
    return found
