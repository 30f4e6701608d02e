"""词牌: the table, its notation, and known pieces held against it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from assistant.prosody.tunes import (
    TuneFileError,
    UnknownTuneError,
    find_tune,
    load_tunes,
    tune,
    tune_names,
    tunes,
    tunes_of_lengths,
)
from resources.prosody.build_tunes import candidates, piece_of, wrong_places
from resources.prosody.tune_shapes import line_shapes

# Tune, poet, places that do not fit, and the piece. What does not fit: 壁 (第十七部) among rhymes of 第十八部, and
# 来, 雷, 媒, 杯, which 词林正韵 parts (第三部, 第五部) although 平水韵 has them in one group (十灰).
FAMOUS = [
    (
        "如梦令",
        "李清照",
        0,
        "常记溪亭日暮，沉醉不知归路。兴尽晚回舟，误入藕花深处。争渡，争渡，惊起一滩鸥鹭。",
    ),
    (
        "水调歌头",
        "苏轼",
        0,
        "明月几时有。把酒问青天。不知天上宫阙，今夕是何年。我欲乘风归去，又恐琼楼玉宇，高处不胜寒。起舞弄清影，何似在人间。转朱阁，低绮户，照无眠。不应有恨，何事长向别时圆。"
        "人有悲欢离合，月有阴晴圆缺，此事古难全。但愿人长久，千里共婵娟。",
    ),
    (
        "念奴娇",
        "苏轼",
        1,
        "大江东去，浪淘尽，千古风流人物。故垒西边，人道是，三国周郎赤壁。乱石穿空，惊涛拍岸，卷起千堆雪。江山如画，一时多少豪杰。遥想公瑾当年，小乔初嫁了，雄姿英发。"
        "羽扇纶巾，谈笑间，樯橹灰飞烟灭。故国神游，多情应笑我，早生华发。人生如梦，一尊还酹江月。",
    ),
    (
        "满江红",
        "岳飞",
        0,
        "怒发冲冠，凭阑处、潇潇雨歇。抬望眼、仰天长啸，壮怀激烈。三十功名尘与土，八千里路云和月。莫等闲、白了少年头，空悲切。靖康耻，犹未雪。臣子恨，何时灭。驾长车踏破，贺兰山缺。"
        "壮志饥餐胡虏肉，笑谈渴饮匈奴血。待从头、收拾旧山河，朝天阙。",
    ),
    (
        "虞美人",
        "李煜",
        0,
        "春花秋月何时了。往事知多少。小楼昨夜又东风，故国不堪回首月明中。雕栏玉砌应犹在，只是朱颜改。问君能有几多愁。恰似一江春水向东流。",
    ),
    (
        "菩萨蛮",
        "温庭筠",
        0,
        "小山重叠金明灭，鬓云欲度香腮雪。懒起画蛾眉，弄妆梳洗迟。照花前后镜，花面交相映。新帖绣罗襦，双双金鹧鸪。",
    ),
    (
        "西江月",
        "辛弃疾",
        0,
        "明月别枝惊鹊，清风半夜鸣蝉。稻花香里说丰年，听取蛙声一片。七八个星天外，两三点雨山前。旧时茅店社林边，路转溪桥忽见。",
    ),
    (
        "浣溪沙",
        "晏殊",
        1,
        "一曲新词酒一杯，去年天气旧亭台。夕阳西下几时回。无可奈何花落去，似曾相识燕归来。小园香径独徘徊。",
    ),
    (
        "卜算子",
        "陆游",
        0,
        "驿外断桥边，寂寞开无主。已是黄昏独自愁，更著风和雨。无意苦争春，一任群芳妒。零落成泥碾作尘，只有香如故。",
    ),
    (
        "雨霖铃",
        "柳永",
        0,
        "寒蝉凄切。对长亭晚，骤雨初歇。都门帐饮无绪，留恋处、兰舟催发。执手相看泪眼，竟无语凝噎。念去去、千里烟波，暮霭沉沉楚天阔。多情自古伤离别。更那堪、冷落清秋节。"
        "今宵酒醒何处，杨柳岸、晓风残月。此去经年，应是良辰、好景虚设。便纵有、千种风情，更与何人说。",
    ),
    (
        "声声慢",
        "李清照",
        0,
        "寻寻觅觅，冷冷清清，凄凄惨惨戚戚。乍暖还寒时候，最难将息。三杯两盏淡酒，怎敌他、晚来风急。雁过也，正伤心，却是旧时相识。满地黄花堆积。憔悴损，如今有谁堪摘。"
        "守着窗儿，独自怎生得黑。梧桐更兼细雨，到黄昏、点点滴滴。这次第，怎一个、愁字了得。",
    ),
    (
        "鹊桥仙",
        "秦观",
        0,
        "纤云弄巧，飞星传恨，银汉迢迢暗度。金风玉露一相逢，便胜却、人间无数。柔情似水，佳期如梦，忍顾鹊桥归路。两情若是久长时，又岂在、朝朝暮暮。",
    ),
    (
        "青玉案",
        "辛弃疾",
        0,
        "东风夜放花千树。更吹落、星如雨。宝马雕车香满路。凤箫声动，玉壶光转，一夜鱼龙舞。蛾儿雪柳黄金缕。笑语盈盈暗香去。众里寻他千百度。蓦然回首，那人却在，灯火阑珊处。",
    ),
    (
        "破阵子",
        "辛弃疾",
        0,
        "醉里挑灯看剑，梦回吹角连营。八百里分麾下炙，五十弦翻塞外声。沙场秋点兵。马作的卢飞快，弓如霹雳弦惊。了却君王天下事，赢得生前身后名。可怜白发生。",
    ),
    (
        "永遇乐",
        "辛弃疾",
        0,
        "千古江山，英雄无觅，孙仲谋处。舞榭歌台，风流总被，雨打风吹去。斜阳草树，寻常巷陌，人道寄奴曾住。想当年，金戈铁马，气吞万里如虎。元嘉草草，封狼居胥，赢得仓皇北顾。"
        "四十三年，望中犹记，烽火扬州路。可堪回首，佛狸祠下，一片神鸦社鼓。凭谁问，廉颇老矣，尚能饭否。",
    ),
    (
        "江城子",
        "苏轼",
        0,
        "十年生死两茫茫。不思量，自难忘。千里孤坟，无处话凄凉。纵使相逢应不识，尘满面，鬓如霜。夜来幽梦忽还乡。小轩窗，正梳妆。相顾无言，惟有泪千行。料得年年肠断处，明月夜，短松冈。",
    ),
    (
        "临江仙",
        "杨慎",
        0,
        "滚滚长江东逝水，浪花淘尽英雄。是非成败转头空。青山依旧在，几度夕阳红。白发渔樵江渚上，惯看秋月春风。一壶浊酒喜相逢。古今多少事，都付笑谈中。",
    ),
    (
        "蝶恋花",
        "柳永",
        0,
        "伫倚危楼风细细。望极春愁，黯黯生天际。草色烟光残照里。无言谁会凭阑意。拟把疏狂图一醉。对酒当歌，强乐还无味。衣带渐宽终不悔。为伊消得人憔悴。",
    ),
    (
        "一剪梅",
        "李清照",
        0,
        "红藕香残玉簟秋。轻解罗裳，独上兰舟。云中谁寄锦书来，雁字回时，月满西楼。花自飘零水自流。一种相思，两处闲愁。此情无计可消除，才下眉头，却上心头。",
    ),
    (
        "钗头凤",
        "陆游",
        0,
        "红酥手，黄縢酒，满城春色宫墙柳。东风恶，欢情薄。一怀愁绪，几年离索。错、错、错。春如旧，人空瘦，泪痕红浥鲛绡透。桃花落，闲池阁。山盟虽在，锦书难托。莫、莫、莫。",
    ),
    ("忆江南", "白居易", 0, "江南好，风景旧曾谙。日出江花红胜火，春来江水绿如蓝。能不忆江南。"),
    (
        "忆秦娥",
        "李白",
        0,
        "箫声咽，秦娥梦断秦楼月。秦楼月，年年柳色，灞陵伤别。乐游原上清秋节，咸阳古道音尘绝。音尘绝，西风残照，汉家陵阙。",
    ),
    (
        "沁园春",
        "辛弃疾",
        3,
        "杯汝来前，老子今朝，点检形骸。甚长年抱渴，咽如焦釜，于今喜睡，气似奔雷。汝说刘伶，古今达者，醉后何妨死便埋。浑如此，叹汝于知己，真少恩哉。更凭歌舞为媒。算合作平居鸩毒猜。"
        "况怨无小大，生于所爱，物无美恶，过则为灾。与汝成言，勿留亟退，吾力犹能肆汝杯。杯再拜，道麾之即去，招则须来。",
    ),
    (
        "摸鱼儿",
        "辛弃疾",
        0,
        "更能消、几番风雨，匆匆春又归去。惜春长怕花开早，何况落红无数。春且住。见说道、天涯芳草无归路。怨春不语。算只有殷勤，画檐蛛网，尽日惹飞絮。长门事，准拟佳期又误。蛾眉曾有人妒。"
        "千金纵买相如赋，脉脉此情谁诉。君莫舞。君不见、玉环飞燕皆尘土。闲愁最苦。休去倚危栏，斜阳正在，烟柳断肠处。",
    ),
    (
        "扬州慢",
        "姜夔",
        0,
        "淮左名都，竹西佳处，解鞍少驻初程。过春风十里，尽荠麦青青。自胡马、窥江去后，废池乔木，犹厌言兵。渐黄昏，清角吹寒，都在空城。杜郎俊赏，算而今、重到须惊。"
        "纵豆蔻词工，青楼梦好，难赋深情。二十四桥仍在，波心荡、冷月无声。念桥边红药，年年知为谁生。",
    ),
    (
        "定风波",
        "苏轼",
        0,
        "莫听穿林打叶声。何妨吟啸且徐行。竹杖芒鞋轻胜马。谁怕。一蓑烟雨任平生。料峭春风吹酒醒。微冷。山头斜照却相迎。回首向来萧瑟处。归去。也无风雨也无晴。",
    ),
    (
        "相见欢",
        "李煜",
        0,
        "无言独上西楼，月如钩。寂寞梧桐深院、锁清秋。剪不断，理还乱，是离愁。别是一般滋味、在心头。",
    ),
    (
        "清平乐",
        "辛弃疾",
        0,
        "茅檐低小，溪上青青草。醉里吴音相媚好，白发谁家翁媪。大儿锄豆溪东，中儿正织鸡笼。最喜小儿无赖，溪头卧剥莲蓬。",
    ),
    (
        "八声甘州",
        "柳永",
        0,
        "对潇潇、暮雨洒江天，一番洗清秋。渐霜风凄紧，关河冷落，残照当楼。是处红衰翠减，苒苒物华休。惟有长江水，无语东流。不忍登高临远，望故乡渺邈，归思难收。叹年来踪迹，何事苦淹留。"
        "想佳人、妆楼颙望，误几回、天际识归舟。争知我，倚阑干处，正恁凝愁。",
    ),
    (
        "望海潮",
        "柳永",
        0,
        "东南形胜，三吴都会，钱塘自古繁华。烟柳画桥，风帘翠幕，参差十万人家。云树绕堤沙。怒涛卷霜雪，天堑无涯。市列珠玑，户盈罗绮竞豪奢。重湖叠巘清嘉。有三秋桂子，十里荷花。"
        "羌管弄晴，菱歌泛夜，嬉嬉钓叟莲娃。千骑拥高牙。乘醉听箫鼓，吟赏烟霞。异日图将好景，归去凤池夸。",
    ),
    (
        "水龙吟",
        "苏轼",
        0,
        "似花还似非花，也无人惜从教坠。抛家傍路，思量却是，无情有思。萦损柔肠，困酣娇眼，欲开还闭。梦随风万里，寻郎去处，又还被、莺呼起。不恨此花飞尽，恨西园、落红难缀。"
        "晓来雨过，遗踪何在，一池萍碎。春色三分，二分尘土，一分流水。细看来，不是杨花，点点是离人泪。",
    ),
    ("渔歌子", "张志和", 0, "西塞山前白鹭飞。桃花流水鳜鱼肥。青箬笠，绿蓑衣。斜风细雨不须归。"),
    (
        "调笑令",
        "韦应物",
        0,
        "胡马，胡马，远放燕支山下。跑沙跑雪独嘶，东望西望路迷。迷路，迷路，边草无穷日暮。",
    ),
    (
        "洞仙歌",
        "苏轼",
        0,
        "冰肌玉骨，自清凉无汗。水殿风来暗香满。绣帘开、一点明月窥人，人未寝、欹枕钗横鬓乱。起来携素手，庭户无声，时见疏星渡河汉。试问夜如何，夜已三更，金波淡、玉绳低转。"
        "但屈指、西风几时来，又不道、流年暗中偷换。",
    ),
]


def _wrong(name: str, text: str) -> int:
    piece = piece_of(text)
    patterns = [pattern for pattern in tune(name).patterns if pattern.character_count == len(piece.text)]
    return min(wrong_places(piece, pattern) for pattern in patterns)


@pytest.mark.parametrize(("name", "wrong", "text"), [(name, wrong, text) for name, _, wrong, text in FAMOUS])
def test_known_pieces_fit(name: str, wrong: int, text: str) -> None:
    assert _wrong(name, text) == wrong


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, _, _, text in FAMOUS])
def test_known_pieces_are_recognised_by_their_lengths(name: str, text: str) -> None:
    ends = [0, *piece_of(text).ends]
    lengths = [end - start for start, end in pairwise(ends)]
    assert name in [found.name for found, _ in tunes_of_lengths(lengths)]


def test_a_piece_out_of_tune_does_not_fit() -> None:
    verse = "一曲新词酒一杯。去年天气旧亭台。夕阳西下几时回。无可奈何花落去，似曾相识燕归来。小园香径独徘徊。"
    assert _wrong("浣溪沙", verse.replace("花落去", "花飞去")) == 1 + 1
    assert _wrong("浣溪沙", verse.replace("时回", "时去")) == 1 + 1


def test_the_table() -> None:
    assert len(tunes()) >= 100
    assert tune_names()[0] == "浣溪沙"
    assert tuple(tunes()) == tune_names()
    names = [name for found in tunes().values() for name in (found.name, *found.aliases)]
    assert len(names) == len(set(names))


def test_every_pattern_is_well_formed() -> None:
    for found in tunes().values():
        assert len({pattern.name for pattern in found.patterns}) == len(found.patterns), found
        for variant, pattern in zip(found.variants, found.patterns, strict=True):
            assert variant.character_count == pattern.character_count
            assert pattern.lines[-1].rhyme
            assert pattern.lines[-1].mark == "。"
            assert [line.stanza for line in pattern.lines] == sorted(line.stanza for line in pattern.lines)
            assert all(
                shape.plain == (shape is line.shapes[0]) for line in pattern.lines for shape in line.shapes
            )


def test_what_a_pattern_says() -> None:
    pattern = tune("菩萨蛮").patterns[0]
    assert pattern.line_lengths == (7, 7, 5, 5, 5, 5, 5, 5)
    assert "".join(line.rhyme for line in pattern.lines) == "AABBCCDD"
    assert "".join(line.rhyme_tone for line in pattern.lines) == "仄仄平平仄仄平平"
    assert [line.stanza for line in pattern.lines] == [0] * 4 + [1] * 4
    west = tune("西江月").patterns[0]
    assert [(line.rhyme, line.rhyme_tone) for line in west.lines[1:4]] == [
        ("A", "平"),
        ("A", "平"),
        ("A", "仄"),
    ]
    assert (0, 1) in west.parallels
    dream = tune("如梦令").patterns[0]
    assert [(repeat.line, repeat.of, repeat.count) for repeat in dream.repeats] == [(5, 4, 2)]


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("大江东去", "念奴娇"),
        ("酹江月", "念奴娇"),
        ("百字令", "念奴娇"),
        ("望江南", "忆江南"),
        ("鹊踏枝", "蝶恋花"),
        ("金缕曲", "贺新郎"),
        ("丑奴儿", "采桑子"),
        ("《摊破浣溪沙》", "摊破浣溪沙"),
        (" 山花子 ", "摊破浣溪沙"),
        ("滿江紅", "满江红"),
        ("蝶戀花", "蝶恋花"),
        ("鵲踏枝", "蝶恋花"),
        ("臨江仙", "临江仙"),
    ],
)
def test_aliases(alias: str, name: str) -> None:
    assert tune(alias).name == name


def test_a_name_that_two_tunes_have() -> None:
    assert set(tune("乌夜啼").character_counts) == {48, 47, 36}


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("浣纱溪", "浣溪沙"), ("水歌调头", "水调歌头"), ("满江虹", "满江红"), ("蝶花恋", "蝶恋花")],
)
def test_nearest_names_are_offered(wrong: str, near: str) -> None:
    assert find_tune(wrong) is None
    with pytest.raises(UnknownTuneError, match=f"没有「{wrong}」这个词牌，相近的有.*{near}") as raised:
        tune(wrong)
    assert near in raised.value.nearest


def test_a_name_like_no_other() -> None:
    with pytest.raises(UnknownTuneError, match="没有「Sonnet」这个词牌"):
        tune("Sonnet")


@pytest.mark.parametrize("middle", [(6, 5), (4, 7)])
def test_other_divisions_are_recognised(middle: tuple[int, int]) -> None:
    lengths = [5, 5, *middle, 6, 6, 5, 5, 5, 3, 3, 3, *middle, 6, 6, 5, 5, 5]
    found, pattern = tunes_of_lengths(lengths)[0]
    assert found.name == "水调歌头"
    assert list(pattern.line_lengths) == lengths


def test_a_division_that_tears_a_rhyme_is_not_accepted() -> None:
    assert "鹧鸪天" in [found.name for found, _ in tunes_of_lengths([7, 7, 7, 7, 3, 3, 7, 7, 7])]
    assert "鹧鸪天" not in [found.name for found, _ in tunes_of_lengths([7, 9, 5, 7, 3, 3, 7, 7, 7])]
    assert tunes_of_lengths([7, 7, 5]) == []


def test_lines_without_the_pause_are_recognised() -> None:
    lengths = [4, 7, 7, 4, 7, 7, 8, 3, 3, 3, 3, 3, 5, 4, 7, 7, 8, 3]
    assert tunes_of_lengths(lengths)[0][0].name == "满江红"


GOOD = """
[[tune]]
name = "试笔"
aliases = ["初试"]

