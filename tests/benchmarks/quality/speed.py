"""Characters per second under the rules against writing with no rules, side by side."""

from __future__ import annotations

import statistics

from assistant.api import (
    Cancellation,
    Constraint,
    GenerationConfig,
    GenerationRequest,
    LanguageModel,
    SamplingOptions,
    WritingContext,
)
from plugins.poem.wish import wish_of
from plugins.poem.writer import PoemWriter
from tests.benchmarks.decoding import NoEnd, seconds
from tests.benchmarks.quality.inputs import Target
from tests.benchmarks.quality.tables import table

TARGETS = (Target(form="七绝"), Target(form="七律"), Target(tune="水调歌头"))
RUNS = 5


def section(model: LanguageModel) -> str:
    """The table; each ratio is the median of ratios measured side by side."""
    rows = []
    for target in TARGETS:
        for count in (1, 4, 16):
            rows.append([target.name, str(count), *_measure(target, count, model)])
    return table(["体裁、词牌", "同时写几首", "合律，字/秒", "不加约束，字/秒", "合律为不加约束的"], rows)


def _measure(target: Target, count: int, model: LanguageModel) -> list[str]:
    writer = PoemWriter()
    request = GenerationRequest(
        "poem", WritingContext(), target.options(title="秋江夜泊", drafts=count), seed=1
    )
    prompt = writer.prompt_tokens(request, model)
    tokens = min(wish_of(request).most_characters, model.context_length - len(prompt))
    written = 0

    def run(constraints: list[Constraint]) -> None:
        nonlocal written
        config = GenerationConfig(count, SamplingOptions(max_new_tokens=tokens), constraints, seed=1)
        written = len(list(model.generate(prompt, config, Cancellation())))

    def bound() -> None:
        # Making the plans is part of the work.
        run(writer.constraints(request, model.vocabulary))

    free = [NoEnd(model)]
    bound()
    run(list(free))
    pairs = []
    for _ in range(RUNS):
        ours = seconds(bound)
        ours_speed = written / ours
        theirs = seconds(lambda: run(list(free)))
        pairs.append((ours_speed, written / theirs))
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    speeds = [statistics.median(pair[side] for pair in pairs) for side in (0, 1)]
    return [f"{speeds[0]:.0f}", f"{speeds[1]:.0f}", f"{100 * ratio:.0f} %"]
