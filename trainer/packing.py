"""Packing examples into rows of equal length."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from tokenizers import BertWordPieceTokenizer

from trainer.corpus import WeightedExample, epoch_order
from trainer.vocabulary import control_token

IGNORED = -100
"""Label of a token that is read but not learnt (``ignore_index`` of the cross entropy)."""

TokensAndLabels = tuple[list[int], list[int]]
"""Token ids and labels of one example."""
Row = tuple[list[int], list[int], list[int]]
"""Token ids, positions and labels of examples that stand one behind the other."""


@dataclass(frozen=True, slots=True)
class EncodedExample:
    """Token ids of the parts of an example, without start and end; the weights are those of ``WeightedExample``."""

    controls: tuple[int, ...]
    prefix: tuple[int, ...]
    text: tuple[int, ...]
    weight: float = 1.0
    late_weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Batch:
    """``input_ids``, ``position_ids``, ``labels``: int64 tensors ``(rows, length)``.

    Positions start anew with every example, by which Transformers (``create_causal_mask``) keeps packed
    examples from attending to one another. ``labels[:, t]`` is the token at ``t`` itself; the loss shifts.
    """

    input_ids: torch.Tensor
    position_ids: torch.Tensor
    labels: torch.Tensor

    def to(self, device: str) -> Batch:
        """The same batch on a device."""
        return Batch(self.input_ids.to(device), self.position_ids.to(device), self.labels.to(device))

    def split(self, rows: int) -> Iterator[Batch]:
        """The same rows in batches of ``rows``; the last may be smaller."""
        for start in range(0, len(self.labels), rows):
            part = slice(start, start + rows)
            yield Batch(self.input_ids[part], self.position_ids[part], self.labels[part])

    @property
    def targets(self) -> torch.Tensor:
        """int64 (rows, length - 1): what is to come behind each token but the last, or ``IGNORED``."""
        return self.labels[:, 1:]


def encode_examples(
    examples: Sequence[WeightedExample], tokenizer: BertWordPieceTokenizer
) -> list[EncodedExample]:
    """Encode, leaving out texts that have a character without a token, and controls without one.

    A prefix keeps its ``[UNK]``: it is only read, and titles with rare characters will be asked for.
    """
    unknown = tokenizer.token_to_id("[UNK]")
    encoded = []
    for example in examples:
        text = tuple(tokenizer.encode(example.text.text, add_special_tokens=False).ids)
        if unknown in text:
            continue
        prefix = tuple(tokenizer.encode(example.text.prefix, add_special_tokens=False).ids)
        controls = (tokenizer.token_to_id(control_token(name)) for name in example.text.controls)
        encoded.append(
            EncodedExample(
                tuple(token for token in controls if token is not None),
                prefix,
                text,
                example.weight,
                example.late_weight,
            )
        )
    return encoded


@dataclass(frozen=True, slots=True)
class SequenceFormat:
    """How an example becomes a sequence: ``[CLS]``, controls, prefix, text, ``[SEP]``.

    Attributes:
        length: of a row; a longer sequence is cut there.
        prefix_probability: how often the prefix is kept.
        control_probability: how often each control is kept, independently of the others.
    """

    length: int
    cls_id: int
    sep_id: int
    pad_id: int
    prefix_probability: float = 0.0
    control_probability: float = 0.0

    def sequence(self, example: EncodedExample, draw: random.Random) -> TokensAndLabels:
        """``(tokens, labels)``; what is drawn decides which controls and whether the prefix stand before the text."""
        before = [token for token in example.controls if draw.random() < self.control_probability]
        if draw.random() < self.prefix_probability:
            before += example.prefix
        tokens = [self.cls_id, *before, *example.text, self.sep_id][: self.length]
        unlearnt = min(1 + len(before), len(tokens))
        return tokens, [IGNORED] * unlearnt + tokens[unlearnt:]


class RowPacker:
    """A reproducible stream of rows: the row at a given number is always the same.

    Of the next ``LOOK_AHEAD`` sequences, the first starts a row and the longest that still fits follows, as long as
    one does (best fit): about one token in a hundred is padding, where taking them in order wastes a sixth.

    Args:
        weights: how often each example stands in an epoch, on average.
    """

    LOOK_AHEAD = 64

    def __init__(
        self,
        examples: Sequence[EncodedExample],
        form: SequenceFormat,
        *,
        seed: int,
        weights: Sequence[float] | None = None,
    ) -> None:
        if not examples:
            raise ValueError("no examples to pack")
        self._examples = examples
        self._weights = [1.0] * len(examples) if weights is None else weights
        if not any(self._weights):
            raise ValueError("every example has the weight 0")
        self._form = form
        self._seed = seed

    def rows(self, *, epochs: int | None = None) -> Iterator[Row]:
        """Yield ``(input_ids, position_ids, labels)``; for ever, or for so many epochs."""
        coming = self._sequences(epochs)
        waiting = list(itertools.islice(coming, self.LOOK_AHEAD))
        while waiting:
            ids: list[int] = []
            positions: list[int] = []
            labels: list[int] = []
            chosen: int | None = 0
            while chosen is not None:
                tokens, learnt = waiting.pop(chosen)
                waiting += itertools.islice(coming, 1)
                ids += tokens
                positions += range(len(tokens))
                labels += learnt
                room = self._form.length - len(ids)
                fitting = [index for index, (tokens, _) in enumerate(waiting) if len(tokens) <= room]
                # The first of the longest: the order stays close to the shuffle.
                chosen = max(fitting, key=lambda index: len(waiting[index][0]), default=None)
            yield self._padded(ids, positions, labels)

    def _sequences(self, epochs: int | None) -> Iterator[TokensAndLabels]:
        for epoch in itertools.count() if epochs is None else range(epochs):
            draw = random.Random(f"before/{self._seed}/{epoch}")
            for index in epoch_order(self._weights, self._seed, epoch):
                yield self._form.sequence(self._examples[index], draw)

    def _padded(self, ids: list[int], positions: list[int], labels: list[int]) -> Row:
        missing = self._form.length - len(ids)
        # Padding counts its positions from 0, so that it is a sequence of its own to the mask.
        return (
            ids + [self._form.pad_id] * missing,
            positions + list(range(missing)),
            labels + [IGNORED] * missing,
        )


def batches(rows: Iterator[Row], rows_per_batch: int) -> Iterator[Batch]:
    """Stack rows; the last batch may be smaller."""
    pending: list[Row] = []
    for row in rows:
        pending.append(row)
        if len(pending) == rows_per_batch:
            yield _stack(pending)
            pending = []
    if pending:
        yield _stack(pending)


def _stack(rows: Sequence[Row]) -> Batch:
    ids, positions, labels = zip(*rows, strict=True)
    return Batch(torch.tensor(ids), torch.tensor(positions), torch.tensor(labels))
