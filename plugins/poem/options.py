"""What a person can choose about a poem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from assistant.api import ADVANCED, PERSONS_TEXT, GenerationRequest, SamplingOptions
from assistant.prosody.forms import FORMS, Form
from assistant.prosody.tunes import tune_names

FREE, TUNE = "自由", "词"
_PERSONS_TEXT_ADVANCED: dict[str, Any] = {**PERSONS_TEXT, **ADVANCED}


class PoemOptions(SamplingOptions):
    """Options of the poem writer."""

    temperature: float = Field(
        0.8,
        ge=0.0,
        le=2.0,
        title="想象力",
        description="越大越出人意表，越小越稳妥；0 为每次都取最可能的字。",
        json_schema_extra=ADVANCED,
    )
    form: Literal[
        "自由", "五绝", "七绝", "五律", "七律", "五排", "七排", "五言古绝", "七言古绝", "五古", "七古", "词"
    ] = Field(
        "自由",
        title="体裁",
        description="选定体裁后，写出整首诗，字数、平仄、押韵必定合乎体裁；自由为顺着上文续写，上文句句五言或七言的，接着也是。",
    )
    tune: str = Field(
        "",
        max_length=20,
        title="词牌",
        description="如浣溪沙、水调歌头；填了词牌，就按词谱填词。",
    )
    title: str = Field(
        "",
        max_length=30,
        title="题目",
        description="写什么。留空时，诗前单独一行的题目也会被看作题目。",
        json_schema_extra=PERSONS_TEXT,
    )
    era: Literal["", "唐", "宋"] = Field(
        "",
        title="时代",
        description="写得像唐人还是宋人；自带的小诗懂得，没有学过时代的模型不受影响。",
        json_schema_extra={**ADVANCED, "labels": {"": "不限", "唐": "唐", "宋": "宋"}},
    )
    rhyme: str = Field(
        "",
        max_length=8,
        title="韵部",
        description="如 东、一先、第三部；留空由模型自己选韵。",
        json_schema_extra=ADVANCED,
    )
    rhyme_book: Literal["", "pingshui", "cilin", "xinyun", "tongyun"] = Field(
        "",
        title="韵书",
        description="默认诗用平水韵，词用词林正韵。",
        json_schema_extra={
            **ADVANCED,
            "labels": {
                "": "依体裁",
                "pingshui": "平水韵",
                "cilin": "词林正韵",
                "xinyun": "中华新韵",
                "tongyun": "中华通韵",
            },
        },
    )
    opening: Literal["", "平起首句入韵", "平起首句不入韵", "仄起首句入韵", "仄起首句不入韵"] = Field(
        "",
        title="起式",
        description="近体诗第一句的平仄；留空由模型自己选。",
        json_schema_extra={**ADVANCED, "labels": {"": "不限"}},
    )
    acrostic: str = Field(
        "",
        max_length=60,
        title="嵌字",
        description="每句嵌一个字（律诗也可每联一个），如藏头「春夏秋冬」。",
        json_schema_extra=_PERSONS_TEXT_ADVANCED,
    )
    acrostic_place: Literal["藏头", "藏尾", "藏中"] = Field(
        "藏头", title="嵌在", description="嵌字在句首、句尾还是句中。", json_schema_extra=ADVANCED
    )
    words: str = Field(
        "",
        max_length=40,
        title="必用字词",
        description="诗里必须出现的字词，用空格隔开，如「明月 归舟」。",
        json_schema_extra=_PERSONS_TEXT_ADVANCED,
    )
    distinct: bool = Field(
        True,
        title="不用重字",
        description="一首近体诗里同一个字不用两次。",
        json_schema_extra=ADVANCED,
    )
    line_count: int = Field(
        12,
        ge=2,
        le=40,
        title="排律句数",
        description="排律和古风写几句，须成双；绝句、律诗不用管它。",
        json_schema_extra=ADVANCED,
    )
    sentences: int = Field(
        2,
        ge=0,
        le=20,
        title="续写句数",
        description="自由续写时写几句（到句号算一句），「最多字数」以内；0 为写到全诗结束。",
        json_schema_extra=ADVANCED,
    )
    drafts: int = Field(
        16,
        ge=1,
        le=64,
        title="草稿数",
        description="先写这么多首，再挑最好的几首；越多越好，也越慢。不多于候选个数时不挑，边写边看。",
        json_schema_extra=ADVANCED,
    )

    @classmethod
    def completions(cls, name: str) -> Sequence[str]:
        return tune_names() if name == "tune" else ()

    @classmethod
    def irrelevant(cls, values: Mapping[str, Any]) -> frozenset[str]:
        tune, form = bool(str(values.get("tune", "")).strip()), FORMS.get(str(values.get("form", "")))
        names = {"acrostic_place"} if not str(values.get("acrostic", "")).strip() else set()
        if tune:
            names.add("form")
        elif values.get("form") != TUNE and form is None:
            return frozenset(names | {"rhyme_book", "distinct", "line_count"})
        names.add("sentences")
        if tune or form is None or not form.regulated:
            # 词 and ancient verse say words again, and no opening pattern is asked of them.
            names |= {"opening", "distinct"}
        if tune or form is None or form.line_count:
            names.add("line_count")
        return frozenset(names)

    @classmethod
    def tip(cls, values: Mapping[str, Any]) -> str:
        if values.get("form") == FREE and not str(values.get("tune", "")).strip():
            return "选一种体裁或词牌，就写成整首，字字合律；用 □ 空着的字也会补上。"
        return "有几个字没想好？用 □ 或 _ 空着，按格律补全。"

    @property
    def chosen_form(self) -> Form | None:
        """The form, or None for free verse and 词."""
        return None if self.follows_tune else FORMS.get(self.form)

    @property
    def follows_tune(self) -> bool:
        """True when a 词 is asked for."""
        return bool(self.tune.strip()) or self.form == TUNE

    @property
    def is_free(self) -> bool:
        """True when nothing but verse is asked for."""
        return not self.follows_tune and self.form == FREE


def poem_options(request: GenerationRequest) -> PoemOptions:
    """The options of a request to the poem writer.

    Raises:
        TypeError: they are another writer's.
    """
    if not isinstance(request.options, PoemOptions):
        raise TypeError(f"expected PoemOptions, got {type(request.options).__name__}")
    return request.options
