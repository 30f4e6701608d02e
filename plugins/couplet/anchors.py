"""Words of the occasion, put into a couplet before it is written: what is in them the model need not know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from assistant.api import Vocabulary
from assistant.prosody.couplet_tones import OPPOSITE
from assistant.prosody.rhyme_books import RhymeBook
from assistant.prosody.tones import EITHER
from plugins.couplet.occasions import Occasion
from plugins.couplet.plan import PARALLEL, LinePlan, Slot

_MOST_FIXED = 0.6
"""Of the characters of a line; the rest is the model's."""
_LEAST_FREE = 2
_TRIES = 40
_NAMES_OCCASION = 0.8
"""How often a line has words of the occasion."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Two words that answer each other.

    Attributes:
        place: where both begin, marks counted.
        upper: the word of the 上联; empty to leave it to the model.
        lower: that of the 下联; likewise.
    """

    place: int
    upper: str
    lower: str


@dataclass(frozen=True)
class AnchoredPlan:
    """The plan of a 上联, and the words that both sides will have.

    Attributes:
        plan: with the words of the 上联 in it.
        anchors: all of them.
    """

    plan: LinePlan
    anchors: tuple[Anchor, ...] = ()

    def answered(self, plan: LinePlan, occasion: Occasion) -> LinePlan:
        """``plan``, that of the 下联, with its words in it."""
        for anchor in self.anchors:
            if anchor.lower:
                plan = plan.with_word(anchor.lower, anchor.place)
        return replace(plan, shun=occasion.avoid)


def anchored(
    plan: LinePlan, occasion: Occasion, book: RhymeBook, vocabulary: Vocabulary, random: Random
) -> AnchoredPlan:
    """``plan`` of a 上联 with words of ``occasion`` where tones and rhythm admit them, drawn anew each time."""
    anchors: list[Anchor] = []
    if random.random() < _NAMES_OCCASION or not occasion.titles:
        pairs = random.sample(occasion.pairs, min(len(occasion.pairs), _TRIES))
        most = random.uniform(0.2, _MOST_FIXED) * plan.length
        for first, second in pairs:
            taken = "".join(anchor.upper + anchor.lower for anchor in anchors)
            if set(first + second) & set(taken) or not all(map(vocabulary.can_write, first + second)):
                continue
            if _doubled(first) != _doubled(second):
                continue  # 叠字 is answered by 叠字, and a word of the theme alone has nothing that answers it
            fixed = len(taken) // 2 + len(first)
            if (anchors and fixed > most) or plan.length - fixed < _LEAST_FREE:
                continue
            words = (first, second) if random.random() < 0.5 else (second, first)
            places = _places(plan, anchors, words, book)
            if places:
                anchors.append(Anchor(random.choice(places), *words))
    lower = frozenset("".join(anchor.lower for anchor in anchors))
    plan = replace(plan, avoid=plan.avoid | lower, shun=occasion.avoid)
    for anchor in anchors:
        if anchor.upper:
            plan = plan.with_word(anchor.upper, anchor.place)
        else:
            plan = replace(plan.answering(anchor.lower, anchor.place), parallel=PARALLEL)
    return AnchoredPlan(plan, tuple(anchors))


def _doubled(word: str) -> tuple[int, ...]:
    """Places of characters that the word has said before."""
    return tuple(at for at, character in enumerate(word) if character in word[:at])


def _places(plan: LinePlan, anchors: Sequence[Anchor], words: tuple[str, str], book: RhymeBook) -> list[int]:
    length = max(map(len, words))
    taken = {
        at
        for anchor in anchors
        for at in range(anchor.place, anchor.place + max(len(anchor.upper), len(anchor.lower)))
    }
    upper, lower = words
    return [
        start
        for start in _beats(plan, length)
        if not taken & set(range(start, start + length))
        and _fits(upper, plan.slots[start:], book)
        and _fits(
            lower, [replace(slot, tone=OPPOSITE.get(slot.tone, EITHER)) for slot in plan.slots[start:]], book
        )
    ]


def _fits(word: str, slots: Sequence[Slot], book: RhymeBook) -> bool:
    return all(
        (classes := book.tone_classes(character)) and (slot.tone == EITHER or slot.tone in classes)
        for character, slot in zip(word, slots, strict=False)
    )


def _beats(plan: LinePlan, length: int) -> list[int]:
    """Places where a word of ``length`` may begin: three characters end a line, four begin a clause, two are a beat."""
    beats, start = [], 0
    for end in [*(at for at, slot in enumerate(plan.slots) if slot.mark), plan.length]:
        size = end - start
        if length == 3 and size >= 5 and size % 2:
            beats.append(end - 3)
        elif length == 4 and size >= 4:
            beats.append(start)
        elif length <= 2:
            # 二二一, 二二三: the last three characters of an odd clause are 一二 or 二一.
            beats += [start + at for at in range(0, size - length + 1, 2)]
            if size % 2 and size > length:
                beats.append(end - length)
        start = end + 1
    return beats
