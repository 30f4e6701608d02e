"""``python -m trainer CONFIG.toml [--resume]``: what ``biban train`` starts."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from assistant.api import BibanError


def main(arguments: list[str] | None = None) -> int:
    """Run the trainer; progress goes to stdout as JSON lines, errors to stderr as one line."""
    parser = argparse.ArgumentParser(prog="biban train", description="按配置训练一个模型。")
    parser.add_argument("config", type=Path, help="训练配置（TOML）")
    parser.add_argument("--resume", action="store_true", help="从上次的检查点接着训练")
    parser.add_argument("--stop-after", type=int, metavar="N", help="本次只训练 N 步，之后可用 --resume 继续")
    options = parser.parse_args(arguments)
    try:
        # Imported here so that a wrong path is answered before torch is loaded.
        from trainer.config import load_config

        config = load_config(options.config)
        from transformers import logging

        from trainer.train import train

        # It warns of padding without a mask; packed rows are told apart by their positions (trainer/packing.py).
        logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        command = f"biban train {options.config.as_posix()}"
        train(config, command=command, resume=options.resume, stop_after=options.stop_after)
    except BibanError as error:
        print(error.one_line, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("训练已中断；加 --resume 可从最近的检查点继续。", file=sys.stderr)
        return 130
    return 0


def _end(number: int, frame: FrameType | None) -> None:
    """What a polite end from outside does: the same as Ctrl-C, once, however many are asked for."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    sys.exit(main())
