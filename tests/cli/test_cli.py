"""The command line, end to end on the shipped starter: what scripts rely on."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from resources import resource_path

STARTER = "biban-starter-poem"
PROSE_STARTER = "biban-starter-prose"


def biban(
    *arguments: str, stdin: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does, in a process of its own."""
    import os

    environment = {
        k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    return subprocess.run(
        [sys.executable, "-m", "assistant", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment | (env or {}),
        timeout=120,
        check=False,
    )


def test_compose_prints_the_document_and_the_same_for_the_same_seed() -> None:
    arguments = ("compose", "poem", "明月几时有，", "--count", "3", "--seed", "7", "--json")
    first, second = (json.loads(biban(*arguments).stdout) for _ in range(2))
    assert list(first) == ["writer", "model", "candidates", "seconds", "tokens"]
    assert (first["writer"], first["model"]) == ("poem", STARTER)
    assert first["candidates"] == second["candidates"]
    texts = [candidate["text"] for candidate in first["candidates"]]
    assert len(set(texts)) == 3
    for candidate in first["candidates"]:
        assert list(candidate) == ["text", "score", "finish_reason", "report"]
        assert candidate["finish_reason"] == "stop"
        assert -12 < candidate["score"] < 0
        assert not candidate["text"].startswith("明月几时有")
    assert first["tokens"] > 0


def test_five_poems_of_four_lines_of_seven() -> None:
    document = json.loads(biban("compose", "poem", "--option", "form=七绝", "--count", "5", "--json").stdout)
    assert len({candidate["text"] for candidate in document["candidates"]}) == 5
    for candidate in document["candidates"]:
        lines = re.split("[，。？！；\n]+", candidate["text"].strip("。？！"))
        assert [len(line) for line in lines] == [7, 7, 7, 7]


def test_a_poem_in_a_form_comes_back_whole() -> None:
    result = biban("compose", "poem", "明月几时有，", "--option", "form=五绝", "--seed", "1", "--json")
    for candidate in json.loads(result.stdout)["candidates"]:
        assert candidate["text"].startswith("明月几时有，")


def test_a_traditional_text_comes_back_traditional() -> None:
    result = biban(
        "compose", "poem", "-", "--option", "form=七律", "--seed", "2", "--json", stdin="長安一片月如鉤，"
    )
    texts = [candidate["text"] for candidate in json.loads(result.stdout)["candidates"]]
    import opencc

    for text in texts:
        assert text.startswith("長安一片月如鉤，")
        assert text == opencc.OpenCC("s2tw").convert(opencc.OpenCC("t2s").convert(text))


def test_plain_output_is_numbered() -> None:
    result = biban("compose", "poem", "明月几时有，", "--count", "2", "--seed", "7")
    assert re.match(r"1\. .+\n(   .+\n)*\n2\. .+", result.stdout)
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("compose", "poem", ""), "还没有可以续写的文字。"),
        (("compose", "poem", "明月", "--option", "form=八绝"), "八绝"),
        (("compose", "poem", "明月", "--option", "colour=red"), "没有名为 colour 的选项"),
        (("compose", "poem", "明月", "--option", "form"), "名称=值"),
        (("compose", "poem", "明月", "--count", "0"), "--count 0"),
        (("compose", "poem", "明月", "--seed", "-1"), "--seed -1"),
        (("compose", "poems", "明月"), "没有名为 poems 的写作器"),
        (("compose",), "命令写得不对"),
        (("models", "remove", STARTER), "自带模型"),
        (("plugins", "enable", "nothing"), "没有名为 nothing 的插件"),
        (("train", "missing.toml"), "missing.toml"),
        (("convert", "missing.txt", "--to", "t"), "missing.txt"),
        (("--no-such-option",), "命令写得不对"),
    ],
)
def test_bad_input_is_one_clear_line_and_status_2(arguments: tuple[str, ...], said: str) -> None:
    result = biban(*arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert said in line


def test_a_text_longer_than_the_context_keeps_its_newest_part() -> None:
    result = biban("compose", "poem", "-", "--json", "--seed", "3", stdin="明月几时有，把酒问青天。" * 500)
    assert result.returncode == 0
    assert len(json.loads(result.stdout)["candidates"]) == 3


@pytest.fixture
def copy_of_starter(home: Path) -> Path:
    """The starter as a model of the user, under another id."""
    folder = home / "models" / "copy"
    shutil.copytree(resource_path("models", STARTER), folder)
    card = resource_path("model_cards", f"{STARTER}.toml").read_text(encoding="utf-8")
    (folder / "card.toml").write_text(card.replace(f'id = "{STARTER}"', 'id = "copy"'), encoding="utf-8")
    return folder


def test_a_model_of_the_user(copy_of_starter: Path) -> None:
    listed = json.loads(biban("models", "list", "--json").stdout)
    assert [model["id"] for model in listed if model["installed"]] == ["copy", STARTER, PROSE_STARTER]
    assert {model["state"] for model in listed} == {"installed", "shipped", "available", "importable"}
    assert biban("models", "verify", "copy").returncode == 0
    arguments = ("compose", "poem", "明月", "--seed", "1", "--json")
    own, shipped = (json.loads(biban(*arguments, "--model", model).stdout) for model in ("copy", STARTER))
    assert own["candidates"] == shipped["candidates"]
    assert biban("models", "remove", "copy").returncode == 0
    assert not copy_of_starter.exists()


def test_damaged_models_are_one_clear_line_and_status_3(copy_of_starter: Path) -> None:
    def one_line() -> str:
        result = biban("compose", "poem", "明月", "--model", "copy")
        assert result.returncode == 3
        [line] = result.stderr.splitlines()
        return line

    [*_, weights] = sorted(copy_of_starter.glob("model*.safetensors"))  # whole or the last of its parts
    vocabulary = copy_of_starter / "vocab.txt"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:1000])
    assert "损坏或不完整" in one_line()
    assert biban("models", "verify", "copy").returncode == 3
    weights.unlink()
    assert re.search("没有权重文件|缺少权重分片", one_line())
    weights.write_bytes(whole)
    with vocabulary.open("a", encoding="utf-8") as file:
        file.write("多\n")
    assert "不配套" in one_line()
    result = biban("compose", "poem", "明月", "--model", "nothing")
    assert (result.returncode, "没有安装名为 nothing 的模型" in result.stderr) == (3, True)


