"""What a poem is held against while it is polished, and whether the poem writer can write it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from assistant.api import Writer
from assistant.prosody.forms import FORM_NAMES, FORMS
from assistant.prosody.report import Report

WRITER_ID = "poem"
"""The writer that fills gaps in verse."""
_ANCIENT = {
    "五绝": "五言古绝", "七绝": "七言古绝", "五律": "五古", "七律": "七古", "五排": "五古", "七排": "七古",
}  # fmt: skip
"""Regulated form → the ancient one with the same lines, of which only the rhyme is asked."""


@dataclass(frozen=True, slots=True)
class Rules:
    """A form or a tune, and a rhyme book.

    Attributes:
        form: as the checker names it; empty when it was not recognised.
        tune: name of the 词牌; empty for other forms.
        rhyme_book: id of the book.
        unfinished: how much is missing, in one sentence; empty for a whole poem.
    """

    form: str = ""
    tune: str = ""
    rhyme_book: str = ""
    unfinished: str = ""

    @classmethod
    def of(cls, report: Report) -> Rules:
        """What ``report`` was made by."""
        missing = next((issue.message for issue in report.issues if issue.rule in ("未完", "句数")), "")
        return cls(report.form, report.tune, report.rhyme_book, missing)

    @property
    def name(self) -> str:
        """七律, 水调歌头; 「这首诗」 when nothing was recognised."""
        return self.tune or self.form or "这首诗"

    @property
    def check_form(self) -> str:
        """What the checker is asked to hold the poem against."""
        return self.form if self.form in FORM_NAMES else "auto"

    @property
    def ancient(self) -> str:
        """The ancient form with the same lines; empty when there is none."""
        return _ANCIENT.get(self.form, "")

    def options(self, line_count: int) -> dict[str, Any]:
        """What the poem writer calls them.

        Args:
            line_count: lines of the poem.
        """
        values: dict[str, Any] = {"form": "词" if self.tune else self.form, "tune": self.tune}
        values["rhyme_book"] = self.rhyme_book
        if self.form in FORMS and not FORMS[self.form].line_count:
            values["line_count"] = line_count
        return values

    def why_not(self, writer: Writer | None) -> str:
        """Why nothing can be written by these rules, in one sentence; empty when it can."""
        if writer is None or not {"form", "tune", "rhyme_book"} <= writer.options_model.model_fields.keys():
            return "诗词写作器没有启用，这里只能自己换字。"
        if self.unfinished:
            return f"{self.unfinished}先在「写作」里续完，再来推敲；现在可以自己换字。"
        known = get_args(writer.options_model.model_fields["form"].annotation)
        if self.tune or self.form in known:
            return ""
        what = f"「{self.form}」" if self.form else "认不出体裁的诗"
        return f"写作器不会写{what}，这里只能自己换字，平仄随时查。"
