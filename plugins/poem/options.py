"""What a person can choose about a poem."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from assistant.api import ADVANCED, SamplingOptions
from assistant.prosody.forms import FORMS, Form


class PoemOptions(SamplingOptions):
    """Options of the poem writer."""

    form: Literal["自由", "五绝", "七绝", "五律", "七律"] = Field(
        "自由",
        title="体裁",
        description="选定体裁后，写出整首诗，句数与每句字数必定合乎体裁；自由为顺着上文续写。",
    )
    title: str = Field(
        "",
        max_length=30,
        title="题目",
        description="写什么。留空时，诗前单独一行的题目也会被看作题目。",
    )
    sentences: int = Field(
        2,
        ge=0,
        le=20,
        title="续写句数",
        description="自由续写时写几句（到句号算一句）；0 为写到全诗结束。",
        json_schema_extra=ADVANCED,
    )

    @property
    def chosen_form(self) -> Form | None:
        """The form, or None for free verse."""
        return FORMS.get(self.form)
