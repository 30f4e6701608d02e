"""The settings file: reading never fails, writing is whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from assistant.api import SettingsError
from assistant.settings import Settings, SettingsStore


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "deep" / "settings.json")
    settings = store.load()
    assert settings == Settings()
    settings.generation.options = {"poem": {"form": "七绝"}}
    settings.plugins.trusted_files = {"/a.py": "00"}
    store.save(settings)
    assert SettingsStore(store.path).load() == settings
    assert store.warning == ""
    assert [path.name for path in store.path.parent.iterdir()] == ["settings.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"appearance": {"zoom_percent": "huge"}}',
        b'{"schema_version": "x"}',
        b"[" * 9999,
    ],
)
def test_a_broken_file_is_kept_aside_and_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    store = SettingsStore(path)
    assert store.load() == Settings()
    assert "已损坏" in store.warning
    assert (tmp_path / "settings.json.broken").read_bytes() == content
    assert not path.exists()


def test_unknown_names_of_a_newer_program_do_not_break_it(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    document = Settings().model_dump(mode="json") | {"future": 1}
    document["appearance"]["zoom_percent"] = 120
    path.write_text(json.dumps(document), encoding="utf-8")
    store = SettingsStore(path)
    assert store.load().appearance.zoom_percent == 120
    assert store.warning == ""


def test_a_file_from_before_the_first_page_shows_it(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    document = Settings().model_dump(mode="json")
    del document["window"]["welcome"]
    path.write_text(json.dumps(document), encoding="utf-8")
    assert SettingsStore(path).load().window.welcome


def test_a_failed_save_leaves_the_old_file_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SettingsStore(tmp_path / "settings.json")
    store.save(Settings())
    before = store.path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    changed = Settings()
    changed.appearance.zoom_percent = 200
    with pytest.raises(SettingsError) as caught:
        store.save(changed)
    assert "没有存下来" in caught.value.message
    assert caught.value.hint
    assert store.path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SettingsError):
        SettingsStore(tmp_path / "file" / "settings.json").save(Settings())
