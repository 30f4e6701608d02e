"""Held-out perplexity by kind of poem, with nothing before a poem and behind everything that can be told of it.

Perplexity is exp of the mean negative log-probability of a token (Jelinek et al. 1977). A token is a 汉字, a mark, or
the end of the text; of 汉字 alone, marks and ends are read but not counted. A column is comparable between models since
all count the same tokens: those of the poems that every model's vocabulary can write, as far as every model can read.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.api import ModelCard
from assistant.api.han import is_han
from plugins.poem.recipe import PoemRecipe
from tests.benchmarks.quality.store import Store
from tests.benchmarks.quality.tables import table
from tests.benchmarks.starters.models import Starter
from tests.benchmarks.starters.ngram import ORDER, heldout_nats
from tests.benchmarks.starters.scoring import token_nats, tokens_of
from tests.benchmarks.starters.verse import heldout, text_of

if TYPE_CHECKING:
    from assistant.engine.causal_lm import CausalLM

KINDS = ("七绝", "七律", "五律", "五绝", "排律", "五古", "七古", "词", "曲", "other")
BARE, TOLD = "不告诉", "告诉"
_NAMES = {"other": "其他"}
_DIGITS = 4

_NGRAM = f"「{ORDER} 元」是 {ORDER} 元的字模型，插值的改良 Kneser–Ney 平滑（IRSTLM），从全部训练诗里数出来。"

Nats = Mapping[str, Sequence[float]]
"""By number of the poem in the held-out file, as a string: nats of its tokens."""


@dataclass(frozen=True)
class Share:
    """Sums over poems.

    Attributes:
        nats: negative log-probability.
        tokens: as many were counted.
    """

    nats: float = 0.0
    tokens: int = 0

    @property
    def perplexity(self) -> float:
        """exp(nats / tokens); nan when nothing was counted."""
        return math.exp(self.nats / self.tokens) if self.tokens else math.nan


def section(starters: Sequence[Starter], corpus: Path, store: Store, *, with_ngram: bool) -> str:
    """The table: a row for each kind, columns for each model."""
    columns: list[tuple[str, Nats]] = []
    for starter in starters:
        print(f"perplexity: {starter.name}", file=sys.stderr, flush=True)
        read = store.get(f"perplexity-{starter.key}", partial(_read, starter, corpus))
        columns += [(f"{starter.name}，{name}", nats) for name, nats in read.items()]
    entries = list(heldout(corpus))
    if with_ngram:
        columns.insert(0, (f"{ORDER} 元", store.get(f"ngram-{ORDER}", lambda: heldout_nats(corpus))))
    common = common_numbers(nats for _, nats in columns)
    lengths = {number: min(len(nats[number]) for _, nats in columns) for number in common}
    whole = {number: len(text_of(entries[int(number)])) + 1 for number in common}
    heading = ["体裁", "首", "词", *(name for name, _ in columns)]
    nats = [nats for _, nats in columns]
    rows = [_row(kind, entries, lengths, nats) for kind in (*KINDS, "")]
    han_rows = [_row(kind, entries, lengths, nats, only_han=True) for kind in (*KINDS, "")]
    return (
        f"{table(heading, rows)}\n\n"
        f"只算汉字，标点与篇末读而不计：\n\n{table(heading, han_rows)}\n\n"
        f"困惑度，越低越好。词：每个汉字、每个标点和篇末（`[SEP]`）各算一个；每首单独读，只有前文，没有别的诗。"
        f"留出集 {len(entries):,} 首，略去有词表写不出的字的 {len(entries) - len(common):,} 首，"
        f"以及超出上下文的 {sum(whole.values()) - sum(lengths.values()):,} 个词。"
        f"「{TOLD}」是模型卡上有的体裁或词牌、时代与题目先给它读，不计入。fp32。"
        "自带模型没有读过留出集；别处来的模型也许读过，那样它的困惑度不作数。"
        + (_NGRAM if with_ngram else "")
    )


def told_prompt(poem: Mapping[str, Any], card: ModelCard) -> str:
    """Everything the model can be told of a poem of the corpus, as in training; empty for what it does not know."""
    for example in PoemRecipe().examples(poem):
        heading = example.prefix if card.title_format == PoemRecipe.title_format else ""
        return "".join(map(card.control, example.controls)) + heading
    return ""


def read_heldout(
    model: CausalLM, card: ModelCard, entries: Iterable[Mapping[str, Any]], *, told: bool
) -> dict[str, list[float]]:
    """Nats of the tokens of each poem that the vocabulary can write."""
    numbers, prompts, texts = [], [], []
    for number, poem in enumerate(entries):
        tokens = tokens_of(model.vocabulary, text_of(dict(poem)))
        if tokens is not None:
            numbers.append(str(number))
            prompts.append(model.vocabulary.prompt(told_prompt(poem, card) if told else ""))
            texts.append(tokens)
    rows = token_nats(model, prompts, texts)
    return {number: [round(nats, _DIGITS) for nats in row] for number, row in zip(numbers, rows, strict=True)}


def common_numbers(columns: Iterable[Nats]) -> list[str]:
    """The poems that stand in every column, in the order of the file."""
    return sorted(set.intersection(*(set(nats) for nats in columns)), key=int)


def share_of(
    texts: Mapping[str, str], lengths: Mapping[str, int], nats: Nats, *, only_han: bool = False
) -> Share:
    """Sum over the first ``lengths[number]`` tokens of each text.

    Args:
        texts: by number, without the end.
        lengths: how many tokens count, the end included.
        nats: of each token.
        only_han: leave marks and ends out.
    """
    total, count = 0.0, 0
    for number, text in texts.items():
        own = nats[number][: lengths[number]]
        # The end of the text stands for a mark.
        counted = [value for value, c in zip(own, text + "。", strict=False) if not only_han or is_han(c)]
        total += sum(counted)
        count += len(counted)
    return Share(total, count)


def _row(
    kind: str,
    entries: Sequence[Mapping[str, Any]],
    lengths: Mapping[str, int],
    columns: Sequence[Nats],
    *,
    only_han: bool = False,
) -> list[str]:
    """Of one kind; of all poems where ``kind`` is empty."""
    texts = {
        number: text_of(dict(entries[int(number)]))
        for number in lengths
        if kind in ("", entries[int(number)]["kind"])
    }
    shares = [share_of(texts, lengths, nats, only_han=only_han) for nats in columns]
    figures = [f"{share.perplexity:.1f}" for share in shares]
    return [_NAMES.get(kind, kind) or "全部", f"{len(texts):,}", f"{shares[0].tokens:,}", *figures]


def _read(starter: Starter, corpus: Path) -> dict[str, dict[str, list[float]]]:
    model, entries = starter.load("fp32"), list(heldout(corpus))
    read = {BARE: read_heldout(model, starter.card, entries, told=False)}
    if starter.knows_titles_or_forms:
        read[TOLD] = read_heldout(model, starter.card, entries, told=True)
    return read
