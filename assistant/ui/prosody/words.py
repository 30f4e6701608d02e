"""What the panel and the line at the bottom say, in words."""

from __future__ import annotations

from assistant.prosody.forms import FORMS
from assistant.prosody.report import CheckedCharacter, Report, Severity
from assistant.prosody.verse import GAPS

RHYME_BOOKS = {"pingshui": "平水韵", "cilin": "词林正韵", "xinyun": "中华新韵", "tongyun": "中华通韵"}
"""Ids of the rhyme books and their names; written down here so that asking for them loads no table."""

_DIGITS = "零一二三四五六七八九"
_FREE_FORMS = frozenset(form.name for form in FORMS.values() if not form.regulated)
"""Forms of which rhyme is asked, but no tones."""


def number(value: int) -> str:
    """A number from 0 to 99 in 汉字, 「两」 for two things; larger ones in digits.

    >>> number(2), number(12), number(30), number(120)
    ('两', '十二', '三十', '120')
    """
    if value == 2:
        return "两"
    if not 0 <= value < 100:
        return str(value)
    tens, units = divmod(value, 10)
    if not tens:
        return _DIGITS[units]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[units] if units else "")


def verdict(report: Report) -> tuple[str, bool]:
    """The verdict in one sentence, 「合律」, 「三处出律」, and whether the poem is right."""
    if not report.form:
        return "没有认出体裁", False
    warnings = _count(report, Severity.WARNING)
    errors = len(report.errors)
    if errors:
        # 律 is what regulated verse and 词 have; old forms and couplets have rules of their own.
        return f"{number(errors)}处{'不合' if report.form in _FREE_FORMS | {'对联'} else '出律'}", False
    if report.form == "对联":
        right = "合乎格式"
    elif report.form in _FREE_FORMS:
        right = "押韵无误"
    else:
        right = "合律"
    if any(issue.rule == "未完" for issue in report.issues):
        right = f"到此{right}"
    return f"{right}，{number(warnings)}处可斟酌" if warnings else right, True


def recognised(report: Report) -> str:
    """Form and variant: 「七律 · 仄起首句入韵」, 「水调歌头 · 正体」."""
    return " · ".join(part for part in (report.tune or report.form, report.variant) if part)


def rhymes(report: Report) -> str:
    """The rhyme groups; of many, the first three."""
    groups = report.rhyme.split("、") if report.rhyme else []
    return "、".join(groups[:3]) + ("等" if len(groups) > 3 else "")


def book_name(book_id: str) -> str:
    """Name of a rhyme book; an unknown id stays as it is."""
    return RHYME_BOOKS.get(book_id, book_id)


def brief(report: Report) -> str:
    """For the line at the bottom: 「七绝 · 仄起首句不入韵 · 一东」."""
    return " · ".join(part for part in (recognised(report), rhymes(report)) if part) if report.form else ""


def readings(character: CheckedCharacter) -> str:
    """All readings of a character and the one assumed: 「看：平（十四寒）、去（十五翰），这里按去声」."""
    if character.character in GAPS:
        return "这里还空着一个字。"
    if not character.readings:
        return f"「{character.character}」不在韵表里，平仄未知。"
    parts = [
        f"{reading.tone}（{'，'.join(part for part in (reading.rhyme, reading.gloss) if part)}）"
        for reading in character.readings
    ]
    text = f"{character.character}：{'、'.join(parts)}"
    if is_polyphone(character) and character.reading is not None:
        chosen = "已定为" if character.pinned else "这里按"
        text += f"，{chosen}{character.reading.tone}声"
    return text


def is_polyphone(character: CheckedCharacter) -> bool:
    """True when the character can be 平 and 仄."""
    return len({reading.tone.tone_class for reading in character.readings}) > 1


def can_be_pinned(character: CheckedCharacter) -> bool:
    """True when the person may decide how to read it: polyphones, characters no table knows, and decided ones."""
    return (
        character.pinned or is_polyphone(character) or not (character.readings or character.character in GAPS)
    )


def _count(report: Report, severity: Severity) -> int:
    everything = [*report.issues, *(issue for line in report.lines for issue in line.issues)]
    return sum(issue.severity is severity for issue in everything)
