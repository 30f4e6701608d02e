"""The poems of a whole document, checked while it is being written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from assistant.api.han import is_han
from assistant.prosody.checker import CheckSettings, check
from assistant.prosody.couplets import looks_like_couplet
from assistant.prosody.recognise import recognise, tune_in_title
from assistant.prosody.report import Report
from assistant.prosody.script import is_traditional
from assistant.prosody.tunes import tunes_of_lengths
from assistant.prosody.verse import LINE_ENDS, Verse, parse_verse

_BLOCK = re.compile(r"[^\n]+(?:\n[^\n]+)*")
_BLANK = re.compile(r"(?m)^[ \t\u3000]+$")
_MOST_TITLE_CHARACTERS = 24
_MOST_TUNE_CHARACTERS = 400
"""No 词 is longer, marks and title included: the longest tune, 莺啼序, has 240 characters."""
_PROSE = re.compile(r"(?:^|\n)[^\n]*[^\n，。？！；：、,.?!;:]{17}[，。？！；：、,.?!;:]|[A-Za-z0-9]{3}")
"""A text with so long a clause is no verse, nor is one with words in Latin letters or numbers: told without a parse."""


@dataclass(frozen=True, slots=True)
class CheckedPoem:
    """A poem of a document.

    Attributes:
        start: where it begins in the document, in code points; offsets in the report count from here.
        end: where it ends, exclusive.
        report: the verdict.
    """

    start: int
    end: int
    report: Report


@dataclass(frozen=True, slots=True)
class _Block:
    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class DocumentChecker:
    """Finds the poems and couplets of a document and remembers what it found of each."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Report | None] = {}
        self._now: dict[tuple[object, ...], Report | None] = {}
        self._tunes: dict[str, bool] = {}
        self._tunes_now: dict[str, bool] = {}

    def check(self, text: str, settings: CheckSettings | None = None) -> tuple[CheckedPoem, ...]:
        """All poems of ``text`` in order; prose is left out.

        Args:
            text: the document; empty lines part its poems.
            settings: what poems are held against. A form or tune that is asked for applies to what looks like verse.

        Raises:
            InputError: the settings name something that does not exist.
        """
        settings = settings or CheckSettings()
        settings.validate()
        if settings.traditional is None:
            settings = replace(settings, traditional=is_traditional(text))
        key = _key(settings)
        poems = []
        blocks = _blocks(text)
        self._now, self._tunes_now = {}, {}
        at = 0
        while at < len(blocks):
            taken, report = self._poem_at(text, blocks, at, settings, key)
            if report is not None:
                poems.append(CheckedPoem(blocks[at].start, blocks[at + taken - 1].end, report))
            at += taken
        # What this text holds, however much that is; what it no longer holds is forgotten.
        self._known, self._tunes = self._now, self._tunes_now
        return tuple(poems)

    def _poem_at(
        self, text: str, blocks: list[_Block], at: int, settings: CheckSettings, key: tuple[object, ...]
    ) -> tuple[int, Report | None]:
        """How many blocks the poem at ``at`` takes up, and its verdict; None when it is none.

        A title may stand apart from its poem, and the 片 of a 词 from one another.
        """
        titled = _is_title(blocks[at].text)
        longest = min(len(blocks), at + (4 if titled else 3)) - at
        for count in range(longest, 1, -1):
            whole = text[blocks[at].start : blocks[at + count - 1].end]
            if (titled and count == 2) or self._is_tune(whole):
                report = self._verdict(whole, settings, key)
                if report is not None:
                    return count, report
        return 1, self._verdict(blocks[at].text, settings, key)

    def _is_tune(self, text: str) -> bool:
        if len(text) > _MOST_TUNE_CHARACTERS or _PROSE.search(text):
            return False
        known = self._tunes.get(text)
        if known is None:
            known = _is_tune(text)
        self._tunes_now[text] = known
        return known

    def _verdict(self, text: str, settings: CheckSettings, key: tuple[object, ...]) -> Report | None:
        key = (text, *key)
        if key in self._known or key in self._now:
            self._now[key] = self._now[key] if key in self._now else self._known[key]
            return self._now[key]
        verdict = check(text, settings) if _is_verse(text) else None
        if verdict is not None and (not verdict.form or _is_chance(verdict)):
            verdict = None
        self._now[key] = verdict
        return verdict


def _key(settings: CheckSettings) -> tuple[object, ...]:
    return (
        settings.form,
        settings.tune,
        settings.rhyme_book,
        settings.traditional,
        _items(settings.pins),
        _items(settings.character_pins),
    )


def _items(pins: Mapping[tuple[str, int], str] | Mapping[str, str]) -> frozenset[object]:
    return frozenset(pins.items())


def _blocks(text: str) -> list[_Block]:
    # Lines of blanks part poems too; they keep their length, so that places stay what they are.
    text = _BLANK.sub(lambda found: "\n" * len(found.group()), text)
    return [_Block(found.start(), found.group()) for found in _BLOCK.finditer(text)]


def _is_title(text: str) -> bool:
    return (
        "\n" not in text
        and len(text) <= _MOST_TITLE_CHARACTERS
        and not any(character in LINE_ENDS for character in text)
    )


def _is_tune(text: str) -> bool:
    """True when several blocks together are one 词: by title, or by lengths that no single form has."""
    verse = parse_verse(text)
    lengths = verse.lengths
    titled = tune_in_title(verse.title)
    if titled is not None:
        return any(sum(lengths) == pattern.character_count for pattern in titled.patterns)
    return len(set(lengths)) > 1 and bool(tunes_of_lengths(lengths))


def _is_verse(text: str) -> bool:
    """False for prose, and for text with so little verse in it that remarks would only disturb."""
    if _PROSE.search(text):
        return False
    if looks_like_couplet(text):
        return True
    verse = parse_verse(text)
    if not verse.lines or not _mostly_han(verse):
        return False
    kind = recognise(verse)
    if kind.form != "词":
        return bool(kind.line_length)
    return tune_in_title(verse.title) is not None or len(verse.lines) >= 4


def _is_chance(report: Report) -> bool:
    """True for one sentence of prose whose halves happen to be of five or seven characters."""
    return len(report.lines) <= 2 and (
        report.form in ("五古", "七古") or (report.form in ("五言", "七言") and not report.ok)
    )


def _mostly_han(verse: Verse) -> bool:
    return all(map(is_han, verse.text.replace("□", "")))
