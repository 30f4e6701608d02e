"""What a person can choose about a couplet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from assistant.api import ADVANCED, PERSONS_TEXT, SamplingOptions
from plugins.couplet.occasions import occasion_names

LOWER, UPPER, BOTH = "对下联", "对上联", "成联"


class CoupletOptions(SamplingOptions):
    """Options of the couplet writer."""

    direction: Literal["对下联", "对上联", "成联"] = Field(
        "对下联",
        title="写什么",
        description="对下联：光标前是上联；对上联：光标前是下联；成联：据题目写一副。",
    )
    theme: str = Field(
        "",
        max_length=12,
        title="题目",
        description="写什么，如春节、新居、开业、婚庆、祝寿；成联时可留空，用光标前单独一行的题目。",
        json_schema_extra=PERSONS_TEXT,
    )
    length: int = Field(7, ge=5, le=11, title="每边字数", description="成联时上下联各几个字，5 到 11。")
    banner: bool = Field(False, title="横批", description="另写一条四字横批。")
    rhyme_book: Literal["pingshui", "xinyun"] = Field(
        "pingshui",
        title="声韵",
        description="平仄依平水韵（旧声）或中华新韵（今声），不混用。",
        json_schema_extra={**ADVANCED, "labels": {"pingshui": "平水韵", "xinyun": "中华新韵"}},
    )
    temperature: float = Field(
        0.75,
        ge=0.0,
        le=2.0,
        title="想象力",
        description="越大越出人意表，越小越稳妥；0 为每次都取最可能的字。",
    )
    drafts: int = Field(
        48,
        ge=1,
        le=64,
        title="草稿数",
        description="先写这么多副，再挑最好的几副；越多越好，也越慢。",
        json_schema_extra=ADVANCED,
    )

    @classmethod
    def completions(cls, name: str) -> Sequence[str]:
        return occasion_names() if name == "theme" else ()
