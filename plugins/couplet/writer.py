"""The couplet writer."""

from __future__ import annotations

from assistant.api import (
    Constraint,
    GenerationRequest,
    InputError,
    ModelCard,
    SamplingOptions,
    Vocabulary,
    Writer,
)
from assistant.api.han import is_han
from plugins.couplet.constraints import CoupletConstraint

MOST_CHARACTERS = 40
_MARKS = "，。；：、！？,.;:!?"


class CoupletWriter(Writer):
    """上联 → 下联: the line before the cursor is answered by one of the same length and build."""

    id = "couplet"
    name = "对联"
    description = "给出上联，对出字数、断句相同的下联。"
    verb = "对下联"
    example = "海阔凭鱼跃"
    icon = "couplet"
    order = 20
    no_model_hint = "对联要用对联模型，或用诗词模型代替。"

    def prompt(self, request: GenerationRequest, card: ModelCard) -> str:
        upper = upper_line(request.context.before)
        # A model of verse that knows no couplets takes the first line for half a couplet of a poem.
        return card.format_prompt(self.id, upper) if self.id in card.prompt_formats else f"{upper}，"

    def constraints(self, request: GenerationRequest, vocabulary: Vocabulary) -> list[Constraint]:
        return [CoupletConstraint(vocabulary, upper_line(request.context.before))]

    def sampling(self, request: GenerationRequest) -> SamplingOptions:
        # The first line alone says how long the second gets: at most four tokens a character, one for the end.
        length = 4 * len(upper_line(request.context.before)) + 1
        return super().sampling(request).model_copy(update={"max_new_tokens": length})

    def lead(self, request: GenerationRequest) -> str:
        before = request.context.before
        return "" if before.endswith("\n") else "\n"


def upper_line(before: str) -> str:
    """The last line of ``before`` that has text, without spaces and without the mark at its end.

    Raises:
        InputError: there is none, it has no 汉字 or characters that cannot be answered, or it is too long.
    """
    lines = ["".join(line.split()) for line in before.replace("\u2029", "\n").split("\n")]
    upper = next((line for line in reversed(lines) if line), "").rstrip(_MARKS)
    if not any(map(is_han, upper)):
        raise InputError("还没有上联。", "请先写出上联，光标放在它后面。")
    strange = next((c for c in upper if not is_han(c) and c not in _MARKS), None)
    if strange is not None:
        raise InputError(f"上联里的「{strange}」不是汉字，对不出下联。", "请改成汉字再试。")
    if len(upper) > MOST_CHARACTERS:
        raise InputError(f"上联有 {len(upper)} 字，太长了。", f"请不要超过 {MOST_CHARACTERS} 字。")
    return upper
