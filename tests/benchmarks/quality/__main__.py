"""What is written and what is checked, in figures; makes the tables of ``docs/quality.md``.

Run: ``python -m tests.benchmarks.quality [--section rules]… [--model FOLDER] [--prompts 200] [--write PAGE]``.
Works for any folder with a causal model of verse. A whole run takes an hour and more on two cores; with ``--cache``
an interrupted one goes on where it was.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from assistant.api import LanguageModel, ModelCard
from assistant.engine.loader import load_model
from resources import resource_path
from tests.benchmarks.machine import describe_machine
from tests.benchmarks.quality.store import Store
from tests.benchmarks.quality.tables import put_into
from tests.benchmarks.starters.models import card_of

STARTER = "biban-starter-poem"
SECTIONS = ("rules", "couplets", "checker", "corpus", "sense", "speed")


def card_for(folder: Path, title_format: str | None) -> ModelCard:
    """The card of the model, with another title format where one is given."""
    card = card_of(folder)
    return card if title_format is None else card.model_copy(update={"title_format": title_format})


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("../shared/corpus"))
    parser.add_argument("--model", type=Path, default=resource_path("models", STARTER))
    parser.add_argument("--title-format", help="how the model is told a title, such as 《{title}》")
    parser.add_argument("--section", action="append", choices=SECTIONS)
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument(
        "--only", action="append", default=[], help="of sections rules and couplets: these rows"
    )
    parser.add_argument("--cache", type=Path, help="folder for finished pieces of the run")
    parser.add_argument("--write", type=Path, help="page whose tables are replaced")
    options = parser.parse_args()
    store, corpus = Store(options.cache), options.corpus
    loaded: list[LanguageModel] = []

    def model() -> LanguageModel:
        if not loaded:
            card = card_for(options.model, options.title_format)
            loaded.append(load_model(options.model, card, device="cpu"))
        return loaded[0]

    def text_of(section: str) -> str:
        if section == "rules":
            from tests.benchmarks.quality import rules

            return rules.section(model(), corpus, options.prompts, store, options.only)
        if section == "couplets":
            from tests.benchmarks.quality import couplets

            return couplets.section(model(), corpus, options.prompts, store, options.only)
        if section == "checker":
            from tests.benchmarks.quality import anthology

            return anthology.section(corpus)
        if section == "corpus":
            from tests.benchmarks.quality import annotation

            return annotation.section(corpus, store)
        if section == "sense":
            from tests.benchmarks.quality import sense

            return sense.section(model(), corpus, options.prompts, store)
        from tests.benchmarks.quality import speed

        return speed.section(model())

    machine = describe_machine()
    print(machine)
    for section in options.section or SECTIONS:
        text = text_of(section)
        if section in ("rules", "couplets", "sense", "speed"):
            text += f"\n\n模型 {options.model.name}；{machine}"
        print(f"\n{section}\n\n{text}", flush=True)
        if options.write:
            put_into(options.write, section, text)


if __name__ == "__main__":
    main()
