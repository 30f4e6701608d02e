from __future__ import annotations

import pytest

from assistant.prosody import rhyme_names, tables
from assistant.prosody.rhyme_books import NAMES, RHYME_BOOK_IDS, USUAL_SHARE, RhymeBook, rhyme_book
from assistant.prosody.script import is_traditional
from assistant.prosody.tones import Tone
from tests.benchmarks.tables import SPOTS


def groups(book: RhymeBook, character: str) -> set[str]:
    return {reading.tone.value + reading.rhyme for reading in book.readings(character)}


@pytest.fixture(params=RHYME_BOOK_IDS)
def book(request: pytest.FixtureRequest) -> RhymeBook:
    return rhyme_book(request.param)


def test_a_book_is_made_once_and_a_bad_id_is_named() -> None:
    assert rhyme_book("pingshui") is rhyme_book("pingshui", traditional=False)
    assert rhyme_book("pingshui") is not rhyme_book("pingshui", traditional=True)
    with pytest.raises(ValueError, match=r"libu.*pingshui、cilin、xinyun、tongyun"):
        rhyme_book("libu")


def test_the_groups_of_each_book() -> None:
    counts = {book_id: len(rhyme_book(book_id).rhymes) for book_id in RHYME_BOOK_IDS}
    assert counts == {"pingshui": 106, "cilin": 19, "xinyun": 14, "tongyun": 16}
    assert {book_id: rhyme_book(book_id).name for book_id in RHYME_BOOK_IDS} == NAMES
    pingshui = rhyme_names.pingshui_tones()
    assert [list(pingshui.values()).count(tone) for tone in Tone] == [30, 29, 30, 17]
    assert list(pingshui)[:2] == ["一东", "二冬"]
    assert list(pingshui)[-1] == "十七洽"
    # Counted without a gap within each heading, and no two groups called alike.
    for text in tables.books()["pingshui"].values():
        names = [item.split()[0] for item in text.split(",")]
        assert [name[:-1] for name in names] == [rhyme_names.numeral(n) for n in range(1, len(names) + 1)]
    assert len({name[-1] for name in pingshui}) == 106


def test_every_reading_of_every_character_is_in_a_group_of_its_book(book: RhymeBook) -> None:
    everything = book.characters("中")
    assert len(everything) > 20_000
    names = set(book.rhymes)
    for character in everything:
        readings = book.readings(character)
        assert {reading.rhyme for reading in readings} <= names, character
        assert len(readings) == len({(one.tone, one.rhyme) for one in readings}), character
        assert all(0 < reading.usage <= 1 for reading in readings), character
        assert [one.usage for one in readings] == sorted((one.usage for one in readings), reverse=True)


def test_sets_agree_with_readings_and_are_the_same_object_every_time(book: RhymeBook) -> None:
    for tone_class in ("平", "仄", "中"):
        able = book.characters(tone_class)
        assert able is book.characters(tone_class)
        assert book.characters(tone_class, usual=True) <= able
    assert book.characters("平") | book.characters("仄") == book.characters("中")
    rhyme = book.rhymes[0]
    rhyming = book.rhyming(rhyme, "平")
    assert rhyming is book.rhyming(rhyme, "平")
    assert rhyming == {c for c in book.characters("中") if rhyme in book.rhymes_of(c, "平")}
    assert book.characters("平") == {c for c in book.characters("中") if "平" in book.tone_classes(c)}
    with pytest.raises(ValueError, match="上"):
        book.characters("上")


def test_unusual_tones_are_left_out_of_the_usual_sets() -> None:
    book = rhyme_book("pingshui")
    readings = {reading.tone.tone_class: reading for reading in book.readings("不")}
    assert readings["平"].usage < USUAL_SHARE < readings["仄"].usage
    assert "不" in book.characters("平")
    assert "不" not in book.characters("平", usual=True)
    assert "不" in book.characters("仄", usual=True)
    assert "不" in book.rhyming("十一尤", "平")
    assert "不" not in book.rhyming("十一尤", "平", usual=True)


