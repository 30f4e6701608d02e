"""Preloading is a help, never a condition."""

from __future__ import annotations

import subprocess
import sys


def test_torch_works_after_preloading_and_is_not_imported_by_it() -> None:
    code = (
        "import sys\n"
        "from assistant.engine.preload import preload_torch\n"
        "preload_torch()\n"
        "assert 'torch' not in sys.modules\n"
        "import torch\n"
        "assert float(torch.ones(3) @ torch.ones(3)) == 3\n"
        "preload_torch()\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
