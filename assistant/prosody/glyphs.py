"""The characters of a line as the checker sees them: what each can be read as, and which reading is assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from assistant.prosody.readings import RARE_USAGE, Reading
from assistant.prosody.report import CheckedCharacter, Issue, Severity
from assistant.prosody.rhyme_books import RhymeBook
from assistant.prosody.tones import EITHER, LEVEL, OBLIQUE, Tone
from assistant.prosody.verse import GAPS, VerseLine

_BOTH = frozenset({LEVEL, OBLIQUE})
_RATHER_NOT_ENTERING = frozenset("度数易")


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character of a line.

    Attributes:
        character: itself.
        offset: where it stands in the text, in code points.
        readings: all that count; only the pinned ones where the person chose.
        classes: 平 and 仄, as far as it can be read so; empty when the tables do not know it.
        usual_classes: ``classes`` without those that verse hardly ever reads it as.
        pinned: true when the person chose.
    """

    character: str
    offset: int
    readings: tuple[Reading, ...]
    classes: frozenset[str]
    usual_classes: frozenset[str]
    pinned: bool = False

    @property
    def is_gap(self) -> bool:
        """True for □: a character still to be found, which may become anything."""
        return self.character in GAPS

    @property
    def is_unknown(self) -> bool:
        """True when no table knows it."""
        return not self.classes

    def rhymes(self, tone_class: str) -> dict[str, float]:
        """Rhyme groups it can stand for with a tone of ``tone_class``, each with the usage of that reading."""
        found: dict[str, float] = {}
        for reading in self.readings:
            if tone_class in (EITHER, reading.tone.tone_class) and reading.rhyme:
                found[reading.rhyme] = max(found.get(reading.rhyme, 0.0), reading.usage)
        return found

    def reading(self, wanted: str = EITHER, rhyme: str = "") -> Reading | None:
        """The reading to assume where a tone of ``wanted`` (and ``rhyme``) is asked for: the usual one of those that
        fit, of all when none fits, None for an unknown character.
        """
        fitting = [r for r in self.readings if wanted in (EITHER, r.tone.tone_class)]
        rhyming = [r for r in fitting if r.rhyme == rhyme]
        among = rhyming or fitting or self.readings
        # Of two oblique readings the tables cannot tell the usual one; it is nearly always 入 (不, 出, 作, 识).
        entering = self.character not in _RATHER_NOT_ENTERING
        return max(among, key=lambda r: (r.usage, entering and r.tone is Tone.ENTERING), default=None)

    def checked(self, wanted: str = "", rhyme: str | None = None) -> CheckedCharacter:
        """As the report shows it; ``rhyme`` is the group where it stands at a rhyme, empty when that is unknown."""
        return CheckedCharacter(
            self.character,
            self.offset,
            self.readings,
            self.reading(wanted or EITHER, rhyme or ""),
            wanted,
            rhyme is not None,
            self.pinned,
        )


@dataclass(frozen=True)
class Reader:
    """Reads characters in one rhyme book, heeding what the person pinned.

    Attributes:
        book: the book.
        pins: (line, position from 1) → 平 or 仄.
        character_pins: character → 平 or 仄, wherever it stands.
    """

    book: RhymeBook
    pins: Mapping[tuple[str, int], str] = field(default_factory=dict)
    character_pins: Mapping[str, str] = field(default_factory=dict)

    def line(self, line: VerseLine) -> tuple[Glyph, ...]:
        """The characters of ``line``."""
        return tuple(
            self._glyph(line.text, place, character, offset)
            for place, (character, offset) in enumerate(zip(line.text, line.offsets, strict=True), start=1)
        )

    def _glyph(self, line: str, place: int, character: str, offset: int) -> Glyph:
        if character in GAPS:
            return Glyph(character, offset, (), _BOTH, _BOTH)
        readings = self.book.readings(character)
        if self.pins or self.character_pins:
            pin = self.pins.get((line, place)) or self.character_pins.get(character)
            if pin is not None:
                # Also one that has gone out of use, when the person wants it.
                every = self.book.every_reading(character)
                pinned = tuple(reading for reading in every if reading.tone.tone_class == pin)
                tone = Tone.LEVEL if pin == LEVEL else Tone.DEPARTING
                only = frozenset({pin})
                return Glyph(character, offset, pinned or (Reading(tone, ""),), only, only, True)
        classes, usual = self.book.tone_classes(character), usual_classes(self.book, character)
        return Glyph(character, offset, readings, classes, usual)


@lru_cache(maxsize=1 << 15)
def usual_classes(book: RhymeBook, character: str) -> frozenset[str]:
    """平 and 仄, as far as ``character`` is usually read so in verse; empty when the tables do not know it."""
    return frozenset(r.tone.tone_class for r in book.readings(character) if r.usage >= RARE_USAGE)


def unknown_issues(glyphs: Sequence[Glyph]) -> list[Issue]:
    """未收字: characters no table knows; they are never let pass."""
    return [
        Issue(
            "未收字",
            f"韵书里没有「{glyph.character}」，不知它的平仄。",
            position=place,
            suggestion="请换一个字，或自己指定它的读音",
        )
        for place, glyph in enumerate(glyphs, start=1)
        if glyph.is_unknown
    ]


def reading_issues(glyphs: Sequence[Glyph], checked: Sequence[CheckedCharacter]) -> list[Issue]:
    """多音字: which reading was assumed where the place decided between two tones."""
    issues = []
    for place, (glyph, character) in enumerate(zip(glyphs, checked, strict=True), start=1):
        reading = character.reading
        if glyph.pinned or reading is None or len(glyph.classes) < 2:
            continue
        if character.wanted not in (LEVEL, OBLIQUE) and not character.rhymes:
            continue
        if reading.tone.tone_class != character.wanted and character.wanted in (LEVEL, OBLIQUE):
            continue  # it does not fit at all; that is said elsewhere
        rare = reading.usage < RARE_USAGE
        if not rare and not reading.gloss:
            continue
        sense = f"（{reading.gloss}）" if reading.gloss else ""
        tone = reading.tone.tone_class
        message = f"「{glyph.character}」多音，此处作{tone}声{sense}。"
        if rare:
            message = f"「{glyph.character}」此处须读{tone}声{sense}，诗中很少这样读。"
        severity = Severity.WARNING if rare else Severity.NOTE
        issues.append(Issue("多音字", message, severity, place, "读音不是这样时，可以自己指定"))
    return issues
