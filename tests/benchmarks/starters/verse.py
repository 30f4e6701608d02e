"""The poems of the corpus that the sections read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from assistant.api.han import is_han
from assistant.prosody.forms import FORMS
from plugins.poem.recipe import clean_title
from tests.benchmarks.quality.inputs import HELDOUT, lines_of, poems

TRAIN = "poems.train.jsonl.xz"
_LONGEST_TITLE = 20


@dataclass(frozen=True)
class Titled:
    """A title to write under, and the real poem that bears it."""

    title: str
    text: str


def text_of(poem: dict[str, Any]) -> str:
    """The text in one line."""
    return "".join(str(poem["text"]).split())


def heldout(corpus: Path) -> Iterator[dict[str, Any]]:
    """Held-out poems in the order of the file."""
    return poems(corpus / HELDOUT)


def titled(corpus: Path, form: str, count: int) -> list[Titled]:
    """``count`` regulated held-out poems of ``form`` with titles of 2 to 20 汉字, all different; always the same.

    Raises:
        ValueError: there are not so many.
    """
    shape = [FORMS[form].line_length] * FORMS[form].line_count
    found: dict[str, Titled] = {}
    for poem in heldout(corpus):
        title, text = clean_title(str(poem["title"])), text_of(poem)
        if poem["kind"] != form or not poem.get("reg") or [len(line) for line in lines_of(text)] != shape:
            continue
        if 2 <= len(title) <= _LONGEST_TITLE and all(map(is_han, title)):
            found.setdefault(title, Titled(title, text))
    if len(found) < count:
        raise ValueError(f"only {len(found)} held-out poems of {form} have a title")
    return Random(form).sample(list(found.values()), count)
