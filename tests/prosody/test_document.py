"""The poems of a document, found among prose and checked anew only where they changed."""

from __future__ import annotations

import pytest

from assistant.api import InputError
from assistant.prosody import document
from assistant.prosody.checker import CheckSettings
from assistant.prosody.document import DocumentChecker

QUATRAIN = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。"
SONG = (
    "水调歌头\n\n明月几时有？把酒问青天。不知天上宫阙，今夕是何年。我欲乘风归去，又恐琼楼玉宇，高处不胜寒。"
    "起舞弄清影，何似在人间。\n\n转朱阁，低绮户，照无眠。不应有恨，何事长向别时圆？人有悲欢离合，月有阴晴圆缺，"
    "此事古难全。但愿人长久，千里共婵娟。"
)
PROSE = (
    "今天早上下了一场大雨，院子里的花都落了。我站在窗前，想起去年这个时候，我们还在江南。\n"
    "那时候天气也是这样，只是没有这么冷。"
)


def test_poems_are_found_among_prose() -> None:
    text = f"{PROSE}\n\n登鹳雀楼\n{QUATRAIN}\n\n{PROSE}\n\n\n{SONG}\n"
    poems = DocumentChecker().check(text)
    assert [poem.report.name for poem in poems] == ["五绝", "词·水调歌头"]
    first, second = poems
    assert text[first.start : first.end] == f"登鹳雀楼\n{QUATRAIN}"
    assert text[second.start : second.end] == SONG
    assert first.report.title == "登鹳雀楼"
    assert all(poem.report.ok for poem in poems)
    for poem in poems:
        for line in poem.report.lines:
            for character in line.characters:
                assert text[poem.start + character.offset] == character.character


def test_characters_beyond_the_first_plane_count_as_one() -> None:
    text = f"𠮷字怎么写，这里说一说。\n\n{QUATRAIN}"
    [poem] = DocumentChecker().check(text)
    assert text[poem.start : poem.end] == QUATRAIN


@pytest.mark.parametrize(
    "text", ["", "\n\n", PROSE, "一二三", "hello world\nhello", "1. 苹果\n2. 香蕉\n3. 橘子"]
)
def test_prose_is_left_alone(text: str) -> None:
    assert DocumentChecker().check(text) == ()


def test_a_poem_being_written_is_followed_line_by_line() -> None:
    checker = DocumentChecker()
    for end in range(len(QUATRAIN) + 1):
        for poem in checker.check(QUATRAIN[:end]):
            assert not [issue for issue in poem.report.errors if issue.rule not in ("字数", "句数")]
    [poem] = checker.check(QUATRAIN)
    assert poem.report.form == "五绝"


def test_only_what_changed_is_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []

    def counted(text: str, settings: CheckSettings) -> object:
        checked.append(text)
        return document_check(text, settings)

    document_check = document.check
    monkeypatch.setattr(document, "check", counted)
    checker = DocumentChecker()
    poems = [QUATRAIN, QUATRAIN.replace("白日", "落日"), QUATRAIN.replace("千里", "万里")]
    checker.check("\n\n".join(poems))
    assert checked == poems
    checked.clear()
    poems[1] = QUATRAIN.replace("白日", "晚日")
    checker.check("\n\n".join(poems))
    assert checked == [poems[1]]


def test_settings_apply_to_what_looks_like_verse() -> None:
    settings = CheckSettings(form="七绝")
    poems = DocumentChecker().check(f"{PROSE}\n\n{QUATRAIN}", settings)
    assert [poem.report.form for poem in poems] == ["七绝"]
    assert not poems[0].report.ok
    with pytest.raises(InputError):
        DocumentChecker().check(QUATRAIN, CheckSettings(tune="没有的词牌"))


def test_a_couplet_is_found() -> None:
    text = f"{PROSE}\n\n上联：海阔凭鱼跃\n下联：天高任鸟飞\n\n{PROSE}"
    [poem] = DocumentChecker().check(text)
    assert poem.report.form == "对联"
    assert poem.report.ok, poem.report.errors
