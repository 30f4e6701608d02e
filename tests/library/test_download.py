"""Downloads by the real client from a hub on this machine."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants

from assistant.api import (
    BibanError,
    Cancellation,
    InputError,
    ModelCard,
    ModelError,
    ModelFile,
    ModelNotFoundError,
    WeightsError,
)
from assistant.library import ModelLibrary, download
from assistant.library.cards import read_card
from assistant.library.download import ModelDownload
from assistant.library.progress import DownloadProgress
from assistant.library.staging import StagedModel, install, unfinished
from tests.library.hub_server import COMMIT, REPO, HubState, hub_for_client

WEIGHTS = bytes(range(256)) * 4096  # 1 MiB
SMALL = {
    "config.json": b'{"model_type": "gpt2"}',
    "vocab.txt": "[PAD]\n春\n".encode(),
    "tokenizer_config.json": b"{}",
}
OTHERS = {
    "README.md": b"# hello",
    "flax_model.msgpack": b"flax",
    "tf_model.h5": b"tf",
    "model.onnx": b"onnx",
    "model.gguf": b"gguf",
    "training_args.bin": b"args",
    "onnx/config.json": b"{}",
}
CARD = ModelCard(
    id="mine",
    name="我的模型",
    architecture="gpt2",
    parameters=10,
    context_length=128,
    licence="MIT",
    source="here",
    repo=REPO,
)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubState]:
    with hub_for_client(monkeypatch) as state:
        state.files = {**SMALL, "model.safetensors": WEIGHTS, "pytorch_model.bin": b"old", **OTHERS}
        yield state


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def staging(models: Path) -> Path:
    return models / ".downloads" / "mine"


def run(hub: HubState, staging: Path, *, endpoint: str | None = None) -> StagedModel | None:
    task = ModelDownload(REPO, staging, endpoint=hub.url if endpoint is None else endpoint)
    return task.run(lambda progress: None, Cancellation())


def pause_at(hub: HubState, staging: Path, received: int) -> None:
    """Start a download and pause it once so many bytes are there."""
    cancellation = Cancellation()

    def look(progress: DownloadProgress) -> None:
        if progress.received_bytes >= received:
            cancellation.cancel()

    assert ModelDownload(REPO, staging, endpoint=hub.url).run(look, cancellation) is None


def test_a_whole_download_is_installed(hub: HubState, models: Path, staging: Path) -> None:
    staged = run(hub, staging)
    assert staged is not None
    assert staged.revision == COMMIT
    assert {file.name for file in staged.files} == {*SMALL, "model.safetensors"}
    folder = install(staged, CARD, models)
    assert folder == models / "mine"
    assert not staging.exists()
    assert {path.name for path in folder.iterdir()} == {*SMALL, "model.safetensors", "card.toml"}
    card = read_card(folder / "card.toml")
    assert (card.repo, card.revision, card.files) == (REPO, COMMIT, staged.files)
    library = ModelLibrary(models / "none", models / "none", models)
    library.verify("mine")
    assert unfinished(staging.parent) == []


def test_an_installed_model_is_not_overwritten(hub: HubState, models: Path, staging: Path) -> None:
    (models / "mine").mkdir(parents=True)
    staged = run(hub, staging)
    assert staged is not None
    with pytest.raises(InputError, match="已经装有"):
        install(staged, CARD, models)
    assert not (staging / "card.toml").exists()
    assert [one.folder for one in unfinished(staging.parent)] == [staging]


def test_progress_rises_to_the_total(hub: HubState, staging: Path) -> None:
    hub.bytes_per_second = 2_000_000
    seen: list[DownloadProgress] = []
    started = time.monotonic()
    ModelDownload(REPO, staging, endpoint=hub.url).run(seen.append, Cancellation())
    elapsed = time.monotonic() - started
    received = [progress.received_bytes for progress in seen]
    total = sum(map(len, SMALL.values())) + len(WEIGHTS)
    assert received == sorted(received)
    assert received[-1] == total
    assert {progress.total_bytes for progress in seen} == {total}
    assert seen[-1].file_name == "model.safetensors"
    assert 200_000 < seen[-1].bytes_per_second < 4_000_000
    assert 4 <= len(seen) <= 10 * elapsed + len(SMALL) + 2


def test_broken_connections_are_taken_up_again(hub: HubState, staging: Path) -> None:
    hub.break_after = [200_000, 300_000, 100_000]
    staged = run(hub, staging)
    assert staged is not None
    assert len(hub.ranges) == 3
    assert hub.ranges[0] == "bytes=200000-"
    [weights] = [file for file in staged.files if file.name == "model.safetensors"]
    assert weights == ModelFile(
        name=weights.name, size_bytes=len(WEIGHTS), sha256=hashlib.sha256(WEIGHTS).hexdigest()
    )
    assert (staging / weights.name).read_bytes() == WEIGHTS


def test_a_server_without_ranges_is_read_from_the_beginning(hub: HubState, staging: Path) -> None:
    hub.ignores_ranges = True
    hub.break_after = [200_001, 300_003]
    assert run(hub, staging) is not None
    assert (staging / "model.safetensors").read_bytes() == WEIGHTS


def test_a_connection_that_stays_broken_keeps_what_has_come(hub: HubState, staging: Path) -> None:
    hub.break_after = [300_000, 0, 0, 0, 0, 0]
    with pytest.raises(ModelError, match="连接中断") as caught:
        run(hub, staging)
    assert "稍后可继续" in caught.value.hint
    assert (staging / "model.safetensors.part").stat().st_size == 300_000
    hub.break_after = []
    assert run(hub, staging) is not None
    assert hub.ranges[-1] == "bytes=300000-"


def test_a_hub_out_of_order_is_tried_again(hub: HubState, staging: Path) -> None:
    hub.broken_status = 503
    with pytest.raises(ModelError, match="连接中断"):
        run(hub, staging)
    assert hub.requests[f"GET /{REPO}/resolve/{COMMIT}/config.json"] == 4


def test_a_paused_download_goes_on_in_a_new_object(hub: HubState, models: Path, staging: Path) -> None:
    hub.bytes_per_second = 1_000_000
    pause_at(hub, staging, 200_000)
    size = (staging / "model.safetensors.part").stat().st_size
    assert 100_000 < size < len(WEIGHTS)
    [left] = unfinished(staging.parent)
    assert (left.folder, left.record.repo, left.record.commit) == (staging, REPO, COMMIT)
    assert (left.record.revision, left.record.endpoint) == ("main", hub.url)
    assert left.record.total_bytes == sum(map(len, SMALL.values())) + len(WEIGHTS)
    assert left.received_bytes == sum(map(len, SMALL.values())) + size
    assert ModelLibrary(models / "none", models / "none", models).installed() == []

    hub.bytes_per_second = 0
    seen: list[DownloadProgress] = []
    assert ModelDownload(REPO, staging, endpoint=hub.url).run(seen.append, Cancellation()) is not None
    assert hub.ranges == [f"bytes={size}-"]
    assert seen[0].received_bytes >= size
    assert hub.requests[f"GET /{REPO}/resolve/{COMMIT}/config.json"] == 1
    assert (staging / "model.safetensors").read_bytes() == WEIGHTS


def test_a_killed_process_leaves_a_download_that_goes_on(hub: HubState, staging: Path) -> None:
    hub.stall_after = 500_000
    script = (
        "import sys; from pathlib import Path; from assistant.api import Cancellation;"
        "from assistant.library.download import ModelDownload;"
        f"ModelDownload({REPO!r}, Path(sys.argv[1]), endpoint=sys.argv[2]).run(print, Cancellation())"
    )
    environment = {**os.environ, "HF_HUB_OFFLINE": "0"}
    command = [sys.executable, "-c", script, str(staging), hub.url]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        part = staging / "model.safetensors.part"
        until(lambda: part.exists() and part.stat().st_size == 500_000, seconds=30)
        process.kill()
    hub.stall_after = None
    assert run(hub, staging) is not None
    assert hub.ranges == ["bytes=500000-"]


def test_pausing_does_not_wait_for_a_silent_server(hub: HubState, staging: Path) -> None:
    hub.stall_after = 100_000
    cancellation = Cancellation()
    seen: list[DownloadProgress] = []
    results: list[StagedModel | None] = []
    task = ModelDownload(REPO, staging, endpoint=hub.url)
    thread = threading.Thread(target=lambda: results.append(task.run(seen.append, cancellation)))
    thread.start()
    part = staging / "model.safetensors.part"
    until(lambda: part.exists() and part.stat().st_size == 100_000)
    started = time.monotonic()
    cancellation.cancel()
    thread.join()
    assert time.monotonic() - started < 1
    assert results == [None]
    task.discard()
    assert not staging.exists()
    assert unfinished(staging.parent) == []
    task.discard()


def test_another_revision_begins_anew(hub: HubState, staging: Path) -> None:
    hub.bytes_per_second = 1_000_000
    pause_at(hub, staging, 200_000)
    hub.bytes_per_second = 0
    task = ModelDownload(REPO, staging, revision=COMMIT, endpoint=hub.url)
    assert task.run(lambda progress: None, Cancellation()) is not None
    assert hub.ranges == []


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_a_file_with_the_wrong_content_is_deleted(hub: HubState, staging: Path, name: str) -> None:
    hub.served[name] = bytes(len(hub.files[name]))
    with pytest.raises(WeightsError, match=name) as caught:
        run(hub, staging)
    assert "镜像" in caught.value.hint
    assert not (staging / name).exists()
    assert not (staging / f"{name}.part").exists()
    hub.served.clear()
    assert run(hub, staging) is not None


def test_a_file_that_is_too_long_is_deleted(hub: HubState, staging: Path) -> None:
    hub.served["model.safetensors"] = WEIGHTS + b"more"
    with pytest.raises(WeightsError, match=r"model\.safetensors"):
        run(hub, staging)


def test_a_hash_of_the_card_is_stronger_than_the_hub(hub: HubState, staging: Path) -> None:
    other = ModelFile(name="model.safetensors", size_bytes=1, sha256="0" * 64)
    card = CARD.model_copy(update={"files": (other,)})
    with pytest.raises(WeightsError, match="模型卡"):
        ModelDownload.of_card(card, staging, endpoint=hub.url).run(lambda progress: None, Cancellation())
    small = ModelFile(name="vocab.txt", size_bytes=1, sha256="0" * 64)
    card = CARD.model_copy(update={"files": (small,)})
    with pytest.raises(WeightsError, match=r"vocab\.txt"):
        ModelDownload.of_card(card, staging, endpoint=hub.url).run(lambda progress: None, Cancellation())


def test_shards_come_with_their_index(hub: HubState, staging: Path) -> None:
    shards = {
        "model.safetensors.index.json": b"{}",
        "model-00001-of-00002.safetensors": b"one",
        "model-00002-of-00002.safetensors": b"two",
    }
    hub.files = {**SMALL, **shards, "pytorch_model.bin": b"old"}
    staged = run(hub, staging)
    assert staged is not None
    assert {file.name for file in staged.files} == {*SMALL, *shards}
    del hub.files["model-00002-of-00002.safetensors"]
    with pytest.raises(WeightsError, match="分片"):
        run(hub, staging.with_name("other"))


def test_pickled_weights_are_taken_when_there_are_no_others(hub: HubState, staging: Path) -> None:
    del hub.files["model.safetensors"]
    staged = run(hub, staging)
    assert staged is not None
    assert {file.name for file in staged.files} == {*SMALL, "pytorch_model.bin"}


@pytest.mark.parametrize(("missing", "words"), [("model.safetensors", "权重"), ("config.json", "config")])
def test_a_repository_without_a_model_is_refused(
    hub: HubState, staging: Path, missing: str, words: str
) -> None:
    hub.files = {**SMALL, "model.safetensors": WEIGHTS, **OTHERS}
    del hub.files[missing]
    with pytest.raises(WeightsError, match=words):
        run(hub, staging)
    assert not staging.exists()


def test_missing_things_are_named(hub: HubState, staging: Path) -> None:
    def error_of(repo: str = REPO, **options: str) -> BibanError:
        task = ModelDownload(repo, staging, **{"endpoint": hub.url, **options})  # type: ignore[arg-type]
        with pytest.raises(BibanError) as caught:
            task.run(lambda progress: None, Cancellation())
        assert caught.value.hint
        return caught.value

    error = error_of("writers/nothing")
    assert isinstance(error, ModelNotFoundError)
    assert "writers/nothing" in error.message
    error = error_of(revision="v9")
    assert isinstance(error, ModelNotFoundError)
    assert "v9" in error.message
    assert isinstance(error_of("no name/at all"), InputError)
    assert isinstance(error_of(endpoint="hub.example"), InputError)
    assert isinstance(error_of(endpoint="http://a..b"), InputError)
    assert isinstance(error_of(endpoint="http://127.0.0.1:99999"), InputError)
    assert not staging.exists()
    hub.missing = {"model.safetensors"}
    error = error_of()
    assert isinstance(error, WeightsError)
    assert "model.safetensors" in error.message


def test_gated_and_private_models_say_what_to_do(hub: HubState, staging: Path) -> None:
    hub.gated = True
    with pytest.raises(ModelError, match="许可") as caught:
        run(hub, staging)
    assert "HF_TOKEN" in caught.value.hint
    hub.private = True
    with pytest.raises(ModelNotFoundError, match="不公开"):
        run(hub, staging)


def test_only_a_token_of_the_environment_is_sent(
    hub: HubState, staging: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = tmp_path / "token"
    stored.write_text("hf_stored", encoding="utf-8")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(stored))
    run(hub, staging)
    assert set(hub.tokens) == {""}
    monkeypatch.setenv("HF_TOKEN", "hf_mine")
    hub.tokens.clear()
    run(hub, staging.with_name("other"))
    assert set(hub.tokens) == {"Bearer hf_mine"}


def test_a_refused_connection(hub: HubState, staging: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(ModelError, match="连不上"):
            run(hub, staging, endpoint=f"http://127.0.0.1:{nobody.getsockname()[1]}")
    assert not staging.exists()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE"):
        run(hub, staging)


def test_an_address_that_is_no_hub(hub: HubState, staging: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="不像"):
        run(hub, staging, endpoint=f"{hub.url}/website")
    monkeypatch.setattr(HubState, "siblings", lambda state: [{"rfilename": "config.json"}])
    with pytest.raises(ModelError, match="不像"):
        run(hub, staging)


def test_the_endpoint_of_the_environment(
    hub: HubState, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.url + "/")
    assert run(hub, staging, endpoint="") is not None


def test_too_little_room_is_seen_before(
    hub: HubState, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9 - 1_500_000, 1_500_000))
    with pytest.raises(ModelError, match=r"1\.0 MB.*1\.5 MB") as caught:
        run(hub, staging)
    assert "2.0 MB" in caught.value.hint
    assert not staging.exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("cannot mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_up(hub: HubState, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ModelDownload, "_check_room", lambda task, missing: None)
    staging = small_disk / "mine"
    with pytest.raises(ModelError, match=r"空间不够：还要下载 0\.[56] MB，磁盘只剩 0\.0 MB"):
        run(hub, staging)
    size = (staging / "model.safetensors.part").stat().st_size
    assert 300_000 < size < 512 * 1024
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    assert run(hub, staging) is not None
    assert hub.ranges == [f"bytes={size}-"]


def test_a_full_disk_without_one(hub: HubState, staging: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(target: object, chunk: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download, "_write", full)
    with pytest.raises(ModelError, match="空间不够"):
        run(hub, staging)
    assert staging.exists()


def until(condition: object, seconds: float = 5) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
