"""Packing examples into rows of equal length."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from tokenizers import BertWordPieceTokenizer

from trainer.corpus import WeightedExample, epoch_order

IGNORED = -100
"""Label of a token that is read but not learnt (``ignore_index`` of the cross entropy)."""


@dataclass(frozen=True, slots=True)
class EncodedExample:
    """Token ids of the two parts of an example, without special tokens."""

    prefix: tuple[int, ...]
    text: tuple[int, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Batch:
    """``input_ids``, ``position_ids``, ``labels``: int64 tensors ``(rows, length)``.

    Positions start anew with every example, by which Transformers (``create_causal_mask``) keeps packed
    examples from attending to one another. ``labels[:, t]`` is the token at ``t`` itself; the loss shifts.
    """

    input_ids: torch.Tensor
    position_ids: torch.Tensor
    labels: torch.Tensor


def encode_examples(
    examples: Sequence[WeightedExample], tokenizer: BertWordPieceTokenizer
) -> list[EncodedExample]:
    """Encode, leaving out texts (and dropping prefixes) that have a character without a token."""
    unknown = tokenizer.token_to_id("[UNK]")
    encoded = []
    for example in examples:
        text = tuple(tokenizer.encode(example.text.text, add_special_tokens=False).ids)
        if unknown in text:
            continue
        prefix = tuple(tokenizer.encode(example.text.prefix, add_special_tokens=False).ids)
        encoded.append(EncodedExample(() if unknown in prefix else prefix, text, example.weight))
    return encoded


class RowPacker:
    """An endless, reproducible stream of rows: the row at a given number is always the same.

    Examples follow one another; one that does not fit into the rest of a row starts the next row, and the
    rest is padding. An example longer than a row is cut at the end of the row.
    """

    def __init__(
        self,
        examples: Sequence[EncodedExample],
        *,
        length: int,
        cls_id: int,
        sep_id: int,
        pad_id: int,
        seed: int,
        prefix_probability: float,
    ) -> None:
        if not examples:
            raise ValueError("no examples to pack")
        self._examples = examples
        self._weights = [example.weight for example in examples]
        self._length = length
        self._cls, self._sep, self._pad = cls_id, sep_id, pad_id
        self._seed = seed
        self._prefix_probability = prefix_probability

    def rows(self, *, epochs: int | None = None) -> Iterator[tuple[list[int], list[int], list[int]]]:
        """Yield ``(input_ids, position_ids, labels)``; for ever, or for so many epochs."""
        ids: list[int] = []
        positions: list[int] = []
        labels: list[int] = []
        epoch = 0
        while epochs is None or epoch < epochs:
            draw = random.Random(f"prefix/{self._seed}/{epoch}")
            for index in epoch_order(self._weights, self._seed, epoch):
                tokens, learnt = self._sequence(self._examples[index], draw)
                if ids and len(ids) + len(tokens) > self._length:
                    yield self._padded(ids, positions, labels)
                    ids, positions, labels = [], [], []
                ids += tokens
                positions += range(len(tokens))
                labels += learnt
            epoch += 1
        if ids:
            yield self._padded(ids, positions, labels)

    def _sequence(self, example: EncodedExample, draw: random.Random) -> tuple[list[int], list[int]]:
        keep = draw.random() < self._prefix_probability
        prefix = example.prefix if keep else ()
        tokens = [self._cls, *prefix, *example.text, self._sep][: self._length]
        unlearnt = min(1 + len(prefix), len(tokens))
        return tokens, [IGNORED] * unlearnt + tokens[unlearnt:]

    def _padded(
        self, ids: list[int], positions: list[int], labels: list[int]
    ) -> tuple[list[int], list[int], list[int]]:
        missing = self._length - len(ids)
        # Padding counts its positions from 0, so that it is a sequence of its own to the mask.
        return (
            ids + [self._pad] * missing,
            positions + list(range(missing)),
            labels + [IGNORED] * missing,
        )


def batches(rows: Iterator[tuple[list[int], list[int], list[int]]], rows_per_batch: int) -> Iterator[Batch]:
    """Stack rows; the last batch may be smaller."""
    pending: list[tuple[list[int], list[int], list[int]]] = []
    for row in rows:
        pending.append(row)
        if len(pending) == rows_per_batch:
            yield _stack(pending)
            pending = []
    if pending:
        yield _stack(pending)


def _stack(rows: Sequence[tuple[list[int], list[int], list[int]]]) -> Batch:
    ids, positions, labels = zip(*rows, strict=True)
    return Batch(torch.tensor(ids), torch.tensor(positions), torch.tensor(labels))
