"""Options of a writer: pydantic models from which forms and command-line flags are built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.api.errors import InputError

ADVANCED: dict[str, Any] = {"advanced": True}
"""Pass as ``json_schema_extra`` of a field to fold it away in the panel."""

SECRET: dict[str, Any] = {"secret": True}
"""Pass as ``json_schema_extra`` of a ``SecretStr`` field: its value is kept in the keyring of the system."""


PERSONS_TEXT: dict[str, Any] = {"persons_text": True}
"""Pass as ``json_schema_extra`` of a text field in which the person writes verse or prose: like the page itself it is
taken to the script of the model, simplified or traditional."""


class WriterOptions(BaseModel):
    """Base of every options model: frozen, and strict about unknown names.

    Give each field a ``title`` (the label), a ``description`` (plain words, one sentence) and bounds;
    the panel builds its form from them and the command line its messages.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @classmethod
    def completions(cls, name: str) -> Sequence[str]:
        """What a person may want to type into the text field ``name``. Default: nothing is known."""
        return ()

    @classmethod
    def irrelevant(cls, values: Mapping[str, Any]) -> frozenset[str]:
        """Names of options that do nothing while the others are as ``values`` say; the panel shows them grey.

        Args:
            values: what stands in the form, by option; not validated yet.
        """
        return frozenset()

    @classmethod
    def tip(cls, values: Mapping[str, Any]) -> str:
        """What the options as they are make possible, in one sentence; shown where candidates will be."""
        return ""

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """Validate ``values`` (strings are coerced).

        Raises:
            InputError: names the first unusable option, its value and what is expected.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise _as_input_error(cls, error) from error


class SamplingOptions(WriterOptions):
    """How the next token is drawn. The names are those of Transformers' ``GenerationConfig``."""

    temperature: float = Field(
        0.9,
        ge=0.0,
        le=2.0,
        title="想象力",
        description="越大越出人意表，越小越稳妥；0 为每次都取最可能的字。",
    )
    top_p: float = Field(
        0.92,
        gt=0.0,
        le=1.0,
        title="取字范围",
        description="只在累计概率达到此值的字中选取（top-p）。",
        json_schema_extra=ADVANCED,
    )
    top_k: int = Field(
        0,
        ge=0,
        le=1000,
        title="取字个数",
        description="只在最可能的若干字中选取（top-k），0 为不限。",
        json_schema_extra=ADVANCED,
    )
    repetition_penalty: float = Field(
        1.1,
        ge=1.0,
        le=2.0,
        title="避免重复",
        description="大于 1 时，已经出现过的字更少再出现。",
        json_schema_extra=ADVANCED,
    )
    max_new_tokens: int = Field(
        128,
        ge=1,
        le=1024,
        title="最多字数",
        description="一次最多写出的字数（含标点）。",
        json_schema_extra=ADVANCED,
    )


def secret_fields(model: type[WriterOptions]) -> list[str]:
    """Names of the options that are kept in the keyring."""
    extras = {name: field.json_schema_extra for name, field in model.model_fields.items()}
    return [name for name, extra in extras.items() if isinstance(extra, dict) and extra.get("secret")]


def persons_text_fields(model: type[WriterOptions]) -> list[str]:
    """Names of the options that hold the person's own words."""
    extras = {name: field.json_schema_extra for name, field in model.model_fields.items()}
    return [name for name, extra in extras.items() if isinstance(extra, dict) and extra.get("persons_text")]


def _as_input_error(model: type[WriterOptions], error: ValidationError) -> InputError:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        known = "、".join(model.model_fields)
        return InputError(f"没有名为 {name} 的选项。", f"可用的选项：{known}。")
    expected = _expectation(first)
    return InputError(f"选项 {name} 的值 {first['input']!r} 不能用。", expected)


def _expectation(detail: Mapping[str, Any]) -> str:
    """What pydantic wanted, in Chinese, from one entry of ``ValidationError.errors()``."""
    context = detail.get("ctx", {})
    bounds = {"ge": "不小于", "gt": "大于", "le": "不大于", "lt": "小于"}
    for key, words in bounds.items():
        if key in context:
            return f"应{words} {context[key]}。"
    if "expected" in context:
        return f"可用的值：{context['expected']}。".replace(" or ", ", ").replace("'", "").replace(", ", "、")
    wanted = {"int": "一个整数", "float": "一个数", "bool": "true 或 false", "string": "一段文字"}
    for key, words in wanted.items():
        if str(detail["type"]).startswith(key):
            return f"应为{words}。"
    return str(detail["msg"])