[[tune.variant]]
stanzas = ["中平中仄，中仄平平A。", "平平仄仄平/中仄仄平平A。平仄、平平A。"]
repeats = [{ line = 5, of = 2, count = 2 }]
parallels = [[1, 2]]
"""


def _load(tmp_path: Path, text: str) -> dict[str, object]:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return dict(load_tunes(path))


def test_a_poets_own_file(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(GOOD, encoding="utf-8")
    mine = load_tunes(tmp_path)["试笔"]
    assert mine.aliases == ("初试",)
    assert (mine.pieces, mine.character_counts) == (0, (17,))
    pattern = mine.patterns[0]
    assert pattern.name == "正体"
    assert [line.stanza for line in pattern.lines] == [0, 0, 1, 1, 1]
    assert [shape.tones for shape in pattern.lines[2].shapes] == ["平平仄仄平", "中仄仄平平"]
    assert [shape.plain for shape in pattern.lines[2].shapes] == [True, False]
    assert [line.mark for line in pattern.lines] == ["，", "。", "。", "、", "。"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("中平中仄，", "中平中厌，", "mine.toml「试笔」正体第 1 句「中平中厌"),
        ("平平A。", "平平a。", "第 2 句"),
        ("平仄、", "平仄.", "第 4 句「平仄.平平A"),
        ("/中仄仄平平A", "/中仄仄平A", "第 3 句.*字数不同"),
        ("/中仄仄平平A", "/中仄仄平仄A", "第 3 句.*韵脚的平仄"),
        ('平平A。"]', '平平B。"]', "第 5 句：韵 B 只出现一次"),
        ("line = 5", "line = 9", "repeats"),
        ("of = 2", "of = 5", "repeats"),
        ("count = 2", "count = 3", "repeats"),
        ("[[1, 2]]", "[[1, 3]]", "parallels"),
        ("[[1, 2]]", "[1, 2]", "parallels"),
        ("stanzas", "stanza", "正体：缺少 stanzas"),
        ("stanzas = [", "characters = 18\nstanzas = [", "characters 写的是 18 字，各句合起来是 17 字"),
        ("stanzas = [", 'characters = "17"\nstanzas = [', "characters 应是一个数"),
        ('["初试"]', '"初试"', "aliases 应是字符串的列表"),
        ('name = "试笔"', "", "第 1 个词牌没有 name"),
        ("[[tune.variant]]", "[tune.other]", "「试笔」：缺少 \\[\\[tune.variant\\]\\]"),
        ("[[tune]]", "[tune]", "缺少 \\[\\[tune\\]\\]"),
        ('name = "试笔"', "name = 试笔", "不是正确的 TOML 文件"),
    ],
)
def test_malformed_files_are_explained(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert _load(tmp_path, GOOD)
    assert old in GOOD
    with pytest.raises(TuneFileError, match=message):
        _load(tmp_path, GOOD.replace(old, new))


def test_a_tune_written_twice(tmp_path: Path) -> None:
    with pytest.raises(TuneFileError, match="「试笔」写了两次"):
        _load(tmp_path, GOOD + GOOD)


def test_candidates_are_derived_from_pieces() -> None:
    sand = [text.replace("，", "。") for name, _, _, text in FAMOUS if name == "浣溪沙"]
    bridge = [text for name, _, _, text in FAMOUS if name == "鹊桥仙"]
    texts = [text for _, text in candidates([piece_of(text) for text in sand * 9 + bridge * 3])]
    # As 晏殊 has it, without 来, which is out of rhyme; where his characters can be both the place is free.
    assert len(texts) == 2
    assert [line.endswith("A") for line in texts[0].split("。")[:-1]] == [
        True,
        True,
        True,
        False,
        False,
        True,
    ]
    assert texts[0].startswith("仄仄平平仄仄平A。")
    assert "仄A。" in texts[1]


def test_two_ways_of_a_line_are_told_apart() -> None:
    regular, rescued = ["仄平平仄仄", "平平平仄仄"] * 20, ["仄平平仄平", "平平平仄平"] * 2
    assert line_shapes(regular) == ["中平平仄仄"]
    assert line_shapes(regular + ["平平仄平仄", "仄平仄平仄"] * 10) == ["中平平仄仄", "中平仄平仄"]
    assert line_shapes(regular + rescued[:2]) == ["中平平仄仄"]
    assert line_shapes(["？平", "？仄"]) == ["中中"]
