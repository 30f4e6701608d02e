"""How much a draft owes to its title."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.api import Candidate, LanguageModel
from assistant.api.han import is_han
from assistant.prosody.script import simplified

TO_THE_POINT = 2.0
"""How much more than its likeliness counts what a draft owes to its title. With 2, seven of ten quatrains of the
first starter stood nearer to their own title than to another, with 0 not half (200 titles of held-out poems)."""


def owed_to_title(
    candidates: Sequence[Candidate], model: LanguageModel, titled: str, untitled: str, text: str
) -> list[float]:
    """For each draft, log p(draft | title) less log p(draft), in nats a character: their mutual information.

    Li et al. 2016, "A Diversity-Promoting Objective Function for Neural Conversation Models", choose among answers by
    it, for the same reason: what is likeliest alone fits everything and says nothing.

    Args:
        titled: what stands before the verse, as the drafts were written.
        untitled: the same without the title.
        text: verse that was there already.
    """
    texts = [model.vocabulary.encode(simplified(candidate.continuation)) for candidate in candidates]
    if not texts or not all(texts):
        return [0.0] * len(texts)
    longest = max(map(len, texts))
    behind, alone = (
        model.score(
            model.fit_behind(
                model.vocabulary.prompt(heading), model.vocabulary.prompt(heading + text), longest
            ),
            texts,
        )
        for heading in (titled, untitled)
    )
    return [
        (with_title - without) * len(tokens) / (sum(map(is_han, candidate.continuation)) or 1)
        for with_title, without, tokens, candidate in zip(behind, alone, texts, candidates, strict=True)
    ]
