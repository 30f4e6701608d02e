"""Peak memory and tokens per second of a 3.5 B GPT-2 in 8 bit, from the first byte read to the last token.

Run: ``python -m tests.benchmarks.large [--folder FOLDER] [--tokens 16] [--reference]``. Writes a random twin of
Wenzhong-GPT2-3.5B in full precision (14 GB) unless a folder is given, then loads it in a process of its own and asks
the system for the most memory that process ever had. ``--reference`` does the same with Transformers in fp32, which
needs 21 GB.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.machine import describe_machine


def measure_ours(folder: Path, tokens: int) -> None:
    """In this process: load, write, tell."""
    from assistant.engine.preload import preload_torch

    preload_torch()
    from assistant.api import Cancellation, GenerationConfig, SamplingOptions
    from assistant.engine.loader import load_model
    from tests.fakes import card

    started = time.perf_counter()
    model = load_model(folder, card(), device="cpu", precision="int8")
    loaded = time.perf_counter() - started
    config = GenerationConfig(1, SamplingOptions(max_new_tokens=tokens), seed=1)
    started = time.perf_counter()
    steps = len(list(model.generate(model.vocabulary.prompt("今天天气很好，"), config, Cancellation())))
    tell("ours, int8", loaded, steps / (time.perf_counter() - started), model.memory_bytes)


def measure_transformers(folder: Path, tokens: int) -> None:
    """The same with Transformers in fp32."""
    import torch
    from transformers import GPT2LMHeadModel

    started = time.perf_counter()
    model = GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float32)
    loaded = time.perf_counter() - started
    ids = torch.randint(0, 50_000, (1, 12))
    started = time.perf_counter()
    model.generate(ids, do_sample=True, min_new_tokens=tokens, max_new_tokens=tokens, pad_token_id=0)
    tell("Transformers, fp32", loaded, tokens / (time.perf_counter() - started), 4 * model.num_parameters())


def tell(name: str, loaded: float, speed: float, weights: int) -> None:
    """One row. Not ``ru_maxrss``, which begins at what the parent process had."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024  # type: ignore[index]
    print(
        f"{name:>20}: loaded in {loaded:.0f} s, weights {weights / 1e9:.2f} GB, peak {peak / 1e9:.2f} GB, "
        f"{speed:.2f} tokens/s",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--tokens", type=int, default=16)
    parser.add_argument("--reference", action="store_true")
    parser.add_argument("--in-process", choices=["ours", "transformers"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.in_process:
        measure = measure_ours if options.in_process == "ours" else measure_transformers
        measure(options.folder, options.tokens)
        return
    print(describe_machine())
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder
        if folder is None:
            from tests.model_twins.wenzhong import write_wenzhong_3_5b

            folder = write_wenzhong_3_5b(Path(temporary) / "twin", size="true")
        for kind in ("ours", "transformers") if options.reference else ("ours",):
            command = [sys.executable, "-m", "tests.benchmarks.large", "--folder", str(folder)]
            subprocess.run([*command, "--tokens", str(options.tokens), "--in-process", kind], check=True)


if __name__ == "__main__":
    main()
