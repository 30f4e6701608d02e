"""What holds for every test: no display, no network, folders of its own, nothing left behind."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

collect_ignore = ["example_plugin"]  # a distribution of its own; test_example_plugin runs its tests
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

_SHARED_THREADS = ("pydevd", "asyncio", "tqdm", "execnet", "ThreadPoolExecutor")
"""Threads of the test runner and of libraries that live as long as the process."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, models and plugins of this test alone."""
    folder = tmp_path / "home"
    monkeypatch.setenv("BIBAN_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """A thread or an active timer that outlives its test fails it."""
    before = set(threading.enumerate())
    yield
    left = [
        thread
        for thread in threading.enumerate()
        if thread not in before
        and thread.is_alive()
        and not thread.name.startswith(_SHARED_THREADS)
        # Python only knows of a QThread while it runs Python code, as a "Dummy" that never ends.
        and not isinstance(thread, threading._DummyThread)
    ]
    assert not left, f"threads left behind: {left}"
