"""A candidate's report in one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assistant.prosody.report import CheckedLine, Issue, Report, Severity
from assistant.ui.prosody.words import recognised, rhymes, verdict


def summary(report: Mapping[str, Any]) -> str:
    """「七绝 · 仄起首句入韵 · 一东 · 合律」; empty when no form was recognised.

    Args:
        report: what the checker found, as ``Report.as_json()`` gives it.
    """
    outline = _outline(report)
    if not outline.form:
        return ""
    return " · ".join(part for part in (recognised(outline), rhymes(outline), verdict(outline)[0]) if part)


def _outline(report: Mapping[str, Any]) -> Report:
    """The report again, without its characters."""
    form, book, tune, variant, rhyme = (
        str(report.get(key) or "") for key in ("form", "rhyme_book", "tune", "variant", "rhyme")
    )
    lines = tuple(CheckedLine((), issues=tuple(_issues(line))) for line in report.get("lines", ()))
    return Report(form, book, lines, tuple(_issues(report)), tune, variant, rhyme)


def _issues(part: Mapping[str, Any]) -> Iterable[Issue]:
    for issue in part.get("issues", ()):
        severity = str(issue.get("severity", ""))
        yield Issue(
            str(issue.get("rule", "")),
            "",
            Severity(severity) if severity in set(Severity) else Severity.ERROR,
        )
