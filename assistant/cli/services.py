"""What the commands need, wired together by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.generation.runner import Runner
from assistant.library import ModelLibrary
from assistant.library.acquire import CheckFolder
from assistant.plugin_host import Catalogue
from assistant.settings import SecretStore, SettingsStore


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a command may use.

    Attributes:
        check_folder: looks a model folder over before it is installed.
        load_catalogue: loads the plugins the first time it is called.
        plugin_folder: where the user's plugin files lie.
    """

    load_catalogue: Callable[[], Catalogue]
    runner: Runner
    library: ModelLibrary
    check_folder: CheckFolder
    settings_store: SettingsStore
    secrets: SecretStore
    plugin_folder: Path
