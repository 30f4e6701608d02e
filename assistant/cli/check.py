"""``biban check``: is the poem, 词 or couplet right?"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.api import InputError
from assistant.cli.output import print_json
from assistant.cli.services import Services
from assistant.documents.text_file import open_text
from assistant.prosody.checker import CheckSettings, check
from assistant.prosody.forms import FORM_NAMES
from assistant.prosody.report import Issue, Report, Severity
from assistant.prosody.rhyme_books import NAMES, RHYME_BOOK_IDS

EXIT_BROKEN = 1
_SIGNS = {Severity.ERROR: "✗", Severity.WARNING: "△", Severity.NOTE: "·"}


def add_parser(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("check", help="检查格律：biban check 诗.txt，或从标准输入读")
    parser.add_argument("file", metavar="FILE", nargs="?", default="-", help="文件；- 为标准输入")
    parser.add_argument("--form", default="auto", metavar="FORM", help=f"体裁：{'、'.join(FORM_NAMES)}")
    parser.add_argument("--tune", default="", metavar="TUNE", help="词牌，如 浣溪沙")
    parser.add_argument("--rhyme-book", default="", metavar="BOOK", help=f"韵书：{'、'.join(RHYME_BOOK_IDS)}")
    parser.add_argument(
        "--reading",
        metavar="字=平",
        action="append",
        default=[],
        help="指定多音字读平声还是仄声，可写多次，如 --reading 看=平",
    )
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.set_defaults(run=run, late="file")


def run(arguments: argparse.Namespace, services: Services) -> int:
    """Check and print; 1 when a rule is broken.

    Raises:
        InputError: there is no verse, or a form, tune, rhyme book or reading is unusable.
        DocumentError: the file cannot be read.
    """
    text = sys.stdin.read() if arguments.file == "-" else open_text(Path(arguments.file)).text
    settings = CheckSettings(
        form=arguments.form,
        tune=arguments.tune,
        rhyme_book=arguments.rhyme_book,
        character_pins=parse_readings(arguments.reading),
    )
    report = check(text, settings)
    if arguments.json:
        print_json(report.as_json())
    else:
        print_report(report)
    return 0 if report.ok else EXIT_BROKEN


def parse_readings(pairs: Sequence[str]) -> dict[str, str]:
    """``["看=平"]`` as a dictionary.

    Raises:
        InputError: a pair is no character with 平 or 仄.
    """
    readings = {}
    for pair in pairs:
        character, equals, tone = pair.partition("=")
        if not equals or len(character) != 1 or tone not in ("平", "仄"):
            raise InputError(f"--reading {pair} 不能用。", "应写成 字=平 或 字=仄，如 --reading 看=平。")
        readings[character] = tone
    return readings


def print_report(report: Report) -> None:
    """The verdict, then each line with its tones under it, then what is to be said about it."""
    parts = [report.name or "未能认出体裁", report.variant, NAMES[report.rhyme_book], report.rhyme]
    print(" · ".join(part for part in parts if part))
    for issue in report.issues:
        _print_issue(issue)
    for line in report.lines:
        print(f"{line.text}{line.mark}")
        print(line.tones)
        for issue in line.issues:
            _print_issue(issue)
    count = len(report.errors)
    print("合律。" if not count else f"有 {count} 处不合。")


def _print_issue(issue: Issue) -> None:
    place = f"第 {issue.position} 字，" if issue.position else ""
    advice = f"（{issue.suggestion}）" if issue.suggestion else ""
    print(f"  {_SIGNS[issue.severity]} {issue.rule}：{place}{issue.message}{advice}")
