"""Checks snapshots. Imported in the checking thread only: it brings the checker and its tables with it."""

from __future__ import annotations

import re

from assistant.api import BibanError
from assistant.documents import utf16_length
from assistant.prosody.checker import CheckSettings, check
from assistant.prosody.document import DocumentChecker
from assistant.prosody.report import Report
from assistant.prosody.script import is_traditional
from assistant.ui.prosody.marks import Places, places_of
from assistant.ui.prosody.snapshot import AUTO, Poem, PoemChoice, Snapshot, Verdict

_EMPTY_LINE = re.compile(r"\n[^\S\n]*\n")


class SnapshotChecker:
    """Remembers what it has seen, so that one changed line costs one poem.

    Args:
        document: finds the poems of a text and checks them.
    """

    def __init__(self, document: DocumentChecker | None = None) -> None:
        self._document = document or DocumentChecker()
        self._places: dict[int, tuple[Report, Places]] = {}

    def check(self, snapshot: Snapshot) -> Verdict:
        """The verdict on every poem of the text: as it looks by itself, or as the person chose."""
        text = snapshot.text
        found = self._document.check(text, _settings(snapshot, AUTO))
        reports: dict[tuple[int, int], Report | None] = {
            (poem.start, poem.end): poem.report for poem in found
        }
        choices: dict[tuple[int, int], PoemChoice] = {}
        errors: dict[tuple[int, int], BibanError] = {}
        traditional = is_traditional(text) if snapshot.choices else None
        for position, choice in snapshot.choices:
            span = next((span for span in reports if span[0] <= position <= span[1]), None)
            span = span or block_at(text, position)
            choices[span] = choice
            try:
                reports[span] = check(text[slice(*span)], _settings(snapshot, choice, traditional))
            except BibanError as error:
                errors[span] = error
                reports.setdefault(span, None)
        poems = []
        kept: dict[int, tuple[Report, Places]] = {}
        units, done = (
            snapshot.start,
            0,
        )  # UTF-16 position in the document, of the code point ``done`` of the text
        for (start, end), report in sorted(reports.items()):
            own = text[start:end]
            units, done = units + utf16_length(text[done:start]), start
            report = report or Report("", snapshot.rhyme_book)
            places = self._places_of(own, report)
            kept[id(report)] = (report, places)
            poems.append(
                Poem(
                    units,
                    units + utf16_length(own),
                    own,
                    report,
                    places,
                    choices.get((start, end), AUTO),
                    errors.get((start, end)),
                )
            )
        self._places = kept
        return Verdict(snapshot.revision, tuple(poems))

    def _places_of(self, text: str, report: Report) -> Places:
        """Of a report that is still the very object of last time, the places are known."""
        known = self._places.get(id(report))
        return known[1] if known is not None and known[0] is report else places_of(text, report)


def block_at(text: str, position: int) -> tuple[int, int]:
    """Start and end of the lines around ``position`` (code points) up to the next empty line on either side."""
    start, end = 0, len(text)
    for found in _EMPTY_LINE.finditer(text):
        if found.end() <= position:
            start = found.end()
        else:
            end = max(found.start(), start)
            break
    return start, end


def _settings(snapshot: Snapshot, choice: PoemChoice, traditional: bool | None = None) -> CheckSettings:
    return CheckSettings(
        form=choice.form,
        tune=choice.tune,
        rhyme_book=snapshot.rhyme_book,
        pins=snapshot.pins.here,
        character_pins=snapshot.pins.everywhere,
        traditional=traditional,
    )
