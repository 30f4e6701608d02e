"""Continuations for the record of a run: what the figures feel like."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from transformers import GPT2LMHeadModel

from trainer.data import TrainingData, tokenizer_of
from trainer.vocabulary import SPECIAL_TOKENS

MAX_NEW_TOKENS = 64


@torch.inference_mode()
def sample(model: GPT2LMHeadModel, data: TrainingData, beginnings: Sequence[str], seed: int = 0) -> list[str]:
    """One continuation of each beginning, without its special tokens, always drawn with the same random numbers.

    Args:
        beginnings: text behind ``[CLS]``; control tokens stand in it as ``[七绝]``.
    """
    tokenizer = tokenizer_of(data.config, data.controls)
    end, pad = data.token_id("[SEP]"), data.token_id("[PAD]")
    never = [
        index
        for index, token in enumerate(data.tokens[: len(SPECIAL_TOKENS) + len(data.controls)])
        if token != "[SEP]"
    ]
    texts = []
    with torch.random.fork_rng():
        for beginning in beginnings:
            torch.manual_seed(seed)
            ids = [data.token_id("[CLS]"), *tokenizer.encode(beginning, add_special_tokens=False).ids]
            written = model.generate(  # type: ignore[misc]
                torch.tensor([ids], device=model.device),
                do_sample=True,
                temperature=0.9,
                top_p=0.92,
                max_new_tokens=min(MAX_NEW_TOKENS, data.config.model.n_positions - len(ids)),
                eos_token_id=end,
                pad_token_id=pad,
                suppress_tokens=never,
                use_cache=True,
            )[0, len(ids) :]
            texts.append("".join(data.tokens[token] for token in written.tolist() if token not in (end, pad)))
    return texts
