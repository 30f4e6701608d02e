"""Every model people have, from its files to its text: imported, listed, shown, used by ``compose``, removed."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from assistant import app
from assistant.library import ModelLibrary
from resources import resource_path
from tests.model_twins.gpt_12l_cn import write_gpt_12l_cn
from tests.model_twins.systems import SYSTEMS
from tests.plugins.endpoint_server import endpoint_server

LEAD = "今天天气很好，我们去河边走走。"
ROWS = [
    # system, what it is passed on as, id, the writer and what it is given
    (
        "gpt2-chinese-poem",
        "gpt2-chinese-poem",
        "uer-gpt2-chinese-poem",
        "poem",
        ["明月几时有，", "--option", "form=五绝"],
    ),
    (
        "gpt2-chinese-couplet",
        "gpt2-chinese-couplet.zip",
        "uer-gpt2-chinese-couplet",
        "couplet",
        ["海阔凭鱼跃"],
    ),
    ("gpt-12l-cn", "下载.zip", "gpt-12l-cn", "continuation", [LEAD, "--option", "length=12"]),
    (
        "pegasus",
        "pegasus-base-chinese-cluecorpussmall",
        "uer-pegasus-base-chinese",
        "fill",
        [f"{LEAD}[MASK]天黑了。"],
    ),
    ("wenzhong-110m", "Wenzhong-GPT2-110M", "wenzhong-gpt2-110m", "news", [LEAD, "--option", "length=20"]),
    ("wenzhong-3.5b", "Wenzhong-GPT2-3.5B", "wenzhong-gpt2-3.5b", "fill", [f"{LEAD}[MASK]天黑了。"]),
    ("zero-nlp", "gpt2_chinese", "zero-nlp-gpt2", "continuation", [LEAD, "--option", "length=12"]),
    ("qwen3", "Qwen3-0.6B", "qwen3-0.6b", "continuation", ["问：何为月？", "--option", "length=12"]),
]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BIBAN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def biban(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> Any:
    """What the command says; with status 0 its JSON document."""
    capsys.readouterr()
    assert app._run_command(arguments) == status, capsys.readouterr().err
    captured = capsys.readouterr()
    return json.loads(captured.out) if status == 0 else captured.err


def passed_on(system: str, name: str, tmp_path: Path) -> Path:
    """The files as a person gets them: a folder, or a zip with a folder in it."""
    if system == "gpt-12l-cn":
        return write_gpt_12l_cn(tmp_path).rename(tmp_path / name)
    folder = SYSTEMS[system].folder(tmp_path / Path(name).stem if name.endswith(".zip") else tmp_path / name)
    if not name.endswith(".zip"):
        return folder
    path = tmp_path / name
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"{folder.name}/{file.name}")
    return path


@pytest.mark.parametrize(
    ("system", "name", "model_id", "writer", "request_"), ROWS, ids=[row[0] for row in ROWS]
)
def test_a_system_from_its_files_to_its_text(
    system: str,
    name: str,
    model_id: str,
    writer: str,
    request_: Sequence[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = {model["id"]: model["state"] for model in biban(capsys, "models", "list", "--json")}
    assert before[model_id] in ("available", "importable")
    imported = biban(capsys, "models", "import", str(passed_on(system, name, tmp_path)), "--json")
    assert (imported["id"], imported["state"]) == (model_id, "installed")
    assert writer in imported["writers"]
    assert imported["memory_bytes"]["int8"] < imported["memory_bytes"]["fp32"]
    assert {m["id"] for m in biban(capsys, "models", "list", "--json") if m["installed"]} >= {model_id}
    assert biban(capsys, "models", "verify", model_id, "--json")["ok"]

    command = ["compose", writer, *request_, "--model", model_id, "--count", "2", "--seed", "3", "--json"]
    document = biban(capsys, *command)
    assert document["model"] == model_id
    texts = [candidate["text"] for candidate in document["candidates"]]
    assert texts
    for text in texts:
        assert "\ufffd" not in text
        assert not any(
            special in text for special in ("[UNK]", "[SEP]", "[CLS]", "<eos>", "<|im_end|>", "[MASK]")
        )
        if writer == "poem":
            assert [len(line) for line in text.replace("\n", "").replace("。", "，").split("，") if line] == [
                5
            ] * 4
        elif writer == "couplet":
            assert len(text) == 5
        elif document["candidates"][0]["finish_reason"] == "stop":
            assert text.rstrip()[-1] in "。！？…”!?』」’》）"
    assert [candidate["text"] for candidate in biban(capsys, *command)["candidates"]] == texts

    assert biban(capsys, "models", "remove", model_id, "--json")["removed"]
    assert not any(
        model["id"] == model_id and model["installed"] for model in biban(capsys, "models", "list", "--json")
    )


def test_a_writer_without_a_model_says_which_would_serve(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for one who took the starters out of the program to make it small."""
    without = ModelLibrary(resource_path("model_cards"), home / "no-starters", user_models=home / "models")
    monkeypatch.setattr(app, "_library", lambda: without)
    error = biban(capsys, "compose", "fill", f"{LEAD}[MASK]天黑了。", status=3)
    assert "补句" in error
    assert "uer-pegasus-base-chinese" in error
    assert error.count("\n") == 1


