"""Cards for folders that came without one."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from assistant.api import InputError, ModelCard, WeightsError
from assistant.library.cards import read_card, write_card
from assistant.library.describe import describe, slug
from resources import resource_path

GPT2: dict[str, Any] = {
    "model_type": "gpt2",
    "vocab_size": 5,
    "n_embd": 4,
    "n_layer": 1,
    "n_head": 2,
    "n_positions": 32,
}
TENSORS = {
    "transformer.wte.weight": np.zeros((5, 4), np.float32),
    "transformer.wpe.weight": np.zeros((32, 4), np.float16),
    "transformer.ln_f.bias": np.zeros(4, np.float32),
}
KNOWN = ModelCard(
    id="gpt2-poem",
    name="古诗",
    architecture="gpt2",
    parameters=7,
    context_length=1024,
    licence="MIT",
    source="there",
    repo="uer/gpt2-chinese-poem",
    import_names=("Poem-V2", "古诗词模型"),
    writers=("poem",),
    start_token="[CLS]",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    configure(folder, GPT2)
    (folder / "vocab.txt").write_text("[UNK]\n[CLS]\n[SEP]\n春\n夏\n", encoding="utf-8")
    save_file(TENSORS, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def configure(folder: Path, config: dict[str, Any]) -> None:
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


def card_of(
    folder: Path,
    *,
    known: tuple[ModelCard, ...] = (),
    name: str = "模型",
    model_id: str | None = None,
    writers: tuple[str, ...] = (),
) -> ModelCard:
    return describe(folder, known=known, name=name, model_id=model_id, writers=writers)


def test_a_gpt2_of_which_nothing_is_known(folder: Path, tmp_path: Path) -> None:
    (folder / "card.toml").write_text("left from before")
    card = card_of(folder, name="my-gpt2.v1")
    assert card.model_dump(exclude={"files"}, exclude_defaults=True) == {
        "id": "my-gpt2.v1",
        "name": "my-gpt2.v1",
        "architecture": "gpt2",
        "tokenizer": "bert",
        "parameters": 20 + 128 + 4,
        "embedding_parameters": 20,
        "context_length": 32,
        "licence": "未知",
        "source": "导入自 my-gpt2.v1",
        "writers": ("poem", "couplet", "continuation", "news", "fill"),
    }
    assert [file.name for file in card.files] == ["config.json", "model.safetensors", "vocab.txt"]
    for file in card.files:
        content = (folder / file.name).read_bytes()
        assert (file.size_bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    write_card(card, tmp_path / "card.toml")
    assert read_card(tmp_path / "card.toml") == card


def test_the_starter_describes_itself() -> None:
    shipped = read_card(resource_path("model_cards") / "biban-starter-poem.toml")
    card = card_of(resource_path("models") / "biban-starter-poem")
    for field in ("architecture", "tokenizer", "parameters", "context_length", "files"):
        assert getattr(card, field) == getattr(shipped, field)


@pytest.mark.parametrize(
    "name", ["gpt2-poem", "GPT2-Poem", "poem-v2", "古诗词模型", "gpt2-chinese-poem", "GPT2-Chinese-Poem"]
)
def test_a_known_model_lends_its_card(folder: Path, name: str) -> None:
    files = card_of(folder).files
    other = KNOWN.model_copy(update={"id": "other", "repo": "", "import_names": ()})
    for card in (
        card_of(folder, known=(other, KNOWN), name=name),
        card_of(folder, known=(other, KNOWN), name="other", model_id=name) if name.isascii() else None,
    ):
        assert card is None or card == KNOWN.model_copy(update={"files": files})


def test_what_the_person_says_goes_before_the_known_card(folder: Path) -> None:
    card = card_of(folder, known=(KNOWN,), name="gpt2-poem", model_id="mine", writers=("news",))
    assert (card.id, card.writers, card.licence) == ("mine", ("news",), "MIT")


@pytest.mark.parametrize("name", ["", "gpt2", "uer/gpt2-chinese-poem", "poem"])
def test_other_names_are_not_known(folder: Path, name: str) -> None:
    without_repo = KNOWN.model_copy(update={"repo": ""})
    assert card_of(folder, known=(KNOWN, without_repo), name=name).licence == "未知"


def test_a_known_name_of_another_architecture_lends_nothing(folder: Path) -> None:
    known = KNOWN.model_copy(update={"architecture": "pegasus"})
    assert card_of(folder, known=(known,), name="gpt2-poem").licence == "未知"


def test_what_is_asked_for_is_taken(folder: Path) -> None:
    card = card_of(folder, model_id="Mine_1", writers=("poem", "mine"))
    assert (card.id, card.name, card.writers) == ("Mine_1", "模型", ("poem", "mine"))
    for bad in ("", "../up", "诗", ".hidden", "a b", "a\n"):
        with pytest.raises(InputError, match="不能用作模型的标识"):
            card_of(folder, model_id=bad)


@pytest.mark.parametrize(
    ("name", "model_id"),
    [
        ("gpt2-v1.0", "gpt2-v1.0"),
        ("My model (2)", "My-model-2"),
        ("..hidden_", "hidden"),
        ("a" * 200, "a" * 64),
        ("古诗", "model-" + hashlib.sha256("古诗".encode()).hexdigest()[:8]),
        ("古诗 gpt2", "gpt2-" + hashlib.sha256("古诗 gpt2".encode()).hexdigest()[:8]),
        ("（）", "model-" + hashlib.sha256("（）".encode()).hexdigest()[:8]),
        ("【gpt2】", "gpt2"),
        ("", "model-e3b0c442"),
    ],
)
def test_an_id_out_of_a_name(name: str, model_id: str) -> None:
    assert slug(name) == model_id


@given(st.text(st.characters()))
def test_any_name_gives_an_id(name: str) -> None:
    ModelCard(id=slug(name), name="", architecture="", parameters=0, context_length=1, licence="", source="")


@pytest.mark.parametrize(
    ("config", "architecture", "context", "embedding", "writers"),
    [
        ({"n_layer": 1, "n_head": 2, "n_ctx": 9}, "gpt2", 9, 0, "poem"),
        (
            {"model_type": "qwen2", "max_position_embeddings": 7, "vocab_size": 5},
            "qwen2",
            7,
            0,
            "continuation",
        ),
        ({"model_type": "pegasus", "vocab_size": 5, "d_model": 4}, "pegasus", 512, 20, "fill"),
        ({"model_type": "t5", "n_positions": None}, "t5", 512, 0, "fill"),
        ({"model_type": "new", "is_encoder_decoder": True, "n_positions": "8"}, "new", 512, 0, "fill"),
        ({"model_type": "llama", "hidden_size": 9999, "vocab_size": 9999}, "llama", 512, 152, "continuation"),
        ({"model_type": "bloom", "seq_length": 6, "n_positions": True}, "bloom", 6, 0, "continuation"),
    ],
)
def test_other_configurations(
    folder: Path, config: dict[str, Any], architecture: str, context: int, embedding: int, writers: str
) -> None:
    configure(folder, config)
    card = card_of(folder)
    assert (card.architecture, card.context_length, card.writers[0]) == (architecture, context, writers)
    assert card.embedding_parameters == embedding


@pytest.mark.parametrize(
    ("files", "tokenizer", "writers"),
    [
        ({"vocab.txt": b"", "tokenizer.json": b"{}"}, "bert", "poem"),
        ({"vocab.json": b"{}", "merges.txt": b""}, "byte_bpe", "continuation"),
        ({"tokenizer.json": b'{"pre_tokenizer": {"type": "ByteLevel"}}'}, "byte_bpe", "continuation"),
        ({"tokenizer.json": b'{"model": {"type": "Unigram"}}'}, "auto", "continuation"),
        ({"spiece.model": b""}, "auto", "continuation"),
    ],
)
def test_tokenizers(folder: Path, files: dict[str, bytes], tokenizer: str, writers: str) -> None:
    (folder / "vocab.txt").unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    card = card_of(folder)
    assert (card.tokenizer, card.writers[0]) == (tokenizer, writers)


def test_no_tokenizer(folder: Path) -> None:
    (folder / "vocab.txt").unlink()
    (folder / "vocab.json").write_text("{}")
    with pytest.raises(WeightsError, match="没有分词器的文件"):
        card_of(folder)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "读不到"),
        (b"{", "不是 JSON"),
        (b"\xff\xfe\xff", "不是 JSON"),
        (b"[" * 100_000, "不是 JSON"),
        (b"[]", "不是一组设置"),
        (b"{}", "model_type"),
        (b'{"model_type": 3, "n_layer": 1, "n_head": 1}', "model_type"),
        (b'{"model_type": ""}', "model_type"),
    ],
)
def test_a_broken_configuration(folder: Path, content: bytes | None, said: str) -> None:
    (folder / "config.json").unlink()
    if content is not None:
        (folder / "config.json").write_bytes(content)
    with pytest.raises(WeightsError, match=said):
        card_of(folder)


def test_a_configuration_without_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.library.describe._LONGEST_JSON", 50)
    with pytest.raises(WeightsError, match="大得离奇"):
        card_of(folder)


def test_copies_and_masks_are_no_parameters(folder: Path) -> None:
    masks = {
        "transformer.h.0.attn.bias": np.zeros((1, 1, 32, 32), np.uint8),
        "transformer.h.0.attn.masked_bias": np.zeros((), np.float32),
    }
    head = {"lm_head.weight": np.zeros((5, 4), np.float32)}
    save_file(TENSORS | masks | head, folder / "model.safetensors")
    assert card_of(folder).parameters == 152
    configure(folder, GPT2 | {"tie_word_embeddings": False})
    assert card_of(folder).parameters == 172
    # Some files keep the head of the two.
    configure(folder, GPT2)
    save_file(head, folder / "model.safetensors")
    assert card_of(folder).parameters == 20


@pytest.mark.parametrize(
    ("precision", "parameters"),
    [
        ({}, 250),
        ({"torch_dtype": "float16"}, 500),
        ({"dtype": "bfloat16", "torch_dtype": "float32"}, 500),
        ({"dtype": "torch.float64"}, 125),
        ({"dtype": ["?"]}, 250),
    ],
)
def test_a_pickle_is_weighed_not_opened(folder: Path, precision: dict[str, Any], parameters: int) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(bytes(1000))
    configure(folder, GPT2 | precision)
    assert card_of(folder).parameters == parameters


def test_shards(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(WeightsError, match="没有权重"):
        card_of(folder)
    names = [f"model-0000{number}-of-00003.safetensors" for number in (1, 2, 3)]
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": dict(zip(TENSORS, names, strict=True))}))
    save_file({"transformer.wte.weight": TENSORS["transformer.wte.weight"]}, folder / names[0])
    with pytest.raises(WeightsError, match=r"缺少权重分片 model-00002-of-00003\.safetensors，共缺 2 个"):
        card_of(folder)
    for name, tensor in zip(names, TENSORS, strict=True):
        save_file({tensor: TENSORS[tensor]}, folder / name)
    card = card_of(folder)
    assert card.parameters == 152
    assert {file.name for file in card.files} >= {*names, index.name}
    for broken in ("{}", "?", '{"weight_map": {"a": "../secret"}}', '{"weight_map": {"a": [1]}}'):
        index.write_text(broken)
        with pytest.raises(WeightsError, match="读不懂"):
            card_of(folder)


def test_shards_of_pickles(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    index = {
        "weight_map": {"a": "pytorch_model-1.bin", "b": "pytorch_model-2.bin", "c": "pytorch_model-1.bin"}
    }
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    (folder / "pytorch_model-1.bin").write_bytes(bytes(400))
    with pytest.raises(WeightsError, match=r"pytorch_model-2\.bin，共缺 1 个"):
        card_of(folder)
    (folder / "pytorch_model-2.bin").write_bytes(bytes(400))
    assert card_of(folder).parameters == 200


def safetensors(header: bytes, data: bytes = b"", length: int | None = None) -> bytes:
    return (len(header) if length is None else length).to_bytes(8, "little") + header + data


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"1234",
        safetensors(b""),
        safetensors(b"{}"),
        safetensors(b"[]"),
        safetensors(b"{", length=1 << 62),
        safetensors(b"{}", length=50),
        safetensors(b"[" * 100_000),
        safetensors(b'{"a": 3}'),
        safetensors(b'{"a": {"shape": [2]}}', bytes(8)),
        safetensors(b'{"a": {"shape": [1e999], "data_offsets": [0, 8]}}', bytes(8)),
        safetensors(b'{"a": {"shape": [-2], "data_offsets": [0, 8]}}', bytes(8)),
        safetensors(b'{"a": {"shape": [2], "data_offsets": [0]}}', bytes(8)),
        safetensors(b'{"a": {"shape": [2], "data_offsets": [0, 8]}}', bytes(7)),
        safetensors(b'{"a": {"shape": [2], "data_offsets": [0, 8]}}', bytes(9)),
    ],
)
def test_damaged_safetensors(folder: Path, content: bytes) -> None:
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(WeightsError, match="已损坏或不完整"):
        card_of(folder)


def test_torch_is_not_needed(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from assistant.library.describe import describe;"
        f"describe(Path({str(folder)!r}), known=(), name='a', model_id=None, writers=());"
        "sys.exit('torch' in sys.modules or 'safetensors' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
