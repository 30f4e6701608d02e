"""Transformers' own reading of a twin, to hold the engine against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import Tensor
from transformers.utils import logging


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars, and nothing said about buffers of old releases."""
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def reference_model(folder: Path, kind: str) -> Any:
    """The class ``kind`` of Transformers with the weights of ``folder``, in float32."""
    with quiet():
        return getattr(transformers, kind).from_pretrained(folder, dtype=torch.float32).eval()


def reference_tokenizer(folder: Path, kind: str) -> Any:
    """The class ``kind`` of Transformers with the tokenizer files of ``folder``."""
    with quiet():
        return getattr(transformers, kind).from_pretrained(folder)


@torch.inference_mode()
def reference_logits(model: Any, prompt: Sequence[int], target: Sequence[int] = ()) -> Tensor:
    """(T, vocab) at every token of ``prompt``, or of ``target`` where the model has an encoder."""
    if target:
        output = model(input_ids=torch.tensor([list(prompt)]), decoder_input_ids=torch.tensor([list(target)]))
    else:
        output = model(input_ids=torch.tensor([list(prompt)]))
    logits: Tensor = output.logits[0]
    return logits


@torch.inference_mode()
def reference_greedy(
    model: Any, prompt: Sequence[int], *, ends: Sequence[int], most: int, allowed: Any
) -> list[int]:
    """The likeliest tokens behind ``prompt``, as ``generate`` takes them.

    Args:
        model: of Transformers.
        prompt: for a model with an encoder, its source.
        ends: tokens that end a text.
        most: tokens to write.
        allowed: from the tokens written so far to those that may come next (a boolean mask).
    """
    start = 1 if model.config.is_encoder_decoder else len(prompt)

    class Only(transformers.LogitsProcessor):
        def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
            mask = torch.tensor(allowed(input_ids[0, start:].tolist()))
            return scores.masked_fill(~mask[None], -torch.inf)

    with quiet():
        config = transformers.GenerationConfig(
            max_new_tokens=most,
            num_beams=1,
            do_sample=False,
            eos_token_id=list(ends),
            pad_token_id=ends[0],
            decoder_start_token_id=model.config.to_dict().get("decoder_start_token_id"),
        )
        # What stands in the folder (a temperature, a token to end with) is not asked for here.
        model.generation_config = config
        source = torch.tensor([list(prompt)])
        written = model.generate(
            source,
            attention_mask=torch.ones_like(source),
            generation_config=config,
            logits_processor=transformers.LogitsProcessorList([Only()]),
        )
    tokens: list[int] = written[0, start:].tolist()
    return tokens
