"""What can be said of a prose model in figures: held-out perplexity by kind of text, and how it goes on.

Run: ``python -m tests.benchmarks.prose [MODEL] --corpus ../shared/corpus [--ngram] [--write docs/starters.md]``. MODEL
is an id of the library or a folder. Perplexity is of a character, whatever pieces the model reads: exp of the negative
log-probability of a whole passage, its end included, over its characters and one for the end; white space is no
character. So models with different vocabularies, and a character n-gram, can be compared.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from assistant.api.sentences import CLOSING_QUOTES, SENTENCE_ENDS, ends_sentence
from plugins.continuation.recipe import ProseRecipe
from plugins.continuation.writer import ContinuationOptions
from tests.benchmarks.machine import describe_machine
from tests.benchmarks.quality.inputs import poems as records
from tests.benchmarks.quality.tables import check_place, percent, put_into, table
from tests.benchmarks.starters.composing import Composer
from tests.benchmarks.starters.models import Starter, find_starter
from tests.benchmarks.starters.ngram import ORDER, find_program, nats_of
from tests.benchmarks.starters.scoring import token_nats

if TYPE_CHECKING:
    from assistant.engine.causal_lm import CausalLM

PLACE = "prose"
FILES = ("modern", "prose")
LEAST_PASSAGES = 10
"""A kind with fewer has no row of its own."""
COPY_LENGTH = 13
"""As near-duplicates of the corpus were found: by shared runs of so many characters."""


@dataclass(frozen=True)
class Passage:
    """A held-out text as the recipe cuts it.

    Attributes:
        kind: 文章, 文档 …; empty when the corpus does not say.
        title: as a model that knows titles is told it, with its marks; empty behind the first passage of a text.
        text: whole sentences.
    """

    kind: str
    title: str
    text: str


def passages(corpus: Path, split: str) -> Iterator[Passage]:
    """All passages of ``split`` (train, heldout), in the order of the files."""
    for name in FILES:
        for record in records(corpus / f"{name}.{split}.jsonl.xz"):
            for example in ProseRecipe().examples(record):
                yield Passage("".join(example.controls), example.prefix, example.text)


def characters(text: str) -> str:
    """``text`` without white space."""
    return "".join(text.split())


def passage_nats(model: CausalLM, prompts: Sequence[str], texts: Sequence[str]) -> list[float | None]:
    """Nats of each text and its end behind its prompt; None where the vocabulary cannot write it or it is too long."""
    vocabulary = model.vocabulary
    heads = [vocabulary.prompt(prompt) for prompt in prompts]
    bodies = [[*vocabulary.encode(text), vocabulary.eos_token_id] for text in texts]
    fits = [
        len(head) + len(body) <= model.context_length
        and characters(vocabulary.decode(body)).lower() == characters(text).lower()
        for head, body, text in zip(heads, bodies, texts, strict=True)
    ]
    chosen = [number for number, fit in enumerate(fits) if fit]
    rows = token_nats(model, [heads[number] for number in chosen], [bodies[number] for number in chosen])
    found: list[float | None] = [None] * len(texts)
    for number, row in zip(chosen, rows, strict=True):
        found[number] = sum(row)
    return found


def perplexity_table(starter: Starter, corpus: Path, *, with_ngram: bool) -> str:
    """A row for each kind."""
    found = list(passages(corpus, "heldout"))
    texts = [passage.text for passage in found]
    model, card = starter.load("fp32"), starter.card
    print(f"perplexity: {len(found)} passages", file=sys.stderr, flush=True)
    knows_titles = card.title_format == ProseRecipe.title_format
    told = [card.control(passage.kind) + (passage.title if knows_titles else "") for passage in found]
    columns: dict[str, Sequence[float | None]] = {}
    if with_ngram:
        training = (characters(passage.text).lower() for passage in passages(corpus, "train"))
        rows = nats_of(training, [characters(text).lower() for text in texts])
        columns[f"{ORDER} 元"] = [sum(row) for row in rows]
    columns["不告诉"] = passage_nats(model, [""] * len(found), texts)
    columns["告诉文体与题目"] = passage_nats(model, told, texts)
    common = [
        number
        for number in range(len(found))
        if all(column[number] is not None for column in columns.values())
    ]
    counts = Counter(found[number].kind for number in common)
    kinds = [kind for kind, count in counts.most_common() if kind and count >= LEAST_PASSAGES]
    rows_shown = [_row(kind, found, common, columns) for kind in [*kinds, ""]]
    return (
        f"{table(['文体', '段', '字', *columns], rows_shown)}\n\n"
        f"每个字的困惑度，越低越好；一个英文字母、一个标点也算一个字，段末算一个，空白不算。留出集 {len(found):,} 段，"
        f"略去有词表写不出的字或放不进上下文的 {len(found) - len(common):,} 段。fp32。"
        + (
            f"「{ORDER} 元」是字模型，插值的改良 Kneser–Ney 平滑（IRSTLM），读的是同一批训练文字。"
            * with_ngram
        )
    )


def _row(
    kind: str,
    found: Sequence[Passage],
    common: Sequence[int],
    columns: Mapping[str, Sequence[float | None]],
) -> list[str]:
    own = [number for number in common if kind in ("", found[number].kind)]
    count = sum(len(characters(found[number].text)) + 1 for number in own)
    sums = [sum(column[number] or 0.0 for number in own) for column in columns.values()]
    figures = [f"{math.exp(nats / count):.1f}" if count else "–" for nats in sums]
    return [kind or "全部", f"{len(own):,}", f"{count:,}", *figures]


def writing_table(starter: Starter, corpus: Path, count: int) -> str:
    """How the model goes on behind beginnings of held-out texts, beside how their authors did."""
    beginnings = [
        (text[:at], text[at:])
        for text in (passage.text for passage in passages(corpus, "heldout"))
        if 10 <= (at := _first_end(text)) <= 60 and len(text) - at >= 80
    ]
    count = min(count, len(beginnings))
    asked = Random(0).sample(beginnings, count)
    print(f"writing: {len(asked)} texts", file=sys.stderr, flush=True)
    composer = Composer(starter, "continuation")
    written = [
        composer.first(ContinuationOptions(), seed=seed, before=before)
        for seed, (before, _) in enumerate(asked)
    ]
    real = [rest for _, rest in asked]
    windows = {window for texts in (written, real) for text in texts for window in windows_of(text)}
    known = {
        window
        for passage in passages(corpus, "train")
        for window in windows_of(passage.text)
        if window in windows
    }
    rows = [
        _writing_row(name, texts, known)
        for name, texts in ((starter.name, written), ("原文（留出集）", real))
    ]
    heading = ["续写", "篇", "平均字数", "句末收住", "distinct-2", "篇内重出", "照抄"]
    return (
        f"{table(heading, rows)}\n\n"
        f"从留出集 {count} 段的第一句续写，默认的选项，种子是题号。distinct-2：不同的相邻二字占全部的份额。"
        f"篇内重出：一篇里第二次出现的四字串占全部的份额。照抄：{COPY_LENGTH} 字的串原样见于训练文字的份额。"
    )


def windows_of(text: str, length: int = COPY_LENGTH) -> list[str]:
    """All runs of ``length`` characters, white space not counted."""
    text = characters(text)
    return [text[at : at + length] for at in range(len(text) - length + 1)]


def _writing_row(name: str, texts: Sequence[str], known: set[str]) -> list[str]:
    pairs = [pair for text in texts for pair in windows_of(text, 2)]
    fours = [windows_of(text, 4) for text in texts]
    windows = [window for text in texts for window in windows_of(text)]
    return [
        name,
        str(len(texts)),
        f"{sum(len(characters(text)) for text in texts) / len(texts):.0f}",
        percent(sum(map(ends_sentence, texts)), len(texts)),
        f"{len(set(pairs)) / max(len(pairs), 1):.3f}",
        percent(sum(len(own) - len(set(own)) for own in fours), sum(map(len, fours))),
        percent(sum(window in known for window in windows), len(windows)),
    ]


def _first_end(text: str) -> int:
    """Where the first sentence ends, its closing quotes included; 0 where none does."""
    end = next((at + 1 for at, character in enumerate(text) if character in SENTENCE_ENDS), 0)
    while end and text[end : end + 1] in CLOSING_QUOTES:
        end += 1
    return end


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", nargs="?", default="biban-starter-prose", metavar="MODEL")
    parser.add_argument("--corpus", type=Path, default=Path("../shared/corpus"))
    parser.add_argument(
        "--ngram", action="store_true", help="perplexity also of a 5-gram model; needs IRSTLM"
    )
    parser.add_argument("--texts", type=int, default=100, help="that are continued")
    parser.add_argument("--write", type=Path, help=f"page whose <!-- {PLACE} --> is replaced")
    options = parser.parse_args()
    starter = find_starter(options.model)
    if options.write:
        check_place(options.write, PLACE)
    if options.ngram:
        find_program()
    parts = [
        perplexity_table(starter, options.corpus, with_ngram=options.ngram),
        writing_table(starter, options.corpus, options.texts),
        f"模型 {starter.name}；{describe_machine()}",
    ]
    text = "\n\n".join(parts)
    print(text)
    if options.write:
        put_into(options.write, PLACE, text)


if __name__ == "__main__":
    main()
