"""From a person's wishes to tracks: where an acrostic, the words and the given characters of a poem stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from assistant.api.errors import InputError
from assistant.prosody.fitting import wrong_places
from assistant.prosody.patterns import Pattern
from assistant.prosody.rhyme_groups import RhymeGroups
from assistant.prosody.tones import EITHER
from assistant.prosody.tracks import Place, Track, shapes_left

HEAD, TAIL, MIDDLE = "藏头", "藏尾", "藏中"
_TRIES = 60
"""How often words are put somewhere else before they are said not to fit."""

Settled = Mapping[Place, str]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a poem must hold besides its form.

    Attributes:
        name: of the form or tune, for messages.
        patterns: any of which may be followed.
        given: (line, column) → character that is written already or locked.
        acrostic: characters, one a line (or one every second line); empty for none.
        acrostic_place: 藏头, 藏尾 or 藏中.
        words: that must occur, each within one line.
        rhyme: canonical name of the group; empty to leave it to the model.
        is_tune: true for a 词.
        distinct: no character twice, so that one that stands somewhere can carry no rhyme any more.
    """

    name: str
    patterns: tuple[Pattern, ...]
    given: Settled
    acrostic: str = ""
    acrostic_place: str = HEAD
    words: tuple[str, ...] = ()
    rhyme: str = ""
    is_tune: bool = False
    distinct: bool = True


def settle(wishes: Wishes, groups: RhymeGroups) -> list[Track]:
    """One track for each pattern that admits everything but the words, which ``place_words`` adds.

    Raises:
        InputError: no pattern admits them; names what stands in the way.
    """
    tracks: list[Track] = []
    reasons: list[tuple[tuple[int, int], str]] = []
    for pattern in wishes.patterns:
        acrostic = _acrostic(wishes, pattern)
        clash = next((at for at in acrostic if wishes.given.get(at, acrostic[at]) != acrostic[at]), None)
        if clash is not None:
            there, asked = wishes.given[clash], f"{wishes.acrostic_place}的「{acrostic[clash]}」"
            reasons.append((clash, f"第 {clash[0] + 1} 句已写了「{there}」，放不下{asked}。"))
            continue
        track = Track(pattern, {**wishes.given, **acrostic})
        repeated = _with_repeats(track)
        if repeated is None:
            reasons.append(((0, 0), f"{wishes.name}有叠句，那里要求的字前后不同。"))
            continue
        track = repeated
        reason = _objection(track, wishes, groups)
        if reason is None:
            tracks.append(track)
        else:
            reasons.append(reason)
    if not tracks:
        # The pattern that got furthest tells the most.
        _, message = max(reasons, key=lambda found: found[0])
        raise InputError(message, "请换字，或放宽一项要求再试。")
    return tracks


def place_words(tracks: Sequence[Track], wishes: Wishes, groups: RhymeGroups, random: Random) -> list[Track]:
    """``tracks`` with the words of ``wishes`` put somewhere that the rules admit, drawn anew at each call.

    Raises:
        InputError: a word fits nowhere.
    """
    if not wishes.words:
        return list(tracks)
    placed = []
    for track in tracks:
        for _ in range(_TRIES):
            found = _with_words(track, wishes, groups, random)
            if found is not None:
                placed.append(found)
                break
    if not placed:
        words = "、".join(f"「{word}」" for word in wishes.words)
        raise InputError(f"{words}放不进{wishes.name}：平仄或字数都不合。", "请少要求一些字，或换一种体裁。")
    return placed


def _acrostic(wishes: Wishes, pattern: Pattern) -> dict[tuple[int, int], str]:
    characters, count = wishes.acrostic, len(pattern.lines)
    if not characters:
        return {}
    # 诗 goes by couplets; in a 词 the first lines take the characters.
    in_couplets = not wishes.is_tune
    if in_couplets and len(characters) * 2 == count:
        lines = range(0, count, 2)
    elif len(characters) == count or (len(characters) < count and not in_couplets):
        lines = range(len(characters))
    else:
        half = f"，或 {count // 2} 个字（每联一字）" if in_couplets and count % 2 == 0 else ""
        raise InputError(
            f"{wishes.acrostic_place}有 {len(characters)} 字，{wishes.name}有 {count} 句，对不上。",
            f"请给{'' if in_couplets else '至多'} {count} 个字{half}。",
        )
    return {
        (line, _acrostic_column(wishes.acrostic_place, pattern.lines[line].length)): character
        for line, character in zip(lines, characters, strict=False)
    }


def _with_repeats(track: Track) -> Track | None:
    """The same with what is settled in a 叠句 settled wherever it is said; None when another character stands there."""
    settled = dict(track.settled)
    for place, character in track.settled.items():
        first = place
        while first in track.sources:
            first = track.sources[first]
        for each in (first, *track.copies.get(first, ())):
            if settled.setdefault(each, character) != character:
                return None
    return Track(track.pattern, settled)


