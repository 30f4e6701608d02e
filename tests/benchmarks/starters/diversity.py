"""Whether a model writes ever the same, or by heart: its poems beside real ones under the same titles."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tests.benchmarks.quality.inputs import lines_of, poems
from tests.benchmarks.quality.store import Store
from tests.benchmarks.quality.tables import percent, table
from tests.benchmarks.starters.composing import write_under
from tests.benchmarks.starters.models import Starter
from tests.benchmarks.starters.repetition import copied, distinct_2, lines_found, repeated_characters
from tests.benchmarks.starters.verse import TRAIN, Titled, text_of, titled

FORMS = ("七绝", "五律")


def section(starters: Sequence[Starter], corpus: Path, count: int, store: Store) -> str:
    """The table: rows for each model, as it writes and where characters may come again, then the real poems."""
    titles = {form: titled(corpus, form, count) for form in FORMS}
    rows: list[tuple[str, list[str]]] = []
    for starter in starters:
        for distinct in (True, False):
            texts = [
                text
                for form in FORMS
                for text in poems_under(starter, form, titles[form], store, distinct=distinct)
            ]
            rows.append((starter.name + ("" if distinct else "，可用重字"), texts))
    rows.append(("同题的古人之作（留出集）", [poem.text for form in FORMS for poem in titles[form]]))
    lines = {line for _, texts in rows for text in texts for line in lines_of(text)}
    known = lines_found(lines, (text_of(poem) for poem in poems(corpus / TRAIN)))
    heading = ["", "首", "distinct-2", "整首照抄", "照抄的句", "有重字的首", "每首重字"]
    return (
        f"{table(heading, [_row(name, texts, known) for name, texts in rows])}\n\n"
        f"{'、'.join(FORMS)}各 {count} 题，题目取自留出集的合律之作，取样设置与稿数是写作器默认的，取第一候选。"
        "distinct-2：不同的相邻二字占全部相邻二字（句内）的份额（Li 等 2016），越高越不雷同；它随字数下降，"
        "只宜比同样多的诗。照抄：标点之间的一句原样见于训练集；留出集与训练集没有相同的五字以上的句，"
        "所以古人一行的 0 是选出来的。重字：一首里再次出现的汉字，叠字也算。"
    )


def poems_under(
    starter: Starter, form: str, titles: list[Titled], store: Store, *, distinct: bool = True
) -> list[str]:
    """The poems of one model under ``titles``, from the cache where they are there."""
    name = f"poems-{form}-{len(titles)}{'' if distinct else '-repeating'}-{starter.key}"
    written: list[str] = store.get(name, partial(write_under, starter, form, titles, distinct=distinct))
    return written


def _row(name: str, asked: Sequence[str], known: frozenset[str]) -> list[str]:
    texts = [text for text in asked if text]  # empty where every draft broke a rule
    whole, lines, all_lines = copied(texts, known)
    repeats = [repeated_characters(text) for text in texts]
    return [
        name,
        str(len(texts)) if len(texts) == len(asked) else f"{len(texts)}/{len(asked)}",
        f"{distinct_2(texts):.3f}",
        percent(whole, len(texts)),
        percent(lines, all_lines, 2),
        percent(sum(map(bool, repeats)), len(texts)),
        f"{sum(repeats) / len(texts):.2f}",
    ]
