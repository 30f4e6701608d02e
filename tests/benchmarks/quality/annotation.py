"""The checker against the corpus: its annotated tones, and the poems it calls regulated."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from assistant.api import InputError
from assistant.api.han import is_han
from assistant.prosody.checker import CheckSettings, check
from assistant.prosody.rhyme_books import rhyme_book
from tests.benchmarks.quality.inputs import lines_of, poems
from tests.benchmarks.quality.store import Store
from tests.benchmarks.quality.tables import percent, table
from tests.benchmarks.quality.verdict import errors_of

SAMPLE = 20_000
_SETTLED, _USUAL = "平仄两读的字，格律定其平仄", "平仄两读的字，取常用的读法"
_KINDS = ("五绝", "七绝", "五律", "七律", "排律")


def section(corpus: Path, store: Store) -> str:
    """Both tables, and what most of the rest breaks."""
    tones = store.get("annotation", lambda: _tones(corpus))
    verdicts = store.get("regulated", lambda: _verdicts(corpus))
    heading = ["平仄与语料的标注", "字数", "相同", ""]
    rows = [[name, str(total), str(agree), percent(agree, total, 2)] for name, total, agree in tones["rows"]]
    most = "、".join(f"「{name[0]}」标{name[1]}（{count}）" for name, count in tones["wrong"])
    poem_rows = []
    for kind in _KINDS:
        ok, total = verdicts["passed"].get(kind, 0), verdicts["total"].get(kind, 0)
        free_ok, free = verdicts["other_passed"].get(kind, 0), verdicts["other_total"].get(kind, 0)
        broken = Counter(verdicts["broken"].get(kind, {})).most_common(4)
        rules = "、".join(f"{rule} {percent(count, total)}" for rule, count in broken)
        poem_rows.append([kind, str(total), percent(ok, total), str(free), percent(free_ok, free), rules])
    poem_heading = [
        "体裁",
        "语料判为合律（抽样）",
        "通过",
        "语料判为不合（抽样）",
        "通过",
        "合律者中被指出的",
    ]
    return "\n\n".join((table(heading, rows), f"不同最多的：{most}。", table(poem_heading, poem_rows)))


def _tones(corpus: Path) -> dict[str, Any]:
    """Agreement with the annotated 平 and 仄, by how the checker came to its reading.

    Where a rule asks for a tone, a character that has both is read so; elsewhere as verse usually reads it.
    """
    book = rhyme_book("pingshui")
    total: Counter[str] = Counter()
    agree: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for poem in poems(corpus / "reference" / "strains.sample.jsonl"):
        annotated = {at: tone for at, tone in enumerate(poem["strains"]) if tone in "平仄"}
        try:
            report = check(poem["text"], CheckSettings(traditional=False))
        except InputError:
            continue
        for line in report.lines:
            for character in line.characters:
                tone = annotated.get(character.offset)
                if tone is None or not is_han(character.character):
                    continue
                classes = book.tone_classes(character.character)
                read = character.reading.tone.tone_class if character.reading else ""
                names = ["全部"]
                if len(classes) == 1:
                    names.append("只有一读的字")
                elif len(classes) > 1:
                    names.append(_SETTLED if character.wanted in ("平", "仄") else _USUAL)
                for name in names:
                    total[name] += 1
                    agree[name] += read == tone
                wrong[character.character + tone] += read != tone
    order = ("只有一读的字", _SETTLED, _USUAL, "全部")
    rows = [(name, total[name], agree[name]) for name in order]
    return {"rows": rows, "wrong": wrong.most_common(12)}


def _verdicts(corpus: Path) -> dict[str, Any]:
    """Verdicts on a sample of the training poems of regulated kinds, by kind and by what the corpus says."""
    found: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for poem in poems(corpus / "poems.train.jsonl.xz"):
        if poem["kind"] in _KINDS:
            found[bool(poem.get("reg"))].append(poem)
    random = Random(1)
    result: dict[str, Any] = {}
    broken: dict[str, Counter[str]] = {kind: Counter() for kind in _KINDS}
    for regulated, count, prefix in ((True, SAMPLE, ""), (False, SAMPLE // 4, "other_")):
        passed: Counter[str] = Counter()
        total: Counter[str] = Counter()
        for poem in random.sample(found[regulated], min(count, len(found[regulated]))):
            form = poem["kind"]
            if form == "排律":
                form = {5: "五排", 7: "七排"}[len(lines_of(poem["text"])[0])]
            report = check(poem["text"], CheckSettings(form=form, traditional=False))
            total[poem["kind"]] += 1
            passed[poem["kind"]] += report.ok
            if regulated:
                broken[poem["kind"]].update({rule for rule, *_ in errors_of(report)})
        result |= {f"{prefix}passed": passed, f"{prefix}total": total}
    return result | {"broken": broken}
