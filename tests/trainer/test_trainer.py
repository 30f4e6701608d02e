"""Training from scratch, on a corpus of a few lines: deterministic, resumable, and used afterwards."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest
import torch
from transformers import BertTokenizerFast, GPT2LMHeadModel

from assistant.api import Cancellation, GenerationConfig, InputError, SamplingOptions, TrainingText
from assistant.engine.loader import load_model
from assistant.library.cards import read_card
from trainer.__main__ import main
from trainer.config import ModelConfig, OptimizerConfig, load_config
from trainer.corpus import epoch_order, read_records
from trainer.model import build_model, loss_sum
from trainer.optimizers import schedule
from trainer.packing import IGNORED, EncodedExample, RowPacker, batches
from trainer.vocabulary import build_vocabulary

POEMS = [
    ("登鹳雀楼", "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"),
    ("静夜思", "床前明月光，疑是地上霜。举头望明月，低头思故乡。"),
    ("相思", "红豆生南国，春来发几枝。愿君多采撷，此物最相思。"),
    ("鹿柴", "空山不见人，但闻人语响。返景入深林，复照青苔上。"),
]


def write_config(folder: Path, *, steps: int = 12, extra: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps({"title": t, "text": x}, ensure_ascii=False) + "\n" for t, x in POEMS)
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
extra_characters = "《》"
[data]
train = ["{folder.as_posix()}/train.jsonl.xz"]
heldout = ["{folder.as_posix()}/heldout.jsonl"]
recipe = "poem"
[optimizer]
lr = 1e-2
warmup_steps = 2
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
{extra}
""",
        encoding="utf-8",
    )
    return path


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


def test_an_interrupted_run_resumes_to_the_same_weights(tmp_path: Path) -> None:
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    assert main([str(write_config(straight))]) == 0
    assert main([str(write_config(broken)), "--stop-after", "9"]) == 0
    assert not (broken / "model").exists()
    assert main([str(broken / "config.toml"), "--resume"]) == 0
    assert [event["step"] for event in events(broken, "start")] == [0, 8]
    first, second = (
        GPT2LMHeadModel.from_pretrained(folder / "model").state_dict() for folder in (straight, broken)
    )
    for name, tensor in first.items():
        torch.testing.assert_close(tensor, second[name], msg=name)


def test_a_run_is_not_started_over_by_accident(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_config(tmp_path)
    assert main([str(path)]) == 0
    assert main([str(path)]) == 2
    assert "--resume" in capsys.readouterr().err
    path.write_text(path.read_text(encoding="utf-8").replace("steps = 12", "steps = 16"), encoding="utf-8")
    assert main([str(path), "--resume"]) == 2
    assert "另一份配置" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("steps = 12", "steps = 0"), "run.steps"),
        (("n_layer", "n_layers"), "model.n_layers"),
        (("train.jsonl.xz", "missing.jsonl.xz"), "missing.jsonl.xz"),
        (('recipe = "poem"', 'recipe = "prose"'), "没有名为 prose 的训练方案"),
        (("[run]", "[run"), "TOML"),
    ],
)
def test_a_wrong_configuration_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str], said: str
) -> None:
    path = write_config(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    assert main([str(path)]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert said in line


def test_a_truncated_corpus_is_named(tmp_path: Path) -> None:
    path = write_config(tmp_path).parent / "train.jsonl.xz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"train\.jsonl\.xz"):
        list(read_records([path]))


def test_the_shipped_configuration_is_valid() -> None:
    config = load_config(Path(__file__).parents[2] / "trainer" / "configs" / "starter_poem.toml")
    assert config.output.folder == Path("resources/models") / config.output.id


def test_vocabulary_is_ordered_and_has_a_floor() -> None:
    tokens = build_vocabulary([TrainingText("明月明，", prefix="《题》"), TrainingText("明 月")], 2, "《》")
    assert tokens == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "《", "》", "明", "月"]


def test_order_depends_on_seed_and_epoch_and_heavier_comes_earlier() -> None:
    weights = [1.0] * 500 + [20.0] * 500
    order = epoch_order(weights, 1, 0)
    assert order == epoch_order(weights, 1, 0)
    assert sorted(order) == list(range(1000))
    assert order != epoch_order(weights, 1, 1)
    assert order != epoch_order(weights, 2, 0)
    assert sum(index >= 500 for index in order[:500]) > 400


def packer(examples: list[EncodedExample], *, prefix_probability: float = 0.0) -> RowPacker:
    return RowPacker(
        examples, length=16, cls_id=2, sep_id=3, pad_id=0, seed=1, prefix_probability=prefix_probability
    )


def test_rows_hold_whole_examples_and_learn_no_prefix() -> None:
    examples = [EncodedExample((8, 9), (10, 11, 12), 1.0), EncodedExample((), tuple(range(10, 40)), 1.0)]
    rows = list(packer(examples, prefix_probability=1.0).rows(epochs=1))
    by_length = sorted(rows, key=lambda row: row[0].count(0))
    ids, positions, labels = by_length[0]
    assert ids == [2, *range(10, 25)]
    assert positions == list(range(16))
    assert labels == [IGNORED, *range(10, 25)]
    ids, positions, labels = by_length[1]
    assert ids == [2, 8, 9, 10, 11, 12, 3] + [0] * 9
    assert positions == [*range(7), *range(9)]
    assert labels == [IGNORED] * 3 + [10, 11, 12, 3] + [IGNORED] * 9


def test_packed_examples_do_not_see_one_another() -> None:
    torch.manual_seed(0)
    model = build_model(
        ModelConfig(n_layer=2, n_embd=32, n_head=2, n_positions=16), 50, cls_id=2, sep_id=3, pad_id=0
    )
    model.eval()
    examples = [EncodedExample((), tuple(range(10, 10 + n)), 1.0) for n in (5, 4, 3, 2)]
    with torch.inference_mode():
        packed = sum(float(loss_sum(model, b)[0]) for b in batches(packer(examples).rows(epochs=1), 2))
        alone = sum(
            float(loss_sum(model, batch)[0])
            for example in examples
            for batch in batches(packer([example]).rows(epochs=1), 1)
        )
    assert packed == pytest.approx(alone, abs=1e-3)


def test_schedule_rises_stays_and_falls_to_zero() -> None:
    config = OptimizerConfig(warmup_steps=10, decay_fraction=0.5)
    factors = [schedule(step, 100, config) for step in range(100)]
    assert factors[0] == pytest.approx(0.1)
    assert factors[10:50] == [1.0] * 40
    assert factors[75] == pytest.approx(0.5)
    assert factors[99] == pytest.approx(0.02)
