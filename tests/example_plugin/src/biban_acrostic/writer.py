"""The acrostic writer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from pydantic import Field

from assistant.api import (
    Cancellation,
    Constraint,
    GenerationRequest,
    InputError,
    LanguageModel,
    ModelCard,
    SamplingOptions,
    TokenChunk,
    Vocabulary,
    Writer,
)
from assistant.api.han import HAN_CLASS
from biban_acrostic.constraint import AcrosticConstraint

MOST_LINES = 8


class AcrosticOptions(SamplingOptions):
    """What a person can choose; the form in the panel and ``--option`` are made from it."""

    head: str = Field("", max_length=20, title="藏头", description="每句第一个字；留空则用光标前的那一句。")
    form: Literal["五言", "七言"] = Field("五言", title="体裁", description="每句五个字或七个字。")


class AcrosticWriter(Writer):
    """Hides the characters before the cursor at the heads of the lines of a poem."""

    id = "acrostic"
    name = "藏头诗"
    description = "把一句话藏在一首诗里：每句以其中一字起头。"
    verb = "写藏头诗"
    options_model = AcrosticOptions
    no_model_hint = "藏头诗用诗词模型来写。"

    def serves(self, card: ModelCard) -> bool:
        """Cards do not know this writer: whatever writes poems will do."""
        return "poem" in card.writers

    def prompt(self, request: GenerationRequest, card: ModelCard) -> str:
        """The hidden words as the title, so that the poem is about them; nothing where titles are unknown."""
        head, _ = _shape(request)
        return card.title_format.replace("{title}", head)

    def constraints(self, request: GenerationRequest, vocabulary: Vocabulary) -> list[Constraint]:
        """The form, and the character each line begins with."""
        return [AcrosticConstraint(vocabulary, *_shape(request))]

    def sampling(self, request: GenerationRequest) -> SamplingOptions:
        """The form alone ends the poem: at most four tokens a character, one more for the end."""
        head, line_length = _shape(request)
        most = 4 * len(head) * (line_length + 1) + 1
        return super().sampling(request).model_copy(update={"max_new_tokens": most})

    def lead(self, request: GenerationRequest) -> str:
        """The poem begins on a line of its own."""
        before = request.context.before
        return "\n" if before and not before.endswith("\n") else ""

    def generate(
        self, request: GenerationRequest, model: LanguageModel | None, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        """What the model writes, one line under the other, with the heads that it cannot spell."""
        head, line_length = _shape(request)
        written: Counter[int] = Counter()
        for chunk in super().generate(request, model, cancellation):
            text = ""
            for character in chunk.text:
                line, place = divmod(written[chunk.index], line_length + 1)
                text += character if place else "\n" * (line > 0) + head[line]
                written[chunk.index] += 1
            yield replace(chunk, text=text)


def _shape(request: GenerationRequest) -> tuple[str, int]:
    """The characters that begin the lines, and how many characters a line has.

    Raises:
        InputError: there is nothing to hide, or too much.
    """
    if not isinstance(request.options, AcrosticOptions):
        raise TypeError(f"expected AcrosticOptions, got {type(request.options).__name__}")
    clauses = re.findall(f"[{HAN_CLASS}]+", request.context.before)
    head = re.sub(f"[^{HAN_CLASS}]", "", request.options.head) or "".join(clauses[-1:])
    if not head:
        raise InputError("还没有要藏的字。", "请先写下它们，或填写藏头（命令行：--option head=春夏秋冬）。")
    if len(head) > MOST_LINES:
        raise InputError(f"「{head}」有 {len(head)} 字，太长了。", f"请不要超过 {MOST_LINES} 字。")
    return head, 5 if request.options.form == "五言" else 7
