"""The GPT-2 to train, and its loss."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - the name the field uses
from transformers import GPT2Config, GPT2LMHeadModel

from trainer.config import ModelConfig
from trainer.packing import IGNORED, Batch
from trainer.precision import TrainingDevice


def build_model(
    config: ModelConfig, vocab_size: int, *, cls_id: int, sep_id: int, pad_id: int
) -> GPT2LMHeadModel:
    """A GPT-2 with random weights and tied embeddings.

    ``gelu_pytorch_tanh`` is the fused form of GPT-2's ``gelu_new`` (the same function); it saves a fifth of
    the time of a step on CPUs. The exported folder says ``gelu_new``.
    """
    return GPT2LMHeadModel(
        GPT2Config(
            vocab_size=vocab_size,
            n_layer=config.n_layer,
            n_embd=config.n_embd,
            n_head=config.n_head,
            n_positions=config.n_positions,
            activation_function="gelu_pytorch_tanh",
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            bos_token_id=cls_id,
            eos_token_id=sep_id,
            pad_token_id=pad_id,
            use_cache=False,
        )
    )


def loss_sum(model: GPT2LMHeadModel, batch: Batch) -> tuple[torch.Tensor, int]:
    """Sum of the negative log-likelihoods in nats, and over how many tokens.

    Logits are computed only where something is learnt.
    """
    hidden = model.transformer(input_ids=batch.input_ids, position_ids=batch.position_ids).last_hidden_state
    targets = batch.targets
    learnt = targets != IGNORED  # (rows, length - 1)
    logits = model.lm_head(hidden[:, :-1][learnt])  # (learnt tokens, vocab)
    return F.cross_entropy(logits.float(), targets[learnt], reduction="sum"), int(learnt.sum())


def add_gradients(
    model: GPT2LMHeadModel, batch: Batch, rows_at_once: int, device: TrainingDevice
) -> tuple[float, int]:
    """Add the gradient of the mean loss of ``batch``, ``rows_at_once`` rows at a time.

    The gradient is that of all rows at once but for rounding. Fewer rows need less memory, and on a CPU less time too:
    what one layer makes is still in the cache when the next one reads it.

    Returns:
        Sum of the negative log-likelihoods in nats, and over how many tokens.
    """
    learnt = int((batch.targets != IGNORED).sum())
    total = 0.0
    for part in batch.split(rows_at_once):
        with device.autocast():
            loss, _ = loss_sum(model, part.to(device.name))
        (loss / learnt).backward()  # type: ignore[no-untyped-call]
        total += loss.item()
    return total, learnt
