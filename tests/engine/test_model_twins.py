"""Random-weight twins of the models people have: they load, write, and agree with Transformers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from assistant.api import ANY_CHARACTER, CharacterConstraint, FinishReason, Next, WeightsError
from assistant.engine.loader import load_model
from assistant.engine.prefix import BLOCK
from tests.fakes import card
from tests.model_twins.bert_tokens import POEM
from tests.model_twins.files import write_json
from tests.model_twins.reference import (
    reference_greedy,
    reference_logits,
    reference_model,
    reference_tokenizer,
)
from tests.model_twins.systems import BYTE_LEVEL, SYSTEMS, TinyTwins, generate, text_of

NAMES = list(SYSTEMS)
CAUSAL = [name for name in NAMES if name != "pegasus"]
PROMPT = "明月几时有，把酒问青天。"
SOURCE = "明月几时有，[MASK]不知天上宫阙，今夕是何年。"
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<S>", "<T>", "<bos>", "<eos>", "<pad>", "<think>")


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyTwins]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # they would wait for one another longer than they compute
    yield TinyTwins(tmp_path_factory.mktemp("twins"))
    torch.set_num_threads(threads)


def prompt_of(model: Any) -> list[int]:
    tokens: list[int] = model.vocabulary.prompt(SOURCE if model.fills_gaps else PROMPT)
    return tokens


def logits_of(model: Any, prompt: list[int], target: list[int]) -> torch.Tensor:
    """What the engine's network says at every token of ``prompt`` (of ``target``, with an encoder)."""
    network = model._network
    if model.fills_gaps:
        cache, tokens = network.encode(torch.tensor([prompt])), target
    else:
        cache, tokens = network.new_cache(1, len(prompt)), prompt
    logits: torch.Tensor = network.forward(torch.tensor([tokens]), cache, all_positions=True)[0]
    return logits


@pytest.mark.parametrize("precision", ["fp32", "int8"])
@pytest.mark.parametrize("name", NAMES)
def test_every_model_streams_whole_text(twins: TinyTwins, name: str, precision: Any) -> None:
    model = twins.model(name, precision)
    assert model.precision == precision
    for seed in range(4):
        candidates = generate(
            model, prompt_of(model), count=2, seed=seed, max_new_tokens=60, temperature=1.5, top_p=1.0
        )
        for chunks in candidates:
            assert [chunk.finish_reason is not None for chunk in chunks] == [False] * (len(chunks) - 1) + [
                True
            ]
            for chunk in chunks:
                assert "\ufffd" not in chunk.text
                assert chunk.text not in SPECIAL
                assert not chunk.text.startswith(("##", "[unused", "<|"))
    assert any(text_of(chunks) for chunks in candidates)


@pytest.mark.parametrize("name", NAMES)
def test_the_numbers_are_those_of_transformers(twins: TinyTwins, name: str) -> None:
    model = twins.model(name)
    reference = reference_model(twins.folder(name), SYSTEMS[name].model)
    prompt, target = prompt_of(model), [101, 110, 130, 150]
    theirs = reference_logits(reference, prompt, target if model.fills_gaps else ())
    ours = logits_of(model, prompt, target)
    assert ours.shape == theirs.shape
    assert theirs.std() > 0.5  # a comparison of zeros would say little
    torch.testing.assert_close(ours, theirs, atol=2e-4, rtol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_the_likeliest_text_is_that_of_transformers(twins: TinyTwins, name: str) -> None:
    model, most = twins.model(name), 30
    vocabulary = model.vocabulary

    class WholeText(CharacterConstraint):
        def next(self, text: str) -> Next:
            return Next(ANY_CHARACTER, end=True)

    rule = WholeText(vocabulary)
    written: list[list[int]] = []

    class Record(WholeText):
        """Keeps what was written, which chunks do not tell."""

        def allowed(self, generated: Any) -> Any:
            written[:] = [list(tokens) for tokens in generated]
            return super().allowed(generated)

    prompt = prompt_of(model)
    [chunks] = generate(
        model,
        prompt,
        constraints=[Record(vocabulary)],
        max_new_tokens=most,
        temperature=0.0,
        repetition_penalty=1.0,
    )
    theirs = reference_greedy(
        reference_model(twins.folder(name), SYSTEMS[name].model),
        [*prompt, vocabulary.eos_token_id] if model.fills_gaps else prompt,
        ends=sorted(vocabulary.eos_token_ids),
        most=most,
        allowed=lambda tokens: rule.allowed([tokens])[0],
    )
    assert len(theirs) > 3
    assert written[0] == theirs[:-1]
    assert text_of(chunks) == vocabulary.decode(theirs)


@pytest.mark.parametrize("name", NAMES)
def test_tied_tensors_are_kept_once(twins: TinyTwins, name: str) -> None:
    reference = reference_model(twins.folder(name), SYSTEMS[name].model)
    assert twins.model(name).memory_bytes == 4 * sum(weight.numel() for weight in reference.parameters())


@pytest.mark.parametrize("name", NAMES)
def test_8_bit_is_close_to_full_precision(twins: TinyTwins, name: str) -> None:
    full, packed = twins.model(name), twins.model(name, "int8")
    prompt, target = prompt_of(full), [101, 110, 130, 150]
    alike = torch.cosine_similarity(logits_of(full, prompt, target), logits_of(packed, prompt, target), dim=1)
    assert alike.min() > 0.99
    assert packed.memory_bytes < 0.7 * full.memory_bytes


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "text", [PROMPT, "The cat, the ＣＡＴ; 7 re-reading 2024", "𠮷龘😀é\u200b", "  明\n月 \t。", "[MASK]", ""]
)
def test_encoding_is_that_of_transformers(twins: TinyTwins, name: str, text: str) -> None:
    if name in BYTE_LEVEL and text == "[MASK]":
        pytest.skip("no token there")
    reference = reference_tokenizer(twins.folder(name), SYSTEMS[name].tokenizer)
    assert twins.model(name).vocabulary.encode(text) == reference.encode(text, add_special_tokens=False)


