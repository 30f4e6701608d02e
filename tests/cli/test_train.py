"""``biban train`` starts the trainer as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from assistant import app
from tests.trainer.test_trainer import write_config
from trainer import __main__ as trainer
from trainer.work_folder import hold


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


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes without a word")
@pytest.mark.parametrize("both", [False, True])
def test_the_trainer_ends_with_the_command_that_started_it(tmp_path: Path, both: bool) -> None:
    """A trainer left behind would go on writing checkpoints."""
    config, begun = write_config(tmp_path, steps=100_000), tmp_path / "run" / "log.jsonl"
    starter = subprocess.Popen(
        [sys.executable, "-m", "assistant", "train", str(config)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        while not begun.exists() and starter.poll() is None:
            time.sleep(0.1)
        # Often both are asked, and one of them asks the other again.
        (os.killpg if both else os.kill)(starter.pid, signal.SIGTERM)
        _, said = starter.communicate(timeout=60)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(starter.pid, signal.SIGKILL)
    assert starter.returncode == 130, said
    assert said.splitlines()[-1] == "训练已中断；加 --resume 可从最近的检查点继续。"
    assert "Traceback" not in said
    with hold(tmp_path / "run"):
        pass  # nobody is in the folder any more


def test_two_runs_do_not_share_a_work_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write_config(tmp_path, steps=4)
    with hold(tmp_path / "run"):
        assert trainer.main([str(config)]) == 2
    assert "另一次训练正在用" in capsys.readouterr().err
    assert not (tmp_path / "run" / "log.jsonl").exists()
    assert trainer.main([str(config)]) == 0
