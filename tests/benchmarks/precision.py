"""Perplexity of the shipped starter in fp32, bf16 and 8 bit on held-out poems.

Run: ``python -m tests.benchmarks.precision [CORPUS.jsonl.xz] [--poems 1000]``. Each poem is read alone behind the start
token, as in the trainer's evaluation; the figure is exp of the mean negative log-probability per token.
"""

from __future__ import annotations

import argparse
import json
import lzma
import math
from pathlib import Path

import torch

from assistant.engine.causal_lm import CausalLM
from assistant.engine.loader import load_model
from assistant.library.cards import read_card
from resources import resource_path
from tests.benchmarks.machine import describe_machine

STARTER = "biban-starter-poem"


def perplexity(model: CausalLM, poems: list[str]) -> float:
    """Per token, the end of the text included."""
    total, count = 0.0, 0
    for poem in poems:
        tokens = [*model.vocabulary.encode(poem), model.vocabulary.eos_token_id]
        tokens = tokens[: model.context_length - 1]
        [score] = model.score(model.vocabulary.prompt(""), [tokens])
        total -= score * len(tokens)
        count += len(tokens)
    return math.exp(total / count)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "corpus", nargs="?", type=Path, default=Path("../shared/corpus/poems.heldout.jsonl.xz")
    )
    parser.add_argument("--poems", type=int, default=1000)
    options = parser.parse_args()
    with lzma.open(options.corpus, "rt", encoding="utf-8") as file:
        poems = ["".join(str(json.loads(line)["text"]).split()) for line in file][: options.poems]
    card = read_card(resource_path("model_cards", f"{STARTER}.toml"))
    folder = resource_path("models", STARTER)
    print(describe_machine())
    print(f"{STARTER}, {len(poems)} poems, {torch.get_num_threads()} threads")
    first = 0.0
    for precision in ("fp32", "bf16", "int8"):
        model = load_model(folder, card, device="cpu", precision=precision)  # type: ignore[arg-type]
        assert isinstance(model, CausalLM)
        value = perplexity(model, poems)
        first = first or value
        print(
            f"{precision:>5}  perplexity {value:8.3f}  {value / first - 1:+.2%}  {model.memory_bytes / 1e6:6.1f} MB"
        )


if __name__ == "__main__":
    main()
