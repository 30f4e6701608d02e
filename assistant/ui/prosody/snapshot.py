"""What goes to the checking thread, and what comes back. All of it is immutable."""

from __future__ import annotations

from dataclasses import dataclass, field

from assistant.api import BibanError
from assistant.prosody.report import Report
from assistant.ui.prosody.marks import Places
from assistant.ui.prosody.pins import Pins


@dataclass(frozen=True, slots=True)
class PoemChoice:
    """What the person says one poem is.

    Attributes:
        form: ``auto`` for whatever it looks like.
        tune: name of the 词牌; empty for whichever fits.
    """

    form: str = "auto"
    tune: str = ""


AUTO = PoemChoice()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A text as it was at one moment, and how to check it.

    Attributes:
        text: of the document, or of the part of it around the view.
        revision: counts the changes of the text and of the settings; a verdict on an older one is dropped.
        rhyme_book: id, or empty for the usual one of each form.
        choices: a place in ``text`` in code points, and what the poem there is said to be.
        start: UTF-16 position of ``text`` in the document.
    """

    text: str
    revision: int
    rhyme_book: str = ""
    pins: Pins = field(default_factory=Pins)
    choices: tuple[tuple[int, PoemChoice], ...] = ()
    start: int = 0


@dataclass(frozen=True, slots=True)
class Poem:
    """A poem of the document with its verdict.

    Attributes:
        start: UTF-16 position in the document.
        end: likewise, behind the last character.
        text: what was checked.
        report: its offsets are code points of ``text``.
        places: relative to ``start``.
        choice: what the person said it is.
        error: why it could not be checked as chosen; the report is then what it looks like by itself.
    """

    start: int
    end: int
    text: str
    report: Report
    places: Places
    choice: PoemChoice = AUTO
    error: BibanError | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """On one snapshot.

    Attributes:
        poems: in the order of the text.
        error: nothing could be checked at all.
    """

    revision: int
    poems: tuple[Poem, ...] = ()
    error: BibanError | None = None
