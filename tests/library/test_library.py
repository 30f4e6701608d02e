"""Installed models, the shipped starters among them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assistant.api import InputError, ModelNotFoundError, WeightsError
from assistant.library import ModelLibrary
from assistant.library.cards import read_card
from resources import resource_path

CARD = """
id = "mine"
name = "我的模型"
architecture = "gpt2"
parameters = 10
context_length = 128
licence = "MIT"
source = "here"
writers = ["poem"]

[[files]]
name = "vocab.txt"
size_bytes = 3
sha256 = "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"
"""


@pytest.fixture
def library(tmp_path: Path) -> ModelLibrary:
    return ModelLibrary(resource_path("model_cards"), resource_path("models"), tmp_path / "models")


def install(tmp_path: Path, card: str = CARD) -> Path:
    folder = tmp_path / "models" / "mine"
    folder.mkdir(parents=True)
    (folder / "card.toml").write_text(card, encoding="utf-8")
    (folder / "vocab.txt").write_bytes(b"abc")
    return folder


def test_the_starters_are_installed_sound_and_small(library: ModelLibrary) -> None:
    cards = {card.id: card for card in library.installed() if library.is_shipped(card.id)}
    assert library.shipped() == set(cards) == {"biban-starter-poem", "biban-starter-prose"}
    files = [file for card in cards for file in library.folder(card).iterdir()]
    assert sum(file.stat().st_size for file in files) <= 45_000_000
    assert max(file.stat().st_size for file in files) <= 15_000_000
    # One of verse, one of prose; together they serve every writer that needs a model.
    assert sorted(writer for card in cards.values() for writer in card.writers) == [
        "continuation", "couplet", "fill", "news", "poem",
    ]  # fmt: skip
    for card in cards.values():
        library.verify(card.id)
        assert sum(file.stat().st_size for file in library.folder(card.id).iterdir()) == card.size_bytes
        kind = card.id.removeprefix("biban-starter-")
        assert card.training["command"] == f"biban train trainer/configs/starter_{kind}.toml"
        with pytest.raises(InputError, match="自带模型"):
            library.remove(card.id)


def test_a_folder_of_the_user_comes_first_and_can_be_removed(library: ModelLibrary, tmp_path: Path) -> None:
    folder = install(tmp_path)
    assert next(card.id for card in library.installed()) == "mine"
    assert library.folder("mine") == folder
    library.remove("mine")
    assert not folder.exists()
    with pytest.raises(ModelNotFoundError, match="没有安装名为 mine 的模型"):
        library.card("mine")


def test_verify_names_what_differs(library: ModelLibrary, tmp_path: Path) -> None:
    folder = install(tmp_path)
    with pytest.raises(WeightsError, match="与模型卡所记的不同"):
        library.verify("mine")
    (folder / "vocab.txt").unlink()
    with pytest.raises(WeightsError, match="缺少文件"):
        library.verify("mine")
    shutil.rmtree(folder)
    install(tmp_path, CARD[: CARD.index("[[files]]")])
    with pytest.raises(WeightsError, match="没有记下文件的校验值"):
        library.verify("mine")


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ("id = ", "读不了模型卡"),
        (CARD.replace('licence = "MIT"\n', ""), "licence"),
        (CARD.replace('id = "mine"', 'id = "../up"'), "的 id 不对"),
        (CARD + "\ncolour = 3", "colour"),
    ],
)
def test_a_broken_card_is_named_and_left_out(
    library: ModelLibrary, tmp_path: Path, card: str, said: str
) -> None:
    folder = install(tmp_path, card)
    with pytest.raises(WeightsError, match=said):
        read_card(folder / "card.toml")
    assert all(library.is_shipped(installed.id) for installed in library.installed())
