"""How long the default request takes, and what the process needs; each model in a process of its own.

Run alone: ``python -m tests.benchmarks.starters.speed MODEL`` prints the figures as JSON.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from assistant.generation.events import CandidatesChanged, Finished
from plugins.poem.options import PoemOptions
from tests.benchmarks.quality.store import Store
from tests.benchmarks.quality.tables import table
from tests.benchmarks.starters.composing import Composer
from tests.benchmarks.starters.models import find_starter

TITLE, FORM, COUNT = "秋江夜泊", "七绝", 3
RUNS = 7


def section(arguments: Sequence[tuple[str, str, str]], store: Store) -> str:
    """The table.

    Args:
        arguments: of each model, what it was called on the command line, its name and its key.
        store: of finished pieces.
    """
    rows = []
    for argument, name, key in arguments:
        told = store.get(f"speed-{key}", partial(_in_own_process, argument))
        rows.append(
            [
                name,
                f"{told['load_seconds']:.2f}",
                *(f"{told[when][what]:.2f}" for when in ("cold", "warm") for what in ("first", "finished")),
                f"{told['warm']['characters_per_second']:,.0f}",
                f"{told['peak_bytes'] / 1e6:.0f}",
            ]
        )
    heading = ["模型", "载入，秒", "载入后首次：先见候选，秒", "写完，秒"]
    heading += ["其后：先见候选，秒", "写完，秒", "字/秒", "内存峰值，MB"]
    return (
        f"{table(heading, rows)}\n\n"
        f"写作器默认的请求：{FORM}《{TITLE}》，{COUNT} 个候选，默认稿数（写完全部稿子才排出候选）；各在自己的进程里，"
        f"「其后」是 {RUNS} 次的中位数，每次换一个种子。字/秒：全部稿子的字与标点，连同定谱、排名的时间。"
        "载入连同 torch 的导入；内存是进程的 VmHWM，载入、写作都在内。"
    )


def measure(name: str) -> dict[str, Any]:
    """The figures, in this process; times in seconds from the request on."""
    composer = Composer(find_starter(name))
    started = time.perf_counter()
    for _ in composer.runner.warm_up("poem", composer.model_id):
        pass
    loaded = time.perf_counter() - started
    cold, *warm = [_request(composer, seed) for seed in range(RUNS + 1)]
    medians = {what: statistics.median(run[what] for run in warm) for what in cold}
    return {"load_seconds": loaded, "cold": cold, "warm": medians, "peak_bytes": _peak_bytes()}


def _request(composer: Composer, seed: int) -> dict[str, float]:
    options = PoemOptions.parse({"form": FORM, "title": TITLE})
    started, first, characters = time.perf_counter(), None, 0
    for event in composer.events(options, seed=seed, count=COUNT):
        if isinstance(event, CandidatesChanged | Finished) and first is None and event.candidates:
            first = time.perf_counter() - started
        if isinstance(event, Finished):
            characters = event.token_count
    finished = time.perf_counter() - started
    return {
        "first": finished if first is None else first,
        "finished": finished,
        "characters_per_second": characters / finished,
    }


def _peak_bytes() -> int:
    # Not ru_maxrss, which begins at what the parent process had.
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found[1]) * 1024 if found else 0


def _in_own_process(argument: str) -> Any:
    command = [sys.executable, "-m", "tests.benchmarks.starters.speed", argument]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
