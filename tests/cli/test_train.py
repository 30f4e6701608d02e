"""``biban train`` starts the trainer as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from assistant import app


def test_the_trainer_keeps_its_memory_unless_the_person_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    program = (
        f"import os; open({str(told)!r}, 'w').write(os.environ['MALLOC_ARENA_MAX'] + os.environ['HOME'])"
    )
    real = subprocess.Popen

    def start(command: list[str], **options: object) -> subprocess.Popen[bytes]:
        assert command == [sys.executable, "-m", "trainer", "some.toml", "--resume"]
        return real([sys.executable, "-c", program], **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr("assistant.cli.train.subprocess.Popen", start)
    monkeypatch.setenv("HOME", "/home/poet")
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    for own, expected in ((None, "1"), ("4", "4")):
        if own:
            monkeypatch.setenv("MALLOC_ARENA_MAX", own)
        assert app._run_command(("train", "some.toml", "--resume")) == 0
        assert told.read_text() == f"{expected}/home/poet"
