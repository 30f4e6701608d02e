"""Training from scratch, on a corpus of a few lines: deterministic, resumable, and used afterwards."""

from __future__ import annotations

import itertools
import json
import lzma
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import BertTokenizerFast, GPT2LMHeadModel

from assistant.api import Cancellation, GenerationConfig, InputError, SamplingOptions
from assistant.engine.loader import load_model
from assistant.library.cards import read_card
from trainer.__main__ import main
from trainer.config import load_config
from trainer.corpus import read_records
from trainer.data import load_data
from trainer.recipes import find_recipe
from trainer.vocabulary import build_wordpieces

POEMS = [
    ("登鹳雀楼", "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"),
    ("静夜思", "床前明月光，疑是地上霜。举头望明月，低头思故乡。"),
    ("相思", "红豆生南国，春来发几枝。愿君多采撷，此物最相思。"),
    ("鹿柴", "空山不见人，但闻人语响。返景入深林，复照青苔上。"),
]

CONFIGS = Path(__file__).parents[2] / "trainer" / "configs"
KNOWN = {"kind": "五绝", "reg": True, "dynasty": "唐"}


def write_config(folder: Path, *, steps: int = 12, decay_steps: int = 0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps({"title": t, "text": x, **KNOWN}, ensure_ascii=False) + "\n" for t, x in POEMS)
    with lzma.open(folder / "train.jsonl.xz", "wt", encoding="utf-8") as file:
        file.write(lines)
    (folder / "heldout.jsonl").write_text(lines, encoding="utf-8")
    path = folder / "config.toml"
    path.write_text(
        f"""
[model]
n_layer = 1
n_embd = 32
n_head = 2
n_positions = 32
[vocabulary]
min_count = 1
min_control_count = 1
extra_characters = "《》"
[data]
train = ["{folder.as_posix()}/train.jsonl.xz"]
heldout = ["{folder.as_posix()}/heldout.jsonl"]
recipe = "poem"
[optimizer]
lr = 1e-2
warmup_steps = 2
decay_steps = {decay_steps}
[run]
steps = {steps}
rows_per_step = 2
threads = 1
log_every_steps = 4
checkpoint_every_steps = 4
evaluate_every_steps = 4
[output]
id = "tiny"
name = "小"
summary = "测试"
folder = "{folder.as_posix()}/model"
card = "{folder.as_posix()}/tiny.toml"
licence = "Apache-2.0"
source = "tests"
writers = ["poem"]
work_folder = "{folder.as_posix()}/run"
""",
        encoding="utf-8",
    )
    return path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def assert_same_weights(*folders: Path) -> None:
    first, second = (GPT2LMHeadModel.from_pretrained(folder / "model").state_dict() for folder in folders)
    for name, tensor in first.items():
        torch.testing.assert_close(tensor, second[name], msg=name, rtol=0, atol=0)


def events(folder: Path, kind: str) -> list[dict[str, float]]:
    lines = (folder / "run" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == kind]


def test_from_a_corpus_to_a_model_that_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(write_config(tmp_path, steps=60))]) == 0
    evaluations = events(tmp_path, "evaluation")
    assert evaluations[0]["step"] == 0
    assert evaluations[-1]["perplexity"] < evaluations[0]["perplexity"] / 4
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["event"] == "exported"

    # The card tells the truth about the folder.
    card = read_card(tmp_path / "tiny.toml")
    assert card.title_format == "《{title}》"
    assert {file.name: file.size_bytes for file in card.files} == {
        path.name: path.stat().st_size for path in (tmp_path / "model").iterdir()
    }
    assert card.training["heldout_perplexity"] == pytest.approx(evaluations[-1]["perplexity"], abs=0.01)

    # The folder is a plain GPT-2 in half precision, for Transformers and for the engine alike.
    reference = GPT2LMHeadModel.from_pretrained(tmp_path / "model", dtype=torch.float32).eval()
    tokenizer = BertTokenizerFast.from_pretrained(tmp_path / "model")
    ids = tokenizer("白日依山尽，", add_special_tokens=False)["input_ids"]
    prompt = torch.tensor([[tokenizer.cls_token_id, *ids]])
    with torch.inference_mode():
        expected = int(reference(prompt).logits[0, -1].argmax())
    model = load_model(tmp_path / "model", card, device="cpu", precision="fp32")
    [first, *_] = model.generate(
        prompt[0].tolist(),
        GenerationConfig(1, SamplingOptions(temperature=0, repetition_penalty=1, max_new_tokens=1)),
        Cancellation(),
    )
    assert first.text == tokenizer.convert_ids_to_tokens(expected)
    size = (tmp_path / "model" / "model.safetensors").stat().st_size
    assert 2 * card.parameters < size < 2 * card.parameters + 4000


