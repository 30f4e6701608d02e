"""Is this a couplet, and is it right? See ``couplet_check`` for the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.api.errors import InputError
from assistant.api.han import is_han
from assistant.prosody.couplet_check import CoupletCheck
from assistant.prosody.couplet_text import CoupletText, parse_couplet
from assistant.prosody.glyphs import Reader
from assistant.prosody.report import Issue, Report, Severity
from assistant.prosody.rhyme_books import RhymeBook, rhyme_book
from assistant.prosody.tones import LEVEL, OBLIQUE
from assistant.prosody.verse import GAPS, VerseLine

_CLASSICAL = frozenset({"pingshui", "cilin"})
_VERSE_LENGTHS = frozenset({5, 7})
_TONE_RULES = frozenset({"平仄", "仄起平落"})
_Pins = Mapping[tuple[str, int], str]


def looks_like_couplet(text: str) -> bool:
    """True when ``text`` is more likely a couplet than a poem or prose.

    That is when it says 上联 and 下联; has two lines of the same build, of which the first can end oblique and the
    second level, or two halves with a 「；」 between; or is one line in two halves that breaks no rule of couplets.
    Clauses of five or seven characters alone are left to poems that are still being written, if they end with marks.
    """
    couplet = parse_couplet(text)
    if couplet is None:
        return False
    if couplet.labelled:
        return True
    if not couplet.is_even or not all(map(_is_verse, (*couplet.upper, *couplet.lower))):
        return False
    book = rhyme_book("pingshui")
    first, second = (book.tone_classes(side[-1].text[-1]) for side in (couplet.upper, couplet.lower))
    if OBLIQUE not in first or LEVEL not in second:
        return False
    rows = (
        text[couplet.upper[0].offsets[0] : couplet.lower[-1].offsets[-1]].replace("\u2029", "\n").split("\n")
    )
    if len(list(filter(str.strip, rows))) > 2:
        return False
    if couplet.banner is not None or couplet.upper[-1].mark in ("；", ";"):
        return True
    if len(rows) == 1:
        return CoupletCheck(couplet, Reader(book)).report().ok
    if len(couplet.upper) == 1:
        return len(couplet.upper[0].text) not in _VERSE_LENGTHS or not couplet.upper[0].mark
    # The stanzas of a poem may look alike too, and end with a character that has both tones.
    return {len(clause.text) for clause in couplet.upper} - _VERSE_LENGTHS != set() and LEVEL not in first


def _is_verse(clause: VerseLine) -> bool:
    return all(is_han(character) or character in GAPS for character in clause.text)


def check_couplet_text(
    text: str,
    book: RhymeBook,
    pins: _Pins | None = None,
    character_pins: Mapping[str, str] | None = None,
) -> Report:
    """The verdict on the couplet in ``text``; offsets of characters are those of ``text``.

    Each line of the report is a clause (分句); its ``stanza`` is 0 in the 上联, 1 in the 下联 and 2 in the 横批.

    Args:
        text: as ``parse_couplet`` reads it.
        book: 平水韵, or a modern one: each is good, but both are not mixed (第八条).
        pins: (text of a clause, position from 1) → 平 or 仄, the reading the person chose.
        character_pins: character → 平 or 仄, wherever it stands.

    Raises:
        InputError: no two sides can be told in it.
    """
    couplet = parse_couplet(text)
    if couplet is None:
        raise InputError("分不出上联和下联。", "请把上联、下联各写一行，或写明「上联：」「下联：」。")
    return _verdict(couplet, book, pins or {}, character_pins or {})


def check_couplet(
    upper: str,
    lower: str,
    book: RhymeBook,
    *,
    banner: str = "",
    pins: _Pins | None = None,
    character_pins: Mapping[str, str] | None = None,
) -> Report:
    """The verdict on 上联, 下联 and, where there is one, 横批; offsets are those in the three, joined by line breaks.

    Raises:
        InputError: a side has no characters.
    """
    texts = (upper, lower, banner)
    text = "\n".join(
        f"{label}：{side}" for label, side in zip(("上联", "下联", "横批"), texts, strict=True) if side
    )
    couplet = parse_couplet(text)
    if couplet is None:
        raise InputError("上联和下联都要有字。", "请写全上联、下联再试。")
    return _verdict(_shifted(couplet), book, pins or {}, character_pins or {})


def _shifted(couplet: CoupletText) -> CoupletText:
    """``couplet`` with the offsets it has without the three characters of each label."""

    def side(lines: Sequence[VerseLine]) -> tuple[VerseLine, ...]:
        return tuple(
            VerseLine(
                line.text, tuple(at - 3 * (line.stanza + 1) for at in line.offsets), line.mark, line.stanza
            )
            for line in lines
        )

    banner = side([couplet.banner])[0] if couplet.banner is not None else None
    return CoupletText(side(couplet.upper), side(couplet.lower), banner, labelled=True)


def _verdict(couplet: CoupletText, book: RhymeBook, pins: _Pins, character_pins: Mapping[str, str]) -> Report:
    report = CoupletCheck(couplet, Reader(book, pins, character_pins)).report()
    if not any(issue.rule in _TONE_RULES for issue in report.errors):
        return report
    other = rhyme_book("xinyun" if book.id in _CLASSICAL else "pingshui", traditional=book.traditional)
    again = CoupletCheck(couplet, Reader(other, pins, character_pins)).report()
    if any(issue.rule in _TONE_RULES or issue.rule == "未收字" for issue in again.errors):
        return report
    note = Issue("平仄", f"按{other.name}，平仄是合律的；旧声今声任用一种，不可混用。", Severity.NOTE)
    return Report(
        report.form, report.rhyme_book, report.lines, (*report.issues, note), variant=report.variant
    )
