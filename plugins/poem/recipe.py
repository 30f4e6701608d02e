"""How a poem or a couplet becomes a training example."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from assistant.api import TrainingRecipe, TrainingText
from assistant.prosody.forms import FORMS, regulated_form
from assistant.prosody.tunes import find_tune
from plugins.poem.prompt import TITLE_FORMAT

MAX_TITLE_CHARACTERS = 20
"""Longer titles are prefaces rather than titles; the poem is then learnt without one."""
COUPLET = "对联"
"""The control token of a couplet: 上联，下联。"""

_ERAS = {"唐": "唐", "五代": "唐", "宋": "宋", "元": "元"}
_NUMBER = "[〇○零一二三四五六七八九十百]+"
_SERIES = re.compile(rf"(?:[ 　·]+{_NUMBER}|其{_NUMBER}|{_NUMBER}首)$")
"""「其二」, 「三首」 and numbers apart from the title: they tell of other poems, not of this one."""
_LINE_END = re.compile("[，。？！；：、]")


class PoemRecipe(TrainingRecipe):
    """Control tokens for form or tune and era, then ``《title》``, may stand before the text, which is one line with
    its punctuation. A record with ``upper`` and ``lower`` becomes a couplet.
    """

    id = "poem"
    name = "古典诗词"
    title_format = TITLE_FORMAT
    prompt_formats = {"couplet": f"[{COUPLET}]{{text}}，"}  # noqa: RUF012 - a ClassVar of the base

    def examples(self, record: Mapping[str, Any]) -> Iterable[TrainingText]:
        """Reads ``text`` and, where they are there, ``title``, ``tune``, ``kind``, ``reg`` and ``dynasty``."""
        if record.get("upper") and record.get("lower"):
            yield TrainingText(f"{record['upper']}，{record['lower']}。", controls=(COUPLET,))
            return
        text = "".join(str(record.get("text", "")).split())
        if not text:
            return
        form = form_of(text, record)
        era = _ERAS.get(str(record.get("dynasty", "")), "")
        title = clean_title(str(record.get("title", "")))
        prefix = TITLE_FORMAT.format(title=title) if 0 < len(title) <= MAX_TITLE_CHARACTERS else ""
        yield TrainingText(text, prefix, tuple(name for name in (form, era) if name))


def clean_title(title: str) -> str:
    """The title without the number of the poem in its series.

    >>> clean_title("帝京篇十首 一"), clean_title("秋兴八首 其二"), clean_title("十五夜")
    ('帝京篇', '秋兴', '十五夜')
    >>> clean_title("寄元九"), clean_title("偈颂一百零二首 其一○二")
    ('寄元九', '偈颂')
    """
    title = title.strip()
    while (shorter := _SERIES.sub("", title).rstrip(" 　·")) != title and shorter:
        title = shorter
    return "".join(title.split())


def form_of(text: str, record: Mapping[str, Any]) -> str:
    """The name of the form or tune of a poem of the corpus; empty where it is of no kind that can be asked for.

    ``reg`` tells regulated verse from ancient verse with lines of the same number and length.
    """
    kind = str(record.get("kind", ""))
    if kind == "词":
        tune = find_tune(str(record.get("tune", "")))
        return tune.name if tune else ""
    lengths = [len(line) for line in _LINE_END.split(text) if line]
    if kind in ("", "曲", "other") or len(set(lengths)) != 1 or lengths[0] not in (5, 7):
        return ""
    regulated = regulated_form(lengths[0], len(lengths)) if record.get("reg") else ""
    if regulated:
        return regulated
    length = "五" if lengths[0] == 5 else "七"
    form = f"{length}言古绝" if len(lengths) == 4 else f"{length}古"
    return form if form in FORMS else ""
