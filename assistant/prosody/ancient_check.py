"""Ancient verse (古绝, 古风): rhyme only, of any tone, and it may change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.prosody.glyphs import Glyph, reading_issues, unknown_issues
from assistant.prosody.report import CheckedLine, Issue, Severity
from assistant.prosody.rhyme_books import RhymeBook
from assistant.prosody.rhyming import RhymePlace, common_rhyme, rhyme_issues
from assistant.prosody.tones import EITHER
from assistant.prosody.verse import VerseLine


@dataclass(frozen=True, slots=True)
class AncientVerdict:
    """What came of it.

    Attributes:
        lines: checked.
        rhyme: the groups in their order, joined by 「、」.
    """

    lines: tuple[CheckedLine, ...]
    rhyme: str


def check_ancient(
    lines: Sequence[VerseLine],
    glyphs: Sequence[tuple[Glyph, ...]],
    book: RhymeBook,
    *,
    length: int | None = None,
    may_change: bool = True,
) -> AncientVerdict:
    """Check the rhymes of ``lines``.

    Args:
        lines: of the poem.
        glyphs: their characters.
        book: the rhyme book; neighbouring rhymes go together in ancient verse (古体通押).
        length: characters every line must have; None when they may differ.
        may_change: the rhyme may change (换韵), as in 古风 but not in 古绝; then a line falls out of rhyme only
            when it rhymes with neither neighbour.
    """
    places = [RhymePlace(at, glyphs[at][-1], EITHER) for at in range(1, len(lines), 2)]
    if may_change:
        groups, by_line = _changing(places, book)
    else:
        rhyme = common_rhyme(places)
        groups = [rhyme] * len(places)
        by_line = {
            line: issue
            for line, issue in rhyme_issues(places, rhyme, book).items()
            if not _near(glyphs[line][-1], rhyme, book)
        }
    group_of = dict(zip((place.line for place in places), groups, strict=True))
    checked = []
    for number, (line, own) in enumerate(zip(lines, glyphs, strict=True)):
        issues = unknown_issues(own)
        if length is not None and len(own) != length:
            issues.insert(0, Issue("字数", f"这一句 {len(own)} 字，应是 {length} 字。"))
        if number in by_line:
            issues.append(replace(by_line[number], position=len(own)))
        characters = tuple(
            glyph.checked("", group_of.get(number) if place == len(own) - 1 else None)
            for place, glyph in enumerate(own)
        )
        issues += reading_issues(own, characters)
        checked.append(CheckedLine(characters, line.mark, tuple(issues), line.stanza))
    names = list(dict.fromkeys(group for group in groups if group))
    return AncientVerdict(tuple(checked), "、".join(names))


def _near(glyph: Glyph, rhyme: str, book: RhymeBook) -> bool:
    return bool(glyph.rhymes(EITHER).keys() & {rhyme, *book.neighbours(rhyme)})


def _changing(places: Sequence[RhymePlace], book: RhymeBook) -> tuple[list[str], dict[int, Issue]]:
    """The group of each place, and those that rhyme with neither the one before nor the one behind."""
    groups: list[str] = []
    issues: dict[int, Issue] = {}
    for at, place in enumerate(places):
        around = [places[near] for near in (at - 1, at + 1) if 0 <= near < len(places)]
        own = place.glyph.rhymes(EITHER)
        shared = {
            group: usage
            for group, usage in own.items()
            if any(_near(other.glyph, group, book) for other in around)
        }
        among = shared or own
        # The group of the line before goes on where it can.
        before = groups[-1] if groups and groups[-1] in among else ""
        groups.append(before or max(among, key=lambda group: among[group], default=""))
        if own and around and not shared and not any(other.glyph.is_gap for other in around):
            issues[place.line] = Issue(
                "失韵",
                f"「{place.glyph.character}」在{groups[-1]}，与前后的韵脚都不押。",
                Severity.WARNING,
            )
    return groups, issues
