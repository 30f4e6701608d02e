"""What a card says about memory, and what is refused because of it."""

from __future__ import annotations

import gc
from pathlib import Path

import psutil
import pytest

from assistant.api import ModelCard, OutOfMemoryError
from assistant.engine.loader import load_model
from assistant.engine.memory import release_memory
from assistant.generation.model_cache import ModelCache
from assistant.library.memory import PRECISIONS, check_fits, gigabytes, peak_bytes, weights_bytes
from tests.fakes import card
from tests.model_twins.systems import SYSTEMS


def of_size(
    parameters: int, embeddings: int, model_id: str = "large", writers: tuple[str, ...] = ("news",)
) -> ModelCard:
    return card(model_id, writers).model_copy(
        update={"parameters": parameters, "embedding_parameters": embeddings}
    )


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_estimate_is_what_the_engine_takes(tmp_path: Path, precision: str) -> None:
    folder = SYSTEMS["gpt2-chinese-couplet"].folder(tmp_path, "true")
    known = of_size(102_068_736, 17_012_736)
    model = load_model(folder, known, device="cpu", precision=precision)  # type: ignore[arg-type]
    assert model.memory_bytes == pytest.approx(weights_bytes(known, precision), rel=0.02)


def test_an_unknown_precision_is_named() -> None:
    with pytest.raises(ValueError, match="int4"):
        weights_bytes(card(), "int4")


def test_what_does_not_fit_is_refused_with_what_would() -> None:
    large = of_size(3_556_000_000, 157_000_000)
    small = of_size(102_000_000, 17_000_000, "small")
    verse = of_size(6_000_000, 1_000_000, "verse", ("poem",))
    check_fits(large, "int8", available=6 << 30)
    with pytest.raises(OutOfMemoryError) as caught:
        check_fits(large, "int8", available=2 << 30, others=[large, small, verse])
    assert gigabytes(peak_bytes(large, "int8")) in caught.value.message
    assert "small" in caught.value.hint
    assert "verse" not in caught.value.hint
    assert "large" not in caught.value.hint


def test_a_coarser_precision_is_offered() -> None:
    with pytest.raises(OutOfMemoryError, match="内存不够") as caught:
        check_fits(of_size(3_556_000_000, 157_000_000), "fp32", available=6 << 30)
    assert "8 位" in caught.value.hint


def test_an_evicted_model_gives_its_memory_back(tmp_path: Path) -> None:
    folder = SYSTEMS["gpt2-chinese-couplet"].folder(tmp_path, "true")
    process = psutil.Process()

    def load(wanted: ModelCard) -> object:
        return load_model(folder, wanted, device="cpu", precision="fp32")

    cache = ModelCache(load, release=release_memory)  # type: ignore[arg-type]
    cache.get(card("first"))
    cache.clear()
    gc.collect()
    before = process.memory_info().rss
    cache.get(card("second"))
    grown = process.memory_info().rss - before
    assert grown > 300 << 20
    cache.clear()
    assert process.memory_info().rss - before < grown // 4
