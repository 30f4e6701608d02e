"""Intersection of constraints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from assistant.api import Constraint, ConstraintError, intersect

if TYPE_CHECKING:
    from assistant.api.constraints import Mask


class Only(Constraint):
    def __init__(self, name: str, tokens: Sequence[int], size: int = 5) -> None:
        self.name = name
        self.mask = np.isin(np.arange(size), tokens)

    def allowed(self, generated: Sequence[Sequence[int]]) -> Mask:
        return np.tile(self.mask, (len(generated), 1))


BASE = np.array([False, True, True, True, True])


def test_constraints_intersect_and_nothing_is_changed() -> None:
    first, second = Only("甲", [0, 1, 2]), Only("乙", [2, 3])
    base = BASE.copy()
    mask = intersect([first, second], [[], [1]], base)
    assert mask.tolist() == [[False, False, True, False, False]] * 2
    assert base.tolist() == BASE.tolist()
    assert first.mask.tolist() == [True, True, True, False, False]


def test_no_constraint_leaves_the_base() -> None:
    assert intersect([], [[]], BASE).tolist() == [BASE.tolist()]


def test_an_empty_intersection_names_the_constraints() -> None:
    with pytest.raises(ConstraintError, match="没有一个字能同时满足：甲、乙。"):
        intersect([Only("甲", [1]), Only("乙", [2])], [[]], BASE)


def test_a_mask_of_the_wrong_shape_is_named() -> None:
    with pytest.raises(ValueError, match=r"Only\.allowed returned bool \(1, 4\), expected bool \(1, 5\)"):
        intersect([Only("甲", [1], size=4)], [[]], BASE)
