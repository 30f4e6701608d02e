"""``biban train``: starts the trainer, which is a process of its own."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from types import FrameType
from typing import Any

from assistant.cli.services import Services

_MEMORY = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(16 << 30),
    "MALLOC_TOP_PAD_": str(64 << 20),
    "THP_MEM_ALLOC_ENABLE": "1",
}
"""glibc keeps what a step gives back and torch asks for huge pages, so that the next step does not have it mapped and
cleared again: a tenth of the page faults, 8 % of the time on two cores, no more memory. See mallopt(3); systems without
glibc do not know these names, and what the person has set is left."""


def add_parser(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("train", help="按配置训练一个模型")
    parser.add_argument("config", metavar="CONFIG.toml", help="训练配置")
    parser.add_argument("--resume", action="store_true", help="从上次的检查点接着训练")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, services: Services) -> int:
    """Run the trainer and hand on its exit status; Ctrl-C reaches it too, and so does SIGTERM."""
    command = [sys.executable, "-m", "trainer", arguments.config]
    if arguments.resume:
        command.append("--resume")
    started: list[subprocess.Popen[bytes]] = []
    ended = False

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal ended
        ended = True
        for trainer in started:
            trainer.terminate()

    # Unlike Ctrl-C, it comes to this process alone, and the trainer would go on by itself.
    before = signal.signal(signal.SIGTERM, end)
    try:
        with subprocess.Popen(command, env={**_MEMORY, **os.environ}) as process:
            started.append(process)
            if ended:
                process.terminate()
            while True:
                try:
                    return process.wait()
                except KeyboardInterrupt:
                    continue  # the trainer got it as well, and says what can be resumed
    finally:
        signal.signal(signal.SIGTERM, before)