def _acrostic_column(place: str, length: int) -> int:
    return {HEAD: 0, TAIL: length - 1, MIDDLE: (length - 1) // 2}[place]


def _objection(track: Track, wishes: Wishes, groups: RhymeGroups) -> tuple[tuple[int, int], str] | None:
    """Why no poem can be written on ``track``, with the place it is about; None when one can."""
    book = groups.book
    for (line, column), character in sorted(track.settled.items()):
        if not book.tone_classes(character):
            return (line, column), f"韵书里没有「{character}」，不知它的平仄。"
        if (line, column) not in wishes.given and not groups.can_write(character):
            return (line, column), f"这个模型写不出「{character}」。"
    for number in range(len(track.pattern.lines)):
        misfit = _misfit(track, number, groups)
        if misfit is not None:
            character = track.settled[number, misfit]
            classes = "、".join(sorted(book.tone_classes(character)))
            place = f"第 {number + 1} 句第 {misfit + 1} 字「{character}」（{classes}）"
            return (number, misfit), f"{place}不合{wishes.name}的平仄。"
    return _rhyme_objection(track, wishes, groups)


def _rhyme_objection(track: Track, wishes: Wishes, groups: RhymeGroups) -> tuple[tuple[int, int], str] | None:
    end, start = (len(track.pattern.lines), 0), (0, 0)
    # What is settled to rhyme cannot rhyme again, and what stands elsewhere only where a character may come twice.
    spent = frozenset(track.settled[at] for at in track.rhymes if at in track.settled)
    spent |= track.settled_characters if wishes.distinct else frozenset()
    for label in track.rhyme_tones:
        asked = wishes.rhyme if label == track.first_label else ""
        if asked:
            for tone, spare in sorted(groups.spare(track, label, asked, start, spent).items()):
                if spare < 0:
                    places = track.rhymes_due(label, tone, start)
                    kind = "" if tone == EITHER else f"{tone}声"
                    few = f"{asked}里这个模型会写、还没有用过的{kind}字只有 {places + spare} 个"
                    return end, f"{few}，{wishes.name}还要 {places} 个韵脚。"
        for place, (own, tone) in track.rhymes.items():
            settled = track.settled.get(place)
            if own != label or settled is None:
                continue
            if asked and asked not in groups.rhymes_of(settled, tone, place[0]):
                return place, f"第 {place[0] + 1} 句的「{settled}」不在{asked}。"
        reaching = asked or any(
            min(groups.spare(track, label, rhyme, start, spent).values(), default=0) >= 0
            for rhyme in groups.possible(track, label)
        )
        if not reaching:
            return end, f"已定的韵脚互相不押，或所在的韵部字太少，写不成{wishes.name}。"
    return None


def _misfit(track: Track, number: int, groups: RhymeGroups) -> int | None:
    """The first settled column of a line that fits none of its shapes together with the others; None when all fit.

    A shape that the next line would have to answer and, by its own settled characters, cannot, is none.
    """
    line = track.pattern.lines[number]
    settled = {
        column: character
        for column in range(line.length)
        if (character := track.settled.get((number, column))) is not None
    }
    shapes = [
        shape.tones
        for shape in line.shapes
        if not shape.next_line or shapes_left(track, number + 1, groups.book, shape.next_line)
    ]
    for column, character in settled.items():
        classes = groups.book.tone_classes(character)
        shapes = [tones for tones in shapes if tones[column] == EITHER or tones[column] in classes]
        if not shapes:
            return column
    return None


def _with_words(track: Track, wishes: Wishes, groups: RhymeGroups, random: Random) -> Track | None:
    settled = dict(track.settled)
    for word in random.sample(wishes.words, len(wishes.words)):
        if _occurs(word, settled, track):
            continue
        places = _places_of(word, settled, track, groups)
        if not places:
            return None
        line, column = random.choice(places)
        settled |= {(line, column + at): character for at, character in enumerate(word)}
    placed = _with_repeats(Track(track.pattern, settled))
    return placed if placed is not None and _objection(placed, wishes, groups) is None else None


def _occurs(word: str, settled: Settled, track: Track) -> bool:
    return any(
        all(settled.get((number, column + at)) == character for at, character in enumerate(word))
        for number, line in enumerate(track.pattern.lines)
        for column in range(line.length - len(word) + 1)
    )


def _places_of(word: str, settled: Settled, track: Track, groups: RhymeGroups) -> list[tuple[int, int]]:
    """Where ``word`` may stand: those that keep to the rhythm of the line when there are any."""
    classes = tuple(groups.book.tone_classes(character) for character in word)
    found, rhythmic = [], []
    for number, line in enumerate(track.pattern.lines):
        for column in range(line.length - len(word) + 1):
            span = [(number, column + at) for at in range(len(word))]
            if any(place in settled or place in track.sources for place in span):
                continue
            wanted = [shape.tones[column : column + len(word)] for shape in line.shapes if shape.plain]
            if all(wrong_places(classes, tones) for tones in wanted):
                continue
            found.append((number, column))
            # 二二一, 二二三: words begin at even places, or end the line.
            if column % 2 == 0 or column + len(word) == line.length:
                rhythmic.append((number, column))
    return rhythmic or found


def given_places(pattern: Pattern, lines: Sequence[str], gaps: frozenset[str]) -> dict[tuple[int, int], str]:
    """(line, column) → character of a text that has the line lengths of ``pattern`` and gaps."""
    return {
        (number, column): character
        for number, line in enumerate(lines[: len(pattern.lines)])
        for column, character in enumerate(line)
        if character not in gaps
    }
