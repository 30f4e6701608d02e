"""The training loop, from a configuration to a model folder; reads top to bottom."""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import torch

from assistant.api import InputError
from trainer.checkpoint import load_checkpoint, save_checkpoint
from trainer.config import TrainingConfig
from trainer.corpus import read_examples
from trainer.evaluate import Evaluation, evaluate
from trainer.export import export_folder, write_card
from trainer.model import build_model, loss_sum
from trainer.optimizers import build_optimizers, schedule, set_learning_rate
from trainer.packing import Batch, EncodedExample, RowPacker, batches, encode_examples
from trainer.precision import autocast
from trainer.progress import Progress
from trainer.recipes import find_recipe
from trainer.vocabulary import build_vocabulary, load_tokenizer, write_vocabulary


def train(config: TrainingConfig, *, command: str, resume: bool, stop_after: int | None = None) -> None:
    """Train, evaluate before and after, export.

    Args:
        command: what was typed; it is recorded in the card.
        resume: go on from the checkpoint in the work folder; without it, a checkpoint there is an error.
        stop_after: stop after so many steps of this call, as an interruption would; for tests.

    Raises:
        InputError: a corpus cannot be read, or the work folder belongs to another run.
    """
    run, work = config.run, config.output.work_folder
    fingerprint = hashlib.sha256(config.model_dump_json().encode()).hexdigest()
    state = load_checkpoint(work)
    if state is not None and not resume:
        raise InputError(f"{work} 里已有一次训练的检查点。", "加 --resume 接着训练，或先删去这个文件夹。")
    if state is not None and state["fingerprint"] != fingerprint:
        raise InputError(f"{work} 里的检查点属于另一份配置。", "换一个 work_folder，或用原来的配置。")
    progress = Progress(work / "log.jsonl")
    torch.manual_seed(run.seed)
    if run.threads:
        torch.set_num_threads(run.threads)
    precision, context = autocast(run.precision)

    # Data: examples, vocabulary, rows.
    recipe = find_recipe(config.data.recipe)
    texts = read_examples(config.data.train, recipe, config.data.weights, config.data.max_records)
    heldout_texts = read_examples(config.data.heldout, recipe, {}, config.data.max_records)
    tokens = build_vocabulary(
        (text.text for text in texts), config.vocabulary.min_count, config.vocabulary.extra_characters
    )
    write_vocabulary(tokens, work / "vocab.txt")
    tokenizer = load_tokenizer(work / "vocab.txt")
    examples = encode_examples(texts, tokenizer)
    heldout = encode_examples(heldout_texts, tokenizer)
    if not examples or not heldout:
        raise InputError("语料里没有可用的文本。", "请检查配置中的 data 与 vocabulary。")
    cls_id, sep_id, pad_id = (tokens.index(name) for name in ("[CLS]", "[SEP]", "[PAD]"))

    def packer(of: list[EncodedExample], *, seed: int, prefix_probability: float) -> RowPacker:
        return RowPacker(
            of,
            length=config.model.n_positions,
            cls_id=cls_id,
            sep_id=sep_id,
            pad_id=pad_id,
            seed=seed,
            prefix_probability=prefix_probability,
        )

    def heldout_batches(max_rows: int | None) -> Iterator[Batch]:
        # Without prefix: the figure then means "of a bare text", whatever the run.
        rows = packer(heldout, seed=0, prefix_probability=0.0).rows(epochs=1)
        return batches(itertools.islice(rows, max_rows), run.rows_per_step)

    def measure(max_rows: int | None) -> Evaluation:
        with context():
            return evaluate(model, heldout_batches(max_rows))

    # Model and optimizers.
    model = build_model(config.model, len(tokens), cls_id=cls_id, sep_id=sep_id, pad_id=pad_id)
    optimizers = build_optimizers(model, config.optimizer)
    parameters = sum(p.numel() for p in model.parameters())
    first_step = 0
    if state is not None:
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        first_step = state["step"]
    progress.emit(
        "start",
        step=first_step,
        steps=run.steps,
        parameters=parameters,
        vocabulary=len(tokens),
        examples=len(examples),
        left_out=len(texts) - len(examples),
        heldout_examples=len(heldout),
        precision=precision,
        threads=torch.get_num_threads(),
    )
    if first_step == 0:
        before = measure(None)
        progress.emit(
            "evaluation", step=0, loss=before.loss, perplexity=before.perplexity, tokens=before.token_count
        )

    # The loop. A resumed run skips the rows that were already used, so the data order stays the same.
    model.train()
    rows = packer(examples, seed=run.seed, prefix_probability=config.data.prefix_probability).rows()
    steps = batches(itertools.islice(rows, first_step * run.rows_per_step, None), run.rows_per_step)
    started, seen, running_loss, running_tokens = time.perf_counter(), 0, 0.0, 0
    for step in range(first_step, run.steps):
        if stop_after is not None and step - first_step >= stop_after:
            return
        batch = next(steps)
        set_learning_rate(optimizers, schedule(step, run.steps, config.optimizer))
        with context():
            loss, learnt = loss_sum(model, batch)
        (loss / learnt).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), config.optimizer.gradient_clip)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

        done = step + 1
        seen += batch.input_ids.numel()
        running_loss += loss.item()
        running_tokens += learnt
        if done % run.log_every_steps == 0:
            elapsed = time.perf_counter() - started
            progress.emit(
                "step",
                step=done,
                steps=run.steps,
                loss=running_loss / running_tokens,
                tokens_per_second=seen / elapsed,
                seconds_left=(run.steps - done) * elapsed / (done - first_step),
            )
            running_loss, running_tokens = 0.0, 0
        if done % run.checkpoint_every_steps == 0 and done < run.steps:
            save_checkpoint(work, step=done, model=model, optimizers=optimizers, fingerprint=fingerprint)
        if done % run.evaluate_every_steps == 0 and done < run.steps:
            now = measure(run.evaluate_rows)
            progress.emit(
                "evaluation", step=done, loss=now.loss, perplexity=now.perplexity, tokens=now.token_count
            )

    after = measure(None)
    progress.emit(
        "evaluation", step=run.steps, loss=after.loss, perplexity=after.perplexity, tokens=after.token_count
    )
    save_checkpoint(work, step=run.steps, model=model, optimizers=optimizers, fingerprint=fingerprint)
    export_folder(model, tokens, config.output.folder)
    write_card(
        config,
        recipe.title_format,
        parameters,
        {
            "command": command,
            "data": "、".join(Path(path).name for path in config.data.train),
            "steps": run.steps,
            "tokens_per_step": run.rows_per_step * config.model.n_positions,
            "precision": precision,
            "torch": str(torch.__version__),
            "heldout_perplexity": round(after.perplexity, 2),
        },
    )
    progress.emit("exported", folder=str(config.output.folder), card=str(config.output.card))