@pytest.mark.parametrize("name", NAMES)
def test_where_a_text_starts_and_ends(twins: TinyTwins, name: str) -> None:
    vocabulary, system = twins.model(name).vocabulary, SYSTEMS[name]
    reference = reference_tokenizer(twins.folder(name), system.tokenizer)
    ends = reference.convert_tokens_to_ids(list(system.ends))
    assert vocabulary.eos_token_id == ends[0]
    assert vocabulary.eos_token_ids == set(ends)
    assert set(np.flatnonzero(vocabulary.end_mask)) == set(ends)
    assert not vocabulary.writable_mask[ends].any()
    start = [reference.convert_tokens_to_ids(system.start)] if system.start else []
    assert vocabulary.prompt("明月") == [*start, *vocabulary.encode("明月")]
    assert vocabulary.prompt("") == (start or [ends[0]])


def test_a_card_chooses_what_a_prompt_begins_with(twins: TinyTwins) -> None:
    for name, token, expected in (
        ("gpt-12l-cn", "", []),
        ("gpt-12l-cn", "[MASK]", [103]),
        ("zero-nlp", "[CLS]", [101]),
        ("wenzhong-110m", "<|endoftext|>", [900]),
    ):
        told = card().model_copy(update={"start_token": token})
        vocabulary = load_model(twins.folder(name), told, device="cpu", precision="fp32").vocabulary
        assert vocabulary.prompt("明") == [*expected, *vocabulary.encode("明")]


def test_a_card_chooses_the_kind_of_tokenizer(twins: TinyTwins) -> None:
    for name, kind in (
        ("zero-nlp", "bert"),
        ("zero-nlp-4", "bert"),
        ("wenzhong-110m", "byte_bpe"),
        ("qwen3", "byte_bpe"),
    ):
        told = card().model_copy(update={"tokenizer": kind})
        vocabulary = load_model(twins.folder(name), told, device="cpu", precision="fp32").vocabulary
        assert vocabulary.decode(vocabulary.prompt(PROMPT)) == PROMPT


def test_the_gap_is_one_token(twins: TinyTwins) -> None:
    for name in set(NAMES) - set(BYTE_LEVEL):
        vocabulary = twins.model(name).vocabulary
        assert vocabulary.encode(SOURCE).count(103) == 1
        assert vocabulary.encode("[MASK]") == [103]


@pytest.mark.parametrize("name", CAUSAL)
def test_scores_are_mean_log_probabilities(twins: TinyTwins, name: str) -> None:
    model = twins.model(name)
    reference = reference_model(twins.folder(name), SYSTEMS[name].model)
    prompt = prompt_of(model)
    texts = [model.vocabulary.encode(text) for text in ("明", "不知天上宫阙，", POEM[24:70])]
    expected = []
    for tokens in texts:
        logits = reference_logits(reference, [*prompt, *tokens])[len(prompt) - 1 : -1]
        own = torch.log_softmax(logits, dim=1)[torch.arange(len(tokens)), torch.tensor(tokens)]
        expected.append(float(own.mean()))
    assert model.score(prompt, texts) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
