"""What a model is told before it writes: form, era and title, each in the way it knows."""

from __future__ import annotations

from assistant.api import GenerationRequest, InputError, ModelCard
from assistant.prosody.verse import GAPS
from plugins.poem.options import PoemOptions, poem_options
from plugins.poem.prompt import poem_so_far
from plugins.poem.wish import PoemWish, wish_of


def prompt_parts(request: GenerationRequest, card: ModelCard) -> tuple[str, str, str]:
    """Control tokens, title and verse, each as the model of ``card`` knows it; empty where it knows none."""
    options = poem_options(request)
    if options.is_free:
        _refuse_rules(options)
        poem = poem_so_far(request.context.before)
        name, title, text = "", options.title.strip() or poem.title, poem.text
        if any(character in GAPS for character in text):
            raise InputError("填空（□）要先选体裁或词牌。", "请选一种体裁（命令行：--option form=七绝）。")
    else:
        wish = wish_of(request)
        name = wish.wishes.name
        title, text = _heading(wish, card), wish.written
    if not (text or title) and options.is_free:
        raise InputError(
            "还没有可以续写的文字。", "请先写下一句，或选一种体裁（命令行：--option form=七绝）从头写起。"
        )
    told = card.control(name) + card.control(options.era)
    heading = card.title_format.format(title=title) if title and card.title_format else ""
    return told, heading, text


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


def _heading(wish: PoemWish, card: ModelCard) -> str:
    """The title that the model is told: models of 词 without a control token for the tune know it by that."""
    title = wish.title or "".join(wish.wishes.words)
    if not wish.tune or card.control(wish.tune) or title.startswith(wish.tune):
        return title
    return f"{wish.tune}·{title}" if title else wish.tune