@pytest.mark.parametrize("character", ["", "A", "，", " ", "□", "\ud800", "東風", "䔩", "\U0002fa1f"])
def test_what_no_table_knows_has_no_reading(book: RhymeBook, character: str) -> None:
    assert book.readings(character) == ()
    assert book.every_reading(character) == ()
    assert book.tone_classes(character) == frozenset()
    assert book.rhymes_of(character) == frozenset()
    assert character not in book.characters("中")


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        ("东", {"平一东"}),
        ("看", {"平十四寒", "去十五翰"}),
        ("一", {"入四质"}),
        ("涯", {"平四支", "平九佳", "平六麻"}),
        ("逢", {"平一东", "平二冬", "平三江"}),
        ("间", {"平十五删", "去十六谏"}),  # 广韵 has only 閒; from the second table
        ("忘", {"平七阳", "去二十三漾"}),
        ("发", {"入六月"}),
        ("并", {"上二十三梗", "上二十四迥", "去二十四敬", "平八庚"}),
        ("真", {"平十一真"}),  # the books print 眞
        ("𠮷", {"入四质"}),
    ],
)
def test_readings_in_pingshui(character: str, expected: set[str]) -> None:
    assert groups(rhyme_book("pingshui"), character) == expected


def test_a_simplified_character_reads_like_all_that_it_stands_for_and_a_traditional_one_like_itself() -> None:
    simplified, traditional = rhyme_book("pingshui"), rhyme_book("pingshui", traditional=True)
    assert simplified.tone_classes("干") == {"平", "仄"}
    assert simplified.rhymes_of("干", "平") == {"十四寒", "一先"}
    assert groups(traditional, "干") == {"平十四寒"}
    assert groups(traditional, "乾") == {"平十四寒", "平一先"}
    assert groups(simplified, "斗") == {"上二十五有", "去二十六宥"}
    assert groups(traditional, "斗") == {"上二十五有"}
    assert groups(simplified, "苹") == {"平十一真", "平八庚"}
    assert groups(traditional, "苹") == {"平八庚"}
    # Mixed text: either eye reads the other script.
    assert groups(simplified, "東") == groups(traditional, "东") == {"平一东"}


def test_what_verse_uses_comes_first_and_what_it_never_uses_does_not_count() -> None:
    book = rhyme_book("pingshui")
    assert [reading.tone for reading in book.readings("忘")] == [Tone.LEVEL, Tone.DEPARTING]
    assert [reading.tone for reading in book.readings("望")] == [Tone.DEPARTING, Tone.LEVEL]
    assert book.readings("干")[0].rhyme == "十四寒"
    level, oblique = (
        sum(r.usage for r in book.readings("看") if r.tone.is_level is even) for even in (True, False)
    )
    assert level + oblique == pytest.approx(1, abs=0.001)
    for view in (book, rhyme_book("pingshui", traditional=True)):
        assert view.tone_classes("风") == view.tone_classes("風") == {"平"}
        assert {reading.rhyme for reading in view.every_reading("風")} == {"一东", "一送"}
    assert "仄" in book.tone_classes("中")  # rare, but in both sources


def test_meanings_of_polyphones() -> None:
    book = rhyme_book("pingshui")
    assert {reading.tone.tone_class: reading.gloss for reading in book.readings("重")} == {
        "平": "重复、重叠",
        "仄": "轻重、看重",
    }
    assert all("两读同义" in reading.gloss for reading in book.readings("看"))
    assert {reading.gloss for reading in rhyme_book("xinyun").readings("看")} == {"看守、看护", "观看"}
    assert {reading.gloss for reading in book.readings("重")} == {
        reading.gloss for reading in rhyme_book("cilin", traditional=True).readings("重")
    }


def test_every_row_of_the_table_of_meanings_is_about_a_character_of_two_tones() -> None:
    for period, book_id in (("古", "pingshui"), ("今", "xinyun")):
        book = rhyme_book(book_id)
        idle = [character for character in tables.senses(period) if len(book.tone_classes(character)) < 2]
        assert idle == []
    assert len(tables.senses("古")) >= 60


@pytest.mark.parametrize("book_id", SPOTS)
def test_groups_as_the_published_books_list_them(book_id: str) -> None:
    book = rhyme_book(book_id)
    for rhyme, characters in SPOTS[book_id].items():
        assert [c for c in characters if rhyme not in book.rhymes_of(c)] == []


def test_the_groups_that_cilin_splits() -> None:
    book = rhyme_book("cilin")
    assert book.rhymes_of("回") == {"第三部"}
    assert book.rhymes_of("开") == {"第五部"}
    assert book.rhymes_of("魂") == {"第六部"}
    assert book.rhymes_of("原") == {"第七部"}
    assert book.rhymes_of("业") == {"第十九部"}
    assert {reading.tone for reading in book.readings("业")} == {Tone.ENTERING}


