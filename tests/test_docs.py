"""The listings in the documents are the files that are tested; ``python -m tests.test_docs --update`` copies them.

A listing stands between ``<!-- begin PATH -->`` and ``<!-- end -->``, PATH being relative to the repository.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from assistant.api import Writer, hooks

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted((ROOT / "docs").glob("*.md"))
PLUGINS = ROOT / "docs" / "plugins.md"
EXAMPLE = ROOT / "tests" / "example_plugin"

LISTING = re.compile(r"<!-- begin (?P<path>\S+) -->\n.*?<!-- end -->", re.DOTALL)
LANGUAGES = {".py": "python", ".toml": "toml", ".sh": "sh"}


def with_listings(document: str) -> str:
    """``document`` with each listing as its file is now."""

    def listing(found: re.Match[str]) -> str:
        path = ROOT / found["path"]
        source = path.read_text(encoding="utf-8")
        language = LANGUAGES[path.suffix]
        return f"<!-- begin {found['path']} -->\n```{language}\n{source}```\n<!-- end -->"

    return LISTING.sub(listing, document)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_listings_are_the_files(path: Path) -> None:
    document = path.read_text(encoding="utf-8")
    assert document == with_listings(document), "run: python -m tests.test_docs --update"
    assert document.count("<!-- begin ") == len(LISTING.findall(document)), "a listing has no end"


def test_the_whole_example_is_shown() -> None:
    shown = {ROOT / path for path in LISTING.findall(PLUGINS.read_text(encoding="utf-8"))}
    sources = {*EXAMPLE.glob("src/**/*.py"), *EXAMPLE.glob("tests/*.py"), EXAMPLE / "pyproject.toml"}
    assert shown == sources


def test_every_hook_and_what_a_writer_may_override_is_told() -> None:
    document = PLUGINS.read_text(encoding="utf-8")
    marked = [name for name, hook in vars(hooks).items() if hasattr(hook, f"{hooks.PROJECT_NAME}_spec")]
    assert marked
    parts = [name for name in vars(Writer) if not name.startswith("_")]
    told = set(re.findall(r"`(\w+)", document))
    assert set(marked) | set(parts) <= told


@pytest.mark.parametrize("path", [*DOCUMENTS, *ROOT.glob("*.md")], ids=lambda path: path.name)
def test_links_lead_to_files(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        raise SystemExit("usage: python -m tests.test_docs --update")
    for document in DOCUMENTS:
        document.write_text(
            with_listings(document.read_text(encoding="utf-8")), encoding="utf-8", newline="\n"
        )
