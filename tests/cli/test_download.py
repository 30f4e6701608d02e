"""``biban models download`` against a hub on this machine: from the command to a poem; what must not be installed."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant import app
from tests.library.hub_server import REPO, HubState, hub_for_client
from tests.model_twins.systems import SYSTEMS


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubState]:
    monkeypatch.setenv("BIBAN_HOME", str(tmp_path / "home"))
    with hub_for_client(monkeypatch) as state:
        folder = SYSTEMS["gpt2-chinese-poem"].folder(tmp_path / "twin")
        state.files = {path.name: path.read_bytes() for path in folder.iterdir()}
        yield state


def biban(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> Any:
    capsys.readouterr()
    assert app._run_command(arguments) == status, capsys.readouterr().err
    captured = capsys.readouterr()
    return json.loads(captured.out) if status == 0 else captured.err


def installed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    models = biban(capsys, "models", "list", "--json")
    return [model["id"] for model in models if model["state"] == "installed"]


def test_from_the_command_to_a_poem(hub: HubState, capsys: pytest.CaptureFixture[str]) -> None:
    hub.break_after = [2000]
    document = biban(capsys, "models", "download", REPO, "--endpoint", hub.url, "--json")
    assert document["state"] == "installed"
    assert (document["repo"], document["architecture"]) == (REPO, "gpt2")
    assert all(file["sha256"] for file in document["files"])
    model_id = document["id"]
    assert installed(capsys) == [model_id]
    assert biban(capsys, "models", "verify", model_id, "--json")["ok"]
    poem = biban(
        capsys,
        "compose",
        "poem",
        "明月",
        "--option",
        "form=五绝",
        "--model",
        model_id,
        "--count",
        "1",
        "--json",
    )
    assert poem["model"] == model_id
    assert "已经安装" in biban(capsys, "models", "download", REPO, "--endpoint", hub.url, status=2)


def test_the_address_of_a_mirror_comes_from_the_environment(
    hub: HubState, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    assert biban(capsys, "models", "download", REPO, "--json")["state"] == "installed"


def test_a_hostile_pickle_is_refused_and_nothing_stays(
    hub: HubState, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (str(tmp_path / "touched"),))

    written = io.BytesIO()
    pickle.dump({"wte.weight": Hostile()}, written)
    hub.files["pytorch_model.bin"] = written.getvalue()
    error = biban(capsys, "models", "download", REPO, "--endpoint", hub.url, status=3)
    assert "张量以外" in error
    assert not (tmp_path / "touched").exists()
    assert installed(capsys) == []
    assert not list((tmp_path / "home" / "models" / ".downloads").glob("*"))


def test_wrong_content_is_never_installed(hub: HubState, capsys: pytest.CaptureFixture[str]) -> None:
    content = hub.files["pytorch_model.bin"]
    hub.served["pytorch_model.bin"] = bytes(len(content))
    error = biban(capsys, "models", "download", REPO, "--endpoint", hub.url, status=3)
    assert "pytorch_model.bin" in error
    assert installed(capsys) == []


def test_what_is_not_there_is_said_in_one_line(hub: HubState, capsys: pytest.CaptureFixture[str]) -> None:
    error = biban(capsys, "models", "download", "nobody/nothing", "--endpoint", hub.url, status=3)
    assert "nobody/nothing" in error
    assert error.count("\n") == 1
    assert "gpt-12l-cn" in biban(capsys, "models", "download", "no-such-model", status=3)
    assert "不能下载" in biban(capsys, "models", "download", "gpt-12l-cn", status=2)
