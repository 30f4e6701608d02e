"""One poem on the polishing table: its states, what is locked, and what is to be written anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from assistant.prosody.report import Report
from assistant.ui.polish.draft import Draft, Place
from assistant.ui.polish.faults import Faults, faults_of
from assistant.ui.polish.rules import Rules

MOST_STATES = 200
"""Steps that can be taken back."""


class Wish(Enum):
    """What is to be written anew."""

    CHARACTER = auto()
    """The chosen character."""
    LINE = auto()
    """The line of the chosen character."""
    FAULTS = auto()
    """Whatever breaks a rule."""
    UNLOCKED = auto()
    """Everything that is not locked."""


@dataclass(frozen=True)
class Task:
    """What goes to the writer.

    Attributes:
        draft: the poem; a line with too many characters has gaps in its place already.
        gaps: places to fill.
        lengths: line → its new number of characters.
    """

    draft: Draft
    gaps: frozenset[Place]
    lengths: Mapping[int, int] = field(default_factory=dict)

    @property
    def is_single(self) -> bool:
        """True for one character, of which a ranked list is made."""
        return len(self.gaps) == 1


@dataclass(frozen=True)
class Proposal:
    """What came back.

    Attributes:
        draft: the poem with it.
        changed: places that were written anew.
    """

    draft: Draft
    changed: frozenset[Place] = field(default=frozenset())


class Session:
    """Everything about one poem. No Qt, no checker: the verdict on each state is handed in.

    Args:
        draft: the poem as it is.
        rules: what it is held against.
        title: told to the writer; empty for none.
        fixed: places that stand in the document already and are not to change here.
        skip: code points at the start of the text that belong to the document and are not put back.
        in_document: the poem stands in the document as it is.
    """

    def __init__(
        self,
        draft: Draft,
        rules: Rules,
        title: str = "",
        fixed: Collection[Place] = (),
        skip: int = 0,
        *,
        in_document: bool = True,
    ) -> None:
        self.rules = self.recognised = rules
        self.title = title
        self.fixed = frozenset(fixed)
        self.locks: frozenset[Place] = frozenset()
        self.chosen: Place | None = None
        self._skip = skip
        self._states = [draft]
        self._at = 0
        self._put = draft if in_document else None
        self._report: Report | None = None

    @property
    def draft(self) -> Draft:
        """The poem as it is now."""
        return self._states[self._at]

    @property
    def original(self) -> Draft:
        """The poem as it came."""
        return self._states[0]

    @property
    def own_text(self) -> str:
        """What is put into the document."""
        return self.draft.text[self._skip :]

    @property
    def text_in_document(self) -> str:
        """The whole poem as the document has it; empty when only a part of it is put back from here."""
        return "" if self._skip or self._put is None else self._put.text

    @property
    def is_changed(self) -> bool:
        """True when the poem is not what stands in the document."""
        return self.draft != self._put

    @property
    def can_undo(self) -> bool:
        """True when there is a step to take back."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """True when a step was taken back."""
        return self._at + 1 < len(self._states)

    @property
    def report(self) -> Report | None:
        """The verdict on ``draft``; None until it is there."""
        return self._report

    @property
    def kept(self) -> frozenset[Place]:
        """Places that must not change."""
        return self.locks | self.fixed

    @property
    def faults(self) -> Faults:
        """Of the present state; none while there is no verdict."""
        return Faults() if self._report is None else faults_of(self._report, self.kept)

    def set_report(self, report: Report) -> bool:
        """The verdict on ``draft`` has come.

        Returns:
            False when it divides the poem into other lines, so that its places mean nothing here.
        """
        same = tuple(len(line.characters) for line in report.lines) == self.draft.lengths
        self._report = report if same else None
        return same

    def set_rules(self, rules: Rules) -> None:
        """Hold the poem against other rules."""
        self.rules = rules
        self._report = None

    def mark_put(self) -> None:
        """The present state stands in the document."""
        self._put = self.draft

    def push(self, draft: Draft) -> None:
        """The next state; what was taken back is forgotten."""
        if draft == self.draft:
            return
        self._states = [*self._states[: self._at + 1], draft]
        if len(self._states) > MOST_STATES:
            del self._states[1]  # the poem as it came stays
        self._at = len(self._states) - 1
        self._moved()

    def undo(self) -> None:
        """Take a step back."""
        if self.can_undo:
            self._at -= 1
            self._moved()

    def redo(self) -> None:
        """Take it again."""
        if self.can_redo:
            self._at += 1
            self._moved()

    def accept(self, proposal: Proposal) -> None:
        """Put a proposal in; what was changed elsewhere since it was made stays."""
        if proposal.draft.lengths == self.draft.lengths:
            new = {place: proposal.draft.character(place) for place in proposal.changed}
            self.push(self.draft.with_characters(new))
        else:
            self.push(proposal.draft)

    def toggle_lock(self, places: Collection[Place]) -> None:
        """Lock ``places``, or unlock them when all are locked."""
        own = frozenset(places) - self.fixed
        self.locks = self.locks - own if own <= self.locks else self.locks | own

    def unlock(self, places: Collection[Place]) -> None:
        """Unlock ``places``."""
        self.locks -= frozenset(places)

    def task(self, wish: Wish) -> Task | None:
        """What ``wish`` means for the poem as it is; None when there is nothing to write. Gaps are always filled."""
        faults = self.faults
        wanted: set[Place] = set()
        lengths: dict[int, int] = {}
        if wish is Wish.CHARACTER and self.chosen is not None:
            wanted = {self.chosen} - self.kept
            if not wanted:
                return None
        elif wish is Wish.LINE and self.chosen is not None:
            lengths = {n: length for n, length in faults.lengths.items() if n == self.chosen[0]}
            wanted = set(self.draft.line_places(self.chosen[0]))
        elif wish is Wish.FAULTS:
            lengths = dict(faults.lengths)
            wanted = self._places_of(faults)
        elif wish is Wish.UNLOCKED:
            lengths = dict(faults.lengths)
            wanted = set(self.draft.places)
        return self._task(wanted, lengths)

    def in_the_way(self, task: Task) -> frozenset[Place]:
        """What breaks a rule and would stay: beside it nothing can be written that keeps the rules."""
        faults = self.faults
        mended = {place for number in task.lengths for place in self.draft.line_places(number)}
        return frozenset(self._places_of(faults)) - task.gaps - mended

    def together(self, task: Task) -> Task | None:
        """``task`` together with everything that breaks a rule; what is locked of that is unlocked."""
        faults = self.faults
        self.locks -= self.in_the_way(task)
        return self._task(set(task.gaps) | self._places_of(faults), {**faults.lengths, **task.lengths})

    def _places_of(self, faults: Faults) -> set[Place]:
        whole = {place for number in faults.lines for place in self.draft.line_places(number)}
        return whole | faults.characters

    def _task(self, wanted: set[Place], lengths: dict[int, int]) -> Task | None:
        # A line that keeps some of its characters keeps its length: nobody knows which of them is one too many.
        kept_lines = {place[0] for place in self.kept}
        lengths = {number: length for number, length in lengths.items() if number not in kept_lines}
        resized = self.draft.with_lengths(lengths)
        gaps = {place for place in wanted - self.kept if place[0] not in lengths}
        # What is missing already is filled in any case.
        filled = frozenset(gaps | resized.gaps)
        return Task(resized, filled, lengths) if filled else None

    def _moved(self) -> None:
        self._report = None
        there = frozenset(self.draft.places)
        self.locks &= there
        if self.chosen not in there:
            self.chosen = None
