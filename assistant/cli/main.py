"""The commands, their exit statuses, and errors in one line."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Sequence
from typing import NoReturn

from assistant import __version__
from assistant.api import BibanError, ModelError
from assistant.cli import check, compose, convert, models, plugins, train
from assistant.cli.output import print_error, use_utf8
from assistant.cli.services import Services

EXIT_DONE = 0
EXIT_BAD_INPUT = 2
EXIT_MODEL = 3
EXIT_INTERRUPTED = 130


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without repeating the usage."""

    def error(self, message: str) -> NoReturn:
        """Print the line and exit with status 2."""
        print_error(f"命令写得不对：{message}。用 {self.prog} --help 查看用法。")
        raise SystemExit(EXIT_BAD_INPUT)


def build_parser() -> Parser:
    """The parser of all commands."""
    parser = Parser(
        prog="biban",
        description="笔伴：离线的中文写作助手。不带命令时打开桌面程序：biban [文件…]",
    )
    parser.add_argument("--version", action="version", version=f"biban {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    for command in (compose, check, models, plugins, convert, train):
        command.add_parser(commands)
    return parser


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The arguments of a command.

    argparse takes an optional positional argument for missing when options come between it and the one before it
    (``compose poem --count 1 明月``); such a command names it in ``late``, and it is put in its place here.
    """
    parser = build_parser()
    parsed, rest = parser.parse_known_args(arguments)
    late = getattr(parsed, "late", "")
    missing = late and getattr(parsed, late) in ("", "-")
    if len(rest) == 1 and missing and not rest[0].startswith("--"):
        setattr(parsed, late, rest[0])
    elif rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    return parsed


def run_command(arguments: Sequence[str], make_services: Callable[[], Services]) -> int:
    """Run one command line; the exit status as DESIGN §8 says.

    Args:
        arguments: without the program name.
        make_services: called once the arguments are known to be well formed.
    """
    use_utf8()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    parsed = parse(arguments)
    try:
        status: int = parsed.run(parsed, make_services())
    except ModelError as error:
        print_error(error.one_line)
        return EXIT_MODEL
    except BibanError as error:
        print_error(error.one_line)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough (biban … | head).
        return EXIT_DONE
    return status
