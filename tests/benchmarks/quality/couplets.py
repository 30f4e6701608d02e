"""How much of what the couplet writer writes keeps the rules, against the lengths alone and no constraint."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

from assistant.api import (
    Cancellation,
    Constraint,
    GenerationConfig,
    GenerationRequest,
    InputError,
    LanguageModel,
    WritingContext,
)
from assistant.api.han import is_han
from assistant.prosody.couplets import check_couplet
from assistant.prosody.report import Report
from assistant.prosody.rhyme_books import rhyme_book
from plugins.couplet.composing import CLAUSES
from plugins.couplet.given import given_of, options_of, writes_both
from plugins.couplet.options import BOTH, LOWER, UPPER, CoupletOptions
from plugins.couplet.writer import CoupletWriter
from tests.benchmarks.quality.inputs import poems
from tests.benchmarks.quality.store import Store
from tests.benchmarks.quality.tables import percent, table
from tests.benchmarks.quality.themes import IDIOMS, THEMES
from tests.benchmarks.quality.writing import LengthsConstraint, Mode, gather

_MARKS = "，。？！；：、"
_TONES = frozenset({"平仄", "仄起平落", "未收字"})
_COLUMNS = ("length", "tone", "repeats", "everything")
Requests = Callable[[Path], Iterator[GenerationRequest]]


def rows() -> dict[str, Requests]:
    """Name → its requests."""
    named: dict[str, Requests] = {"对下联，四言（成语）": _idioms}
    for direction, side in ((LOWER, "upper"), (UPPER, "lower")):
        for length, name in ((5, "五言"), (7, "七言")):
            named[f"{direction}，{name}"] = partial(_lines, direction, side, length)
    for length in (5, 7, 11):
        named[f"{BOTH}，{length} 言"] = partial(_themes, length)
    return named


def section(model: LanguageModel, corpus: Path, count: int, store: Store, only: Sequence[str] = ()) -> str:
    """The table, in Markdown."""
    cells = []
    for name, requests in rows().items():
        if only and name not in only:
            continue
        found = {
            mode: store.get(
                f"couplets-{name}-{mode}-{count}",
                partial(_measure, name, requests, mode, model, corpus, count),
            )
            for mode in Mode
        }
        row = [name, str(count), str(len(found[Mode.RULES]["verdicts"]))]
        for mode in Mode:
            verdicts = found[mode]["verdicts"]
            for column in _COLUMNS[1 if mode is Mode.LENGTHS else 0 :]:
                row.append(percent(sum(verdict[column] for verdict in verdicts), len(verdicts)))
        cells.append([*row, str(found[Mode.RULES]["refused"])])
    heading = ["对联", "题数", "合律：副数", "字数", "平仄", "不重字", "全对"]
    heading += ["只管字数：平仄", "不重字", "全对", "不加约束：字数", "平仄", "不重字", "全对", "被拒"]
    return table(heading, cells)


def _measure(
    name: str, requests: Requests, mode: Mode, model: LanguageModel, corpus: Path, count: int
) -> dict[str, Any]:
    """Verdicts on the couplets of one row in one mode."""
    print(f"{mode}: {name}", file=sys.stderr, flush=True)
    writer, verdicts, refused, done = CoupletWriter(), [], 0, 0
    for request in requests(corpus):
        if done == count:
            break
        try:
            couplets = _write(writer, model, request, mode)
        except InputError:
            refused += 1
            continue
        done += 1
        for upper, lower in couplets:
            length = options_of(request).length if writes_both(request) else None
            verdict = _judge(upper, lower, length)
            verdicts.append(verdict)
            if mode is Mode.RULES and not verdict["everything"]:
                fault = f"{name} {request.context.before}{options_of(request).theme} seed {request.seed}"
                print(
                    f"not right: {fault}: {upper} / {lower} {verdict['faults']}", file=sys.stderr, flush=True
                )
    if done < count:
        raise ValueError(f"{name}: only {done} of {count} prompts")
    return {"verdicts": verdicts, "refused": refused}


def _write(
    writer: CoupletWriter, model: LanguageModel, request: GenerationRequest, mode: Mode
) -> list[tuple[str, str]]:
    given = None if writes_both(request) else given_of(request)
    if mode is Mode.RULES:
        texts = [""] * writer.drafts(request)
        for chunk in writer.generate(request, model, Cancellation()):
            texts[chunk.index] += chunk.text
        written = [text.split("\n") for text in texts]
    else:
        side = "，".join("字" * count for count in CLAUSES[options_of(request).length])
        form = f"{side}，{side}" if given is None else re.sub(f"[^{_MARKS}]", "字", given.text)
        constraints: list[Constraint] = (
            [LengthsConstraint(model.vocabulary, [form])] if mode is Mode.LENGTHS else []
        )
        sampling = writer.sampling(request).model_copy(update={"max_new_tokens": 4 * len(form) + 8})
        config = GenerationConfig(1, sampling, constraints, request.seed)
        chunks = model.generate(writer.prompt_tokens(request, model), config, Cancellation())
        clauses = (side if given is None else form).count("，") + 1
        written = [_sides(text.text, clauses, 2 if given is None else 1) for text in gather(chunks, "", 1)]
    if given is None:
        return [(lines[0], lines[1]) if len(lines) > 1 else ("", "") for lines in written]
    return [(given.text, lines[0]) if given.is_upper else (lines[0], given.text) for lines in written]


def _sides(text: str, clauses: int, sides: int) -> list[str]:
    """What a reader would take for the couplet or the answer: the first clauses, as many as a side should have."""
    found = [clause for clause in re.split(f"[{_MARKS}]", text) if clause]
    return ["，".join(found[at * clauses : (at + 1) * clauses]) for at in range(sides)]


def _judge(upper: str, lower: str, length_asked: int | None) -> dict[str, Any]:
    if not upper or not lower or length_asked not in (None, sum(map(is_han, upper))):
        return dict.fromkeys(_COLUMNS, False) | {"faults": []}
    report = check_couplet(upper, lower, rhyme_book("pingshui"))
    rules = {issue.rule for issue in report.errors}
    length = "字数" not in rules
    return {
        "length": length,
        "tone": length and not rules & _TONES,
        "repeats": length and not rules - _TONES - {"字数"},
        "everything": report.ok,
        "faults": _faults(report),
    }


def _faults(report: Report) -> list[str]:
    return [f"{issue.rule}：{issue.message}" for issue in report.errors]


def _request(before: str, seed: int, **values: Any) -> GenerationRequest:
    options = CoupletOptions.parse({"drafts": 2, **values})
    return GenerationRequest(
        "couplet", WritingContext(before=before), options, num_return_sequences=1, seed=seed
    )


def _idioms(corpus: Path) -> Iterator[GenerationRequest]:
    for seed, idiom in enumerate(cycle(IDIOMS)):
        yield _request(idiom, seed)


def _lines(direction: str, side: str, length: int, corpus: Path) -> Iterator[GenerationRequest]:
    lines = [pair[side] for pair in poems(corpus / "couplets.heldout.jsonl.xz") if pair["reg"]]
    lines = [line for line in dict.fromkeys(lines) if len(line) == length]
    Random(7).shuffle(lines)
    for seed, line in enumerate(lines):
        yield _request(line, seed, direction=direction)


def _themes(length: int, corpus: Path) -> Iterator[GenerationRequest]:
    short = [theme for theme in THEMES if len(theme) <= 12]
    themes = [theme for pair in zip(IDIOMS, short, strict=False) for theme in pair]
    for seed, theme in enumerate(islice(cycle(themes), 10_000)):
        yield _request("", seed, direction=BOTH, theme=theme, length=length)
