"""The tones of Middle Chinese and of today, and the two classes that verse tells apart."""

from __future__ import annotations

from enum import StrEnum

LEVEL, OBLIQUE, EITHER = "平", "仄", "中"
"""What a pattern asks of a place: a level tone, an oblique one, or 可平可仄."""


class Tone(StrEnum):
    """A tone. Modern books know no 入; there 阴平 and 阳平 are both 平."""

    LEVEL = "平"
    RISING = "上"
    DEPARTING = "去"
    ENTERING = "入"

    @property
    def is_level(self) -> bool:
        """True for 平, false for 仄 (上, 去, 入)."""
        return self is Tone.LEVEL

    @property
    def tone_class(self) -> str:
        """「平」 or 「仄」, as patterns are written."""
        return LEVEL if self is Tone.LEVEL else OBLIQUE

    @property
    def mark(self) -> str:
        """「平」, 「仄」, and 「入」, which verse counts as 仄 but poets like to see apart."""
        return "入" if self is Tone.ENTERING else self.tone_class
