"""The training loop, from a configuration to a model folder; reads top to bottom."""

from __future__ import annotations

import time
from typing import cast

import torch
from transformers import GPT2LMHeadModel

from trainer.config import TrainingConfig
from trainer.data import load_data
from trainer.evaluate import Evaluation, evaluate
from trainer.export import export_folder, write_card
from trainer.model import add_gradients, build_model
from trainer.optimizers import schedule, set_learning_rate
from trainer.precision import choose_device
from trainer.progress import Progress
from trainer.recipes import find_recipe
from trainer.samples import sample
from trainer.state import TrainingState, find_saved, vocabulary_of
from trainer.work_folder import hold


def train(config: TrainingConfig, *, command: str, resume: bool, stop_after: int | None = None) -> None:
    """Train, evaluate, export.

    Args:
        command: what begins the run; it is recorded in the card.
        resume: go on from the checkpoint in the work folder; without it, a checkpoint there is an error.
        stop_after: stop after so many steps of this call, as an interruption would; for tests.

    Raises:
        InputError: a corpus cannot be read, the work folder belongs to another run, or another run is in it.
    """
    with hold(config.output.work_folder):
        _train(config, command, resume, stop_after)


def _train(config: TrainingConfig, command: str, resume: bool, stop_after: int | None) -> None:
    run, work = config.run, config.output.work_folder
    torch.manual_seed(run.seed)
    if run.threads:
        torch.set_num_threads(run.threads)
    device = choose_device(run.precision)
    rows_at_once = min(run.rows_at_once or device.rows_at_once(config.model.n_positions), run.rows_per_step)
    recipe = find_recipe(config.data.recipe)
    saved = find_saved(config, resume=resume)
    data = load_data(config, recipe, vocabulary_of(saved, config) if saved else None)
    vocabulary = data.vocabulary
    model = build_model(
        config.model,
        len(vocabulary.tokens),
        cls_id=vocabulary.token_id("[CLS]"),
        sep_id=vocabulary.token_id("[SEP]"),
        pad_id=vocabulary.token_id("[PAD]"),
    ).to(device.name)  # type: ignore[arg-type]
    state = TrainingState(config, vocabulary, model, multiply_in=device.multiply_in)
    if saved:
        state.load(saved)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    progress = Progress(work / "log.jsonl")
    progress.emit(
        "start",
        step=state.step,
        steps=run.steps,
        parameters=parameters,
        vocabulary=len(vocabulary.tokens),
        examples=len(data.examples),
        left_out=data.left_out,
        heldout_examples=len(data.heldout),
        heldout_left_out=data.heldout_left_out,
        precision=device.precision,
        threads=torch.get_num_threads(),
    )

    def measure(of: GPT2LMHeadModel, max_rows: int | None, *, told: bool) -> Evaluation:
        with device.autocast():
            heldout = data.heldout_batches(max_rows, rows_at_once, told=told)
            return evaluate(of, (batch.to(device.name) for batch in heldout))

    def held_out(of: GPT2LMHeadModel) -> dict[str, float]:
        bare, told = measure(of, None, told=False), measure(of, None, told=True)
        return {
            "perplexity": bare.perplexity,
            "tokens": bare.token_count,
            "perplexity_told": told.perplexity,
            "tokens_told": told.token_count,  # fewer where a title pushes the end of a text out of its row
        }

    def report() -> None:
        now = measure(model, run.evaluate_rows, told=False)
        progress.emit(
            "evaluation", step=state.step, loss=now.loss, perplexity=now.perplexity, tokens=now.token_count
        )
        for beginning, text in zip(run.samples, sample(model, data, run.samples), strict=True):
            progress.emit("sample", step=state.step, beginning=beginning, text=text)

    if state.step == 0:
        report()
    model.train()
    batches = data.training_batches(state.step)
    first_step, started = state.step, time.perf_counter()
    seen, running_loss, running_tokens = 0, 0.0, 0
    while state.step < run.steps:
        if stop_after is not None and state.step - first_step >= stop_after:
            return
        if state.step >= config.decay_start:
            state.begin_averaging()
        batch = next(batches)
        set_learning_rate(state.optimizers, schedule(state.step, run.steps, config.optimizer))
        loss, learnt = add_gradients(model, batch, rows_at_once, device)
        torch.nn.utils.clip_grad_norm_(model.parameters(), config.optimizer.gradient_clip)
        for optimizer in state.optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        if state.average is not None:
            state.average.update_parameters(model)

        state.step += 1
        seen += batch.input_ids.numel()
        running_loss += loss
        running_tokens += learnt
        if state.step % run.log_every_steps == 0:
            elapsed = time.perf_counter() - started
            progress.emit(
                "step",
                step=state.step,
                steps=run.steps,
                loss=running_loss / running_tokens,
                tokens_per_second=seen / elapsed,
                seconds_left=(run.steps - state.step) * elapsed / (state.step - first_step),
            )
            running_loss, running_tokens = 0.0, 0
        if state.step < run.steps:
            if state.step % run.checkpoint_every_steps == 0 or state.step == config.decay_start:
                state.save()
            if state.step % run.evaluate_every_steps == 0:
                report()

    report()
    state.save()
    best, figures = model, held_out(model)
    if state.average is not None:
        averaged = cast(GPT2LMHeadModel, state.average.module)
        of_average = held_out(averaged)
        progress.emit("average", step=state.step, **of_average)
        if of_average["perplexity"] < figures["perplexity"]:
            best, figures = averaged, of_average
    progress.emit("heldout", step=state.step, **figures)
    files = export_folder(best, vocabulary, config.output.folder)
    write_card(
        config,
        recipe,
        parameters,
        vocabulary.controls,
        files,
        {
            "command": command,
            "data": "、".join(path.name for path in config.data.train),
            "steps": run.steps,
            "tokens_per_step": run.rows_per_step * config.model.n_positions,
            "precision": device.precision,
            "torch": str(torch.__version__),
            "heldout_perplexity": round(figures["perplexity"], 2),
            "heldout_perplexity_told": round(figures["perplexity_told"], 2),
            "heldout_texts": len(data.heldout),
            "heldout_texts_left_out": data.heldout_left_out,
        },
    )
    progress.emit("exported", folder=str(config.output.folder), card=str(config.output.card))
