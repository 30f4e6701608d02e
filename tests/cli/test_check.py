"""``biban check``, and poems by rules on the command line: what scripts rely on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_cli import biban

QUATRAIN = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。\n"
BROKEN = "白日依江河，黄河入海流。\n欲穷千里目，更上一层中。\n"


def test_the_document_of_a_right_poem() -> None:
    done = biban("check", "--json", stdin=QUATRAIN)
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert {key: document[key] for key in ("form", "rhyme_book", "rhyme", "ok", "issues")} == {
        "form": "五绝",
        "rhyme_book": "pingshui",
        "rhyme": "十一尤",
        "ok": True,
        "issues": [],
    }
    first = document["lines"][0]
    assert (first["text"], first["tones"], first["pattern"]) == ("白日依山尽", "入入平平仄", "中仄平平仄")


def test_a_broken_rule_ends_with_status_1_and_names_its_place(tmp_path: Path) -> None:
    path = tmp_path / "诗.txt"
    path.write_bytes(BROKEN.encode("gb18030"))
    done = biban("check", str(path), "--form", "五绝", "--json")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert not document["ok"]
    found = [
        (number, issue["rule"], issue["position"])
        for number, line in enumerate(document["lines"])
        for issue in line["issues"]
        if issue["severity"] == "error"
    ]
    assert (3, "失韵", 5) in found
    assert all(issue["message"] for line in document["lines"] for issue in line["issues"])
    spoken = biban("check", "--form", "五绝", str(path))  # options before the file
    assert spoken.returncode == 1
    assert "失韵：第 5 字，「中」在一东，与全诗的十一尤不押。" in spoken.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--form", "五言"), "没有「五言」这种体裁。"),
        (("--tune", "浣沙西"), "浣溪沙"),
        (("--rhyme-book", "广韵"), "没有「广韵」这部韵书。"),
        (("--reading", "看平"), "--reading 看平 不能用。"),
        (("no-such-file.txt",), "no-such-file.txt"),
    ],
)
def test_bad_usage_is_one_clear_line(arguments: tuple[str, ...], words: str) -> None:
    done = biban("check", *arguments, stdin=QUATRAIN)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert words in done.stderr


def test_an_empty_text_is_refused() -> None:
    done = biban("check", stdin="\n")
    assert done.returncode == 2
    assert "没有可以检查的诗句" in done.stderr


def test_readings_tune_and_rhyme_book_are_heeded() -> None:
    pinned = biban("check", "--reading", "一=平", "--json", stdin=QUATRAIN)
    assert json.loads(pinned.stdout)["lines"][3]["tones"][2] == "平"
    assert pinned.returncode == 1  # 更上一层楼: 三平尾
    modern = biban("check", "--form", "五绝", "--rhyme-book", "xinyun", "--json", stdin=QUATRAIN)
    assert json.loads(modern.stdout)["rhyme"] == "七尤"
    song = "昨夜雨疏风骤，浓睡不消残酒。试问卷帘人，却道海棠依旧。知否？知否？应是绿肥红瘦。"
    tune = biban("check", "--tune", "如梦令", "--json", stdin=song)
    document = json.loads(tune.stdout)
    assert (document["form"], document["tune"], document["rhyme_book"]) == ("词", "如梦令", "cilin")
    assert document["ok"]


def test_composed_by_rules_is_checked_as_right() -> None:
    done = biban(
        *(
            "compose",
            "poem",
            "--option",
            "form=七绝",
            "--option",
            "acrostic=春夏秋冬",
            "--option",
            "title=四时",
        ),
        *("--count", "4", "--seed", "5", "--json"),
    )
    assert done.returncode == 0, done.stderr
    candidates = json.loads(done.stdout)["candidates"]
    assert len(candidates) == 4
    for candidate in candidates:
        assert candidate["report"]["ok"]
        assert candidate["report"]["form"] == "七绝"
        checked = biban("check", "--form", "七绝", "--json", stdin=candidate["text"])
        assert checked.returncode == 0
        heads = "".join(line["text"][0] for line in json.loads(checked.stdout)["lines"])
        assert heads == "春夏秋冬"


def test_gaps_are_filled_in_form() -> None:
    text = "白日依山尽，□□入海流。欲穷千里目，□□□□□。"
    done = biban("compose", "poem", "--option", "form=五绝", "--seed", "2", "--json", text)
    assert done.returncode == 0, done.stderr
    for candidate in json.loads(done.stdout)["candidates"]:
        flat = candidate["text"].replace("\n", "")
        assert len(flat) == 24
        assert all(want in ("□", got) for want, got in zip(text, flat, strict=True))
        assert candidate["report"]["ok"]


def test_one_gap_gets_a_ranked_list() -> None:
    text = "白日依山尽，黄河入海流。欲穷千里目，更□一层楼。"
    done = biban("compose", "poem", text, "--option", "form=五绝", "--count", "12", "--json")
    candidates = json.loads(done.stdout)["candidates"]
    assert len(candidates) == 12
    scores = [candidate["score"] for candidate in candidates]
    assert scores == sorted(scores, reverse=True)
    assert len({candidate["text"] for candidate in candidates}) == 12
