"""Tokens per second of a 12 × 768 GPT-2 (103 M) against the Transformers pipeline in fp32 and CTranslate2 in int8.

Run: ``python -m tests.benchmarks.engine [--tokens 64] [--runs 5] [--load]``. The weights are a random twin of
``uer/gpt2-chinese-poem``. Every row's ratio is the median of ratios measured side by side, so a machine that slows
down does not tilt it. ``--load`` measures all of them again beside one busy process. CTranslate2 is left out where it
is not installed (``pip install ctranslate2``).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.engine.preload import preload_torch
from tests.benchmarks.machine import describe_machine

PROMPT = "明月几时有，"
Work = Callable[[], object]


def ours(folder: Path, precision: str, count: int, tokens: int, form: str = "") -> Work:
    """Our engine; with ``form`` under that form, as often as it takes to write as many tokens."""
    from assistant.api import (
        Cancellation,
        GenerationConfig,
        GenerationRequest,
        SamplingOptions,
        WritingContext,
    )
    from assistant.engine.loader import load_model
    from plugins.poem.options import PoemOptions
    from plugins.poem.writer import PoemWriter
    from tests.benchmarks.decoding import NoEnd
    from tests.fakes import card

    model = load_model(folder, card(), device="cpu", precision=precision)  # type: ignore[arg-type]
    request = GenerationRequest("poem", WritingContext(), PoemOptions(form=form or "自由"), seed=1)  # type: ignore[arg-type]

    def run() -> None:
        rules = PoemWriter().constraints(request, model.vocabulary) if form else [NoEnd(model)]
        config = GenerationConfig(count, SamplingOptions(max_new_tokens=tokens), rules, seed=1)
        chunks = list(model.generate(model.vocabulary.prompt(PROMPT), config, Cancellation()))
        assert len(chunks) >= count * min(tokens, 40)

    return run


def transformers_pipeline(folder: Path, count: int, tokens: int) -> Work:
    """The pipeline of the model's own page, fp32."""
    import torch
    import transformers
    from transformers import BertTokenizerFast, pipeline

    transformers.logging.set_verbosity_error()
    tokenizer = BertTokenizerFast.from_pretrained(folder)
    writer = pipeline(
        "text-generation", model=str(folder), tokenizer=tokenizer, dtype=torch.float32, device="cpu"
    )
    return lambda: writer(
        "[CLS]" + PROMPT,
        add_special_tokens=False,
        do_sample=True,
        top_p=0.92,
        temperature=0.9,
        top_k=0,
        num_return_sequences=count,
        min_new_tokens=tokens,
        max_new_tokens=tokens,
    )


def ctranslate2_int8(folder: Path, count: int, tokens: int) -> Work | None:
    """CTranslate2 on the same weights; None where it is not installed."""
    try:
        import ctranslate2
    except ImportError:
        return None
    converted = folder.with_name(folder.name + "-ct2")
    if not converted.exists():
        ctranslate2.converters.TransformersConverter(str(folder)).convert(str(converted), quantization="int8")
        path = converted / "config.json"
        config = json.loads(path.read_text(encoding="utf-8"))
        config.update(bos_token="[CLS]", eos_token="[SEP]", unk_token="[UNK]")
        path.write_text(json.dumps(config), encoding="utf-8")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    generator = ctranslate2.Generator(str(converted), device="cpu", compute_type="int8", intra_threads=cores)
    start = [["[CLS]", *PROMPT]]
    return lambda: generator.generate_batch(
        start,
        min_length=tokens,
        max_length=tokens,
        sampling_topk=0,
        sampling_topp=0.92,
        sampling_temperature=0.9,
        num_hypotheses=count,
        include_prompt_in_result=False,
    )


def seconds(work: Work) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def table(folder: Path, count: int, tokens: int, runs: int) -> None:
    """Measure all ways for ``count`` candidates and print a table."""
    ways: dict[str, tuple[Work | None, int]] = {
        "ours, int8": (ours(folder, "int8", count, tokens), tokens),
        "ours, int8, 七律": (ours(folder, "int8", count, tokens, form="七律"), min(tokens, 59)),
        "ours, fp32": (ours(folder, "fp32", count, tokens), tokens),
        "ours, bf16": (ours(folder, "bf16", count, tokens), tokens),
        "CTranslate2, int8": (ctranslate2_int8(folder, count, tokens), tokens),
        "pipeline, fp32": (transformers_pipeline(folder, count, tokens), tokens),
    }
    usable = {name: (work, length) for name, (work, length) in ways.items() if work is not None}
    for work, _ in usable.values():
        work()
    rounds = [{name: length / seconds(work) for name, (work, length) in usable.items()} for _ in range(runs)]
    print(f"\n{count} candidate(s)\n{'':>20} {'tokens/s':>9} {'ms/step':>8} {'ours int8 is':>13}")
    for name in usable:
        speed = statistics.median(one[name] for one in rounds)
        ratio = statistics.median(one["ours, int8"] / one[name] for one in rounds)
        print(f"{name:>20} {count * speed:>9.0f} {1000 / speed:>8.1f} {ratio:>12.2f}×")


def busy() -> subprocess.Popen[bytes]:
    """A process that keeps one core busy."""
    return subprocess.Popen([sys.executable, "-c", "while True: pass"])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--load", action="store_true")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    preload_torch()
    import torch

    from tests.model_twins.uer import write_gpt2_chinese_poem

    print(describe_machine())
    print(f"{torch.get_num_threads()} threads, {options.tokens} new tokens, medians of {options.runs}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = write_gpt2_chinese_poem(Path(temporary) / "twin", size="true")
        for count in (1, 4):
            table(folder, count, options.tokens, options.runs)
        if options.load:
            print("\nbeside one busy process")
            load = busy()
            try:
                for count in (1, 4):
                    table(folder, count, options.tokens, options.runs)
            finally:
                load.kill()
                load.wait()


if __name__ == "__main__":
    main()
