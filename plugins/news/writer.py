"""The news writer."""

from __future__ import annotations

from pydantic import Field

from assistant.api import (
    PERSONS_TEXT,
    GenerationRequest,
    InputError,
    ModelCard,
    SamplingOptions,
    WriterExample,
)
from assistant.api.sentence_writer import SentenceWriter

NEWS = "新闻"
"""The control token of news, for models that have one."""
TITLE_FORMAT = "{title}\n"
"""How a headline stands before the text, for models whose card says nothing else."""


class NewsOptions(SamplingOptions):
    """Options of the news writer."""

    title: str = Field(
        "",
        max_length=80,
        title="标题",
        description="新闻的标题。留空时，光标前的文字就是开头。",
        json_schema_extra=PERSONS_TEXT,
    )
    length: int = Field(
        200, ge=20, le=600, title="字数", description="大约写多少字；到了这个字数，写完当句就结束。"
    )
    temperature: float = Field(
        0.7,
        ge=0.0,
        le=2.0,
        title="想象力",
        description="越大越出人意表，越小越稳妥；0 为每次都取最可能的字。",
    )


class NewsWriter(SentenceWriter):
    """Headline and/or lead → a continuation of a wished length that ends with a sentence.

    A model that knows kinds of text by their control tokens is told that this is news.
    """

    id = "news"
    name = "新闻"
    description = "由标题或导语写出正文，写满字数后在句末收住。"
    verb = "写新闻"
    example = "本报讯，"
    examples = (
        WriterExample(
            "新闻《图书馆开馆》",
            "由标题和导语写出正文",
            before=example,
            options={"title": "图书馆开馆"},
        ),
    )
    icon = "news"
    order = 40
    options_model = NewsOptions
    no_model_hint = "新闻要用写散文的模型，如自带的小文、闻仲、GPT-12L-CN 或通义千问。"

    def prompt(self, request: GenerationRequest, card: ModelCard) -> str:
        lead = request.context.before
        if not _options(request).title.strip() and not lead.strip():
            raise InputError(
                "还没有标题，也没有导语。", "请填写标题（命令行：--option title=…），或先写下导语。"
            )
        return self.heading(request, card) + card.format_prompt(self.id, lead)

    def heading(self, request: GenerationRequest, card: ModelCard) -> str:
        title = _options(request).title.strip()
        headline = (card.title_format or TITLE_FORMAT).replace("{title}", title) if title else ""
        return card.control(NEWS) + headline

    def lengths(self, request: GenerationRequest) -> tuple[int, int]:
        length = _options(request).length
        return length // 2, length


def _options(request: GenerationRequest) -> NewsOptions:
    if not isinstance(request.options, NewsOptions):
        raise TypeError(f"expected NewsOptions, got {type(request.options).__name__}")
    return request.options
