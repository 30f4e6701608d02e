"""Which rhyme a poem has, and which line ends fall out of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.prosody.glyphs import Glyph
from assistant.prosody.report import Issue, Severity
from assistant.prosody.rhyme_books import RhymeBook, rhyme_book
from assistant.prosody.tones import EITHER, LEVEL

_SHARED_ENTERING = {"第十七部", "第十八部"}


@dataclass(frozen=True, slots=True)
class RhymePlace:
    """A character that carries the rhyme.

    Attributes:
        line: number of its line, from 0.
        glyph: the character.
        tone: 平, 仄 or 中 asked for there.
        may_be_neighbour: true where a neighbouring rhyme is allowed: the first line of regulated verse.
    """

    line: int
    glyph: Glyph
    tone: str = LEVEL
    may_be_neighbour: bool = False


def common_rhyme(places: Sequence[RhymePlace], against: Callable[[str], float] = lambda _: 0.0) -> str:
    """The group that most of ``places`` can stand for, the usual readings preferred; empty when there is none.

    Args:
        places: that should rhyme.
        against: what speaks against a group, looked at before the readings where as many places can stand for another.
    """
    matches: Counter[str] = Counter()
    usage: Counter[str] = Counter()
    for place in places:
        weight = 0.4 if place.may_be_neighbour else 1.0
        for rhyme, share in place.glyph.rhymes(place.tone).items():
            matches[rhyme] += weight  # type: ignore[assignment]  # a Counter holds any number
            usage[rhyme] += share  # type: ignore[assignment]
    return max(matches, key=lambda rhyme: (matches[rhyme], -against(rhyme), usage[rhyme]), default="")


def rhyme_issues(
    places: Sequence[RhymePlace], rhyme: str, book: RhymeBook, *, once_each: bool = True
) -> dict[int, Issue]:
    """What is wrong with the rhymes, by line: 失韵, 借韵, 重韵.

    Args:
        places: that should carry ``rhyme``.
        rhyme: the group; empty when no group was found, then nothing can be said.
        book: for its neighbouring rhymes.
        once_each: the same character may not carry the rhyme twice (重韵).
    """
    issues: dict[int, Issue] = {}
    seen: set[str] = set()
    together = _shared_with_the_old_book(places, rhyme, book)
    for place in places:
        glyph = place.glyph
        if glyph.is_gap or glyph.is_unknown:
            continue
        own = glyph.rhymes(place.tone)
        if rhyme and rhyme not in own:
            issues[place.line] = together.get(place.line) or _out_of_rhyme(place, own, rhyme, book)
        elif glyph.character in seen and once_each:
            issues[place.line] = Issue(
                "重韵", f"韵脚「{glyph.character}」用了两次。", suggestion="请换一个韵字"
            )
        seen.add(glyph.character)
    return issues


def _shared_with_the_old_book(places: Sequence[RhymePlace], rhyme: str, book: RhymeBook) -> dict[int, Issue]:
    """Endings of a 词 that 词林正韵 puts apart and 平水韵 together, or 入 of 第十七部 and 第十八部.

    The Song rhymed them (晏殊 「去年天气旧亭台」: 台 in 第五部, 杯 in 第三部, both in 十灰), so it is only remarked.
    """
    if book.id != "cilin" or not rhyme:
        return {}
    old = rhyme_book("pingshui", traditional=book.traditional)
    kept = {
        group
        for place in places
        if rhyme in place.glyph.rhymes(place.tone)
        for group in old.rhymes_of(place.glyph.character, place.tone)
    }
    issues = {}
    for place in places:
        own = place.glyph.rhymes(place.tone)
        if rhyme in own or not own:
            continue
        shared = sorted(kept & old.rhymes_of(place.glyph.character, place.tone))
        group = next(iter(own))
        if shared or {group, rhyme} == _SHARED_ENTERING:
            why = f"平水韵同属{shared[0]}" if shared else "宋人多通押"
            issues[place.line] = Issue(
                "借韵", f"「{place.glyph.character}」在{group}，与{rhyme}{why}。", Severity.WARNING
            )
    return issues


def _out_of_rhyme(place: RhymePlace, own: dict[str, float], rhyme: str, book: RhymeBook) -> Issue:
    character = place.glyph.character
    all_groups = place.glyph.rhymes(EITHER)
    near = [group for group in own if group in book.neighbours(rhyme)]
    if near and place.may_be_neighbour:
        return Issue("借韵", f"首句「{character}」在{near[0]}，借邻韵入{rhyme}，合例。", Severity.NOTE)
    group = (
        near[0] if near else max(own or all_groups, key=lambda name: (own or all_groups)[name], default="")
    )
    where = f"在{group}" if group else "韵部不明"
    kind = "，是邻韵" if near else "" if own else f"，不是{place.tone}声" if place.tone != EITHER else ""
    return Issue(
        "失韵", f"「{character}」{where}{kind}，与全诗的{rhyme}不押。", suggestion=f"此处宜用{rhyme}的字"
    )
