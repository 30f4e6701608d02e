"""From process start to an editable window, against a bare ``QPlainTextEdit`` window.

Run: ``python -m tests.benchmarks.startup [--runs 10]``. Every run is a fresh process, the two in turn. A
process counts as ready when its window has been painted and text put into the editor has arrived. The
interpreter's own start is measured too and taken off both, as DESIGN §7 does.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

from tests.benchmarks.machine import describe_machine

BARE = """
import sys
from PySide6.QtWidgets import QApplication, QPlainTextEdit
app = QApplication([])
editor = QPlainTextEdit()
editor.resize(1280, 800)
editor.show()
while not editor.isVisible(): app.processEvents()
app.processEvents()
editor.insertPlainText("字")
assert editor.toPlainText() == "字"
print("ready", flush=True)
"""

OURS = """
import sys
from PySide6.QtCore import QTimer
import assistant.app
from assistant.ui import desktop
def ready(window):
    editor = window.editor
    editor.insertPlainText("字")
    assert editor.toPlainText() == "字"
    assert "torch" not in sys.modules
    print("ready", flush=True)
    import os; os._exit(0)
desktop.on_first_paint = ready
from assistant.app import desktop as start
sys.argv = ["biban-desktop"]
start()
"""


def run_once(code: str) -> float:
    """Seconds from starting the process to the line ``ready``."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "BIBAN_HOME": home}
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        started = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment
        ) as process:
            assert process.stdout is not None
            line = process.stdout.readline()
            elapsed = time.perf_counter() - started
            process.kill()
        if line.strip() != "ready":
            raise SystemExit("the window did not become ready; run the code by hand to see why")
        return elapsed


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    runs = parser.parse_args().runs
    empty = "print('ready', flush=True)"
    for code in (empty, BARE, OURS):
        run_once(code)  # warm the page cache
    triples = [(run_once(empty), run_once(BARE), run_once(OURS)) for _ in range(runs)]
    bare = [b - e for e, b, _ in triples]
    ours = [o - e for e, _, o in triples]
    print(describe_machine())
    interpreter = statistics.median(e for e, _, _ in triples)
    print(f"medians of {runs} runs, seconds after interpreter start ({interpreter:.3f})")
    print(f"bare QPlainTextEdit   {statistics.median(bare):.3f}")
    print(f"biban, editable       {statistics.median(ours):.3f}")
    print(f"ratio                 {statistics.median(o / b for o, b in zip(ours, bare, strict=True)):.2f}×")


if __name__ == "__main__":
    main()
