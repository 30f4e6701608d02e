"""One character is missing: every one that the rules admit, ranked by how likely the whole poem is with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from assistant.api import FinishReason, LanguageModel, TokenChunk
from assistant.prosody.verse import GAPS
from plugins.poem.constraints import PlanConstraint
from plugins.poem.wish import PoemWish

FIRST_LOOK, SECOND_LOOK = 256, 64
"""So many characters pass the first look and the second."""


def only_gap(wish: PoemWish) -> tuple[int, int] | None:
    """(line, column) of the gap when the text is a whole poem but for one character; else None."""
    gaps = [
        (number, column)
        for number, line in enumerate(wish.lines)
        for column, character in enumerate(line)
        if character in GAPS
    ]
    whole = any(tuple(map(len, wish.lines)) == pattern.line_lengths for pattern in wish.wishes.patterns)
    return gaps[0] if len(gaps) == 1 and whole else None


def characters_for(
    prompt: Sequence[int], wish: PoemWish, constraint: PlanConstraint, model: LanguageModel, count: int
) -> Iterator[TokenChunk]:
    """The ``count`` best characters for the gap, each with the rest of the poem behind it, as finished candidates.

    Args:
        prompt: tokens of everything before the gap.
        wish: the poem.
        constraint: its rules.
        model: scores all candidates in one batch.
        count: how many to give; fewer when the rules admit fewer.
    """
    vocabulary = model.vocabulary
    constraint.reset(1)
    allowed = constraint.next_of(0, "").characters
    characters = sorted(filter(vocabulary.can_write, allowed.characters - allowed.without))
    rest = _behind_the_gap(wish)
    # Three looks, each at fewer: by the first token alone (one character may take several), by the whole character,
    # and by the whole poem.
    spelled = {character: vocabulary.encode(character) for character in characters}
    characters = _best(characters, lambda c: spelled[c][:1], prompt, model, FIRST_LOOK)
    characters = _best(characters, lambda c: spelled[c], prompt, model, SECOND_LOOK)
    scored = _scores(characters, lambda c: vocabulary.encode(c + rest), prompt, model)
    best = sorted(scored, key=lambda character: -scored[character])[:count]
    for index, character in enumerate(best):
        length = len(vocabulary.encode(character + rest))
        yield TokenChunk(index, character + rest, scored[character], length, FinishReason.STOP)


def _best(
    characters: Sequence[str],
    tokens_of: Callable[[str], list[int]],
    prompt: Sequence[int],
    model: LanguageModel,
    count: int,
) -> list[str]:
    if len(characters) <= count:
        return list(characters)
    scored = _scores(characters, tokens_of, prompt, model)
    return sorted(characters, key=lambda character: -scored[character])[:count]


def _scores(
    characters: Sequence[str],
    tokens_of: Callable[[str], list[int]],
    prompt: Sequence[int],
    model: LanguageModel,
) -> dict[str, float]:
    """Character → log-probability of its tokens behind ``prompt``, in nats."""
    tokens = [tokens_of(character) for character in characters]
    means = model.score(prompt, tokens) if tokens else []
    return {
        character: mean * len(own) for character, own, mean in zip(characters, tokens, means, strict=True)
    }


def _behind_the_gap(wish: PoemWish) -> str:
    """The text behind the gap, with the marks of the pattern, laid out."""
    pattern = next(p for p in wish.wishes.patterns if p.line_lengths == tuple(map(len, wish.lines)))
    whole = "".join(line + pattern.lines[number].mark for number, line in enumerate(wish.lines))
    return whole[next(at for at, character in enumerate(whole) if character in GAPS) + 1 :]
