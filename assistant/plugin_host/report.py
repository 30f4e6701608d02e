"""What the plugin dialog and ``biban plugins list`` show of a plugin."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PluginState(StrEnum):
    """Whether a plugin takes part."""

    ACTIVE = "active"
    FAILED = "failed"
    DISABLED = "disabled"


@dataclass(slots=True)
class PluginReport:
    """One plugin.

    Attributes:
        name: its entry-point name, or the file name of a drop-in file.
        origin: the distribution, or the path of the file.
        version: of the distribution; empty for files.
        error: one sentence when something failed.
        details: the traceback, for whoever wrote the plugin.
    """

    name: str
    origin: str
    version: str = ""
    state: PluginState = PluginState.ACTIVE
    error: str = ""
    details: str = ""
