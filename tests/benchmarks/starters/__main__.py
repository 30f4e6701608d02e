"""Everything that can be said of a poem model in figures; makes the tables of ``docs/starters.md``.

Run: ``python -m tests.benchmarks.starters MODEL [MODEL …] --corpus ../shared/corpus``. MODEL is an id of the library,
such as ``biban-starter-poem``, or any folder with a causal model of verse whose vocabulary is made of characters, such
as ``uer/gpt2-chinese-poem``; several stand side by side. Takes about an hour for one model on two idle cores; with
``--cache`` an interrupted run goes on where it was.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.benchmarks.machine import describe_machine
from tests.benchmarks.quality.store import Store
from tests.benchmarks.quality.tables import check_place, put_into
from tests.benchmarks.starters.models import Starter, find_starter

SECTIONS = {
    "perplexity": "留出集困惑度",
    "rules": "合律",
    "diversity": "雷同与照抄",
    "parallel": "对仗",
    "speed": "速度与内存",
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--corpus", type=Path, default=Path("../shared/corpus"))
    parser.add_argument("--section", action="append", choices=list(SECTIONS))
    parser.add_argument(
        "--ngram", action="store_true", help="perplexity also of a 5-gram model; needs IRSTLM"
    )
    parser.add_argument("--prompts", type=int, default=40, help="of section rules, for each row")
    parser.add_argument("--titles", type=int, default=100, help="of sections diversity and parallel, a form")
    parser.add_argument("--cache", type=Path, help="folder for finished pieces of the run")
    parser.add_argument("--write", type=Path, help="page whose <!-- measured --> is replaced")
    options = parser.parse_args()
    starters = [find_starter(name) for name in options.models]
    store = Store(options.cache)
    if options.write:
        check_place(options.write, "measured")
    if options.ngram:
        from tests.benchmarks.starters.ngram import find_program

        find_program()  # what is missing is said at once, not after an hour
    machine = describe_machine()
    print(machine)
    parts = []
    for section in options.section or SECTIONS:
        text = f"### {SECTIONS[section]}\n\n{text_of(section, starters, options, store)}"
        print(f"\n{text}", flush=True)
        parts.append(text)
    if options.write:
        names = "、".join(starter.name for starter in starters)
        put_into(options.write, "measured", "\n\n".join([*parts, f"模型 {names}；{machine}"]))


def text_of(section: str, starters: list[Starter], options: argparse.Namespace, store: Store) -> str:
    """One section in Markdown."""
    corpus: Path = options.corpus
    if section == "perplexity":
        from tests.benchmarks.starters import perplexity

        return perplexity.section(starters, corpus, store, with_ngram=options.ngram)
    if section == "rules":
        from tests.benchmarks.starters import rules

        return rules.section(starters, corpus, options.prompts, store)
    if section == "diversity":
        from tests.benchmarks.starters import diversity

        return diversity.section(starters, corpus, options.titles, store)
    if section == "parallel":
        from tests.benchmarks.starters import parallel

        return parallel.section(starters, corpus, options.titles, store)
    from tests.benchmarks.starters import speed

    called = zip(options.models, starters, strict=True)
    return speed.section([(argument, starter.name, starter.key) for argument, starter in called], store)


if __name__ == "__main__":
    main()
