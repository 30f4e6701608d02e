"""``biban compose``: the main job without a screen."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from assistant.api import (
    Cancellation,
    Candidate,
    GenerationRequest,
    InputError,
    ModelError,
    Reads,
    Writer,
    WritingContext,
    secret_fields,
)
from assistant.cli.output import print_error, print_json
from assistant.cli.services import Services
from assistant.generation.events import CandidatesChanged, Failed, Finished, ModelLoading, ModelReady

GAP = "[MASK]"
"""Marks the gap in TEXT for writers that also read what stands behind the cursor."""


def add_parser(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("compose", help="写诗、续写：biban compose poem 明月几时有，")
    parser.add_argument("writer", metavar="WRITER", help="写作器，如 poem")
    parser.add_argument(
        "text", metavar="TEXT", nargs="?", default="", help="光标前的文字；- 为从标准输入读取"
    )
    parser.add_argument("--model", metavar="ID", help="模型；不写则用第一个合适的")
    parser.add_argument(
        "--option", metavar="NAME=VALUE", action="append", default=[], help="写作器的选项，可写多次"
    )
    parser.add_argument("--count", metavar="N", type=int, default=3, help="候选个数（默认 3）")
    parser.add_argument("--seed", metavar="N", type=int, help="随机种子；同样的种子得到同样的结果")
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.set_defaults(run=run, late="text")


def run(arguments: argparse.Namespace, services: Services) -> int:
    """Compose and print.

    Raises:
        InputError: the writer, an option, the count or the text is unusable.
        ModelError: the model could not run.
    """
    if not 1 <= arguments.count <= 64:
        raise InputError(f"--count {arguments.count} 不能用。", "应在 1 到 64 之间。")
    if arguments.seed is not None and not 0 <= arguments.seed < 2**63:
        raise InputError(f"--seed {arguments.seed} 不能用。", "应是 0 到 2^63-1 之间的整数。")
    text = sys.stdin.read() if arguments.text == "-" else arguments.text
    result, ready = compose(
        services,
        writer_id=arguments.writer,
        text=text,
        options=parse_options(arguments.option),
        model_id=arguments.model,
        count=arguments.count,
        seed=arguments.seed,
        say_loading=sys.stderr.isatty(),
    )
    if arguments.json:
        print_json(as_document(arguments.writer, ready, result))
    else:
        print_candidates(result.candidates)
    return 0


def compose(
    services: Services,
    *,
    writer_id: str,
    text: str,
    options: dict[str, str],
    model_id: str | None,
    count: int,
    seed: int | None,
    say_loading: bool = False,
) -> tuple[Finished, ModelReady]:
    """Run one request to its end.

    Raises:
        BibanError: as the request failed.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError("给出的文字不是有效的 UTF-8。", "请检查终端或文件的编码。") from error
    writer: Writer = services.load_catalogue().writer(writer_id)
    context = WritingContext(before=text)
    if Reads.AFTER in writer.reads and GAP in text:
        before, _, after = text.partition(GAP)
        context = WritingContext(before=before, after=after)
    for name in secret_fields(writer.options_model):
        if name not in options and (secret := services.secrets.get(f"{writer_id}.{name}")):
            options = {**options, name: secret}
    request = GenerationRequest(
        writer_id=writer_id,
        context=context,
        options=writer.options_model.parse(options),
        model_id=model_id,
        num_return_sequences=count,
        seed=seed,
    )
    ready = ModelReady(request.request_id, "", "", "")
    for event in services.runner.run(request, Cancellation()):
        match event:
            case ModelLoading() if say_loading:
                print_error(f"正在载入模型「{event.model_name}」…")
            case ModelReady():
                ready = event
            case Finished():
                return event, ready
            case Failed():
                raise event.error
            case CandidatesChanged() | _:
                pass
    raise ModelError("写作中断，没有结果。", "请再试一次。")


def parse_options(pairs: Sequence[str]) -> dict[str, str]:
    """``["form=七绝"]`` as a dictionary.

    Raises:
        InputError: a pair has no ``=``.
    """
    options = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise InputError(f"--option {pair} 不能用。", "应写成 名称=值，如 --option form=七绝。")
        options[name.strip()] = value
    return options


def as_document(writer_id: str, ready: ModelReady, result: Finished) -> dict[str, Any]:
    """The document of ``compose --json``."""
    return {
        "writer": writer_id,
        "model": ready.model_id or None,
        "candidates": [
            {
                "text": candidate.text,
                "score": round(candidate.score, 4),
                "finish_reason": candidate.finish_reason,
                "report": candidate.report,
            }
            for candidate in result.candidates
        ],
        "seconds": round(result.seconds, 3),
        "tokens": result.token_count,
    }


def print_candidates(candidates: Sequence[Candidate]) -> None:
    """Numbered, the lines of one candidate under each other, an empty line between two."""
    for number, candidate in enumerate(candidates, start=1):
        if number > 1:
            print()
        label = f"{number}. "
        print(label + candidate.text.replace("\n", "\n" + " " * len(label)))
