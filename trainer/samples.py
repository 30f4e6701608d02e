"""Continuations for the record of a run: what the figures feel like."""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch
from transformers import GPT2LMHeadModel

from trainer.data import TrainingData
from trainer.vocabulary import SPECIAL_TOKENS

MAX_NEW_TOKENS = 64
_BETWEEN_HAN = re.compile(r"(?<![A-Za-z0-9]) | (?![A-Za-z0-9])")
"""Spaces that the tokenizer puts between all tokens; Latin words need them between one another."""


@torch.inference_mode()
def sample(model: GPT2LMHeadModel, data: TrainingData, beginnings: Sequence[str], seed: int = 0) -> list[str]:
    """One continuation of each beginning, without its special tokens, always drawn with the same random numbers.

    Args:
        beginnings: text behind ``[CLS]``; control tokens stand in it as ``[七绝]``.
    """
    vocabulary = data.vocabulary
    tokenizer = vocabulary.tokenizer()
    end, pad = vocabulary.token_id("[SEP]"), vocabulary.token_id("[PAD]")
    never = [
        index
        for index, token in enumerate(vocabulary.tokens[: len(SPECIAL_TOKENS) + len(vocabulary.controls)])
        if token != "[SEP]"
    ]
    texts = []
    with torch.random.fork_rng():
        for beginning in beginnings:
            torch.manual_seed(seed)
            ids = [vocabulary.token_id("[CLS]"), *tokenizer.encode(beginning, add_special_tokens=False).ids]
            prompt = torch.tensor([ids], device=model.device)
            written = model.generate(  # type: ignore[misc]
                prompt,
                attention_mask=torch.ones_like(prompt),
                do_sample=True,
                temperature=0.9,
                top_p=0.92,
                max_new_tokens=max(1, min(MAX_NEW_TOKENS, data.config.model.n_positions - len(ids))),
                eos_token_id=end,
                pad_token_id=pad,
                suppress_tokens=never,
                use_cache=True,
            )[0, len(ids) :]
            texts.append(_BETWEEN_HAN.sub("", tokenizer.decode(written.tolist())))
    return texts
