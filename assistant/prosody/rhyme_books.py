"""The four rhyme books: which tones and rhymes a character has in each."""

from __future__ import annotations

import difflib
from collections import defaultdict
from functools import cache, lru_cache
from itertools import product

from assistant.prosody import rhyme_names, tables
from assistant.prosody.readings import Reading
from assistant.prosody.tones import EITHER, LEVEL, OBLIQUE, Tone

RHYME_BOOK_IDS = ("pingshui", "cilin", "xinyun", "tongyun")
"""平水韵, 词林正韵, 中华新韵, 中华通韵."""

NAMES = {"pingshui": "平水韵", "cilin": "词林正韵", "xinyun": "中华新韵", "tongyun": "中华通韵"}

USUAL_SHARE = 0.05
"""A tone that a smaller share of a character's uses have is not a usual one."""

OBSOLETE_SHARE, OBSOLETE_COUNT = 0.01, 300
"""A tone that fewer of so many uses have, and that only one of the two sources gives, is obsolete (風 as 去声)."""

_MODERN_TONES = {"1": Tone.LEVEL, "2": Tone.LEVEL, "3": Tone.RISING, "4": Tone.DEPARTING}
_reading = lru_cache(maxsize=None)(Reading)  # most characters share the few hundred that differ

_Found = tuple[Tone, str, bool, str]


