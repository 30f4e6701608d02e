"""Tables in Markdown, and the page they stand in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path


def percent(part: float, whole: float, digits: int = 1) -> str:
    """A share; 100 % only when it is whole."""
    if not whole:
        return "–"
    if part == whole:
        return "100 %"
    shown = f"{100 * part / whole:.{digits}f}"
    return f"{'>99.9' if float(shown) == 100 else shown} %"


def table(heading: Sequence[str], rows: Sequence[Sequence[str]], *, text: int = 1) -> str:
    """A table whose first ``text`` columns are text and the others figures."""
    lines = [heading, [*["---"] * text, *["--:"] * (len(heading) - text)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def put_into(page: Path, name: str, text: str) -> None:
    """Replace what stands between ``<!-- name -->`` and ``<!-- /name -->`` in ``page``.

    Raises:
        ValueError: the page has no such place.
    """
    check_place(page, name)
    whole = page.read_text(encoding="utf-8")
    new = _place(name).sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", whole)
    page.write_text(new, encoding="utf-8")


def check_place(page: Path, name: str) -> None:
    """Ask it before measuring for an hour.

    Raises:
        ValueError: ``page`` has no place for ``put_into``.
    """
    if not _place(name).search(page.read_text(encoding="utf-8")):
        raise ValueError(f"{page} has no place marked {name!r}")


def _place(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
