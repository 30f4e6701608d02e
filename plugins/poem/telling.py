"""What a model is told before it writes: form, era and title, each in the way it knows."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.api import GenerationRequest, InputError, ModelCard
from assistant.prosody.verse import GAPS
from plugins.poem.options import PoemOptions, poem_options
from plugins.poem.prompt import poem_so_far
from plugins.poem.wish import wish_of


@dataclass(frozen=True, slots=True)
class PromptParts:
    """What stands in a prompt, each as the model knows it; empty where it knows none.

    Attributes:
        controls: tokens of form or tune, and era.
        heading: title, behind the tune where that has no token.
        untitled: ``heading`` without the title.
        text: verse.
    """

    controls: str
    heading: str
    untitled: str
    text: str


def prompt_parts(request: GenerationRequest, card: ModelCard) -> PromptParts:
    """What the model of ``card`` is told.

    Raises:
        InputError: there is nothing to write about, or rules are asked for without a form.
    """
    options = poem_options(request)
    if options.is_free:
        _refuse_rules(options)
        poem = poem_so_far(request.context.before)
        name, tune, title, text = "", "", options.title.strip() or poem.title, poem.text
        if any(character in GAPS for character in text):
            raise InputError("填空（□）要先选体裁或词牌。", "请选一种体裁（命令行：--option form=七绝）。")
        if not (text or title):
            raise InputError(
                "还没有可以续写的文字。", "请先写下一句，或选一种体裁（命令行：--option form=七绝）从头写起。"
            )
    else:
        wish = wish_of(request)
        name, text = wish.wishes.name, wish.written
        title = wish.title or "".join(wish.wishes.words)
        # Models of 词 without a control token for the tune know it by the title.
        tune = "" if not wish.tune or card.control(wish.tune) or title.startswith(wish.tune) else wish.tune
    return PromptParts(
        card.control(name) + card.control(options.era),
        _heading(card, "·".join(filter(None, (tune, title)))),
        _heading(card, tune),
        text,
    )


def _heading(card: ModelCard, title: str) -> str:
    return card.title_format.format(title=title) if title and card.title_format else ""


def _refuse_rules(options: PoemOptions) -> None:
    """Rules need a form: they are never dropped in silence."""
    asked = [
        title
        for title, value in (
            ("韵部", options.rhyme),
            ("起式", options.opening),
            ("嵌字", options.acrostic),
            ("必用字词", options.words),
        )
        if value.strip()
    ]
    if asked:
        raise InputError(
            f"{'、'.join(asked)}要先选体裁。", "请选一种体裁或词牌（命令行：--option form=七绝）。"
        )
