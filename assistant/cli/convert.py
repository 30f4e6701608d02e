"""``biban convert``: simplified and traditional, through OpenCC."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from assistant.cli.services import Services
from assistant.documents.text_file import open_text
from assistant.generation.script import convert, script_of

TARGETS = {
    "simplified": {"s": "", "t": "s2t", "tw": "s2tw", "twp": "s2twp", "hk": "s2hk"},
    "traditional": {"s": "t2s", "t": "", "tw": "t2tw", "twp": "t2s s2twp", "hk": "t2hk"},
}
"""Script of the text → target → OpenCC configurations, applied in turn."""


def add_parser(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("convert", help="简繁转换")
    parser.add_argument("file", metavar="FILE", nargs="?", default="-", help="文件；- 为标准输入")
    parser.add_argument(
        "--to", required=True, choices=["s", "t", "tw", "twp", "hk"], help="简、繁、台、台（用词）、港"
    )
    parser.set_defaults(run=run, late="file")


def run(arguments: argparse.Namespace, services: Services) -> int:
    """Convert and print.

    Raises:
        DocumentError: the file cannot be read.
    """
    text = sys.stdin.read() if arguments.file == "-" else open_text(Path(arguments.file)).text
    for config in TARGETS[script_of(text)][arguments.to].split():
        text = convert(text, config)
    sys.stdout.write(text)
    return 0
