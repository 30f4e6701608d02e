"""The verdicts on poems that every reader knows, and on what is done wrong."""

from __future__ import annotations

import pytest

from assistant.api import InputError
from assistant.prosody.checker import CheckSettings, check
from assistant.prosody.report import Report, Severity

KNOWN = {
    "登鹳雀楼": (
        "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。",
        ("五绝", "仄起首句不入韵", "十一尤"),
    ),
    "塞下曲": (
        "林暗草惊风，将军夜引弓。平明寻白羽，没在石棱中。",
        ("五绝", "仄起首句入韵", "一东"),
    ),
    "听筝": (
        "鸣筝金粟柱，素手玉房前。欲得周郎顾，时时误拂弦。",
        ("五绝", "平起首句不入韵", "一先"),
    ),
    "早发白帝城": (
        "朝辞白帝彩云间，千里江陵一日还。两岸猿声啼不住，轻舟已过万重山。",
        ("七绝", "平起首句入韵", "十五删"),
    ),
    "绝句": (
        "两个黄鹂鸣翠柳，一行白鹭上青天。窗含西岭千秋雪，门泊东吴万里船。",
        ("七绝", "仄起首句不入韵", "一先"),
    ),
    "春望": (
        "国破山河在，城春草木深。感时花溅泪，恨别鸟惊心。烽火连三月，家书抵万金。白头搔更短，浑欲不胜簪。",
        ("五律", "仄起首句不入韵", "十二侵"),
    ),
    "山居秋暝": (
        "空山新雨后，天气晚来秋。明月松间照，清泉石上流。竹喧归浣女，莲动下渔舟。随意春芳歇，王孙自可留。",
        ("五律", "平起首句不入韵", "十一尤"),
    ),
    "登高": (
        "风急天高猿啸哀，渚清沙白鸟飞回。无边落木萧萧下，不尽长江滚滚来。"
        "万里悲秋常作客，百年多病独登台。艰难苦恨繁霜鬓，潦倒新停浊酒杯。",
        ("七律", "仄起首句入韵", "十灰"),
    ),
    "无题": (
        "昨夜星辰昨夜风，画楼西畔桂堂东。身无彩凤双飞翼，心有灵犀一点通。"
        "隔座送钩春酒暖，分曹射覆蜡灯红。嗟余听鼓应官去，走马兰台类转蓬。",
        ("七律", "仄起首句入韵", "一东"),
    ),
}


def rules(report: Report, severity: Severity | None = None) -> list[str]:
    issues = [*report.issues, *(issue for line in report.lines for issue in line.issues)]
    return [issue.rule for issue in issues if severity is None or issue.severity is severity]


def errors(report: Report) -> list[str]:
    return rules(report, Severity.ERROR)


@pytest.mark.parametrize("title", KNOWN)
def test_known_poems_are_right(title: str) -> None:
    text, expected = KNOWN[title]
    report = check(text)
    assert (report.form, report.variant, report.rhyme) == expected
    assert report.ok, report.errors
    assert report.rhyme_book == "pingshui"


@pytest.mark.parametrize("title", KNOWN)
def test_neither_marks_nor_title_nor_traditional_characters_matter(title: str) -> None:
    from assistant.generation.script import convert

    text, expected = KNOWN[title]
    bare = text.replace("，", "\n").replace("。", "\n")
    for written in (f"{title}\n杜甫\n{text}", bare, bare.replace("\n", " "), convert(text, "s2t")):
        report = check(written)
        assert (report.form, report.variant, report.rhyme) == expected
        assert report.ok, (written, report.errors)
    unbroken = bare.replace("\n", "")
    assert check(unbroken, CheckSettings(form=expected[0])).ok


