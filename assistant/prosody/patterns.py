"""What a form or a tune asks of every place of a poem."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.prosody.tones import EITHER


@dataclass(frozen=True, slots=True)
class Shape:
    """One accepted way for the tones of a line to go.

    Attributes:
        tones: a 平, 仄 or 中 for each character.
        name: empty for the plain shape, else how poets call it, such as 特拗.
        next_line: the shape that the next line must then have (对句救); empty when it is free.
        plain: true when generated verse may use it; other shapes are accepted from a person only.
    """

    tones: str
    name: str = ""
    next_line: str = ""
    plain: bool = True

    def fits(self, tone_classes: Sequence[Collection[str]]) -> bool:
        """True when each place can have the tone asked for; ``tone_classes``: 平 and 仄 that each character can be."""
        return len(tone_classes) == len(self.tones) and all(
            wanted == EITHER or wanted in classes
            for wanted, classes in zip(self.tones, tone_classes, strict=True)
        )


@dataclass(frozen=True, slots=True)
class PatternLine:
    """A line of a pattern.

    Attributes:
        shapes: accepted tones, the plainest first; all of the same length.
        mark: the mark behind it: ，。、 or another.
        rhyme: label of the rhyme that its last character carries (lines with the same label rhyme); empty for none.
        rhyme_tone: 平, 仄 or 中: the tone of that last character; empty without a rhyme.
        stanza: which 片 it belongs to, from 0.
    """

    shapes: tuple[Shape, ...]
    mark: str
    rhyme: str = ""
    rhyme_tone: str = ""
    stanza: int = 0

    @property
    def length(self) -> int:
        """Characters, the mark not counted."""
        return len(self.shapes[0].tones)


@dataclass(frozen=True, slots=True)
class Repeat:
    """叠句: ``line`` says the last ``count`` characters of line ``of`` again (lines from 0)."""

    line: int
    of: int
    count: int


@dataclass(frozen=True)
class Pattern:
    """A whole poem: one opening pattern of a form, or one variant of a tune.

    Attributes:
        name: such as 「仄起首句入韵」 or 「正体」.
        lines: from first to last.
        repeats: lines that say an earlier one again.
        parallels: pairs of lines that poets make parallel (对仗), from 0.
    """

    name: str
    lines: tuple[PatternLine, ...]
    repeats: tuple[Repeat, ...] = ()
    parallels: tuple[tuple[int, int], ...] = ()

    @cached_property
    def line_lengths(self) -> tuple[int, ...]:
        """Characters of each line."""
        return tuple(line.length for line in self.lines)

    @cached_property
    def character_count(self) -> int:
        """Characters of the whole poem, marks not counted."""
        return sum(self.line_lengths)
