"""``biban models``: what there is, getting it, looking it over, removing it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from assistant.api import Cancellation, InputError
from assistant.cli.output import ProgressLine, human_size, print_error, print_json
from assistant.cli.services import Services
from assistant.library import LibraryEntry, ModelState
from assistant.library.memory import PRECISIONS, peak_bytes, weights_bytes

STATES = {
    ModelState.SHIPPED: "自带",
    ModelState.INSTALLED: "已安装",
    ModelState.PARTIAL: "下载未完",
    ModelState.AVAILABLE: "可下载",
    ModelState.IMPORTABLE: "可导入",
}


def add_parser(commands: Any) -> None:
    """Declare the command and its verbs."""
    parser = commands.add_parser("models", help="模型库：列出、下载、导入、核对、移除")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    _verb(verbs, "list", run_list, "列出所有模型")
    for verb, run, help_text in (
        ("show", run_show, "一个模型的详情"),
        ("verify", run_verify, "核对模型文件"),
        ("remove", run_remove, "移除一个模型，或放弃它没下完的下载"),
    ):
        _verb(verbs, verb, run, help_text).add_argument("id", metavar="ID")
    importing = _verb(verbs, "import", run_import, "导入模型文件夹、.zip 或 .tar")
    importing.add_argument("path", metavar="PATH", type=Path)
    importing.add_argument("--id", metavar="ID", help="给它的标识；不写则由文件夹名而来")
    importing.add_argument(
        "--writer", metavar="WRITER", action="append", default=[], help="用于哪个写作器，可写多次"
    )
    downloading = _verb(verbs, "download", run_download, "下载模型；中断后再运行一次即接着下")
    downloading.add_argument(
        "repo_or_id", metavar="REPO_OR_ID", help="模型卡的标识，或仓库名如 uer/gpt2-chinese-poem"
    )
    downloading.add_argument(
        "--endpoint", metavar="URL", default="", help="模型仓库或镜像的地址（默认 HF_ENDPOINT）"
    )


def _verb(verbs: Any, name: str, run: Any, help_text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=help_text)
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.set_defaults(run=run)
    return parser


def run_list(arguments: argparse.Namespace, services: Services) -> int:
    """All known models, the installed ones first."""
    entries = services.library.entries()
    if arguments.json:
        print_json([_document(entry) for entry in entries])
        return 0
    for entry in entries:
        card = entry.card
        size = ("" if card.files else "约 ") + human_size(card.expected_bytes)
        writers = "、".join(card.writers)
        print(f"{card.id}\t{STATES[entry.state]}\t{card.name}\t{size}\t{card.licence}\t{writers}")
    return 0


def run_show(arguments: argparse.Namespace, services: Services) -> int:
    """One card."""
    entry = services.library.entry(arguments.id)
    card = entry.card
    if arguments.json:
        print_json(_document(entry))
        return 0
    rows = {
        "名称": card.name,
        "状态": STATES[entry.state],
        "简介": card.summary,
        "结构": f"{card.architecture}，{card.parameters / 1e6:.1f} M 参数，上下文 {card.context_length}",
        "大小": ("" if card.files else "约 ") + human_size(card.expected_bytes),
        "内存": "，".join(
            f"{name} 约 {human_size(peak_bytes(card, name))}" for name in ("int8", "bf16", "fp32")
        ),
        "授权": card.licence,
        "来源": card.source,
        "写作器": "、".join(card.writers),
        "位置": str(entry.folder or "（未安装）"),
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


def run_import(arguments: argparse.Namespace, services: Services) -> int:
    """Copy a model into the library.

    Raises:
        InputError: the source cannot be used, or no writer has one of the ids.
    """
    from assistant.library.acquire import import_model

    known = services.load_catalogue().writers
    strange = next((writer for writer in arguments.writer if writer not in known), None)
    if strange is not None:
        raise InputError(f"没有名为 {strange} 的写作器。", f"可用的写作器：{'、'.join(known)}。")
    line = ProgressLine("导入")
    card = import_model(
        services.library,
        arguments.path.expanduser().resolve(),
        services.check_folder,
        model_id=arguments.id,
        writers=arguments.writer,
        on_progress=line.show,
    )
    line.close()
    return _installed(arguments, services, card.id)


def run_download(arguments: argparse.Namespace, services: Services) -> int:
    """Download a model; Ctrl+C pauses."""
    from assistant.library.acquire import download_model

    line = ProgressLine("下载")
    cancellation = Cancellation()
    endpoint = arguments.endpoint or services.settings_store.load().library.endpoint
    try:
        card = download_model(
            services.library,
            arguments.repo_or_id,
            services.check_folder,
            endpoint=endpoint,
            on_progress=lambda p: line.show(p.received_bytes, p.total_bytes, p.bytes_per_second),
            cancellation=cancellation,
        )
    except KeyboardInterrupt:
        cancellation.cancel()
        line.close()
        print_error("已暂停；已下载的部分会保留，再运行一次即接着下。")
        raise
    line.close()
    assert card is not None  # nobody paused it
    return _installed(arguments, services, card.id)


def _installed(arguments: argparse.Namespace, services: Services, model_id: str) -> int:
    entry = services.library.entry(model_id)
    if arguments.json:
        print_json(_document(entry))
    else:
        print(f"已安装「{entry.card.name}」（{model_id}），用于：{'、'.join(entry.card.writers)}。")
    return 0


def _document(entry: LibraryEntry) -> dict[str, Any]:
    card = entry.card
    return {
        **card.model_dump(mode="json"),
        "state": entry.state,
        "installed": entry.is_installed,
        "shipped": entry.state is ModelState.SHIPPED,
        "size_bytes": card.size_bytes,
        "memory_bytes": {precision: weights_bytes(card, precision) for precision in PRECISIONS},
        "folder": str(entry.folder) if entry.folder else card.folder,
    }
