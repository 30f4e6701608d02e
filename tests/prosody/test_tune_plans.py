"""Every tune can be written, and what a plan allows for it passes the checker."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from assistant.api import InputError
from assistant.prosody.checker import CheckSettings, check
from assistant.prosody.plan import VersePlan
from assistant.prosody.rhyme_books import rhyme_book
from assistant.prosody.rhyme_groups import RhymeGroups
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
    assert any(first == second for first, second in pairwise(lines))


def test_an_acrostic_against_a_repetition_is_refused(groups: RhymeGroups) -> None:
    found = tune("如梦令")
    wishes = Wishes("如梦令", found.patterns[:1], {}, "春夏秋冬东西南", "藏头", is_tune=True)
    with pytest.raises(InputError):
        settle(wishes, groups)


def test_what_is_settled_in_a_repeated_line_is_settled_in_both(groups: RhymeGroups) -> None:
    found = tune("如梦令")
    pattern = found.patterns[0]
    assert pattern.repeats
    repeat = pattern.repeats[0]
    first = (repeat.of, pattern.lines[repeat.of].length - 1)
    [track] = settle(Wishes("如梦令", (pattern,), {first: "落"}, is_tune=True), groups)
    assert track.settled[repeat.line, pattern.lines[repeat.line].length - 1] == "落"


def test_a_poets_own_tune_is_known_and_a_slip_in_one_file_harms_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assistant.prosody import own_tunes, tunes

    (tmp_path / "own.toml").write_text(
        '[[tune]]\nname = "笔伴令"\n[[tune.variant]]\nstanzas = ["中仄中平中仄A。中平中仄平平，中仄平平仄A。"]\n',
        encoding="utf-8",
    )
    (tmp_path / "slip.toml").write_text("[[tune]", encoding="utf-8")
    monkeypatch.setattr(own_tunes, "_folder", tmp_path)
    caches = (tunes._all, tunes._by_name, tunes._by_count)
    for cached in caches:
        cached.cache_clear()
    try:
        assert tune("笔伴令").patterns[0].line_lengths == (6, 6, 5)
        assert tune("浣溪沙").patterns
    finally:
        for cached in caches:
            cached.cache_clear()