@pytest.mark.parametrize(
    ("text", "rule", "line", "position"),
    [
        ("白日依江河，黄河入海流。欲穷千里目，更上一层楼。", "平仄", 0, 5),
        ("白日依山尽，黄水入海流。欲穷千里目，更上一层楼。", "平仄", 1, 2),
        ("白日依山尽，黄河入海中。欲穷千里目，更上一层楼。", "失韵", None, None),
        ("白日依山尽，黄河入海楼。欲穷千里目，更上一层楼。", "重韵", 3, 5),
        ("白日依山尽，黄河入海流。独夜无人语，青灯照客愁。", "失粘", 2, 2),
        ("白日依山尽，月色满江流。独夜无人语，青灯照客愁。", "失对", 1, 2),
        ("白日依山尽，黄河入海流。欲穷千里目，更上高层楼。", "三平尾", 3, 3),
        ("白日依山尽，野河入海流。欲穷千里目，更上一层楼。", "孤平", 1, 1),
        ("白日依山尽，黄河入海流。欲穷千里，更上一层楼。", "字数", 2, None),
    ],
)
def test_what_is_wrong_is_named_where_it_stands(
    text: str, rule: str, line: int | None, position: int | None
) -> None:
    report = check(text, CheckSettings(form="五绝"))
    assert not report.ok
    found = [
        (number, issue.position)
        for number, checked in enumerate(report.lines)
        for issue in checked.issues
        if issue.rule == rule and issue.severity is Severity.ERROR
    ]
    assert found, rules(report)
    if line is not None:
        assert (line, position) in found


def test_rescued_lines_are_right_and_say_so() -> None:
    """拗救: 对句 (流水如有意 … 相), 本句 (孤平 rescued by the third), 特拗."""
    both = check(
        "清川带长薄，车马去闲闲。流水如有意，暮禽相与还。荒城临古渡，落日满秋山。迢递嵩高下，归来且闭关。"
    )
    assert both.form == "五律"
    assert both.ok, both.errors
    assert "特拗" in [issue.rule for issue in both.lines[0].issues]
    assert "拗救" in [issue.rule for issue in both.lines[2].issues]
    assert "拗救" in [issue.rule for issue in both.lines[3].issues]


def test_an_unrescued_line_is_wrong() -> None:
    report = check("流水如有意，黄河入海流。欲穷千里目，更上一层楼。", CheckSettings(form="五绝"))
    assert "平仄" in errors(report)


def test_the_first_line_may_borrow_a_neighbouring_rhyme() -> None:
    """林逋: 昏 in the last lines is 元, and the first line of 军城早秋-like poems may borrow."""
    report = check(
        "枯藤老树日将东，万里西风雁影重。莫道天涯无故友，一轮明月旧时容。", CheckSettings(form="七绝")
    )
    first = [issue for issue in report.lines[0].issues if issue.rule == "借韵"]
    assert [issue.severity for issue in first] == [Severity.NOTE]
    assert report.rhyme == "二冬"
    assert "失韵" not in errors(report)


def test_three_oblique_at_the_end_are_only_advised_against() -> None:
    report = check("青山远似画，绿水静如蓝。日暮孤帆去，秋声满客潭。", CheckSettings(form="五绝"))
    assert "三仄尾" in rules(report, Severity.WARNING)
    assert "三仄尾" not in errors(report)


def test_the_first_line_tells_which_of_two_rhymes_is_meant() -> None:
    """涯 and 崖 are both in 四支 and in 九佳."""
    even = "，春风绿水涯。平明寻白羽，没在石棱崖。"
    for first, rhyme in (("日暮晚山佳", "九佳"), ("日暮晚山迟", "四支")):
        report = check(first + even, CheckSettings(form="五绝"))
        assert report.ok, report.errors
        assert report.rhyme == rhyme


def test_ancient_verse_is_checked_for_rhyme_only() -> None:
    report = check("床前明月光，疑是地上霜。举头望明月，低头思故乡。")
    assert report.form in ("五绝", "五言古绝")
    assert report.rhyme == "七阳"
    spring = check("春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。")
    assert spring.form == "五言古绝"
    assert spring.rhyme == "十七筱"
    assert spring.ok


def test_a_polyphone_is_wrong_only_when_no_reading_fits() -> None:
    """看 is 平 or 仄; in 晓看红湿处 the second place decides."""
    report = check(KNOWN["春望"][0])
    wins = [issue for issue in report.lines[7].issues if issue.rule == "多音字"]
    assert any("胜" in issue.message and "平" in issue.message for issue in wins)


