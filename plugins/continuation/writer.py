"""The continuation writer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from assistant.api import (
    ADVANCED,
    ChatMessage,
    GenerationRequest,
    InputError,
    LanguageModel,
    ModelCard,
    SamplingOptions,
    WriterExample,
)
from assistant.api.sentence_writer import SentenceWriter
from plugins.continuation.turns import parse_turns

INSTRUCTION = "你是一位文笔自然的中文作者。请顺着用户给出的文字接着写，只写续文，不要重复原文，也不要解释。"
_CONTEXT_CHARACTERS = 2000
"""How much of the text before the cursor a chat model is shown."""


class ContinuationOptions(SamplingOptions):
    """Options of the continuation writer."""

    length: int = Field(
        120, ge=5, le=600, title="字数", description="大约写多少字；到了这个字数，写完当句就结束。"
    )
    genre: Literal["不限", "散文", "小说", "文章", "新闻"] = Field(
        "不限",
        title="文体",
        description="只对学过文体的模型有用，如自带的「小文」；别的模型从上文自己看出。",
    )
    mode: Literal["自动", "续写", "对话"] = Field(
        "自动",
        title="方式",
        description="对话只用于会对话的模型：光标前若有「问：」「答：」，就接着作答；自动为能对话时就对话。",
        json_schema_extra=ADVANCED,
    )
    instruction: str = Field(
        "",
        max_length=500,
        title="嘱咐",
        description="对话时先对模型说的话，例如「用鲁迅的口吻」；留空为请它接着写。",
        json_schema_extra=ADVANCED,
    )
    temperature: float = Field(
        0.7,
        ge=0.0,
        le=2.0,
        title="想象力",
        description="越大越出人意表，越小越稳妥；0 为每次都取最可能的字。",
    )


class ContinuationWriter(SentenceWriter):
    """Prose that goes on from the cursor and ends with a sentence; chat turns for models with a template.

    A model that knows genres by their control tokens is told the one that is wished.
    """

    id = "continuation"
    name = "续写"
    description = "顺着上文续写散文、小说；会对话的模型也能按「问：」「答：」作答。"
    example = "那年冬天，雪下得很早。"
    examples = (WriterExample("散文「那年冬天」", "顺着开头往下写一段", before=example),)
    icon = "continuation"
    order = 30
    options_model = ContinuationOptions
    no_model_hint = "续写要用写散文的模型，如自带的小文、闻仲、GPT-12L-CN 或通义千问。"

    def prompt(self, request: GenerationRequest, card: ModelCard) -> str:
        if not request.context.before.strip() and not _options(request).instruction:
            raise InputError("还没有可以续写的文字。", "请先写下开头。")
        return self.heading(request, card) + super().prompt(request, card)

    def heading(self, request: GenerationRequest, card: ModelCard) -> str:
        return card.control(_options(request).genre)

    def prompt_tokens(self, request: GenerationRequest, model: LanguageModel) -> list[int]:
        mode = _options(request).mode
        if mode == "对话" and not model.vocabulary.has_chat_template:
            raise InputError(
                f"模型「{model.card.name}」不会对话。", "请把方式改为「续写」，或换一个会对话的模型。"
            )
        if mode == "续写" or not model.vocabulary.has_chat_template:
            return super().prompt_tokens(request, model)
        return model.vocabulary.chat_prompt(_messages(request))

    def lengths(self, request: GenerationRequest) -> tuple[int, int]:
        return 0, _options(request).length

    def lead(self, request: GenerationRequest) -> str:
        # An answer to a question begins a line of its own.
        last_line = request.context.before.rsplit("\n", 1)[-1]
        return "\n答：" if last_line.startswith(("问：", "问:")) and _options(request).mode != "续写" else ""


def _messages(request: GenerationRequest) -> list[ChatMessage]:
    before = request.context.before[-_CONTEXT_CHARACTERS:]
    instruction = _options(request).instruction.strip()
    turns = parse_turns(before)
    if turns and turns[-1].role == "user":
        return [*([ChatMessage("system", instruction)] if instruction else []), *turns]
    if not before.strip():
        return [ChatMessage("user", instruction)]
    return [ChatMessage("system", instruction or INSTRUCTION), ChatMessage("user", before)]


def _options(request: GenerationRequest) -> ContinuationOptions:
    if not isinstance(request.options, ContinuationOptions):
        raise TypeError(f"expected ContinuationOptions, got {type(request.options).__name__}")
    return request.options