def test_large_weights_are_split_and_an_earlier_export_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main([str(write_config(tmp_path))]) == 0
    weights = tmp_path / "model" / "model.safetensors"
    whole = load_file(weights)
    (tmp_path / "model" / "notes.txt").write_text("mine", encoding="utf-8")
    monkeypatch.setattr("trainer.export.SHARD_BYTES", weights.stat().st_size // 2)
    assert main([str(tmp_path / "config.toml"), "--resume"]) == 0

    names = {path.name for path in (tmp_path / "model").iterdir()}
    shards = {name for name in names if name.startswith("model-")}
    assert len(shards) > 1
    tokenizer = {"vocab.txt", "tokenizer_config.json"}
    assert names == {"config.json", "notes.txt", "model.safetensors.index.json", *tokenizer, *shards}
    card = read_card(tmp_path / "tiny.toml")
    assert {file.name for file in card.files} == names - {"notes.txt"}
    # Both readers put the same weights together.
    reference = GPT2LMHeadModel.from_pretrained(tmp_path / "model", dtype=torch.float16).state_dict()
    for name, tensor in whole.items():
        torch.testing.assert_close(reference[name], tensor, rtol=0, atol=0)
    load_model(tmp_path / "model", card, device="cpu", precision="fp32")


def test_an_interrupted_run_resumes_to_the_same_weights(tmp_path: Path) -> None:
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    assert main([str(write_config(straight))]) == 0
    assert main([str(write_config(broken)), "--stop-after", "9"]) == 0
    assert not (broken / "model").exists()
    assert main([str(broken / "config.toml"), "--resume"]) == 0
    assert [event["step"] for event in events(broken, "start")] == [0, 8]
    assert_same_weights(straight, broken)


def test_a_run_is_not_started_over_by_accident(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_config(tmp_path)
    assert main([str(path)]) == 0
    assert main([str(path)]) == 2
    assert "--resume" in capsys.readouterr().err
    change(path, "rows_per_step = 2", "rows_per_step = 3")
    assert main([str(path), "--resume"]) == 2
    assert "另一份配置" in capsys.readouterr().err


@pytest.mark.parametrize("finished", [True, False])
def test_a_run_can_be_made_longer_as_if_it_had_been_so_from_the_start(tmp_path: Path, finished: bool) -> None:
    long, short = tmp_path / "long", tmp_path / "short"
    assert main([str(write_config(long, steps=18, decay_steps=6))]) == 0
    path = write_config(short, steps=12, decay_steps=6)
    assert main([str(path), *([] if finished else ["--stop-after", "9"])]) == 0
    change(path, "steps = 12", "steps = 18")
    assert main([str(path), "--resume"]) == 0
    # Its rate had begun to fall after 6 steps: the longer run goes on from there.
    assert events(short, "start")[-1]["step"] == 6
    assert_same_weights(long, short)


def write_decaying_config(folder: Path) -> Path:
    """With an average and weights of its own for the last half; 鹿柴 is not read there."""
    path = write_config(folder, steps=12, decay_steps=6)
    change(path, "[optimizer]", "[optimizer]\naverage_decay = 0.5")
    change(path, 'recipe = "poem"', 'recipe = "poem"\n[data.late_weights.title]\n"鹿柴" = 0')
    return path


def test_the_decay_has_weights_and_an_average_of_its_own(tmp_path: Path) -> None:
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    assert main([str(write_decaying_config(straight))]) == 0
    path = write_decaying_config(broken)
    assert main([str(path), "--stop-after", "9"]) == 0
    assert main([str(path), "--resume"]) == 0
    assert events(broken, "start")[-1]["step"] == 8  # in the midst of the decay
    assert_same_weights(straight, broken)
    [averaged], [exported] = events(broken, "average"), events(broken, "heldout")
    assert averaged == events(straight, "average")[0]
    last = events(broken, "evaluation")[-1]["perplexity"]
    assert averaged["perplexity"] != last
    assert exported["perplexity"] == min(averaged["perplexity"], last)


def test_a_resumed_run_reads_what_the_interrupted_one_would_have_read(tmp_path: Path) -> None:
    config = load_config(write_decaying_config(tmp_path))
    data = load_data(config, find_recipe("poem"))
    straight = [batch.input_ids for batch in itertools.islice(data.training_batches(0), 12)]
    for first in (3, 6, 9):
        resumed = itertools.islice(data.training_batches(first), 12 - first)
        for expected, batch in zip(straight[first:], resumed, strict=True):
            assert torch.equal(batch.input_ids, expected)
    in_the_poem_left_out = data.vocabulary.token_id("返")
    assert any((rows == in_the_poem_left_out).any() for rows in straight[:6])
    assert not any((rows == in_the_poem_left_out).any() for rows in straight[6:])


def test_another_decay_begins_where_the_last_one_did(tmp_path: Path) -> None:
    straight, changed = tmp_path / "straight", tmp_path / "changed"
    path = write_decaying_config(changed)
    assert main([str(path), "--stop-after", "9"]) == 0
    for config in (path, write_decaying_config(straight)):
        change(config, "average_decay = 0.5", "average_decay = 0.0")
        change(config, '"鹿柴" = 0', '"鹿柴" = 3')
    assert main([str(path), "--resume"]) == 0
    assert events(changed, "start")[-1]["step"] == 6
    assert main([str(straight / "config.toml")]) == 0
    assert_same_weights(straight, changed)


def test_forms_and_eras_are_told_by_tokens_that_every_reader_takes_in_one_piece(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    change(path, "[run]", '[run]\nsamples = ["[五绝]《相思》", "[唐]白日"]')
    assert main([str(path)]) == 0
    card = read_card(tmp_path / "tiny.toml")
    assert set(card.controls) == {"五绝", "唐"}
    assert card.prompt_formats == {}  # no couplets among the texts, so no token to ask for one
    text = card.control("五绝") + card.control("唐") + "《相思》红豆"
    expected = BertTokenizerFast.from_pretrained(tmp_path / "model").tokenize(text)
    assert expected == ["[五绝]", "[唐]", "《", "相", "思", "》", "红", "豆"]
    model = load_model(tmp_path / "model", card, device="cpu", precision="fp32")
    assert [model.vocabulary.tokens[token] for token in model.vocabulary.encode(text)] == expected  # type: ignore[attr-defined]
    # They are told, never written.
    assert not model.vocabulary.writable_mask[model.vocabulary.encode("[五绝][唐]")].any()
    samples = [event for event in events(tmp_path, "sample") if event["step"] == 12]
    assert len(samples) == 2
    assert all("[" not in str(event["text"]) for event in samples)


def write_prose_config(folder: Path) -> Path:
    path = write_config(folder)
    record = {"title": "在 Linux 上写诗", "kind": "article", "text": "程序在 Linux 上运行，Linux 会写诗。"}
    for name, write in (("train.jsonl.xz", lzma.open), ("heldout.jsonl", open)):
        with write(folder / name, "wt", encoding="utf-8") as file:
            file.write((json.dumps(record, ensure_ascii=False) + "\n") * 4)
    change(path, "[vocabulary]", '[vocabulary]\nkind = "wordpieces"\nsize = 80')
    change(path, 'recipe = "poem"', 'recipe = "prose"')
    change(path, 'writers = ["poem"]', 'writers = ["continuation", "news"]')
    return path


def test_a_resumed_run_keeps_its_vocabulary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    def in_another_order(*arguments: Any) -> list[str]:
        # As the library may do, from one process to the next.
        tokens = build_wordpieces(*arguments)
        seen.append([*tokens[:6], *(reversed(tokens[6:]) if seen else tokens[6:])])
        return seen[-1]

    monkeypatch.setattr("trainer.data.build_wordpieces", in_another_order)
    path = write_prose_config(tmp_path)
    assert main([str(path), "--stop-after", "5"]) == 0
    assert main([str(path), "--resume"]) == 0
    assert (tmp_path / "model" / "vocab.txt").read_text(encoding="utf-8").splitlines() == seen[0]


def test_prose_keeps_its_latin_words_and_their_capitals(tmp_path: Path) -> None:
    path = write_prose_config(tmp_path)
    change(path, "[run]", '[run]\nsamples = ["程序在 Linux 上"]')
    assert main([str(path)]) == 0
    assert all("##" not in str(event["text"]) for event in events(tmp_path, "sample"))

    card = read_card(tmp_path / "tiny.toml")
    assert card.controls == ("文章",)
    model = load_model(tmp_path / "model", card, device="cpu", precision="fp32")
    tokenizer = BertTokenizerFast.from_pretrained(tmp_path / "model")
    tokens = tokenizer.tokenize("[文章]程序在Linux上")
    assert tokens == ["[文章]", "程", "序", "在", "Linux", "上"]
    assert model.vocabulary.encode("[文章]程序在Linux上") == tokenizer.convert_tokens_to_ids(tokens)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (("steps = 12", "steps = 0"), "run.steps"),
        (("n_layer", "n_layers"), "model.n_layers"),
        (("train.jsonl.xz", "missing.jsonl.xz"), "missing.jsonl.xz"),
        (('recipe = "poem"', 'recipe = "verse"'), "没有名为 verse 的训练方案"),
        (("[run]", "[run"), "TOML"),
    ],
)
def test_a_wrong_configuration_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], edit: tuple[str, str], said: str
) -> None:
    path = write_config(tmp_path)
    change(path, *edit)
    assert main([str(path)]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert said in line


def test_a_truncated_corpus_is_named(tmp_path: Path) -> None:
    path = write_config(tmp_path).parent / "train.jsonl.xz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"train\.jsonl\.xz"):
        list(read_records([path]))


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_shipped_configurations_are_valid(path: Path) -> None:
    config = load_config(path)
    assert config.output.folder == Path("resources/models") / config.output.id
