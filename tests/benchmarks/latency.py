"""How long a short continuation takes while somebody types, and how long a long prompt takes to read.

Run: ``python -m tests.benchmarks.latency [--runs 20]``, for the shipped starter and a random twin of a 103 M GPT-2.
Every request follows 200 characters to which one was added since the last request, and asks for 8 tokens; once with
the cache of the unchanged prefix reused, once with it forgotten.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from assistant.engine.preload import preload_torch
from tests.benchmarks.machine import describe_machine

TEXT = "明月几时有，把酒问青天。不知天上宫阙，今夕是何年。" * 24


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    preload_torch()
    from assistant.engine.causal_lm import CausalLM
    from assistant.engine.loader import load_model
    from resources import resource_path
    from tests.fakes import card
    from tests.model_twins.uer import write_gpt2_chinese_poem

    print(describe_machine())
    print(f"{'':>22} {'p50 ms':>8} {'p95 ms':>8}")
    with tempfile.TemporaryDirectory() as temporary:
        twin = write_gpt2_chinese_poem(Path(temporary) / "twin", size="true")
        for name, folder in (("starter", resource_path("models", "biban-starter-poem")), ("103 M", twin)):
            model = load_model(folder, card(), device="cpu")
            assert isinstance(model, CausalLM)
            show(f"{name}, prefix reused", short(model, options.runs, reuse=True))
            show(f"{name}, read again", short(model, options.runs, reuse=False))
            if model.context_length > 512:
                show(f"{name}, 512 to read", prefill(model, 512, max(3, options.runs // 4)))


def short(model: object, runs: int, *, reuse: bool) -> list[float]:
    """Seconds of each request of a person who types."""
    from assistant.api import Cancellation, GenerationConfig, SamplingOptions
    from assistant.engine.causal_lm import CausalLM

    assert isinstance(model, CausalLM)
    length = min(200, model.context_length - 10 - runs)
    times = []
    for typed in range(runs + 1):
        prompt = model.vocabulary.prompt(TEXT[: length + typed])
        if not reuse:
            model.forget_prefix()
        started = time.perf_counter()
        list(
            model.generate(
                prompt, GenerationConfig(1, SamplingOptions(max_new_tokens=8), seed=1), Cancellation()
            )
        )
        times.append(time.perf_counter() - started)
    return times[1:]


def prefill(model: object, length: int, runs: int) -> list[float]:
    """Seconds until the first token behind ``length`` tokens."""
    from assistant.api import Cancellation, GenerationConfig, SamplingOptions
    from assistant.engine.causal_lm import CausalLM

    assert isinstance(model, CausalLM)
    prompt = model.vocabulary.prompt(TEXT)[:length]
    times = []
    for _ in range(runs + 1):
        model.forget_prefix()
        started = time.perf_counter()
        list(
            model.generate(
                prompt, GenerationConfig(1, SamplingOptions(max_new_tokens=1), seed=1), Cancellation()
            )
        )
        times.append(time.perf_counter() - started)
    return times[1:]


def show(name: str, times: list[float]) -> None:
    """One row."""
    ordered = sorted(times)
    print(
        f"{name:>22} {1e3 * statistics.median(ordered):>8.1f} {1e3 * ordered[int(0.95 * (len(ordered) - 1))]:>8.1f}"
    )


if __name__ == "__main__":
    main()
