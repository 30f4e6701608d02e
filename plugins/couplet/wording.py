"""How couplets stand in the prompt of a model."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.api import LanguageModel, ModelCard

_WRITER = "couplet"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a model reads.

    Attributes:
        before: stands before the 上联.
        between: stands between the sides.
        reverse: what leads to the 上联 of a 下联 that is given first, 「{text}」 being the 下联.
        heading: stands before everything; empty when there is no theme, or the model knows no titles.
    """

    before: str
    between: str
    reverse: str
    heading: str = ""

    def couplet(self, upper: str, lower: str = "") -> str:
        """The text up to the end of ``lower``."""
        return self.heading + self.before + upper + self.between + lower

    def turned(self, lower: str) -> str:
        """The text up to where the 上联 of ``lower`` is to come."""
        return self.heading + self.reverse.replace("{text}", lower)


def wording(card: ModelCard, title: str = "") -> Wording:
    """The words for the model of ``card``, with ``title`` as it knows titles.

    A model that was trained on couplets knows them one way; one of verse that was not takes the 上联 for the first line
    of a sentence, and a 下联 for the end of one; one of prose is told.
    """
    heading = card.title_format.replace("{title}", title) if title and card.title_format else ""
    known = card.prompt_formats.get(_WRITER)
    # Couplets are learnt without titles, poems with them: behind a title the sides are lines of a poem.
    if known is not None and not (heading and card.controls):
        before, _, between = known.partition("{text}")
        return Wording(before, between, known, heading)
    if card.tokenizer == "byte_bpe":
        heading = heading or (f"题目：{title}\n" if title else "")
        return Wording("上联：", "\n下联：", "下联：{text}\n上联：", heading)
    return Wording("", "，", "{text}。", heading)


def prompt_tokens(model: LanguageModel, text: str) -> list[int]:
    """The tokens of ``text`` as a prompt: never none, for a model whose texts begin with no token of their own."""
    return model.vocabulary.prompt(text) or [model.vocabulary.eos_token_id]
