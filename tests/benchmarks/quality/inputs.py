"""The prompts of the benchmark, and verse to read."""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

from assistant.api import GenerationRequest, InputError, Vocabulary, WritingContext
from assistant.api.han import is_han
from plugins.poem.options import PoemOptions
from plugins.poem.writer import PoemWriter
from tests.benchmarks.quality.themes import IDIOMS, THEMES

HELDOUT = "poems.heldout.jsonl.xz"


@dataclass(frozen=True)
class Target:
    """What is written: a form or a tune.

    Attributes:
        form: of equal lines; empty for a tune.
        tune: name; empty for a form.
    """

    form: str = ""
    tune: str = ""

    @property
    def name(self) -> str:
        """As the tables call it."""
        return self.form or self.tune

    def options(self, **values: Any) -> PoemOptions:
        """Options of the poem writer for this target."""
        asked = {"form": self.form} if self.form else {"tune": self.tune}
        return PoemOptions.parse({**asked, **values})


@dataclass(frozen=True)
class Wish:
    """One prompt.

    Attributes:
        kind: 成语, 题目 or 首句.
        title: empty for a first line.
        before: the first line with its mark; empty otherwise.
    """

    kind: str
    title: str = ""
    before: str = ""

    def request(self, target: Target, seed: int, drafts: int, **values: Any) -> GenerationRequest:
        """The request that the command line would make of it."""
        options = target.options(title=self.title, drafts=drafts, **values)
        context = WritingContext(before=self.before)
        return GenerationRequest("poem", context, options, num_return_sequences=1, seed=seed)


@dataclass(frozen=True)
class Wishes:
    """The prompts for one target.

    Attributes:
        wishes: as many as were asked for, a third of each kind.
        refused: first lines that the writer refused on the way, since they break the form themselves.
    """

    wishes: tuple[Wish, ...]
    refused: int


def poems(path: Path) -> Iterator[dict[str, Any]]:
    """Entries of a file of the corpus."""
    if path.suffix == ".xz":
        with lzma.open(path, "rt", encoding="utf-8") as file:
            yield from map(json.loads, file)
    else:
        with path.open(encoding="utf-8") as file:
            yield from map(json.loads, file)


def lines_of(text: str) -> list[str]:
    """Lines of a poem of the corpus, without marks."""
    return re.findall(r"[^\s，。？！；：、]+", text)


def wishes_for(target: Target, count: int, corpus: Path, vocabulary: Vocabulary) -> Wishes:
    """``count`` prompts: idioms and themes as titles, and first lines of held-out poems that the form admits.

    Raises:
        ValueError: the held-out poems have not so many first lines that fit.
    """
    lines = count // 3
    themes = (count - lines) // 2
    wishes = [Wish("成语", title=idiom) for idiom in islice(cycle(IDIOMS), count - lines - themes)]
    wishes += [Wish("题目", title=theme) for theme in islice(cycle(THEMES), themes)]
    writer, refused = PoemWriter(), 0
    for line in _first_lines(target, corpus):
        if lines == 0:
            break
        wish = Wish("首句", before=line)
        try:
            writer.constraints(wish.request(target, 0, 1), vocabulary)
        except InputError:
            refused += 1
        else:
            wishes.append(wish)
            lines -= 1
    if lines:
        raise ValueError(f"{target.name}: {lines} first lines are missing")
    return Wishes(tuple(wishes), refused)


def _first_lines(target: Target, corpus: Path) -> list[str]:
    """First lines of held-out regulated poems. For a tune those of its own pieces come first, then those of other 词
    and of verse, then, since few pieces begin with four or six characters, any lines of 词.
    """
    groups: list[list[str]] = [[], [], [], []]
    for poem in _heldout(corpus):
        first, *others = lines_of(poem["text"])
        if target.tune:
            ci = poem["kind"] == "词"
            groups[0 if poem["tune"] == target.tune else 1 if ci else 2].append(first)
            groups[3] += others if ci else []
        elif poem["reg"] or "古" in target.form:
            groups[0].append(first)
    random = Random(7)
    for group in groups:
        random.shuffle(group)
    lengths = _first_lengths(target)
    lines = dict.fromkeys(line for group in groups for line in group if len(line) in lengths)
    return [line + "，" for line in lines if all(map(is_han, line))]


def _first_lengths(target: Target) -> frozenset[int]:
    from assistant.prosody.forms import FORMS
    from assistant.prosody.tunes import tune

    if target.form:
        return frozenset({FORMS[target.form].line_length})
    return frozenset(pattern.line_lengths[0] for pattern in tune(target.tune).patterns)


@cache
def _heldout(corpus: Path) -> tuple[dict[str, Any], ...]:
    return tuple({"tune": "", "reg": False, **poem} for poem in poems(corpus / HELDOUT))
