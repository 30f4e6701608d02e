"""Everything a run reads: the vocabulary, the examples, and the batches of each step."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tokenizers import BertWordPieceTokenizer

from assistant.api import InputError, TrainingRecipe
from trainer.config import TrainingConfig
from trainer.corpus import read_examples
from trainer.packing import Batch, EncodedExample, RowPacker, SequenceFormat, batches, encode_examples
from trainer.vocabulary import (
    build_vocabulary,
    build_wordpieces,
    control_token,
    count_controls,
    load_tokenizer,
    write_vocabulary,
)


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What a run reads.

    Attributes:
        tokens: the vocabulary, in the order of ids.
        controls: names of the control tokens among them.
        left_out: how many training texts have a character that is too rare for a token.
    """

    config: TrainingConfig
    tokens: tuple[str, ...]
    controls: tuple[str, ...]
    examples: list[EncodedExample]
    heldout: list[EncodedExample]
    left_out: int

    @property
    def decay_start(self) -> int:
        """The step from which on the learning rate falls and the late weights count."""
        return max(0, self.config.run.steps - self.config.optimizer.decay_steps)

    def token_id(self, token: str) -> int:
        """Raises ValueError when there is no such token."""
        return self.tokens.index(token)

    def training_batches(self, first_step: int) -> Iterator[Batch]:
        """One batch a step, from ``first_step`` on; a resumed run skips what it has read."""
        data, rows_per_step, seed = self.config.data, self.config.run.rows_per_step, self.config.run.seed
        form = self._format(data.prefix_probability, data.control_probability)
        main = RowPacker(self.examples, form, seed=seed, weights=[e.weight for e in self.examples])
        late = RowPacker(self.examples, form, seed=seed + 1, weights=[e.late_weight for e in self.examples])
        main_rows = self.decay_start * rows_per_step
        done = first_step * rows_per_step
        if done < main_rows:
            yield from batches(itertools.islice(main.rows(), done, main_rows), rows_per_step)
        yield from batches(itertools.islice(late.rows(), max(0, done - main_rows), None), rows_per_step)

    def heldout_batches(self, max_rows: int | None, *, told: bool) -> Iterator[Batch]:
        """The held-out texts alone, or behind everything that is known of them (controls and prefix)."""
        probability = 1.0 if told else 0.0
        packer = RowPacker(self.heldout, self._format(probability, probability), seed=0)
        return batches(itertools.islice(packer.rows(epochs=1), max_rows), self.config.run.rows_per_step)

    def _format(self, prefix_probability: float, control_probability: float) -> SequenceFormat:
        return SequenceFormat(
            self.config.model.n_positions,
            cls_id=self.token_id("[CLS]"),
            sep_id=self.token_id("[SEP]"),
            pad_id=self.token_id("[PAD]"),
            prefix_probability=prefix_probability,
            control_probability=control_probability,
        )


def tokenizer_of(config: TrainingConfig, controls: Sequence[str]) -> BertWordPieceTokenizer:
    """The tokenizer of the vocabulary in the work folder; control tokens are read in one piece."""
    tokenizer = load_tokenizer(
        config.output.work_folder / "vocab.txt", lowercase=config.vocabulary.kind == "characters"
    )
    tokenizer.add_special_tokens([control_token(name) for name in controls])
    return tokenizer


def load_data(config: TrainingConfig, recipe: TrainingRecipe) -> TrainingData:
    """Read the corpora, make the vocabulary and write it into the work folder.

    Raises:
        InputError: a corpus cannot be read, or nothing in it can be used.
    """
    data, vocabulary = config.data, config.vocabulary
    texts = read_examples(data.train, recipe, data.weights, data.late_weights, data.max_records)
    heldout_texts = read_examples(data.heldout, recipe, {}, max_records=data.max_records)
    controls = count_controls((example.text for example in texts), vocabulary.min_control_count)
    learnt = [example.text for example in texts]
    if vocabulary.kind == "wordpieces":
        tokens = build_wordpieces(learnt, vocabulary.min_count, vocabulary.size, controls)
    else:
        tokens = build_vocabulary(learnt, vocabulary.min_count, vocabulary.extra_characters, controls)
    write_vocabulary(tokens, config.output.work_folder / "vocab.txt")
    tokenizer = tokenizer_of(config, controls)
    examples = encode_examples(texts, tokenizer)
    heldout = encode_examples(heldout_texts, tokenizer)
    if not examples or not heldout:
        raise InputError("语料里没有可用的文本。", "请检查配置中的 data 与 vocabulary。")
    return TrainingData(
        config, tuple(tokens), tuple(controls), examples, heldout, left_out=len(texts) - len(examples)
    )
