"""``biban models``: what is installed."""

from __future__ import annotations

import argparse
from typing import Any

from assistant.api import ModelCard
from assistant.cli.output import human_size, print_json
from assistant.cli.services import Services


def add_parser(commands: Any) -> None:
    """Declare the command and its verbs."""
    parser = commands.add_parser("models", help="已安装的模型")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="列出已安装的模型")
    listing.add_argument("--json", action="store_true", help="输出 JSON")
    listing.set_defaults(run=run_list)
    for verb, run, help_text in (
        ("show", run_show, "一个模型的详情"),
        ("verify", run_verify, "核对模型文件"),
        ("remove", run_remove, "移除一个模型"),
    ):
        one = verbs.add_parser(verb, help=help_text)
        one.add_argument("id", metavar="ID")
        one.add_argument("--json", action="store_true", help="输出 JSON")
        one.set_defaults(run=run)


def run_list(arguments: argparse.Namespace, services: Services) -> int:
    """All installed models."""
    cards = services.library.installed()
    if arguments.json:
        print_json([_document(services, card) for card in cards])
        return 0
    for card in cards:
        writers = "、".join(card.writers)
        print(f"{card.id}\t{card.name}\t{human_size(card.size_bytes)}\t{card.licence}\t{writers}")
    return 0


def run_show(arguments: argparse.Namespace, services: Services) -> int:
    """One card."""
    card = services.library.card(arguments.id)
    if arguments.json:
        print_json(_document(services, card))
        return 0
    rows = {
        "名称": card.name,
        "简介": card.summary,
        "结构": f"{card.architecture}，{card.parameters / 1e6:.1f} M 参数，上下文 {card.context_length}",
        "大小": human_size(card.size_bytes),
        "授权": card.licence,
        "来源": card.source,
        "写作器": "、".join(card.writers),
        "位置": str(services.library.folder(card.id)),
    }
    rows |= {f"训练 {key}": str(value) for key, value in card.training.items()}
    for label, value in rows.items():
        print(f"{label}：{value}")
    return 0


def run_verify(arguments: argparse.Namespace, services: Services) -> int:
    """Check the files against the card."""
    services.library.verify(arguments.id)
    if arguments.json:
        print_json({"id": arguments.id, "ok": True})
    else:
        print(f"{arguments.id}：文件完好。")
    return 0


def run_remove(arguments: argparse.Namespace, services: Services) -> int:
    """Delete a model of the user."""
    services.library.remove(arguments.id)
    if arguments.json:
        print_json({"id": arguments.id, "removed": True})
    else:
        print(f"已移除 {arguments.id}。")
    return 0


def _document(services: Services, card: ModelCard) -> dict[str, Any]:
    return {
        **card.model_dump(mode="json"),
        "size_bytes": card.size_bytes,
        "folder": str(services.library.folder(card.id)),
        "shipped": services.library.is_shipped(card.id),
    }
