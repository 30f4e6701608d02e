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
    marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    whole = page.read_text(encoding="utf-8")
    if not marked.search(whole):
        raise ValueError(f"{page} has no place marked {name!r}")
    page.write_text(marked.sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", whole), encoding="utf-8")
