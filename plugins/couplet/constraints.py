"""What may stand where in a line of a couplet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.api import CharacterConstraint, CharacterSet, Next, Vocabulary
from plugins.couplet.choices import Choices
from plugins.couplet.plan import LinePlan, Slot

_LEAST_CHOICE = 4
"""Taste gives way where it leaves fewer characters; the rules never do."""
_NEVER_LAST = frozenset("不无毋与而之以其且则乃于因为被将把及或但惟唯虽岂已犹尚未勿莫亦又更就才使令自")
"""A clause does not end with these; that is taste too."""
_END = Next(CharacterSet(), end=True)


class LineConstraint(CharacterConstraint):
    """Each candidate keeps to a plan of its own: tones, marks, repetition, and no character twice otherwise.

    Args:
        vocabulary: of the model.
        plans: candidate n follows plan n modulo their number.
        choices: the characters there are.

    Raises:
        ValueError: there is no plan, or one without places.
    """

    name = "对联的字数、平仄和不重字"

    def __init__(self, vocabulary: Vocabulary, plans: Sequence[LinePlan], choices: Choices) -> None:
        super().__init__(vocabulary)
        if not plans or not all(plan.slots for plan in plans):
            raise ValueError("every line needs a plan with places")
        self._plans = plans
        self._choices = choices
        self._rows: list[int] = []

    def reset(self, batch_size: int) -> None:
        self._rows = list(range(batch_size))

    def keep(self, rows: Sequence[int]) -> None:
        self._rows = [self._rows[row] for row in rows]

    def next(self, text: str) -> Next:
        return self._next(self._plans[0], text)

    def next_of(self, row: int, text: str) -> Next:
        return self._next(self._plans[self._rows[row] % len(self._plans)], text)

    def _next(self, plan: LinePlan, text: str) -> Next:
        place = len(text)
        if place >= len(plan.slots):
            return _END
        slot = plan.slots[place]
        settled = slot.mark or slot.fixed
        if slot.same_as is not None:
            settled = text[slot.same_as]
        if settled:
            return Next(CharacterSet(frozenset(settled)))
        used = plan.avoid.union(text, (other.fixed for other in plan.slots[place:] if other.fixed))
        without = used | plan.shun
        if place + 1 == len(plan.slots) or plan.slots[place + 1].mark:
            without |= _NEVER_LAST
        for characters in self._preferred(plan, slot):
            if len(characters) - len(characters & without) >= _LEAST_CHOICE:
                return Next(CharacterSet(characters, without=without))
        return Next(CharacterSet(self._choices.of_tone(slot.tone), without=used))

    def _preferred(self, plan: LinePlan, slot: Slot) -> Iterator[frozenset[str]]:
        if slot.among:
            yield self._choices.among(slot.tone, slot.among)
        if plan.parallel is not None and slot.opposite:
            yield self._choices.answering(slot.tone, slot.opposite, plan.parallel)
        yield self._choices.of_tone(slot.tone)
