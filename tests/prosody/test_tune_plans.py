"""Every tune can be written, and what a plan allows for it passes the checker."""

from __future__ import annotations

import random

import pytest

from assistant.api import InputError
from assistant.prosody.checker import CheckSettings, check
from assistant.prosody.plan import RhymeGroups, VersePlan
from assistant.prosody.rhyme_books import rhyme_book
from assistant.prosody.settling import Wishes, place_words, settle
from assistant.prosody.tracks import Track
from assistant.prosody.tunes import tune, tune_names
from tests.prosody.test_plan import write

FREQUENT = tune_names()[:40]


@pytest.fixture(scope="module")
def groups() -> RhymeGroups:
    return RhymeGroups(rhyme_book("cilin"))


@pytest.mark.parametrize("name", tune_names())
def test_anything_that_is_allowed_fits_the_tune(name: str, groups: RhymeGroups) -> None:
    found = tune(name)
    # Each variant alone, so that the rarer ones are written too.
    for seed, pattern in enumerate(found.patterns):
        text = write(VersePlan([Track(pattern)], groups, distinct=False), random.Random(seed))
        report = check(text, CheckSettings(tune=name, traditional=False))
        assert report.ok, (text, report.variant, report.errors)


@pytest.mark.parametrize("name", FREQUENT)
def test_acrostic_words_and_rhyme_in_a_tune(name: str, groups: RhymeGroups) -> None:
    found = tune(name)
    written = 0
    for seed in range(6):
        chooser = random.Random(seed)
        rhyme = chooser.choice(["", "第三部", "第七部", "第十一部"])
        wishes = Wishes(
            name,
            found.patterns,
            {},
            chooser.choice(["", "风月", "江山秋"]),
            "藏头",
            ("明月",),
            rhyme,
            is_tune=True,
        )
        try:
            tracks = place_words(settle(wishes, groups), wishes, groups, chooser)
        except InputError:
            continue
        written += 1
        plan = VersePlan(tracks, groups, rhyme=rhyme, distinct=False)
        text = write(plan, chooser)
        report = check(text, CheckSettings(tune=name, traditional=False))
        assert report.ok, (text, report.errors)
        assert "明月" in "".join(line.text for line in report.lines)
        heads = "".join(line.text[0] for line in report.lines)
        assert heads.startswith(wishes.acrostic)
    assert written


def test_a_repeated_line_is_repeated(groups: RhymeGroups) -> None:
    found = tune("如梦令")
    text = write(VersePlan([Track(found.patterns[0])], groups, distinct=False), random.Random(3))
    lines = [line.text for line in check(text, CheckSettings(tune="如梦令", traditional=False)).lines]
    assert any(first == second for first, second in zip(lines, lines[1:], strict=False))


def test_an_acrostic_against_a_repetition_is_refused(groups: RhymeGroups) -> None:
    found = tune("如梦令")
    wishes = Wishes("如梦令", found.patterns[:1], {}, "春夏秋冬东西南", "藏头", is_tune=True)
    with pytest.raises(InputError):
        settle(wishes, groups)
