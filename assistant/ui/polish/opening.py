"""From a poem of the document, or from a candidate, to a session."""

from __future__ import annotations

import re

from assistant.api import Candidate, GenerationRequest
from assistant.prosody.verse import parse_verse
from assistant.ui.polish.draft import Draft
from assistant.ui.polish.rules import Rules
from assistant.ui.polish.session import Session
from assistant.ui.prosody.snapshot import Poem

_EMPTY_LINE = re.compile(r"\n[^\S\n]*\n")


def session_of_poem(poem: Poem) -> Session | None:
    """A session on a poem that stands in the document; None when its lines do not follow one another."""
    report = poem.report
    offsets = [[character.offset for character in line.characters] for line in report.lines]
    try:
        draft = Draft.of(poem.text, offsets)
    except ValueError:
        return None
    session = Session(draft, Rules.of(report), report.title)
    session.set_report(report)
    return session


def session_of_candidate(candidate: Candidate, request: GenerationRequest) -> Session | None:
    """A session on a candidate with a report; None when its text is not the poem of the report."""
    report = candidate.report
    lines = parse_verse(candidate.text).lines
    if not report or [line.text for line in lines] != [line.get("text") for line in report.get("lines", ())]:
        return None
    draft = Draft.of(candidate.text, [line.offsets for line in lines])
    skip = len(candidate.opening)
    # What the page has already is shown to be read with the rest; it is the document's.
    fixed = [
        (number, column)
        for number, line in enumerate(lines)
        for column, offset in enumerate(line.offsets)
        if offset < skip
    ]
    rules = Rules(*(str(report.get(key) or "") for key in ("form", "tune", "rhyme_book")))
    return Session(draft, rules, _title(request), fixed, skip, in_document=False)


def _title(request: GenerationRequest) -> str:
    """What the poem was written on: the title that was asked for, or the one that stands above it."""
    asked = str(getattr(request.options, "title", "") or "").strip()
    block = _EMPTY_LINE.split(request.context.before)[-1]
    # A line alone is a title only above verse; some stands there when the title is all there is so far.
    return asked or parse_verse(block + "□，□。").title
