"""One line about the machine and the versions a figure belongs to."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path


def describe_machine() -> str:
    """Processor, cores, Python and the packages that decide speed."""
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        names = [line for line in lines if line.startswith("model name")]
        processor = names[0].partition(":")[2].strip() if names else processor
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("torch", "transformers", "PySide6-Essentials")
    )
    return f"{processor}, {os.cpu_count()} cores, Python {platform.python_version()}, {packages}"