class RhymeBook:
    """A rhyme book seen with simplified or with traditional eyes; get one from :func:`rhyme_book`.

    Attributes:
        id: one of ``RHYME_BOOK_IDS``.
        name: such as 平水韵.
        traditional: false: a simplified character has the readings of every traditional one that it stands for; true:
            every character has only its own. Either way a character without any has those of what it stands for.
        rhymes: names of all groups in the book's order.
    """

    def __init__(self, book_id: str, traditional: bool) -> None:
        self.id = book_id
        self.name = NAMES[book_id]
        self.traditional = traditional
        self.rhymes = rhyme_names.group_names(book_id)
        self._is_modern = book_id in ("xinyun", "tongyun")
        self._period = "今" if self._is_modern else "古"
        self._readings: dict[str, tuple[Reading, ...]] = {}
        self._classes: dict[str, frozenset[str]] = {}
        self._sets: dict[tuple[str, str, bool], frozenset[str]] = {}

    def readings(self, character: str) -> tuple[Reading, ...]:
        """Readings of ``character`` that count, the usual ones first; empty when the tables do not know it."""
        known = self._readings.get(character)
        if known is None:
            known = self._readings[character] = self._read(character, obsolete=False)
        return known

    def every_reading(self, character: str) -> tuple[Reading, ...]:
        """Like :meth:`readings`, with those that the tables hold but verse never uses, such as 風 as 去声."""
        return self._read(character, obsolete=True)

    def tone_classes(self, character: str) -> frozenset[str]:
        """Of 平 and 仄 those that ``character`` can be; empty when the tables do not know it."""
        known = self._classes.get(character)
        if known is None:
            known = frozenset(reading.tone.tone_class for reading in self.readings(character))
            self._classes[character] = known
        return known

    def rhymes_of(self, character: str, tone_class: str = EITHER) -> frozenset[str]:
        """Groups of the readings of ``character`` that are ``tone_class`` (平, 仄, 中)."""
        return frozenset(
            reading.rhyme
            for reading in self.readings(character)
            if tone_class in (EITHER, reading.tone.tone_class)
        )

    def characters(self, tone_class: str, *, usual: bool = False) -> frozenset[str]:
        """All characters that can be ``tone_class`` (平, 仄, 中); the same object every time.

        With ``usual``, tones that less than a twentieth of a character's uses have do not count.
        """
        return self._set("", tone_class, usual)

    def rhyming(self, rhyme: str, tone_class: str, *, usual: bool = False) -> frozenset[str]:
        """All characters with a reading in the group ``rhyme`` that is ``tone_class``; the same object every time.

        Raises:
            ValueError: no group is called ``rhyme``.
        """
        return self._set(rhyme if rhyme in self.rhymes else self.find_rhyme(rhyme), tone_class, usual)

    def neighbours(self, rhyme: str) -> frozenset[str]:
        """邻韵: groups that verse may borrow from in its first line; empty outside 平水韵."""
        found = rhyme_names.pingshui_neighbours() if self.id == "pingshui" else {}
        return found.get(rhyme, frozenset())

    def find_rhyme(self, name: str) -> str:
        """The group that a person means: 东, 一东, 上平一东, 东韵; 第一部, 一部, 1.

        Raises:
            ValueError: no group is called so; the sentence names the nearest ones, or those that ``name`` rhymes with.
        """
        names = rhyme_names.spoken_names(self.id)
        bare = rhyme_names.bare_name(name)
        for key in (name.strip(), bare, tables.traditional_only().get(bare[-1:], "")):
            if key in names:
                return names[key]
        own = self.rhymes_of(bare)
        near = [group for group in self.rhymes if group in own]
        near = near or difflib.get_close_matches(bare, self.rhymes, 3, 0.3) or list(self.rhymes[:3])
        raise ValueError(f"{self.name}没有叫「{name}」的韵部，可以选{'、'.join(near)}。")

    def _sources(self, character: str) -> str:
        """The characters whose readings ``character`` has, the usual one first."""
        table = tables.modern() if self._is_modern else tables.classical()
        standing = tables.stands_for().get(character, "")
        if character in table and (self.traditional or self._is_modern or not standing):
            return character
        short = tables.traditional_only().get(character, "")
        return standing or tables.stands_for().get(short, short) + short

    def _own(self, source: str) -> list[_Found]:
        """Readings of exactly this character: tone, group, whether it is sure, group of 平水韵."""
        if self._is_modern:
            groups = rhyme_names.group_of_final(self.id)
            return [
                (_MODERN_TONES[row.tone], groups[row.final], True, "")
                for row in tables.modern().get(source, ())
            ]
        tones, names = rhyme_names.pingshui_tones(), self.rhymes
        return [
            (
                tones[row.rhyme],
                row.rhyme if self.id == "pingshui" else names[int(row.division) - 1],
                row.is_sure,
                row.rhyme,
            )
            for row in tables.classical().get(source, ())
        ]

    def _read(self, character: str, obsolete: bool) -> tuple[Reading, ...]:
        sources = self._sources(character)
        found = [one for source in sources for one in self._own(source)]
        if len(found) < 2:
            return tuple(_reading(tone, rhyme) for tone, rhyme, _, _ in found)
        short = self._short(character)
        order = [] if self._is_modern else tables.usual_rhymes().get(short, [])
        found.sort(key=lambda one: order.index(one[3]) if one[3] in order else len(order))
        pairs = list(dict.fromkeys(one[:2] for one in found))
        counted = tables.usage(self._period).get(short)
        shares = {True: 1.0, False: 1.0}
        if counted:
            shares = {True: counted.level_share, False: 1 - counted.level_share}
            if counted.total >= OBSOLETE_COUNT and not obsolete:
                sure = {tone.is_level for tone, _, is_sure, _ in self._own(sources[0]) if is_sure}
                kept = {level for level in shares if level in sure or shares[level] >= OBSOLETE_SHARE}
                pairs = [pair for pair in pairs if pair[0].is_level in kept] or pairs
        if len({tone.is_level for tone, _ in pairs}) == 1:
            return tuple(_reading(tone, rhyme) for tone, rhyme in pairs)
        glosses = tables.senses(self._period).get(short, ("", ""))
        readings = [
            _reading(tone, rhyme, round(shares[tone.is_level], 4), glosses[not tone.is_level])
            for tone, rhyme in pairs
        ]
        return tuple(sorted(readings, key=lambda reading: -reading.usage))

    def _short(self, character: str) -> str:
        """The form under which its uses were counted: simplified, as the corpus is."""
        if character in tables.usage(self._period):
            return character
        standing = tables.stands_for().get(character, character)
        return tables.shortened().get(standing[0], standing[0])

    def _set(self, rhyme: str, tone_class: str, usual: bool) -> frozenset[str]:
        if tone_class not in (LEVEL, OBLIQUE, EITHER):
            raise ValueError(f"tone_class {tone_class!r}: 平, 仄 or 中")
        if not self._sets:
            self._fill_sets()
        return self._sets.setdefault((rhyme, tone_class, usual), frozenset())

    def _fill_sets(self) -> None:
        """Every set that can be asked for, in one go through the tables."""
        table = tables.modern() if self._is_modern else tables.classical()
        found: defaultdict[tuple[str, str, bool], set[str]] = defaultdict(set)
        for character in {**table, **tables.stands_for()}:
            for reading in self.readings(character):
                is_usual = reading.usage >= USUAL_SHARE
                found[reading.rhyme, reading.tone.tone_class, is_usual].add(character)
        sets: defaultdict[tuple[str, str, bool], set[str]] = defaultdict(set)
        for (rhyme, tone_class, is_usual), members in found.items():
            for key in product(("", rhyme), (EITHER, tone_class), {False, is_usual}):
                sets[key] |= members
        self._sets = {key: frozenset(members) for key, members in sets.items()}


@cache
def _book(book_id: str, traditional: bool) -> RhymeBook:
    if book_id not in RHYME_BOOK_IDS:
        raise ValueError(f"没有韵书 {book_id!r}，可以选 {'、'.join(RHYME_BOOK_IDS)}。")
    return RhymeBook(book_id, traditional)


def rhyme_book(book_id: str, *, traditional: bool = False) -> RhymeBook:
    """The rhyme book ``book_id``; the same object every time.

    Raises:
        ValueError: no book has this id; the sentence names those that exist.
    """
    return _book(book_id, traditional)
