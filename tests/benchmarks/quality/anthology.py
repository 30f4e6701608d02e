"""The checker's verdicts on the regulated poems of 唐诗三百首."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from assistant.prosody.checker import CheckSettings, check
from assistant.prosody.report import Report
from tests.benchmarks.quality.inputs import poems
from tests.benchmarks.quality.tables import percent, table
from tests.benchmarks.quality.verdict import errors_of


def section(corpus: Path) -> str:
    """Counts by form; every poem that is called regulated by the corpus and faulted here; and the reverse."""
    counts: Counter[tuple[str, bool, bool]] = Counter()
    faulted, passed = [], []
    for poem in poems(corpus / "reference" / "tang300.jsonl"):
        report = check(poem["text"], CheckSettings(form=poem["label"], traditional=False))
        counts[poem["label"], poem["reg"], report.ok] += 1
        if poem["reg"] and not report.ok:
            faulted += _faults(poem, report)
        elif not poem["reg"] and report.ok:
            passed.append([poem["title"], poem["author"], poem["label"], _remarks(report)])
    rows = []
    for form in ("五绝", "七绝", "五律", "七律"):
        cells = [form]
        for regulated in (True, False):
            right, wrong = counts[form, regulated, True], counts[form, regulated, False]
            cells += [str(right + wrong), str(right), percent(right, right + wrong)]
        rows.append(cells)
    heading = ["选本归类", "语料判为合律", "本程序判对", "", "语料判为不合", "本程序判对", ""]
    parts = [
        table(heading, rows),
        f"语料判为合律而本程序有异议的（{len({fault[0] for fault in faulted})} 首）：",
        table(["题", "作者", "体裁", "句", "异议"], faulted, text=5),
        f"语料判为不合而本程序放行的（{len(passed)} 首）：",
        table(["题", "作者", "体裁", "所据"], passed, text=4),
    ]
    return "\n\n".join(parts)


def _faults(poem: dict[str, Any], report: Report) -> list[list[str]]:
    rows = []
    for rule, line, _, message in errors_of(report):
        text = "" if line is None else report.lines[line].text
        rows.append([poem["title"], poem["author"], poem["label"], text, f"{rule}：{message}"])
    return rows


def _remarks(report: Report) -> str:
    """What made the difference: rescues, borrowed rhymes, and characters with two tones."""
    issues = [(line, issue) for line in report.lines for issue in line.issues]
    found = [f"「{line.text}」{issue.rule}" for line, issue in issues if issue.rule != "多音字"]
    both = [line.text[(issue.position or 1) - 1] for line, issue in issues if issue.rule == "多音字"]
    if not found and both:
        found = [f"「{character}」两读" for character in dict.fromkeys(both)]
    return "、".join(found) or f"押{report.rhyme}"
