"""What the constraints cost the model's own score, and what wins it back."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import astuple
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from assistant.api import Candidate, GenerationRequest, InputError, LanguageModel
from assistant.api.han import is_han
from assistant.prosody.rhyme_books import rhyme_book
from assistant.prosody.tunes import tune
from plugins.poem.ranking import merit
from plugins.poem.writer import PoemWriter
from tests.benchmarks.quality.inputs import HELDOUT, Target, Wish, poems, wishes_for
from tests.benchmarks.quality.measures import Corpus
from tests.benchmarks.quality.store import Store
from tests.benchmarks.quality.tables import table
from tests.benchmarks.quality.writing import Mode, Written, read, write
from tests.benchmarks.starters.perplexity import told_prompt

MAIN, TUNE = Target(form="七绝"), Target(tune="浣溪沙")
_LEAST_RHYMES = 20
"""A rhyme drawn at random is a group with so many 平声 characters that the model can write, if there is one."""
_HEADING = ["写法", "每字负对数似然", "困惑度", "韵脚", "其他句末", "句中"]
_HEADING += ["韵脚勉强", "韵脚僻字", "更僻", "他处僻字", "前人用过", "篇内重出", "套语"]

Drafts = list[list[Written]]
Row = tuple[str, Drafts, int, Callable[[Written], float]]


def section(model: LanguageModel, folder: Path, count: int, store: Store) -> str:
    """A table for each target, and where the first rows' places stand."""
    corpus = Corpus(folder)
    return "\n\n".join(
        f"{target.name}，{count} 题：\n\n{_table(rows_of(target, model, folder, count, store), target, corpus)}"
        for target, rows_of in ((MAIN, _main_rows), (TUNE, _tune_rows))
    )


def _main_rows(target: Target, model: LanguageModel, folder: Path, count: int, store: Store) -> list[Row]:
    drafts = partial(_drafts, target, model, folder, count, store)
    real = store.get(f"sense-{target.name}-real-{count}", lambda: _real(model, folder, count))
    free, lengths, rules = drafts(Mode.FREE, 4), drafts(Mode.LENGTHS, 16), drafts(Mode.RULES, 64)
    warmth = {at: drafts(Mode.RULES, 16, temperature=at) for at in (0.7, 0.9, 1.1)}
    drawn = drafts(Mode.RULES, 16, random_rhyme=True)
    return [
        ("古人的诗（留出集）", _written(real), 1, score),
        ("不加约束", free, 1, score),
        ("只管字数，1 稿", lengths, 1, score),
        ("只管字数，16 稿取优", lengths, 16, ranked),
        *(
            (f"合律，{drafted} 稿{'取优' if drafted > 1 else ''}", rules, drafted, ranked)
            for drafted in (1, 4, 16, 64)
        ),
        ("合律，16 稿，只看似然", rules, 16, score),
        ("合律，64 稿，只看似然", rules, 64, score),
        ("合律，随机指定韵部，1 稿", drawn, 1, score),
        ("合律，随机指定韵部，16 稿", drawn, 16, ranked),
        *(
            (f"合律，想象力 {at}，{drafted} 稿", texts, drafted, ranked)
            for at, texts in warmth.items()
            for drafted in (1, 16)
        ),
    ]


def _tune_rows(target: Target, model: LanguageModel, folder: Path, count: int, store: Store) -> list[Row]:
    drafts = partial(_drafts, target, model, folder, count, store)
    free, lengths, rules = drafts(Mode.FREE, 1), drafts(Mode.LENGTHS, 16), drafts(Mode.RULES, 16)
    return [
        ("不加约束", free, 1, score),
        ("只管字数，1 稿", lengths, 1, score),
        ("只管字数，16 稿取优", lengths, 16, ranked),
        ("合律，1 稿", rules, 1, score),
        ("合律，16 稿取优", rules, 16, ranked),
    ]


def score(written: Written) -> float:
    """Mean log-probability of what the model wrote, marks included, a 汉字."""
    return sum(written.nats) / max(sum(map(is_han, written.text[written.start :])), 1)


