"""The fill writer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import Field

from assistant.api import (
    ADVANCED,
    Applies,
    Candidate,
    GenerationRequest,
    InputError,
    LanguageModel,
    ModelCard,
    Reads,
    SamplingOptions,
    WriterExample,
)
from assistant.api.sentence_writer import SentenceWriter
from assistant.prosody.script import simplified

GAP = "[MASK]"
_SIDE_CHARACTERS = 240
"""How much of the text on either side of the gap a model is shown: Pegasus was trained on 512 tokens."""
_FOLLOWING_CHARACTERS = 40
"""How much of the text behind the gap decides how well a candidate leads to it."""


class FillOptions(SamplingOptions):
    """Options of the fill writer."""

    length: int = Field(40, ge=4, le=200, title="最多字数", description="补上的一句最多多少字。")
    temperature: float = Field(
        0.7,
        ge=0.0,
        le=2.0,
        title="想象力",
        description="越大越出人意表，越小越稳妥；0 为每次都取最可能的字。",
    )
    drafts: int = Field(
        8,
        ge=1,
        le=64,
        title="草稿数",
        description="先写这么多句，再挑最好的：看得到后文的模型按它自己的评分，别的看与后文接得顺不顺。",
        json_schema_extra=ADVANCED,
    )


class FillWriter(SentenceWriter):
    """A missing sentence between two.

    Models that were trained on gaps see both sides, and the likeliest drafts are shown. A causal model only sees what
    stands before; its drafts are ranked by how likely it finds the text behind the gap after each of them.
    """

    id = "fill"
    name = "补句"
    description = "光标前后都有文字时，补上中间缺的一句。"
    verb = "补一句"
    icon = "fill"
    order = 50
    examples = (
        WriterExample(
            "补上缺的一句",
            "前后都有了，补中间一句",
            before="今天天气很好，我们去河边走走。",
            after="天黑了，我们才往回走。",
        ),
    )
    options_model = FillOptions
    reads = frozenset({Reads.BEFORE, Reads.AFTER})
    applies = Applies.FILL
    no_model_hint = "补句最好用中文 Pegasus，也可以用写散文的模型。"

    def prompt(self, request: GenerationRequest, card: ModelCard) -> str:
        before, after = request.context.before, request.context.after
        if not before.strip() or not after.strip():
            raise InputError(
                "补句要前后都有文字。", f"请把光标放在缺了一句的地方（命令行：用 {GAP} 标出缺处）。"
            )
        return card.format_prompt(self.id, before[-_SIDE_CHARACTERS:])

    def prompt_tokens(self, request: GenerationRequest, model: LanguageModel) -> list[int]:
        before = self.prompt(request, model.card)
        if not model.fills_gaps:
            return model.vocabulary.prompt(before)
        return model.vocabulary.prompt(before + GAP + request.context.after[:_SIDE_CHARACTERS])

    def lengths(self, request: GenerationRequest) -> tuple[int, int]:
        return 2, 2

    def most(self, request: GenerationRequest) -> int:
        return _options(request).length - 1  # the mark is one more

    def drafts(self, request: GenerationRequest) -> int:
        return max(request.num_return_sequences, _options(request).drafts)

    def rank(
        self, request: GenerationRequest, candidates: Sequence[Candidate], model: LanguageModel | None
    ) -> list[Candidate]:
        if model is None:
            return list(candidates)
        if model.fills_gaps:
            # It has seen what comes behind.
            return sorted(
                candidates, key=lambda candidate: -candidate.logprob / max(candidate.token_count, 1)
            )
        following = model.vocabulary.encode(request.context.after.lstrip()[:_FOLLOWING_CHARACTERS])
        if not following:
            return list(candidates)
        prompt = self.prompt_tokens(request, model)
        ranked = []
        for candidate in candidates:
            text = candidate.continuation
            read = simplified(text) if model.card.script == "simplified" else text
            written = [*prompt, *model.vocabulary.encode(read)]
            [score] = model.score(model.fit(written, len(following)), [following])
            ranked.append(replace(candidate, report={"following_logprob": round(score, 4)}))
        return sorted(ranked, key=lambda candidate: -candidate.report["following_logprob"])  # type: ignore[index]


def _options(request: GenerationRequest) -> FillOptions:
    if not isinstance(request.options, FillOptions):
        raise TypeError(f"expected FillOptions, got {type(request.options).__name__}")
    return request.options
