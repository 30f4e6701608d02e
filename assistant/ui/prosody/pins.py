"""Readings of polyphones (多音字) that the person has decided: at one place of one line, or everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.settings.model import ProsodySettings, ToneClass

MAX_LINES = 2000
"""Lines with a decided reading that are remembered; the oldest are forgotten first."""


@dataclass(frozen=True)
class Pins:
    """Immutable, so that a snapshot can carry it to another thread.

    Attributes:
        here: (text of the line, position from 1) → 平 or 仄.
        everywhere: character → 平 or 仄.
    """

    here: Mapping[tuple[str, int], ToneClass] = field(default_factory=dict)
    everywhere: Mapping[str, ToneClass] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: ProsodySettings) -> Pins:
        """As the settings remember them."""
        here = {
            (line, position): tone
            for line, positions in settings.pins.items()
            for position, tone in positions.items()
        }
        return cls(here, dict(settings.character_pins))

    def store(self, settings: ProsodySettings) -> None:
        """Put them into the settings."""
        lines: dict[str, dict[int, ToneClass]] = {}
        for (line, position), tone in self.here.items():
            lines.setdefault(line, {})[position] = tone
        settings.pins = dict(list(lines.items())[-MAX_LINES:])
        settings.character_pins = dict(self.everywhere)

    def with_here(self, line: str, position: int, tone: ToneClass | None) -> Pins:
        """The same with one place decided, or left open again by None."""
        rest = {key: value for key, value in self.here.items() if key != (line, position)}
        return Pins(rest if tone is None else {**rest, (line, position): tone}, self.everywhere)

    def with_everywhere(self, character: str, tone: ToneClass | None) -> Pins:
        """The same with one character decided, or left open again by None."""
        rest = {key: value for key, value in self.everywhere.items() if key != character}
        return Pins(self.here, rest if tone is None else {**rest, character: tone})
