"""One way of reading a character: its tone and its rhyme in one rhyme book."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.prosody.tones import Tone

RARE_USAGE = 0.05
"""A reading that a smaller share of a character's uses in verse have is one that a reader would not think of."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading.

    Attributes:
        tone: in the book.
        rhyme: name of the group, such as 一东 (平水韵), 第一部 (词林正韵), 一麻 (中华新韵).
        usage: share of the character's uses in regulated verse that have this tone class, 0 to 1; 1 when it has no
            other, or was too rare to be counted.
        gloss: what the character means so read, such as 「重叠」, where the meaning decides; else empty.
    """

    tone: Tone
    rhyme: str
    usage: float = 1.0
    gloss: str = ""