def test_a_reading_can_be_pinned() -> None:
    text = KNOWN["春望"][0]
    here = CheckSettings(pins={("浑欲不胜簪", 4): "仄"})
    everywhere = CheckSettings(character_pins={"胜": "仄"})
    for settings in (here, everywhere):
        report = check(text, settings)
        assert not report.ok
        assert report.lines[7].characters[3].pinned
    assert check(text, CheckSettings(pins={("别的句子", 4): "仄"})).ok


def test_a_simplified_character_has_the_readings_of_all_it_stands_for() -> None:
    """干 is 干 乾 (平) or 幹 (仄) in simplified text; a traditional text has only its own."""
    simplified = check("孤舟江上客，泪眼未曾干。", CheckSettings(form="五绝"))
    assert {reading.tone.tone_class for reading in simplified.lines[1].characters[4].readings} == {"平", "仄"}
    traditional = check("孤舟江上客，淚眼未曾乾。", CheckSettings(form="五绝"))
    assert {reading.tone.tone_class for reading in traditional.lines[1].characters[4].readings} == {"平"}


def test_unknown_characters_are_never_let_pass() -> None:
    report = check("白日依山尽，黄河入海流。欲穷千里目，更上一𰻝楼。", CheckSettings(form="五绝"))
    assert errors(report) == ["未收字"]
    assert report.lines[3].tones[3] == "？"
    pinned = CheckSettings(form="五绝", character_pins={"𰻝": "平"})
    assert check("白日依山尽，黄河入海流。欲穷千里目，更上一𰻝楼。", pinned).ok


def test_an_unfinished_poem_is_checked_as_far_as_it_goes() -> None:
    report = check("白日依山尽，黄河入海流。欲穷千里目，")
    assert report.form == "五言"
    assert report.ok
    assert report.variant == "仄起首句不入韵"
    assert "未完" in rules(report, Severity.NOTE)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (CheckSettings(form="七言绝句"), ("没有「七言绝句」", "七绝")),
        (CheckSettings(tune="浣沙西"), ("没有「浣沙西」", "浣溪沙")),
        (CheckSettings(rhyme_book="平水"), ("没有「平水」", "pingshui")),
    ],
)
def test_what_does_not_exist_is_refused_with_the_nearest(
    settings: CheckSettings, words: tuple[str, ...]
) -> None:
    with pytest.raises(InputError) as raised:
        check("白日依山尽，黄河入海流。", settings)
    assert all(word in raised.value.one_line for word in words)


@pytest.mark.parametrize("text", ["", "   \n", "hello", "，。"])
def test_a_text_without_verse_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="没有可以检查的诗句"):
        check(text)


@pytest.mark.parametrize(
    "text",
    [
        "白日依山尽，黄河，入海。欲穷千里目",
        "一。二。三。",
        "今天天气很好，我们去公园玩。回来的路上买了些水果。",
        "abc白日",
        "□□□□□，□□□□□。",
        "白\n日\n依\n山",
        "《》",
        "# 题\n\n白日依山尽，",
    ],
)
@pytest.mark.parametrize("form", ["auto", "五绝", "七律", "五排", "古风", "对联"])
def test_whatever_stands_there_gives_a_verdict_or_a_clear_refusal(text: str, form: str) -> None:
    try:
        report = check(text, CheckSettings(form=form))
    except InputError as error:
        assert error.hint  # noqa: PT017 - either is fine
        return
    assert report.as_json()["lines"] is not None
    assert report.ok == (not errors(report))


def test_the_wrong_number_of_lines_is_told() -> None:
    report = check("白日依山尽，黄河入海流。欲穷千里目，", CheckSettings(form="五绝"))
    assert "五绝有 4 句，现有 3 句。" in [issue.message for issue in report.issues]


def test_modern_books_judge_by_modern_tones() -> None:
    """白 and 一 are 入 (仄) of old and 平 today."""
    text = "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"
    report = check(text, CheckSettings(form="五绝", rhyme_book="xinyun"))
    assert report.rhyme == "七尤"
    assert report.lines[0].characters[0].mark == "平"
    assert check(text).lines[0].characters[0].mark == "入"
