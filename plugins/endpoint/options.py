"""What a person can choose about a model behind an address."""

from __future__ import annotations

import os
from typing import Literal

from pydantic import Field, SecretStr

from assistant.api import ADVANCED, SamplingOptions

KEY_VARIABLE = "BIBAN_ENDPOINT_KEY"
"""Environment variable that is read when the option ``key`` is empty."""

DEFAULT_INSTRUCTION = "请顺着上文续写，只写续文，不要解释。"


class EndpointOptions(SamplingOptions):
    """Options of the endpoint writer.

    ``top_k`` and ``repetition_penalty`` are not part of OpenAI's protocol; they are sent only when they are
    set, because some servers refuse names that they do not know.
    """

    base_url: str = Field(
        "",
        max_length=500,
        title="地址",
        description="模型服务的地址，例如 http://localhost:11434/v1；上文会发送到这里，留空则什么也不发送。",
    )
    model: str = Field(
        "",
        max_length=200,
        title="模型",
        description="服务器上的模型名；留空时用服务器列出的第一个。",
    )
    instruction: str = Field(
        DEFAULT_INSTRUCTION,
        max_length=4000,
        title="要求",
        description="请模型做什么；只在「对话」方式下使用。",
    )
    mode: Literal["对话", "补全"] = Field(
        "对话",
        title="方式",
        description="对话适合会听要求的模型；补全不带要求，只让模型接着上文往下写。",
        json_schema_extra=ADVANCED,
    )
    key: SecretStr = Field(
        SecretStr(""),
        title="密钥",
        description=f"服务器要求时填写；留空时读取环境变量 {KEY_VARIABLE}。",
        json_schema_extra={"secret": True, **ADVANCED},
    )
    context_characters: int = Field(
        4000,
        ge=100,
        le=200_000,
        title="发送字数",
        description="最多发送离光标最近的多少字上文；下文另发四分之一。",
        json_schema_extra=ADVANCED,
    )
    repetition_penalty: float = Field(
        1.0,
        ge=1.0,
        le=2.0,
        title="避免重复",
        description="大于 1 时，已经出现过的字更少再出现；1 为听服务器的。",
        json_schema_extra=ADVANCED,
    )
    max_new_tokens: int = Field(
        512,
        ge=1,
        le=32_768,
        title="最多字数",
        description="一次最多写出的词元数，一个汉字约合一个；会思考的模型把思考也算在内。",
        json_schema_extra=ADVANCED,
    )

    def secret(self) -> str:
        """The key to send, from the option or else the environment; empty for none."""
        return (self.key.get_secret_value() or os.environ.get(KEY_VARIABLE, "")).strip()