@pytest.mark.parametrize("name", CAUSAL)
def test_a_grown_prompt_gives_the_same_on_a_warm_and_on_a_cold_model(
    twins: TinyTwins, name: str, precision: Any
) -> None:
    warm = twins.model(name, precision)
    # Many tokens a character in the byte-level vocabularies: the prompts begin alike in more than one block.
    whole = (warm.vocabulary.prompt(POEM * 2))[: 3 * BLOCK]
    for length in (BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 7, 100, 3 * BLOCK):
        cold = load_model(twins.folder(name), card(), device="cpu", precision=precision)
        options: Any = {"count": 2, "seed": length, "max_new_tokens": 10, "temperature": 1.3}
        assert generate(warm, whole[:length], **options) == generate(cold, whole[:length], **options)


@pytest.mark.parametrize("name", ["gpt2-chinese-poem", "gpt-12l-cn", "pegasus", "wenzhong-110m"])
def test_a_hostile_pickle_is_not_opened(tmp_path: Path, name: str) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (str(tmp_path / "touched"),))

    folder = SYSTEMS[name].folder(tmp_path / name)
    path = folder / "pytorch_model.bin"
    state = torch.load(path, weights_only=True) | {"transformer.h.0.attn.bias": Hostile()}
    torch.save(state, path, _use_new_zipfile_serialization=name != "gpt-12l-cn")
    with pytest.raises(WeightsError, match="没有打开"):
        load_model(folder, card(), device="cpu")
    assert not (tmp_path / "touched").exists()


@pytest.mark.parametrize("name", ["gpt2-chinese-poem", "pegasus", "qwen3"])
def test_a_tensor_that_is_missing_is_not_made_up(tmp_path: Path, name: str) -> None:
    folder = SYSTEMS[name].folder(tmp_path / name)
    lost = MISSING[name]
    if name == "qwen3":
        state = load_file(folder / "model.safetensors")
        del state[lost]
        save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    else:
        state = torch.load(folder / "pytorch_model.bin", weights_only=True)
        del state[lost]
        torch.save(state, folder / "pytorch_model.bin")
    with pytest.raises(WeightsError) as caught:
        load_model(folder, card(), device="cpu")
    assert lost.removeprefix("transformer.") in caught.value.message


MISSING = {
    "gpt2-chinese-poem": "transformer.h.1.mlp.c_fc.weight",
    "pegasus": "model.decoder.layers.1.encoder_attn.q_proj.weight",
    "qwen3": "model.layers.1.mlp.up_proj.weight",
}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("gpt2-chinese-couplet", {"n_embd": 64}),
        ("pegasus", {"encoder_ffn_dim": 48}),
        ("pegasus", {"max_position_embeddings": 256}),
        ("qwen3", {"intermediate_size": 48}),
        ("qwen3", {"vocab_size": 1088}),
    ],
)
def test_sizes_of_another_model_are_refused(tmp_path: Path, name: str, change: dict[str, int]) -> None:
    path = SYSTEMS[name].folder(tmp_path / name) / "config.json"
    write_json(path, json.loads(path.read_text(encoding="utf-8")) | change)
    with pytest.raises(WeightsError, match=r"不符|不配套"):
        load_model(path.parent, card(), device="cpu")


@pytest.mark.parametrize(
    "name",
    [
        "gpt2-chinese-poem",
        "gpt2-chinese-couplet",
        "gpt-12l-cn",
        "pegasus",
        "wenzhong-110m",
        "zero-nlp",
        pytest.param("qwen3", marks=pytest.mark.slow),
        pytest.param("wenzhong-3.5b", marks=[pytest.mark.slow, pytest.mark.timeout(900)]),
    ],
)
def test_true_sizes(tmp_path: Path, name: str) -> None:
    place = tmp_path / "true"
    try:
        folder = SYSTEMS[name].folder(place, size="true")
        model: Any = load_model(folder, card(), device="cpu", precision="int8")
        assert model.vocabulary.size == TRUE_VOCABULARIES[name]
        assert model.context_length == (40960 if name == "qwen3" else 1024)
        candidates = generate(model, prompt_of(model), count=2, max_new_tokens=12)
        for chunks in candidates:
            assert chunks[-1].finish_reason in (FinishReason.STOP, FinishReason.LENGTH)
            assert "\ufffd" not in text_of(chunks)
        on_disk = sum(path.stat().st_size for path in folder.iterdir())
        assert model.memory_bytes < 0.65 * on_disk
    finally:
        # pytest keeps the folders of three runs.
        shutil.rmtree(place, ignore_errors=True)


TRUE_VOCABULARIES = {
    "gpt2-chinese-poem": 22_557,
    "gpt2-chinese-couplet": 21_128,
    "gpt-12l-cn": 21_128,
    "pegasus": 21_128,
    "wenzhong-110m": 50_257,
    "wenzhong-3.5b": 50_304,
    "zero-nlp": 21_131,
    "qwen3": 151_936,
}
