"""Whatever a plan allows, however it is chosen from, passes the checker."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assistant.api import InputError
from assistant.prosody.checker import CheckSettings, check
from assistant.prosody.forms import FORMS
from assistant.prosody.plan import DeadEndError, VersePlan
from assistant.prosody.regulated import regulated_patterns
from assistant.prosody.rhyme_books import rhyme_book
from assistant.prosody.rhyme_groups import RhymeGroups
from assistant.prosody.settling import Wishes, place_words, settle
from assistant.prosody.tracks import Track

REGULATED = ("五绝", "七绝", "五律", "七律")
COMMON = "春风秋月山水花鸟江河日夜人心云雨天地东西南北白青红绿"


_ordered: dict[frozenset[str], list[str]] = {}


def write(plan: VersePlan, chooser: random.Random, written: str = "") -> str:
    """A text drawn from what ``plan`` allows, without any model."""
    new = ""
    while True:
        following = plan.next(new)
        allowed, without = following.characters.characters, following.characters.without
        if not allowed - without:
            assert following.end
            return written + new
        if allowed not in _ordered:
            _ordered[allowed] = sorted(allowed)
        character = chooser.choice(_ordered[allowed])
        while character in without:
            character = chooser.choice(_ordered[allowed])
        new += character


@pytest.mark.parametrize("book_id", ["pingshui", "xinyun", "tongyun"])
@pytest.mark.parametrize("name", REGULATED)
def test_anything_that_is_allowed_is_regulated(name: str, book_id: str) -> None:
    form, book = FORMS[name], rhyme_book(book_id)
    groups = RhymeGroups(book)
    tracks = [Track(pattern) for pattern in regulated_patterns(form.line_count, form.line_length)]
    for seed in range(20):
        text = write(VersePlan(tracks, groups), random.Random(seed))
        report = check(text, CheckSettings(form=name, rhyme_book=book_id, traditional=False))
        assert report.ok, (text, report.errors)
        characters = [c for c in text if c not in "，。"]
        assert len(set(characters)) == len(characters) == form.line_count * form.line_length


def test_a_copy_goes_a_way_of_its_own() -> None:
    groups, form = RhymeGroups(rhyme_book("pingshui")), FORMS["五绝"]
    tracks = [Track(pattern) for pattern in regulated_patterns(form.line_count, form.line_length)]
    plan = VersePlan(tracks, groups, opening="白日")
    first = plan.next("")
    level, oblique = plan.copy(), plan.copy()
    assert level.next("") is oblique.next("") is first
    assert "山" in level.next("依").characters
    assert write(level, random.Random(1)) == write(
        VersePlan(tracks, groups, opening="白日"), random.Random(1)
    )
    # What the others see was not worked out again, so nobody else's text was in between.
    assert plan.next("") is first
    assert oblique.next("") is first


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(REGULATED),
    rhyme=st.sampled_from(["", *rhyme_book("pingshui").rhymes[:30]]),
    acrostic=st.text(alphabet=COMMON, min_size=4, max_size=4) | st.just(""),
    place=st.sampled_from(["藏头", "藏尾", "藏中"]),
    words=st.lists(st.text(alphabet=COMMON, min_size=1, max_size=3), max_size=2, unique=True),
    seed=st.integers(0, 1 << 30),
)
# The first line could be 大拗, but then 北 in the second could not rescue it.
@example(name="五绝", rhyme="", acrostic="北北东北", place="藏中", words=["东"], seed=0)
# Both even lines end with characters of 二冬 too; the first line does not.
@example(name="五绝", rhyme="三江", acrostic="", place="藏头", words=[], seed=0)
def test_all_wishes_at_once_are_fulfilled_or_refused(
    name: str, rhyme: str, acrostic: str, place: str, words: list[str], seed: int
) -> None:
    form, book = FORMS[name], rhyme_book("pingshui")
    groups, chooser = RhymeGroups(book), random.Random(seed)
    wishes = Wishes(
        name,
        regulated_patterns(form.line_count, form.line_length),
        {},
        acrostic,
        place,
        tuple(words),
        rhyme,
    )
    try:
        tracks = place_words(settle(wishes, groups), wishes, groups, chooser)
    except InputError as error:
        told = str(error)
        assert any(word in told for word in ("「", "押", "放不", "韵脚")), told
        return
    text = write(VersePlan(tracks, groups, rhyme=rhyme), chooser)
    report = check(text, CheckSettings(form=name, traditional=False))
    assert report.ok, (text, report.errors)
    # Characters of several groups may leave open which one it is.
    assert not rhyme or all(line.text[-1] in book.rhyming(rhyme, "平") for line in report.lines[1::2])
    lines = [line.text for line in report.lines]
    column = {"藏头": 0, "藏尾": -1, "藏中": (form.line_length - 1) // 2}[place]
    step = form.line_count // len(acrostic) if acrostic else 1
    assert "".join(line[column] for line in lines[::step]).startswith(acrostic)
    assert all(any(word in line for line in lines) for word in words)


def test_the_opening_decides_which_patterns_are_left() -> None:
    groups = RhymeGroups(rhyme_book("pingshui"))
    tracks = [Track(pattern) for pattern in regulated_patterns(4, 5)]
    opening = "白日依山尽，黄河入海流。"
    text = write(VersePlan(tracks, groups, opening=opening), random.Random(1), opening)
    report = check(text, CheckSettings(form="五绝"))
    assert report.ok
    assert report.variant == "仄起首句不入韵"
    assert report.rhyme == "十一尤"


def test_an_opening_that_breaks_the_tones_names_the_place() -> None:
    groups = RhymeGroups(rhyme_book("pingshui"))
    tracks = [Track(pattern) for pattern in regulated_patterns(4, 5)]
    with pytest.raises(DeadEndError) as raised:
        VersePlan(tracks, groups, opening="春风江山多，")
    assert raised.value.at == 3


def test_a_person_may_rescue_a_line_in_the_next() -> None:
    """大拗 in the opening: the plan then asks for 对句救 itself."""
    groups = RhymeGroups(rhyme_book("pingshui"))
    tracks = [Track(pattern) for pattern in regulated_patterns(4, 5)]
    opening = "流水如有意，"
    for seed in range(10):
        text = write(VersePlan(tracks, groups, opening=opening), random.Random(seed), opening)
        report = check(text, CheckSettings(form="五绝"))
        assert report.ok, (text, report.errors)
        assert "拗救" in [issue.rule for issue in report.lines[0].issues]


def test_a_line_is_not_written_so_that_the_next_cannot_rescue_it() -> None:
    groups = RhymeGroups(rhyme_book("pingshui"))
    pattern = regulated_patterns(4, 5)[0]
    for seed in range(20):
        plan = VersePlan([Track(pattern, {(0, 2): "北", (1, 2): "北"})], groups)
        report = check(write(plan, random.Random(seed)), CheckSettings(form="五绝", traditional=False))
        assert report.ok, report.errors


def test_a_line_that_the_next_would_have_to_rescue_and_cannot_is_refused() -> None:
    groups = RhymeGroups(rhyme_book("pingshui"))
    given = {(0, 1): "月", (0, 3): "夜", (0, 4): "落"}
    patterns = regulated_patterns(4, 5)
    assert settle(Wishes("五绝", patterns, given), groups)
    with pytest.raises(InputError, match="第 1 句第 4 字「夜」（仄）不合五绝的平仄"):
        settle(Wishes("五绝", patterns, {**given, (1, 2): "北"}), groups)


def test_an_opening_that_uses_up_the_rhymes_is_refused_at_once() -> None:
    book = rhyme_book("pingshui")
    rhymes = book.rhyming("三江", "平")
    tracks = [Track(pattern) for pattern in regulated_patterns(8, 5)]

    def plan(writable: str, *, distinct: bool = True) -> VersePlan:
        groups = RhymeGroups(book, lambda character: character in writable or character not in rhymes)
        return VersePlan(tracks, groups, rhyme="三江", distinct=distinct, opening="白日双窗远，")

    with pytest.raises(DeadEndError) as raised:
        plan("江双窗邦缸")
    assert raised.value.rhymes
    assert raised.value.at == 6
    assert plan("江双窗邦缸", distinct=False).next("").characters.characters
    text = write(plan("江双窗邦缸庞"), random.Random(1), "白日双窗远，")
    assert check(text, CheckSettings(form="五律")).rhyme == "三江"


def test_settled_characters_may_use_up_the_rhymes_too() -> None:
    book = rhyme_book("pingshui")
    rhymes = book.rhyming("三江", "平")
    groups = RhymeGroups(book, lambda character: character in "江双窗邦缸庞" or character not in rhymes)
    given = {(1, 4): "江", (2, 0): "双", (3, 0): "窗", (4, 0): "邦", (5, 0): "缸"}
    with pytest.raises(InputError, match="所在的韵部字太少"):
        settle(Wishes("五律", regulated_patterns(8, 5), given), groups)
    assert settle(Wishes("五律", regulated_patterns(8, 5), given, distinct=False), groups)


def test_a_small_rhyme_group_lasts_to_the_end() -> None:
    book = rhyme_book("pingshui")
    groups = RhymeGroups(book, lambda character: character not in "尨駹矼釭杠舡")
    tracks = [Track(pattern) for pattern in regulated_patterns(8, 7)]
    for seed in range(20):
        text = write(VersePlan(tracks, groups, rhyme="三江"), random.Random(seed))
        assert check(text, CheckSettings(form="七律", traditional=False)).ok


def test_a_model_that_writes_too_few_rhymes_is_told_so() -> None:
    groups = RhymeGroups(rhyme_book("pingshui"), lambda character: character in "东风同")
    wishes = Wishes("七律", regulated_patterns(8, 7), {}, rhyme="一东")
    with pytest.raises(InputError, match="一东里这个模型会写、还没有用过的平声字只有 3 个"):
        settle(wishes, groups)


def test_a_small_group_that_the_opening_has_used_up_is_refused_at_once() -> None:
    book = rhyme_book("pingshui")
    known = frozenset(sorted(book.rhyming("三江", "平", usual=True))[:6])
    groups = RhymeGroups(
        book, lambda character: character in known or character not in book.rhyming("三江", "平")
    )
    given = {(0, column): character for column, character in enumerate(sorted(known)[:4])}
    wishes = Wishes("七律", regulated_patterns(8, 7), given, rhyme="三江")
    with pytest.raises(InputError):
        settle(wishes, groups)


def test_a_character_comes_twice_in_a_row_only_where_verse_says_it_so() -> None:
    """悠悠 and 萧萧, in either script, but not 梅梅, and nothing three times."""
    groups = RhymeGroups(rhyme_book("pingshui"))
    patterns = regulated_patterns(8, 7)

    def may_follow(opening: str, character: str, *, distinct: bool = False) -> bool:
        plan = VersePlan([Track(pattern) for pattern in patterns], groups, distinct=distinct, opening=opening)
        return character in plan.next("").characters

    assert may_follow("悠", "悠")
    assert may_follow("萧", "萧")
    assert may_follow("蕭", "蕭")
    assert may_follow("梅", "花")
    assert not may_follow("梅", "梅")
    assert not may_follow("悠", "悠", distinct=True)
    # Twice is enough; a mark stands between, and it is another line.
    assert may_follow("何事悠", "悠")
    assert not may_follow("悠悠", "悠")
    assert may_follow("何处关山落早梅，", "梅")


def test_no_character_is_put_beside_a_settled_one_that_verse_does_not_double() -> None:
    groups = RhymeGroups(rhyme_book("pingshui"))

    def may_begin(character: str, settled: dict[tuple[int, int], str]) -> bool:
        tracks = [Track(pattern, settled) for pattern in regulated_patterns(8, 7)]
        return character in VersePlan(tracks, groups, distinct=False).next("").characters

    assert not may_begin("梅", {(0, 1): "梅"})
    assert may_begin("花", {(0, 1): "梅"})
    assert may_begin("悠", {(0, 1): "悠"})
    assert not may_begin("悠", {(0, 1): "悠", (0, 2): "悠"})


def test_the_only_rhyme_left_may_come_behind_itself() -> None:
    book = rhyme_book("pingshui")
    few = book.rhyming("三江", "平") - set("江双")
    groups = RhymeGroups(book, lambda character: character not in few)
    pattern = next(each for each in regulated_patterns(4, 5) if each.name == "仄起首句不入韵")
    track = Track(pattern, {(1, 4): "双", (3, 3): "江"})
    text = write(VersePlan([track], groups, distinct=False, rhyme="三江"), random.Random(0))
    assert text.endswith("江江。")
