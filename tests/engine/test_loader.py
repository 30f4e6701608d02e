"""Folders that load, and folders that cannot, each with one clear sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from assistant.api import Cancellation, GenerationConfig, SamplingOptions, WeightsError
from assistant.engine.loader import load_model
from tests.engine.twins import TOKENS, write_twin
from tests.fakes import card


@pytest.mark.parametrize("prefix", ["transformer.", ""])
@pytest.mark.parametrize("weights", ["model.safetensors", "pytorch_model.bin"])
def test_both_weight_files_and_both_namings_load_and_write(tmp_path: Path, weights: str, prefix: str) -> None:
    model = load_model(
        write_twin(tmp_path, weights=weights, prefix=prefix), card(), device="cpu", precision="fp32"
    )
    chunks = model.generate(
        model.vocabulary.prompt("明月"),
        GenerationConfig(2, SamplingOptions(max_new_tokens=4), seed=1),
        Cancellation(),
    )
    assert sum(chunk.finish_reason is not None for chunk in chunks) == 2
    embedding_bytes = len(TOKENS) * 16 * 4
    assert embedding_bytes < model.memory_bytes < 2 * embedding_bytes + 60_000


def fails(folder: Path) -> WeightsError:
    with pytest.raises(WeightsError) as caught:
        load_model(folder, card(), device="cpu")
    assert caught.value.hint
    assert "\n" not in caught.value.one_line
    return caught.value


def test_missing_weights(tmp_path: Path) -> None:
    (write_twin(tmp_path) / "model.safetensors").unlink()
    assert "没有权重文件" in fails(tmp_path).message


@pytest.mark.parametrize("weights", ["model.safetensors", "pytorch_model.bin"])
@pytest.mark.parametrize("kept", [0, 4, 100, 5000])
def test_truncated_weights(tmp_path: Path, weights: str, kept: int) -> None:
    path = write_twin(tmp_path, weights=weights) / weights
    path.write_bytes(path.read_bytes()[:kept])
    assert "损坏" in fails(tmp_path).message


def test_a_hostile_pickle_is_not_opened(tmp_path: Path) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (str(tmp_path / "touched"),))

    write_twin(tmp_path, weights="pytorch_model.bin")
    torch.save({"wte.weight": Hostile()}, tmp_path / "pytorch_model.bin")
    assert "没有打开" in fails(tmp_path).message
    assert not (tmp_path / "touched").exists()


def test_a_bin_that_is_no_state(tmp_path: Path) -> None:
    write_twin(tmp_path, weights="pytorch_model.bin")
    torch.save([1, 2, 3], tmp_path / "pytorch_model.bin")
    assert "不是一组张量" in fails(tmp_path).message


def test_a_vocabulary_of_another_model(tmp_path: Path) -> None:
    write_twin(tmp_path)
    (tmp_path / "vocab.txt").write_text("\n".join(TOKENS[:-3]) + "\n", encoding="utf-8")
    assert (
        fails(tmp_path).message == f"词表有 {len(TOKENS) - 3} 个词，模型却要 {len(TOKENS)} 个，二者不配套。"
    )


def test_missing_vocabulary_and_configuration(tmp_path: Path) -> None:
    write_twin(tmp_path)
    (tmp_path / "vocab.txt").unlink()
    assert "词表" in fails(tmp_path).message
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    assert "模型配置" in fails(tmp_path).message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"n_layer": 3}, "h.2.ln_1.weight"),
        ({"n_positions": 64}, "wpe.weight: (128, 16), expected (64, 16)"),
        ({"model_type": "bloom"}, "bloom"),
        ({"activation_function": "relu6"}, "relu6"),
        ({"n_embd": None}, "config.json"),
    ],
)
def test_a_configuration_of_another_model(tmp_path: Path, change: dict[str, object], said: str) -> None:
    path = write_twin(tmp_path) / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    assert said in fails(tmp_path).message
