"""横批: four characters over a couplet."""

from __future__ import annotations

from collections.abc import Collection
from random import Random

from assistant.api import Cancellation, GenerationConfig, LanguageModel, SamplingOptions
from assistant.api.han import is_han
from assistant.prosody.couplet_text import BANNER_LENGTH
from assistant.prosody.couplet_tones import OPPOSITE
from assistant.prosody.tones import EITHER, LEVEL
from plugins.couplet.choices import Choices
from plugins.couplet.constraints import LineConstraint
from plugins.couplet.occasions import Occasion
from plugins.couplet.plan import LinePlan, Slot
from plugins.couplet.wording import Wording, prompt_tokens

LABEL = "横批："
LABELS = (LABEL, "橫批：")
"""Also as it is shown in traditional text."""
_WELL_KNOWN = 4.0
"""Nats a character that a well-known 横批 is ahead of one that the model writes."""
_ENDS_OBLIQUE = 0.3
"""What an oblique end costs."""
_MOST_KNOWN = 40
_WRITTEN = 12


def best_banner(
    couplet: str,
    taken: Collection[str],
    occasion: Occasion,
    model: LanguageModel,
    words: Wording,
    choices: Choices,
    sampling: SamplingOptions,
    random: Random,
    cancellation: Cancellation,
) -> str:
    """The 横批 that reads best behind ``couplet``; it repeats none of its characters. Empty when none was finished.

    Args:
        couplet: both sides as the model reads them.
        taken: 横批 that other couplets have.
        occasion: well-known ones for it are weighed against what the model writes itself.
        model: writes and weighs them.
        words: the wording of the couplet.
        choices: characters by tone: the second opposes the fourth, and the fourth is level.
        sampling: how to draw.
        random: for a seed, and for a choice among many well-known ones.
        cancellation: looked at before each step.
    """
    used = frozenset(filter(is_han, couplet))
    known = [
        banner
        for banner in occasion.banners
        if banner not in taken and not used & set(banner) and all(map(model.vocabulary.can_write, banner))
    ]
    known = random.sample(known, min(len(known), _MOST_KNOWN))
    tones = (EITHER, OPPOSITE[LEVEL], EITHER, LEVEL)
    plan = LinePlan(tuple(Slot(tone) for tone in tones), used, occasion.avoid)
    ending = words.between if not words.between.startswith("，") else "。"
    prompt = model.fit(prompt_tokens(model, couplet + ending), 4 * BANNER_LENGTH + 1)
    config = GenerationConfig(
        num_return_sequences=_WRITTEN,
        sampling=sampling.model_copy(update={"max_new_tokens": 4 * BANNER_LENGTH + 1}),
        constraints=[LineConstraint(model.vocabulary, [plan], choices)],
        seed=random.getrandbits(32),
    )
    written = [""] * _WRITTEN
    for chunk in model.generate(prompt, config, cancellation):
        written[chunk.index] += chunk.text
    if cancellation.cancelled:
        return ""
    whole = [banner for banner in dict.fromkeys(written) if len(banner) == BANNER_LENGTH]
    banners = [*known, *(banner for banner in whole if banner not in taken)] or whole
    if not banners:
        return ""
    scores = model.score(prompt, [model.vocabulary.encode(banner) for banner in banners])
    worth = [
        score
        + (_WELL_KNOWN if banner in known else 0)
        - (0 if banner[-1] in choices.of_tone(LEVEL) else _ENDS_OBLIQUE)
        for banner, score in zip(banners, scores, strict=True)
    ]
    return max(zip(worth, banners, strict=True))[1]