def ranked(written: Written) -> float:
    """What the poem writer ranks by, but for what a draft owes to its title."""
    at = written.start
    return merit(Candidate(0, written.text[:at], written.text[at:], logprob=sum(written.nats)))


def rhyme_lines(target: Target) -> frozenset[int]:
    """Lines that end in the rhyme wherever the poem begins as it may: the even ones, or as the tune says."""
    if target.form:
        return frozenset(range(1, 40, 2))
    lines = tune(target.tune).patterns[0].lines
    return frozenset(number for number, line in enumerate(lines) if line.rhyme)


def _table(rows: Sequence[Row], target: Target, corpus: Corpus) -> str:
    cells = []
    for name, drafts, among, by in rows:
        best = [max(texts[:among], key=by) for texts in drafts]
        measured = corpus.measure(best, rhyme_lines(target))
        nats, rhyme, ends, inside, *shares, repeated, worn = astuple(measured)
        figures = [
            f"{nats:.2f}",
            f"{measured.perplexity:.1f}",
            f"{rhyme:.2f}",
            f"{ends:.2f}",
            f"{inside:.2f}",
        ]
        cells.append(
            [name, *figures, *(f"{100 * share:.1f} %" for share in shares), f"{repeated:.2f}", f"{worn:.2f}"]
        )
    return table(_HEADING, cells)


def _drafts(
    target: Target,
    model: LanguageModel,
    folder: Path,
    count: int,
    store: Store,
    mode: Mode,
    drafts: int,
    **how: Any,
) -> Drafts:
    """For each prompt ``drafts`` texts."""
    name = "-".join(
        ["sense", target.name, mode, str(drafts), str(count), *(f"{k}{v}" for k, v in how.items())]
    )

    def make() -> list[list[tuple[str, list[float]]]]:
        print(name, file=sys.stderr, flush=True)
        writer = PoemWriter()
        found = []
        for seed, wish in enumerate(wishes_for(target, count, folder, model.vocabulary).wishes):
            request = _request(wish, target, seed, drafts, model, **how)
            found.append([(w.text, list(w.nats)) for w in write(model, writer, request, mode, drafts)])
        return found

    return _written(store.get(name, make))


def _request(
    wish: Wish,
    target: Target,
    seed: int,
    drafts: int,
    model: LanguageModel,
    *,
    random_rhyme: bool = False,
    **how: Any,
) -> GenerationRequest:
    if not random_rhyme:
        return wish.request(target, seed, drafts, **how)
    for rhyme in _groups(model, Random(seed)):
        request = wish.request(target, seed, drafts, rhyme=rhyme, **how)
        try:
            PoemWriter().constraints(request, model.vocabulary)
        except InputError:
            continue  # the first line that was given rhymes with something else
        return request
    raise ValueError(f"no rhyme for {wish}")


def _groups(model: LanguageModel, random: Random) -> list[str]:
    """All groups in random order, the wide ones first."""
    book, can_write = rhyme_book("pingshui"), model.vocabulary.can_write

    def is_wide(rhyme: str) -> bool:
        return sum(map(can_write, book.rhyming(rhyme, "平", usual=True))) >= _LEAST_RHYMES

    mixed = random.sample(book.rhymes, len(book.rhymes))
    return sorted(mixed, key=is_wide, reverse=True)


def _real(model: LanguageModel, folder: Path, count: int) -> list[list[tuple[str, list[float]]]]:
    """Held-out poems of the main form behind what the drafts are told; for vocabularies of characters alone."""
    found = []
    for poem in poems(folder / HELDOUT):
        text = "".join(poem["text"].split())
        even = [len(line) for line in re.split("[，。]", text) if line] == [7] * 4
        if poem["kind"] != MAIN.form or not poem["reg"] or not even:
            continue
        if all(map(model.vocabulary.can_write, text)) and len(model.vocabulary.encode(text)) == len(text):
            written = read(model, told_prompt(poem, model.card), text)
            found.append([(written.text, list(written.nats))])
        if len(found) == count:
            break
    return found


def _written(stored: Sequence[Sequence[Sequence[Any]]]) -> Drafts:
    return [[Written(text, tuple(nats)) for text, nats in texts] for texts in stored]
