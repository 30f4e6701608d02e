"""``biban plugins``: which plugins there are, and turning them on and off."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from assistant.api import InputError
from assistant.cli.output import print_json
from assistant.cli.services import Services
from assistant.plugin_host.drop_in import drop_in_files, file_hash

STATES = {"active": "已启用", "failed": "出错", "disabled": "未启用"}


def add_parser(commands: Any) -> None:
    """Declare the command and its verbs."""
    parser = commands.add_parser("plugins", help="插件")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="列出插件")
    listing.add_argument("--json", action="store_true", help="输出 JSON")
    listing.set_defaults(run=run_list)
    for verb, enable in (("enable", True), ("disable", False)):
        one = verbs.add_parser(verb, help="启用插件" if enable else "停用插件")
        one.add_argument("name", metavar="NAME")
        one.set_defaults(run=run_switch, enable=enable)


def run_list(arguments: argparse.Namespace, services: Services) -> int:
    """All plugins, the failed ones with the reason."""
    reports = services.load_catalogue().plugins
    if arguments.json:
        print_json([asdict(report) for report in reports])
        return 0
    for report in reports:
        origin = f"{report.origin} {report.version}".strip()
        print("\t".join((report.name, STATES[report.state], origin, report.error)).rstrip())
    return 0


def run_switch(arguments: argparse.Namespace, services: Services) -> int:
    """Turn a plugin on or off; a file in the plugin folder is trusted by its present content.

    Raises:
        InputError: there is no such plugin.
        SettingsError: the settings could not be saved.
    """
    store = services.settings_store
    settings = store.load()
    files = {path.stem: path for path in drop_in_files(services.plugin_folder)}
    known = {report.name for report in services.load_catalogue().plugins}
    name: str = arguments.name
    if name not in known and name not in files:
        raise InputError(f"没有名为 {name} 的插件。", f"现有：{'、'.join(sorted(known)) or '（无）'}。")
    disabled = set(settings.plugins.disabled)
    trusted = dict(settings.plugins.trusted_files)
    if arguments.enable:
        disabled.discard(name)
        if name in files:
            trusted[str(files[name])] = file_hash(files[name])
    else:
        disabled.add(name)
        if name in files:
            trusted.pop(str(files[name]), None)
    plugins = settings.plugins.model_copy(update={"disabled": sorted(disabled), "trusted_files": trusted})
    store.save(settings.model_copy(update={"plugins": plugins}))
    print(f"已{'启用' if arguments.enable else '停用'} {name}，下次启动时生效。")
    return 0
