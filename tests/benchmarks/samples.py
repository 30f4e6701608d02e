"""Fifty poems as the program writes them, nothing chosen by hand; makes ``docs/samples.md``.

Run: ``python -m tests.benchmarks.samples [--model biban-starter-poem] [--write docs/samples.md]``. Ten prompts with the
seeds 1 to 5 through the path of ``biban compose``, default options; shown is the first of the three candidates of each.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from assistant.cli.compose import compose
from assistant.cli.services import Services

STARTER = "biban-starter-poem"
SEEDS = (1, 2, 3, 4, 5)
COUNT = 3
"""Candidates of ``biban compose``, if nothing else is asked for."""


@dataclass(frozen=True)
class Prompt:
    """One thing that is asked for.

    Attributes:
        heading: for a person.
        text: what stands before the cursor.
        options: of the poem writer; the others stay as they are.
        continues: whether the text goes on behind ``text`` instead of coming back whole.
    """

    heading: str
    text: str = ""
    options: dict[str, str] = field(default_factory=dict)
    continues: bool = False

    def command(self, model: str, seed: str) -> str:
        """The command line that gives the same."""
        words = ["biban", "compose", "poem", *([self.text] if self.text else [])]
        for name, value in self.options.items():
            words += ["--option", f"{name}={value}"]
        return " ".join([*words, "--model", model, "--seed", seed])


PROMPTS = (
    Prompt("七绝《柳暗花明》", options={"form": "七绝", "title": "柳暗花明"}),
    Prompt("五律《秋夜思乡》", options={"form": "五律", "title": "秋夜思乡"}),
    Prompt("七律《高山流水》", options={"form": "七律", "title": "高山流水"}),
    Prompt("浣溪沙《春日》", options={"tune": "浣溪沙", "title": "春日"}),
    Prompt("水调歌头《登高望远》", options={"tune": "水调歌头", "title": "登高望远"}),
    Prompt("五律，首句「空山新雨后，」", "空山新雨后，", {"form": "五律"}),
    Prompt("七绝，首句「朝辞白帝彩云间，」", "朝辞白帝彩云间，", {"form": "七绝"}),
    Prompt("水调歌头，首句「明月几时有，」", "明月几时有，", {"tune": "水调歌头"}),
    Prompt("七绝，藏头「平安喜乐」", options={"form": "七绝", "acrostic": "平安喜乐"}),
    Prompt("自由续写「孤舟蓑笠翁，」", "孤舟蓑笠翁，", continues=True),
)


def page(services: Services, model: str) -> Iterator[str]:
    """The page, in pieces."""
    program = f"python -m tests.benchmarks.samples{'' if model == STARTER else f' --model {model}'}"
    yield (
        "# 写出来的诗\n\n"
        f"十个题目，各用种子 {SEEDS[0]} 到 {SEEDS[-1]} 写一次，其余都是默认的选项，共 {len(PROMPTS) * len(SEEDS)} 首。"
        f"程序每次写 16 稿，自己排名，出 {COUNT} 个候选，这里放的都是第一个；"
        "没有人挑选，也没有改过一个字。"
        f"模型 {model}。\n\n"
        f"这一页由一条命令写成：\n\n```sh\n{program} --write docs/samples.md\n```\n"
    )
    for prompt in PROMPTS:
        print(prompt.heading, file=sys.stderr, flush=True)
        yield f"\n## {prompt.heading}\n\n```sh\n{prompt.command(model, 'N')}\n```\n"
        for seed in SEEDS:
            yield f"\n种子 {seed}\n\n{quoted(poem_of(services, prompt, model, seed))}\n"


def poem_of(services: Services, prompt: Prompt, model: str, seed: int) -> str:
    """The first candidate with the line breaks of the writer; says so where there is none.

    Raises:
        BibanError: the request failed.
    """
    result, _ = compose(
        services,
        writer_id="poem",
        text=prompt.text,
        options=prompt.options,
        model_id=model,
        count=COUNT,
        seed=seed,
    )
    if not result.candidates:
        return "（没有写成）"
    text = result.candidates[0].text
    return prompt.text + text if prompt.continues else text


def quoted(text: str) -> str:
    """A quotation in Markdown that keeps its lines."""
    return "\n".join(f"> {line}  " if line.strip() else ">" for line in text.strip().split("\n"))


def main() -> None:
    """Write and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default=STARTER, help="id of an installed model")
    parser.add_argument("--write", type=Path, help="page that is written anew")
    options = parser.parse_args()
    from assistant import app

    with tempfile.TemporaryDirectory() as temporary:
        if options.model == STARTER:
            # Whatever this user has set or installed: the page is of the program as it comes.
            os.environ["BIBAN_HOME"] = temporary
        text = "".join(page(app._services(), options.model))
    print(text)
    if options.write:
        options.write.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