def test_modern_books_know_no_entering_tone_and_keep_to_the_standard_readings() -> None:
    book = rhyme_book("xinyun")
    assert not any(r.tone is Tone.ENTERING for c in book.characters("中") for r in book.readings(c))
    assert groups(book, "一") == {"平十二齐"}
    assert groups(book, "胜") == {"去十一庚"}
    assert groups(book, "的") == {"平十二齐", "去十二齐"}  # a neutral tone has no place
    assert groups(book, "跡") == groups(book, "迹") == {"去十二齐"}
    assert groups(rhyme_book("tongyun"), "儿") == {"平十六儿"}


@pytest.mark.parametrize(
    ("book_id", "name", "expected"),
    [
        ("pingshui", "东", "一东"),
        ("pingshui", "東", "一东"),
        ("pingshui", "一东", "一东"),
        ("pingshui", "上平一东", "一东"),
        ("pingshui", " 上平声 一东 ", "一东"),
        ("pingshui", "平声东", "一东"),
        ("pingshui", "东韵", "一东"),
        ("pingshui", "東韻", "一东"),
        ("pingshui", "下平七阳", "七阳"),
        ("pingshui", "琰", "二十八俭"),
        ("pingshui", "入声十三职韵", "十三职"),
        ("cilin", "第一部", "第一部"),
        ("cilin", "一部", "第一部"),
        ("cilin", "1", "第一部"),
        ("cilin", "十九", "第十九部"),
        ("xinyun", "麻", "一麻"),
        ("xinyun", "一麻", "一麻"),
        ("xinyun", "11", "十一庚"),
        ("tongyun", "啊", "一啊"),
        ("tongyun", "雍韵", "十五雍"),
    ],
)
def test_names_of_groups(book_id: str, name: str, expected: str) -> None:
    assert rhyme_book(book_id).find_rhyme(name) == expected


@pytest.mark.parametrize(
    ("book_id", "name", "offered"),
    [
        ("pingshui", "风", "一东"),
        ("pingshui", "一冬", "二冬"),
        ("pingshui", "", "一东"),
        ("cilin", "第二十部", "第十部"),
        ("cilin", "东", "第一部"),
        ("tongyun", "麻", "一啊"),
    ],
)
def test_an_unknown_name_offers_the_nearest(book_id: str, name: str, offered: str) -> None:
    with pytest.raises(ValueError, match=f"没有叫「{name}」的韵部，可以选.*{offered}"):
        rhyme_book(book_id).find_rhyme(name)
    with pytest.raises(ValueError, match="没有叫"):
        rhyme_book(book_id).rhyming(name, "平")


def test_neighbours() -> None:
    book = rhyme_book("pingshui")
    assert book.neighbours("一东") == {"二冬"}
    assert book.neighbours("五歌") == book.neighbours("十一尤") == book.neighbours("十二侵") == frozenset()
    assert book.neighbours("十三元") == {"十一真", "十二文", "十四寒", "十五删", "一先"}
    assert book.neighbours("六麻") == {"九佳"}
    tones = rhyme_names.pingshui_tones()
    for rhyme in book.rhymes:
        for other in book.neighbours(rhyme):
            assert rhyme in book.neighbours(other)
            assert tones[rhyme] is tones[other]
    assert rhyme_book("cilin").neighbours("第一部") == frozenset()


def test_traditional_text_is_told_from_simplified() -> None:
    assert is_traditional("春風又綠江南岸，明月何時照我還。")
    assert not is_traditional("春风又绿江南岸，明月何时照我还。")
    assert not is_traditional("白日依山尽，黄河入海流。")
    assert not is_traditional("")
    assert not is_traditional("乾坤一草亭")  # 乾 stays in simplified text
    assert is_traditional("風雲，东")


def test_tables_hold_together() -> None:
    known = set(tables.classical()) | set(tables.modern())
    assert all(set(sources) & known for sources in tables.stands_for().values())
    assert not set(tables.traditional_only()) & set(tables.traditional_only().values())
    for period in "古今":
        assert all(0 <= usage.level <= usage.total for usage in tables.usage(period).values())
    pingshui = rhyme_book("pingshui")
    for character, rhymes in tables.usual_rhymes().items():
        assert set(rhymes) <= {one.rhyme for one in pingshui.every_reading(character)}, character
    for rhyme, _, _, characters in tables.rows("extra_readings.tsv"):
        assert [
            c for c in characters if rhyme not in rhyme_book("pingshui", traditional=True).rhymes_of(c)
        ] == []
