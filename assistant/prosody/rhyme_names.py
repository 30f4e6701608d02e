"""The groups of each rhyme book and the names that people call them by."""

from __future__ import annotations

import re
from functools import cache

from assistant.prosody import tables
from assistant.prosody.tones import Tone

_DIGITS = "零一二三四五六七八九"


def numeral(number: int) -> str:
    """``number`` from 1 to 99 in Chinese, as groups are counted: 一, 十, 十五, 二十一."""
    tens, ones = divmod(number, 10)
    return (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[ones] if ones else "")


@cache
def pingshui_tones() -> dict[str, Tone]:
    """Each group of 平水韵, in order, and its tone."""
    return {name: tone for name, (tone, _) in _pingshui().items()}


@cache
def pingshui_neighbours() -> dict[str, frozenset[str]]:
    """邻韵: the groups of the same tone that 词林正韵 puts wholly or partly into one division with a group.

    They are those that 王力《诗词格律》 names: 东 and 冬, 江 and 阳, 支 微 齐, 鱼 and 虞, 佳 and 灰, 真 文 元 and
    元 寒 删 先, 萧 肴 豪, 庚 青 蒸, 覃 盐 咸; and likewise in the other tones.
    """
    groups = _pingshui()
    return {
        name: frozenset(
            other
            for other, (other_tone, other_divisions) in groups.items()
            if other != name and other_tone is tone and divisions & other_divisions
        )
        for name, (tone, divisions) in groups.items()
    }


@cache
def _pingshui() -> dict[str, tuple[Tone, frozenset[str]]]:
    groups = {}
    for heading, text in tables.books()["pingshui"].items():
        tone = Tone.LEVEL if heading[1] == "平" else Tone(heading[0])  # 上平声, 下平声; 上声, 去声, 入声
        for name, *divisions in (item.split() for item in text.split(",")):
            groups[name] = tone, frozenset(divisions)
    return groups


@cache
def group_names(book_id: str) -> tuple[str, ...]:
    """All groups of a book, in its order."""
    if book_id == "pingshui":
        return tuple(_pingshui())
    if book_id == "cilin":
        return tuple(f"第{numeral(number)}部" for number in range(1, 20))
    return tuple(tables.books()[book_id])


@cache
def group_of_final(book_id: str) -> dict[str, str]:
    """Pinyin final → group of a modern book."""
    return {final: name for name, finals in tables.books()[book_id].items() for final in finals.split()}


@cache
def spoken_names(book_id: str) -> dict[str, str]:
    """What a group may be called → its name: 东 and 一东; 第一部, 第一, 一部 less its 部, 1."""
    groups = group_names(book_id)
    names = {group: group for group in groups}
    for number, group in enumerate(groups, 1):
        if book_id == "cilin":
            names |= dict.fromkeys(
                (numeral(number), f"第{numeral(number)}", str(number), f"第{number}"), group
            )
        else:
            names[re.sub("^[一二三四五六七八九十]+(?=.)", "", group)] = group
            if book_id != "pingshui":
                names |= dict.fromkeys((str(number), f"第{number}"), group)
    if book_id == "pingshui":
        names |= {other: names[label] for other, label in tables.books()["pingshui_aliases"].items()}
    return names


def bare_name(name: str) -> str:
    """``name`` without spaces and without what people add to it: 上平一东 → 一东, 东韵 → 东, 第一部 → 第一."""
    name = re.sub(r"\s", "", name)
    return re.sub("^(上平声?|下平声?|[平上去入仄]声)(?=.)|(?<=.)[韵韻部]$", "", name)