def test_an_id_that_is_taken_and_another_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = SYSTEMS["gpt2-chinese-poem"].folder(tmp_path / "gpt2-chinese-poem")
    biban(capsys, "models", "import", str(folder), "--json")
    assert "已经安装" in biban(capsys, "models", "import", str(folder), status=2)
    other = biban(capsys, "models", "import", str(folder), "--id", "mine", "--writer", "news", "--json")
    assert (other["id"], other["writers"]) == ("mine", ["news"])
    assert "没有名为 novel 的写作器" in biban(
        capsys, "models", "import", str(folder), "--id", "third", "--writer", "novel", status=2
    )


def test_a_folder_on_disk_serves_through_a_card_alone(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = SYSTEMS["qwen3"].folder(tmp_path / "我的 Qwen")
    (home / "model_cards").mkdir(parents=True)
    card = {
        "id": '"my-qwen"', "name": '"我的千问"', "architecture": '"qwen3"', "parameters": 1000,
        "context_length": 512, "licence": '"Apache-2.0"', "source": '"硬盘"',
        "writers": '["continuation"]', "folder": f"'{folder}'",
    }  # fmt: skip
    lines = "\n".join(f"{name} = {value}" for name, value in card.items())
    (home / "model_cards" / "qwen.toml").write_text(lines, encoding="utf-8")
    document = biban(
        capsys,
        "compose",
        "continuation",
        LEAD,
        "--option",
        "mode=续写",
        "--option",
        "length=10",
        "--count",
        "1",
        "--json",
    )
    assert document["model"] == "my-qwen"
    assert "不归模型库管" in biban(capsys, "models", "remove", "my-qwen", status=2)
    assert folder.is_dir()


def test_what_will_not_fit_is_said_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = SYSTEMS["wenzhong-3.5b"].folder(tmp_path / "Wenzhong-GPT2-3.5B")
    biban(capsys, "models", "import", str(folder), "--json")
    # The card tells of 3.5 billion parameters; the files of the twin are tiny and would load.
    monkeypatch.setattr("assistant.library.memory.available_bytes", lambda: 3 << 30)
    error = biban(capsys, "compose", "news", LEAD, "--model", "wenzhong-gpt2-3.5b", status=3)
    assert "内存不够" in error
    assert "小诗" not in error  # what fits must serve the same writer


def test_a_model_on_another_machine_serves_through_an_endpoint(capsys: pytest.CaptureFixture[str]) -> None:
    with endpoint_server() as server:
        command = [
            "compose",
            "endpoint",
            LEAD,
            "--option",
            f"base_url={server.url}",
            "--count",
            "2",
            "--json",
        ]
        document = biban(capsys, *command)
    assert document["model"] is None
    assert [candidate["text"] for candidate in document["candidates"]] == ["江流天地外，山色有无中。"]
    assert "地址" in biban(capsys, "compose", "endpoint", LEAD, status=2)