def test_without_a_display_the_main_job_is_done_in_the_terminal() -> None:
    result = biban()
    assert result.returncode == 0
    [line] = result.stderr.splitlines()
    assert "没有图形界面" in line
    assert all(f"{number}. " in result.stdout for number in (1, 2, 3))
    assert "连不上图形界面 :97" in biban(env={"DISPLAY": ":97"}).stderr


def test_plugins_are_listed_and_switched(home: Path) -> None:
    listed = json.loads(biban("plugins", "list", "--json").stdout)
    names = ["continuation", "couplet", "endpoint", "fill", "news", "poem"]
    assert [(p["name"], p["state"]) for p in listed] == [(name, "active") for name in names]
    assert biban("plugins", "disable", "poem").returncode == 0
    assert "未启用" in biban("plugins", "list").stdout
    assert biban("compose", "poem", "明月").returncode == 2
    assert biban("plugins", "enable", "poem").returncode == 0
    assert "已启用" in biban("plugins", "list").stdout

    (home / "plugins").mkdir()
    (home / "plugins" / "mine.py").write_text("raise RuntimeError('ran')", encoding="utf-8")
    assert "mine\t未启用" in biban("plugins", "list").stdout
    assert biban("plugins", "enable", "mine").returncode == 0
    assert "RuntimeError: ran" in biban("plugins", "list").stdout


@pytest.mark.parametrize(
    ("text", "to", "expected"),
    [
        ("头发里面", "t", "頭髮裏面"),
        ("头发里面", "tw", "頭髮裡面"),
        ("鼠标", "twp", "滑鼠"),
        ("頭髮裡面", "s", "头发里面"),
        ("頭髮裏面", "tw", "頭髮裡面"),
        ("里面", "hk", "裏面"),
    ],
)
def test_convert(text: str, to: str, expected: str) -> None:
    assert biban("convert", "--to", to, stdin=text).stdout == expected


def test_torch_is_not_imported_for_what_needs_none() -> None:
    code = (
        "import sys; sys.argv = ['biban', 'models', 'list']\n"
        "from assistant.app import main; main(); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
