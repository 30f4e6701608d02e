"""Tokens per second of a poem model, against ``transformers.pipeline`` on the same weights.

Run: ``python -m tests.benchmarks.decoding [--model FOLDER] [--tokens 64] [--runs 5]``. Prints one table; each
row's ratio is the median of ratios measured side by side, so a machine that slows down does not tilt it.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
import transformers
from transformers import BertTokenizerFast, pipeline

from assistant.api import (
    Cancellation,
    Constraint,
    GenerationConfig,
    GenerationRequest,
    LanguageModel,
    SamplingOptions,
    WritingContext,
)
from assistant.engine.loader import load_model
from assistant.prosody.forms import FORMS
from plugins.poem.options import PoemOptions
from plugins.poem.writer import PoemWriter
from resources import resource_path
from tests.benchmarks.machine import describe_machine
from tests.fakes import card

if TYPE_CHECKING:
    from assistant.api.constraints import Mask

PROMPT = "明月几时有，"


class NoEnd(Constraint):
    """Keeps every candidate going, so that both sides write the same number of tokens."""

    def __init__(self, model: LanguageModel) -> None:
        self._mask = np.array(model.vocabulary.writable_mask)

    def allowed(self, generated: Sequence[Sequence[int]]) -> Mask:
        # A view: this constraint stands for none, and must cost nothing.
        return np.broadcast_to(self._mask, (len(generated), len(self._mask)))


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=resource_path("models", "biban-starter-poem"))
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()

    model = load_model(options.model, card(), device="cpu")
    reference = pipeline(
        "text-generation",
        model=str(options.model),
        tokenizer=BertTokenizerFast.from_pretrained(options.model),
        dtype=torch.float32,
        device="cpu",
    )

    def ours(count: int, constraints: Sequence[Constraint], tokens: int) -> Callable[[], object]:
        return lambda: list(
            model.generate(
                model.vocabulary.prompt(PROMPT),
                GenerationConfig(count, SamplingOptions(max_new_tokens=tokens), constraints, seed=1),
                Cancellation(),
            )
        )

    def theirs(count: int) -> Callable[[], object]:
        return lambda: reference(
            "[CLS]" + PROMPT,
            add_special_tokens=False,
            do_sample=True,
            top_p=0.92,
            temperature=0.9,
            top_k=0,
            num_return_sequences=count,
            min_new_tokens=options.tokens,
            max_new_tokens=options.tokens,
        )

    print(describe_machine())
    print(f"{options.model.name}, {torch.get_num_threads()} threads, {options.tokens} new tokens, medians")
    print(f"{'candidates':>10}  {'ours tok/s':>11}  {'pipeline tok/s':>14}  {'ratio':>6}")
    for count in (1, 4):
        mine, other = ours(count, [NoEnd(model)], options.tokens), theirs(count)
        mine(), other()
        pairs = [(seconds(mine), seconds(other)) for _ in range(options.runs)]
        total = count * options.tokens
        own = total / statistics.median(a for a, _ in pairs)
        pipe = total / statistics.median(b for _, b in pairs)
        ratio = statistics.median(b / a for a, b in pairs)
        print(f"{count:>10}  {own:>11.0f}  {pipe:>14.0f}  {ratio:>5.1f}×")

    tokens = FORMS["七律"].length
    request = GenerationRequest("poem", WritingContext(), PoemOptions(form="七律"), seed=1)
    writer = PoemWriter()
    print(f"\n{'candidates':>10}  {'七律 tok/s':>10}  {'free tok/s':>11}  {'ratio':>6}")
    for count in (1, 4, 16):

        def bound(count: int = count) -> None:
            # Making the plans is part of the work.
            ours(count, writer.constraints(request, model.vocabulary), tokens)()

        free = ours(count, [NoEnd(model)], tokens)
        bound(), free()
        pairs = [(seconds(bound), seconds(free)) for _ in range(options.runs)]
        own = count * tokens / statistics.median(a for a, _ in pairs)
        open_ = count * tokens / statistics.median(b for _, b in pairs)
        ratio = statistics.median(b / a for a, b in pairs)
        print(f"{count:>10}  {own:>10.0f}  {open_:>11.0f}  {ratio:>5.2f}×")


if __name__ == "__main__":
    main()
