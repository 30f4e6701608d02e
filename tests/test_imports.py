"""What may not be imported where, seen at run time (import-linter sees it in the text)."""

from __future__ import annotations

import subprocess
import sys

import pytest

IMPORT_ALL = """
import importlib, pkgutil, sys
import {package}
for module in pkgutil.walk_packages({package}.__path__, "{package}."):
    if not module.name.startswith({skipped!r}) and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
found = {{"torch", "transformers", "peft", {more}}} & set(sys.modules)
sys.exit(", ".join(sorted(found)) or 0)
"""


@pytest.mark.parametrize(
    ("package", "skipped", "more"),
    [
        ("assistant", "assistant.engine", ""),
        ("plugins", "-", "'PySide6'"),
        ("assistant.api", "-", "'PySide6'"),
    ],
)
def test_torch_and_qt_are_not_imported_at_module_level(package: str, skipped: str, more: str) -> None:
    code = IMPORT_ALL.format(package=package, skipped=skipped, more=more)
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
