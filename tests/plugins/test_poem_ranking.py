"""Which of many drafts comes first."""

from __future__ import annotations

from assistant.api import Candidate
from plugins.poem.ranking import PARALLEL, UNPARALLEL, merit

SPRING = "国破山河在，城春草木深。感时花溅泪，恨别鸟惊心。烽火连三月，家书抵万金。白头搔更短，浑欲不胜簪。"


def worth(text: str, *, parallels: tuple[tuple[int, int], ...] = (), repeats_allowed: int = 0) -> float:
    """What a draft is worth that the model finds as likely as any other."""
    return merit(Candidate(0, "", text), parallels=parallels, repeats_allowed=repeats_allowed)


def test_what_is_said_twice_costs() -> None:
    assert worth(SPRING) == 0
    assert worth(SPRING.replace("深", "春")) < 0
    # A word costs more than a character, 叠字 cost nothing, nor does what a tune says again.
    assert worth(SPRING.replace("恨别", "感时")) < worth(SPRING.replace("恨别", "感别")) < 0
    assert worth(SPRING.replace("草木", "草草")) == 0
    again = "如梦，如梦，残月落花烟重。"
    assert worth(again) < worth(again, repeats_allowed=1) <= 0


def test_lines_that_should_answer_each_other_and_do_not_cost() -> None:
    inner = ((2, 3), (4, 5))
    assert worth(SPRING, parallels=inner) == 0
    prose = SPRING.replace("恨别鸟惊心", "何必问前程")
    assert -UNPARALLEL * (PARALLEL + 1) / 2 < worth(prose, parallels=inner) < -0.05
    # Only the pairs that are asked for, and only as far as there are lines.
    assert worth(prose) > worth(prose, parallels=((2, 3),)) < worth(prose, parallels=inner)
    assert worth("国破山河在，城春草木深。", parallels=inner) == 0
