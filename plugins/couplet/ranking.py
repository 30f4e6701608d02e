"""Which of many couplets to show: sense and parallelism."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.api import LanguageModel
from assistant.prosody.counterparts import likeness
from assistant.prosody.script import simplified
from plugins.couplet.occasions import Occasion
from plugins.couplet.wording import Wording, prompt_tokens

COMMONPLACE = 0.5
"""Of what the model would say without the other line, so much is taken off: lines that fit everything fit nothing."""
PARALLELISM = 2.0
"""Nats a character that a likeness of 1 in every place is worth. With it and ``COMMONPLACE`` the real 下联 of held-out
couplets beats 46 to 50 % of the constrained samples, by likelihood alone 34 %."""
TO_THE_POINT = 3.0
"""What a couplet gains that is made of words of the occasion alone; the model finds these no likelier than others."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A couplet to be judged.

    Attributes:
        upper: 上联, in the script of the page.
        lower: 下联, likewise.
        score: mean log-probability of what was written, in nats a token.
        written: the side or sides that were written.
    """

    upper: str
    lower: str
    score: float
    written: str


def merits(
    pairs: Sequence[Pair], model: LanguageModel | None, words: Wording, occasion: Occasion
) -> list[float]:
    """How good each of ``pairs`` is for ``occasion``, in nats a character; higher is better."""
    commonplace = [0.0] * len(pairs)
    if model is not None and pairs:
        lowers = [model.vocabulary.encode(simplified(pair.lower)) for pair in pairs]
        if all(lowers):
            prompt = prompt_tokens(model, words.before + words.between)
            longest = max(map(len, lowers))
            commonplace = model.score(model.fit(prompt, longest), lowers)
    return [
        pair.score
        - COMMONPLACE * alone * _share(pair)
        + PARALLELISM * likeness(pair.upper, pair.lower)
        + to_the_point(pair.written, occasion)
        for pair, alone in zip(pairs, commonplace, strict=True)
    ]


def to_the_point(written: str, occasion: Occasion) -> float:
    """What the words of ``occasion`` in a text are worth, in nats a character of it."""
    text = simplified(written)
    named = {at for word in occasion.words for at in _places(word, text)}
    return TO_THE_POINT * len(named) / max(len(text), 1)


def _places(word: str, text: str) -> set[int]:
    start = text.find(word)
    return set(range(start, start + len(word))) if start >= 0 else set()


def _share(pair: Pair) -> float:
    """How much of what was written is the 下联."""
    return len(pair.lower) / max(len(pair.written), 1) if pair.lower in pair.written else 0.0
