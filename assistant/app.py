"""The composition root: the only place that wires rooms together.

Heavy rooms are imported inside the functions that need them: the window must be there before plugins load,
and the command line must answer a wrong option before torch is imported.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

# Pydantic would look through all installed packages for plugins of its own, 25 ms before the first window.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from assistant.cli import COMMANDS
from assistant.prosody.own_tunes import use_folder

if TYPE_CHECKING:
    from assistant.api import LanguageModel, ModelCard
    from assistant.cli.services import Services
    from assistant.generation.runner import Runner
    from assistant.library import ModelLibrary
    from assistant.plugin_host import Catalogue
    from assistant.settings import Settings, SettingsStore

SAMPLE_TEXT = "明月几时有，"
"""The line that shows the main job where there is no screen."""


def main() -> int:
    """Entry point ``biban``."""
    arguments = sys.argv[1:]
    if arguments and (arguments[0] in COMMANDS or arguments[0].startswith("-")):
        return _run_command(arguments)
    return _run_desktop(arguments)


def desktop() -> int:
    """Entry point ``biban-desktop``: files only, for desktops without a console."""
    return _run_desktop(sys.argv[1:])


def home_folders() -> tuple[Path, Path]:
    """Folders of the settings and of the data. ``BIBAN_HOME`` puts both in one place."""
    home = os.environ.get("BIBAN_HOME")
    if home:
        return Path(home), Path(home)
    import platformdirs

    return platformdirs.user_config_path("biban", appauthor=False), platformdirs.user_data_path(
        "biban", appauthor=False
    )


def settings_store() -> SettingsStore:
    """The store of the settings file."""
    from assistant.settings import SettingsStore

    return SettingsStore(home_folders()[0] / "settings.json")


def _library() -> ModelLibrary:
    from assistant.library import ModelLibrary
    from resources import resource_path

    return ModelLibrary(
        resource_path("model_cards"), resource_path("models"), user_models=home_folders()[1] / "models"
    )


def _plugin_folder() -> Path:
    return home_folders()[1] / "plugins"


def _tune_folder() -> Path:
    return home_folders()[1] / "tunes"


def _catalogue_loader(settings: Settings) -> Callable[[], Catalogue]:
    """A function that loads plugins and cards the first time it is called."""

    @cache
    def load() -> Catalogue:
        from assistant.plugin_host import Catalogue, PluginHost

        host = PluginHost(disabled=settings.plugins.disabled)
        host.load_entry_points()
        host.load_drop_ins(_plugin_folder(), settings.plugins.trusted_files)
        library = _library()
        return Catalogue(host, library.installed(), library.known())

    return load


def _runner(settings: Settings, load_catalogue: Callable[[], Catalogue], *, beside_window: bool) -> Runner:
    from assistant.generation.model_cache import ModelCache
    from assistant.generation.runner import Runner

    def load_model(card: ModelCard) -> LanguageModel:
        # The first import of torch happens here: on the worker thread, when a model is first needed.
        from assistant.engine.preload import preload_torch

        preload_torch()
        from assistant.engine.device import choose_device, choose_precision, free_bytes, set_threads
        from assistant.engine.loader import load_model
        from assistant.library.memory import available_bytes, check_fits

        engine = settings.engine
        device = choose_device(engine.device)
        precision = choose_precision(engine.precision, device)
        library = _library()
        available = free_bytes(device) or available_bytes()
        check_fits(card, precision, available, others=library.installed())
        set_threads(engine.threads, leave_one=beside_window)
        return load_model(library.folder(card.id), card, device=str(device), precision=precision)

    from assistant.engine.memory import release_memory

    return Runner(
        load_catalogue,
        ModelCache(
            load_model,
            limit_bytes=_kept_bytes,
            release=release_memory,
            version=settings.engine.model_dump_json,
        ),
    )


def _kept_bytes() -> int:
    import psutil

    return int(psutil.virtual_memory().total) // 2


def _check_folder(folder: Path, card: ModelCard) -> None:
    from assistant.engine.check import check_model_folder
    from assistant.engine.preload import preload_torch

    preload_torch()
    check_model_folder(folder, card)


def _services() -> Services:
    from assistant.cli.services import Services
    from assistant.settings import SecretStore

    store = settings_store()
    settings = store.load()
    load_catalogue = _catalogue_loader(settings)
    use_folder(_tune_folder())
    return Services(
        load_catalogue=load_catalogue,
        runner=_runner(settings, load_catalogue, beside_window=False),
        library=_library(),
        check_folder=_check_folder,
        settings_store=store,
        secrets=SecretStore(),
        plugin_folder=_plugin_folder(),
    )


def _run_command(arguments: Sequence[str]) -> int:
    from assistant.cli.main import run_command

    return run_command(arguments, _services)


def _run_desktop(files: Sequence[str]) -> int:
    from assistant.ui.display import why_no_window

    reason = why_no_window()
    if reason:
        return _show_in_terminal(reason)
    from assistant.ui.desktop import run_desktop
    from assistant.ui.library.controller import LibraryAccess

    store = settings_store()
    settings = store.load()
    load_catalogue = _catalogue_loader(settings)
    use_folder(_tune_folder())
    return run_desktop(
        load_catalogue=load_catalogue,
        runner=_runner(settings, load_catalogue, beside_window=True),
        settings=settings,
        settings_store=store,
        library=LibraryAccess(_library(), _check_folder, home_folders()[1] / "model_cards"),
        files=[Path(name) for name in files],
    )


def _show_in_terminal(reason: str) -> int:
    """Where no window can be: say so in one line, and do the main job on a sample."""
    from assistant.cli.output import print_error, use_utf8

    use_utf8()
    print_error(f"{reason}下面在终端里为「{SAMPLE_TEXT}」续写三个候选；更多用法见 biban --help。")
    return _run_command(["compose", "poem", SAMPLE_TEXT, "--count", "3"])
