"""The rules of couplets, on couplets that hang in temples and on doors, and on faults made on purpose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.api import InputError
from assistant.prosody.couplet_text import parse_couplet
from assistant.prosody.couplet_tones import clause_ends, rhythm_points
from assistant.prosody.couplets import check_couplet, check_couplet_text, looks_like_couplet
from assistant.prosody.report import Report, Severity
from assistant.prosody.rhyme_books import rhyme_book

PINGSHUI, XINYUN = rhyme_book("pingshui"), rhyme_book("xinyun")

RIGHT = [
    "海阔凭鱼跃|天高任鸟飞",
    "天增岁月人增寿|春满乾坤福满门",
    "爆竹一声除旧|桃符万象更新",
    "又是一年芳草绿|依然十里杏花红",
    "向阳门第春常在|积善人家庆有余",
    "忠厚传家久|诗书继世长",
    "生意兴隆通四海|财源茂盛达三江",
    "福如东海长流水|寿比南山不老松",
    "和顺一门有百福|平安二字值千金",
    "书山有路勤为径|学海无涯苦作舟",
    "宝剑锋从磨砺出|梅花香自苦寒来",
    "世事洞明皆学问|人情练达即文章",
    "千江有水千江月|万里无云万里天",
    "四面荷花三面柳|一城山色半城湖",
    "清风明月本无价|近水远山皆有情",
    "青山有幸埋忠骨|白铁无辜铸佞臣",
    "春风大雅能容物|秋水文章不染尘",
    "室雅何须大|花香不在多",
    "删繁就简三秋树|领异标新二月花",
    "苟利国家生死以|岂因祸福避趋之",
    "横眉冷对千夫指|俯首甘为孺子牛",
    "铁肩担道义|辣手著文章",
    "水水山山处处明明秀秀|晴晴雨雨时时好好奇奇",
    "风声雨声读书声，声声入耳|家事国事天下事，事事关心",
    "有志者事竟成，破釜沉舟，百二秦关终属楚|苦心人天不负，卧薪尝胆，三千越甲可吞吴",
    "能攻心则反侧自消，从古知兵非好战|不审势即宽严皆误，后来治蜀要深思",
]

WRONG = [
    # The other side of well-known lines that no rule would pass: what is wrong, in which side, where.
    ("海纳百川，有容乃大", "壁立千仞，无欲则刚", [("平仄", 1, 2)]),
    ("板凳要坐十年冷", "文章不写一句空", [("平仄", 1, 4)]),
    ("墙上芦苇，头重脚轻根底浅", "山间竹笋，嘴尖皮厚腹中空", [("平仄", 0, 4)]),
    ("烟锁池塘柳", "炮镇海城楼", [("平仄", 1, 4)]),
    # Made on purpose.
    ("天高任鸟飞", "海阔凭鱼跃", [("仄起平落", 0, 5), ("仄起平落", 1, 5)]),
    ("海阔凭鱼跃", "天高任鸟去", [("仄起平落", 1, 5)]),
    ("海阔凭鱼游", "天高任鸟飞", [("仄起平落", 0, 5)]),
    ("海天凭鱼跃", "天高任鸟飞", [("平仄", 0, 2), ("同字", 1, 1)]),
    ("海阔凭鱼跃", "天高任鱼飞", [("平仄", 1, 4), ("同字", 1, 4)]),
    ("天增岁月人增寿", "春满乾坤福到门", [("重字", 1, 6)]),
    ("天增岁月人添寿", "春满乾坤福满门", [("重字", 1, 6)]),
    ("海阔凭鱼跃", "天高任鸟", [("字数", 1, None)]),
    ("海阔凭鱼跃", "天高𪚥鸟飞", [("未收字", 1, 3)]),
]


def errors(report: Report) -> list[tuple[str, int, int | None]]:
    return [
        (issue.rule, line.stanza, issue.position)
        for line in report.lines
        for issue in line.issues
        if issue.severity is Severity.ERROR
    ]


def said(report: Report) -> list[tuple[str, Severity]]:
    every = [*report.issues, *(issue for line in report.lines for issue in line.issues)]
    return [(issue.rule, issue.severity) for issue in every if issue.rule != "多音字"]


@pytest.mark.parametrize("pair", RIGHT)
def test_couplets_that_are_right(pair: str) -> None:
    upper, lower = pair.split("|")
    report = check_couplet(upper, lower, PINGSHUI)
    assert report.ok, errors(report)
    assert (report.form, report.rhyme_book) == ("对联", "pingshui")
    assert not check_couplet(lower, upper, PINGSHUI).ok


@pytest.mark.parametrize(("upper", "lower", "faults"), WRONG)
def test_what_is_wrong_and_where(upper: str, lower: str, faults: list[tuple[str, int, int | None]]) -> None:
    report = check_couplet(upper, lower, PINGSHUI)
    assert errors(report) == faults
    for issue in report.errors:
        assert issue.message.endswith("。")


def test_a_message_names_both_characters_and_what_would_fit() -> None:
    [issue] = check_couplet("板凳要坐十年冷", "文章不写一句空", PINGSHUI).errors
    assert issue.message == "下联「写」与上联同位的「坐」都是仄声，此处当平。"
    assert issue.suggestion == "此处宜平声字"


def test_different_pauses() -> None:
    report = check_couplet("风声雨声，读书声声入耳", "家事国事天下事，事事关心", PINGSHUI)
    assert ("字数", 1, None) in errors(report)
    report = check_couplet("春到，花开", "年来福至门", PINGSHUI)
    assert [issue.rule for issue in report.issues] == ["字数"]
    assert "断句" in report.issues[0].message


def test_sides_in_the_wrong_order_are_told() -> None:
    report = check_couplet("天高任鸟飞", "海阔凭鱼跃", PINGSHUI)
    assert {issue.suggestion for issue in report.errors} == {"上下联大约写反了，对调即可"}


def test_the_old_tones_and_those_of_today_are_not_mixed() -> None:
    old = check_couplet("和顺一门有百福", "平安二字值千金", PINGSHUI)
    assert old.ok
    today = check_couplet("和顺一门有百福", "平安二字值千金", XINYUN)
    assert errors(today) == [("仄起平落", 0, 7)]
    assert [issue.severity for issue in today.issues] == [Severity.NOTE]
    assert "平水韵" in today.issues[0].message
    # 铁 and 学 of the same line: one of them is level in either book, so that neither helps.
    neither = check_couplet("海阔凭鱼跃", "天高任鱼飞", XINYUN)
    assert neither.issues == ()


def test_the_skewed_end_of_verse_is_only_advised_against() -> None:
    report = check_couplet("万树梅花一潭水", "四时烟雨半山云", PINGSHUI)
    assert said(report) == [("特拗", Severity.WARNING)]
    assert report.lines[0].pattern == "中仄中平中平仄"


def test_three_alike_at_the_end_are_warned_of() -> None:
    report = check_couplet("和顺一门有百福", "平安二字值千金", PINGSHUI)
    assert said(report) == [("三仄尾", Severity.WARNING)]
    report = check_couplet("岁月催人老", "年华逐水流", PINGSHUI)
    assert said(report) == []
    report = check_couplet("海阔游鱼跃", "天高飞禽归", PINGSHUI)
    assert ("三平尾", Severity.WARNING) in said(report)


def test_a_line_whose_tones_do_not_take_turns_is_warned_of() -> None:
    report = check_couplet("风声雨声读书声，声声入耳", "家事国事天下事，事事关心", PINGSHUI)
    assert said(report) == [("平仄", Severity.WARNING)] * 2


def test_a_leading_word_is_not_counted() -> None:
    upper = "喜茫茫空阔无边，看东骧神骏，莫孤负四围香稻，三春杨柳"
    lower = "叹滚滚英雄谁在，想汉习楼船，只赢得几杵疏钟，一枕清霜"
    report = check_couplet(upper, lower, PINGSHUI)
    assert report.ok
    notes = [issue.message for line in report.lines for issue in line.issues if issue.rule == "平仄"]
    assert [note[:6] for note in notes] == ["「喜」作领字", "「看」作领字", "「莫孤负」作"]


def test_long_couplets_may_use_a_character_again_in_another_clause() -> None:
    clauses = [
        ("奔来眼底", "注到心头"),
        ("高人韵士", "伟烈丰功"),
        ("何妨选胜登临", "费尽移山心力"),
        ("三春杨柳", "一枕清霜"),
    ]
    report = check_couplet(*("，".join(side) for side in zip(*clauses, strict=True)), PINGSHUI)
    assert report.ok
    assert ("重字", Severity.WARNING) in said(report)


def test_particles_may_be_shared_and_places_exchanged() -> None:
    report = check_couplet("先天下之忧者也", "后人间之乐者乎", PINGSHUI)
    rules = [(issue.rule, issue.severity) for line in report.lines for issue in line.issues]
    assert ("同字", Severity.NOTE) in rules
    assert ("同字", Severity.ERROR) not in rules
    report = check_couplet("水清山更静", "山静水尤清", PINGSHUI)
    assert "互换位置" in "".join(issue.message for issue in report.lines[1].issues)


@pytest.mark.parametrize(
    ("banner", "rules"),
    [
        ("万象更新", []),
        ("春回大地", [("平仄", Severity.NOTE), ("同字", Severity.NOTE)]),
        ("家和事兴旺", [("字数", Severity.WARNING), ("平仄", Severity.NOTE)]),
        ("万𪚥更新", [("未收字", Severity.WARNING)]),
    ],
)
def test_the_banner_is_looked_at_too(banner: str, rules: list[tuple[str, Severity]]) -> None:
    report = check_couplet("天增岁月人增寿", "春满乾坤福满门", PINGSHUI, banner=banner)
    assert report.ok
    assert report.lines[2].stanza == 2
    assert [(i.rule, i.severity) for i in report.lines[2].issues if i.rule != "多音字"] == rules


def test_polyphones_are_wrong_only_when_no_reading_is_right() -> None:
    assert check_couplet("嘉节长如此", "新年又一看", PINGSHUI).ok  # 看 can be level
    pinned = check_couplet("嘉节长如此", "新年又一看", PINGSHUI, pins={("新年又一看", 5): "仄"})
    assert errors(pinned) == [("仄起平落", 1, 5)]
    pinned = check_couplet("嘉节长如此", "新年又一看", PINGSHUI, character_pins={"看": "仄"})
    assert errors(pinned) == [("仄起平落", 1, 5)]


def test_gaps_may_become_anything() -> None:
    assert check_couplet("海阔凭鱼跃", "□□□□□", PINGSHUI).ok
    assert check_couplet("海阔凭鱼跃", "天□任鸟□", PINGSHUI).lines[1].pattern == "中平中仄平"


def test_rhythm() -> None:
    assert [rhythm_points(length) for length in (1, 2, 3, 6)] == [(0,), (1,), (1, 2), (1, 3, 5)]
    assert [clause_ends(count) for count in (1, 2, 3, 4, 5)] == [
        "仄",
        "平仄",
        "平平仄",
        "仄平平仄",
        "仄仄平平仄",
    ]


LABELLED = "上联：海阔凭鱼跃\n下联：天高任鸟飞\n横批：自在人间"


@pytest.mark.parametrize(
    ("text", "clauses", "couplet"),
    [
        (LABELLED, "海阔凭鱼跃|天高任鸟飞|自在人间", True),
        (LABELLED.replace("\n", " "), "海阔凭鱼跃|天高任鸟飞|自在人间", True),
        ("横批 自在人间\n上联 海阔凭鱼跃\n下联 天高任鸟飞", "海阔凭鱼跃|天高任鸟飞|自在人间", True),
        ("下聯：天高任鳥飛\n上聯：海闊憑魚躍", "海闊憑魚躍|天高任鳥飛", True),
        ("海阔凭鱼跃\n天高任鸟飞", "海阔凭鱼跃|天高任鸟飞", True),
        ("# 春联\n\n爆竹一声除旧\n桃符万象更新\n辞旧迎春", "爆竹一声除旧|桃符万象更新|辞旧迎春", True),
        ("海阔凭鱼跃，天高任鸟飞。", "海阔凭鱼跃|天高任鸟飞", True),
        ("海阔凭鱼跃 天高任鸟飞", "海阔凭鱼跃|天高任鸟飞", True),
        ("海阔凭鱼跃；天高任鸟鸣", "海阔凭鱼跃|天高任鸟鸣", True),
        ("春来，花开早；年去，柳绿齐", "春来花开早|年去柳绿齐", True),
        ("海阔凭鱼跃，\n天高任鸟飞。", "海阔凭鱼跃|天高任鸟飞", False),  # a poem may begin so
        (
            "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。",
            "白日依山尽黄河入海流|欲穷千里目更上一层楼",
            False,
        ),
        ("床前明月光\n疑是地上霜", "床前明月光|疑是地上霜", False),  # 光 is level
        (
            "海阔凭鱼跃，天高任鱼飞。",
            "海阔凭鱼跃|天高任鱼飞",
            False,
        ),  # a poem rather than a couplet with faults
        ("买了 apple\n卖了 peach", "买了apple|卖了peach", False),
    ],
)
def test_which_text_is_a_couplet(text: str, clauses: str, couplet: bool) -> None:
    found = parse_couplet(text)
    assert found is not None
    sides = [found.upper, found.lower, (found.banner,) if found.banner is not None else ()]
    assert "|".join("".join(line.text for line in side if line) for side in sides if side) == clauses
    assert looks_like_couplet(text) is couplet
    for side in sides:
        for line in side:
            assert line is not None
            assert "".join(text[at] for at in line.offsets) == line.text


@pytest.mark.parametrize(
    "text", ["", "。", "海阔凭鱼跃", "上联：海阔凭鱼跃", "上联：\n下联：天高", "一\n二三\n四五六\n七"]
)
def test_no_two_sides(text: str) -> None:
    assert parse_couplet(text) is None
    assert not looks_like_couplet(text)
    with pytest.raises(InputError, match="分不出上联和下联") as caught:
        check_couplet_text(text, PINGSHUI)
    assert caught.value.hint
    with pytest.raises(InputError, match="都要有字"):
        check_couplet(text.split("\n")[0], "", PINGSHUI)


def test_offsets_are_those_of_the_text() -> None:
    report = check_couplet_text(LABELLED, PINGSHUI)
    assert [[LABELLED[c.offset] for c in line.characters] for line in report.lines] == [
        list(line.text) for line in report.lines
    ]
    report = check_couplet("海阔，凭鱼跃", "天高，任鸟飞", PINGSHUI, banner="自在人间")
    text = "海阔，凭鱼跃\n天高，任鸟飞\n自在人间"
    assert [line.text for line in report.lines] == ["海阔", "凭鱼跃", "天高", "任鸟飞", "自在人间"]
    assert all(text[c.offset] == c.character for line in report.lines for c in line.characters)


def test_traditional_characters_have_their_own_tones() -> None:
    book = rhyme_book("pingshui", traditional=True)
    assert check_couplet("海闊憑魚躍", "天高任鳥飛", book).ok
    assert check_couplet("樹幹撐天立", "山根入地深", book).ok
    assert not check_couplet("天乾凭鱼跃", "山根任鸟飞", book).ok  # 乾 is level, as 根 is
    assert check_couplet("天干凭鱼跃", "山根任鸟飞", PINGSHUI).ok  # 干 may stand for 幹


@given(st.text(alphabet="海天春山水之看〇□a，。；\n 上下联横批：𪚥", max_size=30))
def test_any_text_has_a_verdict_or_a_reason(text: str) -> None:
    couplet = looks_like_couplet(text)
    try:
        report = check_couplet_text(text, PINGSHUI)
    except InputError:
        assert not couplet
        return
    for line in report.lines:
        assert all(text[c.offset] == c.character for c in line.characters)
        for issue in line.issues:
            assert issue.position is None or 1 <= issue.position <= len(line.text)
