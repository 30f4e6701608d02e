"""The verdict on one state of a poem. Called on another thread: the check of a long 词 takes some milliseconds."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.prosody.report import Report
from assistant.ui.polish.draft import Draft
from assistant.ui.polish.rules import Rules
from assistant.ui.prosody.pins import Pins


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on a draft by some rules."""

    draft: Draft
    rules: Rules
    report: Report


def check_draft(draft: Draft, rules: Rules, pins: Pins) -> Checked:
    """Hold ``draft`` against ``rules``.

    Raises:
        InputError: it cannot be checked.
    """
    # Imported here: it brings the tables of characters with it, which the first paint must not wait for.
    from assistant.prosody.checker import CheckSettings, check

    settings = CheckSettings(
        form=rules.check_form,
        tune=rules.tune,
        rhyme_book=rules.rhyme_book,
        pins=pins.here,
        character_pins=pins.everywhere,
    )
    return Checked(draft, rules, check(draft.text, settings))
