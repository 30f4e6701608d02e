"""Which of many drafts comes first."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.api import Candidate
from assistant.prosody.patterns import Pattern, PatternLine, Repeat, Shape
from assistant.prosody.regulated import regulated_patterns
from plugins.poem.ranking import PARALLEL, UNPARALLEL, merit

SPRING = "国破山河在，城春草木深。感时花溅泪，恨别鸟惊心。烽火连三月，家书抵万金。白头搔更短，浑欲不胜簪。"


def worth(text: str, patterns: Sequence[Pattern] = ()) -> float:
    """What a draft is worth that the model finds as likely as any other."""
    return merit(Candidate(0, "", text), patterns)


def variant(*lengths: int, parallels: tuple[tuple[int, int], ...] = (), repeats: int = 0) -> Pattern:
    """One of these lines; the second says the end of the first again where there are ``repeats``."""
    lines = tuple(PatternLine((Shape("中" * length),), "，") for length in lengths)
    return Pattern("", lines, (Repeat(1, 0, repeats),) if repeats else (), parallels)


def test_what_is_said_twice_costs() -> None:
    assert worth(SPRING) == 0
    assert worth(SPRING.replace("深", "春")) < 0
    # A word costs more than a character, 叠字 cost nothing, nor does what a tune says again.
    assert worth(SPRING.replace("恨别", "感时")) < worth(SPRING.replace("恨别", "感别")) < 0
    assert worth(SPRING.replace("草木", "草草")) == 0
    # In either script.
    assert worth("此意無人知，") == worth("此意无人知，") < worth("青竹覆寒泉，") == 0
    again = "如梦，如梦，残月落花烟重。"
    assert worth(again) < worth(again, [variant(2, 2, 6, repeats=2)]) <= 0


def test_lines_that_should_answer_each_other_and_do_not_cost() -> None:
    form = regulated_patterns(8, 5)
    assert worth(SPRING, form) == 0
    prose = SPRING.replace("恨别鸟惊心", "何必问前程")
    assert -UNPARALLEL * (PARALLEL + 1) / 2 < worth(prose, form) < -0.05
    # Only the pairs that the form asks for.
    assert worth(SPRING.replace("浑欲不胜簪", "何必问前程"), form) == 0


def test_a_draft_is_held_to_the_variant_whose_lines_it_has() -> None:
    prose = "感时花溅泪，何必问前程。烽火连三月，一去不回。"
    other, own = variant(5, 5, 5, 5, parallels=((0, 1),)), variant(5, 5, 5, 4)
    assert worth(prose, [other, own]) == worth(prose)
    assert worth(prose, [variant(5, 5, 5, 4, parallels=((0, 1),))]) < worth(prose) - 0.05
