"""How much of what is written keeps the rules: with all constraints, with the lengths alone, and with none."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from assistant.api import LanguageModel
from plugins.poem.writer import PoemWriter
from tests.benchmarks.quality.inputs import Target, wishes_for
from tests.benchmarks.quality.store import Store
from tests.benchmarks.quality.tables import percent, table
from tests.benchmarks.quality.verdict import judge
from tests.benchmarks.quality.writing import Mode, write

FORMS = ("五绝", "七绝", "五律", "七律", "五排", "七排", "五言古绝")
TUNES = (
    *("浣溪沙", "水调歌头", "鹧鸪天", "菩萨蛮", "念奴娇", "满江红", "西江月"),
    *("临江仙", "蝶恋花", "减字木兰花", "沁园春", "清平乐", "虞美人"),
)
"""The most frequent of the Song, those that change their rhyme or mix 平 and 仄 among them."""
DRAFTS = {Mode.RULES: 2, Mode.LENGTHS: 1, Mode.FREE: 1}
_COLUMNS = ("length", "rhyme", "tone", "everything")


def targets() -> list[Target]:
    """All rows of the table."""
    return [*(Target(form=form) for form in FORMS), *(Target(tune=tune) for tune in TUNES)]


def measure(target: Target, mode: Mode, model: LanguageModel, corpus: Path, count: int) -> dict[str, Any]:
    """Verdicts on all texts for ``target`` in one mode, and how many first lines were refused."""
    wishes = wishes_for(target, count, corpus, model.vocabulary)
    writer = PoemWriter()
    drafts = DRAFTS[mode]
    verdicts = []
    for seed, wish in enumerate(wishes.wishes):
        request = wish.request(target, seed, drafts)
        for written in write(model, writer, request, mode, drafts):
            verdict = judge(written.text, target)
            verdicts.append(asdict(verdict) | {"faults": list(verdict.faults[:3])})
            if mode is Mode.RULES and not verdict.everything:
                fault = f"{target.name} {wish} seed {seed}: {written.text} {verdict.faults}"
                print(f"not right: {fault}", file=sys.stderr, flush=True)
    return {"prompts": len(wishes.wishes), "refused": wishes.refused, "verdicts": verdicts}


def section(model: LanguageModel, corpus: Path, count: int, store: Store, only: Sequence[str] = ()) -> str:
    """The table, in Markdown."""
    chosen = [target for target in targets() if not only or target.name in only]
    found: dict[tuple[str, Mode], Any] = {}
    for mode in Mode:
        for target in chosen:
            print(f"{mode}: {target.name}", file=sys.stderr, flush=True)
            found[target.name, mode] = store.get(
                f"rules-{target.name}-{mode}-{count}", partial(measure, target, mode, model, corpus, count)
            )
    heading = ["体裁、词牌", "题数", "合律：首数", "字数", "押韵", "平仄", "全对"]
    heading += ["只管字数：押韵", "平仄", "全对", "不加约束：字数", "押韵", "平仄", "全对", "首句被拒"]
    rows = [[target.name, *_cells({mode: found[target.name, mode] for mode in Mode})] for target in chosen]
    return table(heading, rows)


def _cells(found: dict[Mode, Any]) -> list[str]:
    rules = found[Mode.RULES]
    cells = [str(rules["prompts"]), str(len(rules["verdicts"]))]
    for mode in Mode:
        verdicts = found[mode]["verdicts"]
        if mode is Mode.LENGTHS and not all(verdict["length"] for verdict in verdicts):
            raise ValueError("a text that was held to its line lengths has others")
        for column in _COLUMNS[1 if mode is Mode.LENGTHS else 0 :]:
            cells.append(percent(sum(verdict[column] for verdict in verdicts), len(verdicts)))
    return [*cells, str(rules["refused"])]
