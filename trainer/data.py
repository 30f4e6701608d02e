"""Everything a run reads: the vocabulary, the examples, and the batches of each step."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.api import InputError, TrainingRecipe, TrainingText
from trainer.config import TrainingConfig, VocabularyConfig
from trainer.corpus import read_examples
from trainer.packing import Batch, EncodedExample, RowPacker, SequenceFormat, batches, encode_examples
from trainer.vocabulary import TokenVocabulary, build_vocabulary, build_wordpieces, count_controls


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What a run reads.

    Attributes:
        left_out: how many training texts have a character that is too rare for a token.
        heldout_left_out: how many held-out texts.
    """

    config: TrainingConfig
    vocabulary: TokenVocabulary
    examples: list[EncodedExample]
    heldout: list[EncodedExample]
    left_out: int
    heldout_left_out: int

    def training_batches(self, first_step: int) -> Iterator[Batch]:
        """One batch a step, from ``first_step`` on; a resumed run skips what it has read."""
        data, rows_per_step, seed = self.config.data, self.config.run.rows_per_step, self.config.run.seed
        form = self._format(data.prefix_probability, data.control_probability)
        main = RowPacker(self.examples, form, seed=seed, weights=[e.weight for e in self.examples])
        late = RowPacker(self.examples, form, seed=seed + 1, weights=[e.late_weight for e in self.examples])
        main_rows = self.config.decay_start * rows_per_step
        done = first_step * rows_per_step
        if done < main_rows:
            yield from batches(itertools.islice(main.rows(), done, main_rows), rows_per_step)
        yield from batches(itertools.islice(late.rows(), max(0, done - main_rows), None), rows_per_step)

    def heldout_batches(self, max_rows: int | None, rows_at_once: int, *, told: bool) -> Iterator[Batch]:
        """The held-out texts alone, or behind everything that is known of them (controls and prefix)."""
        probability = 1.0 if told else 0.0
        packer = RowPacker(self.heldout, self._format(probability, probability), seed=0)
        return batches(itertools.islice(packer.rows(epochs=1), max_rows), rows_at_once)

    def _format(self, prefix_probability: float, control_probability: float) -> SequenceFormat:
        return SequenceFormat(
            self.config.model.n_positions,
            cls_id=self.vocabulary.token_id("[CLS]"),
            sep_id=self.vocabulary.token_id("[SEP]"),
            pad_id=self.vocabulary.token_id("[PAD]"),
            prefix_probability=prefix_probability,
            control_probability=control_probability,
        )


def load_data(
    config: TrainingConfig, recipe: TrainingRecipe, vocabulary: TokenVocabulary | None = None
) -> TrainingData:
    """Read the corpora, and make the vocabulary unless there is one already.

    Raises:
        InputError: a corpus cannot be read, or nothing in it can be used.
    """
    data = config.data
    texts = read_examples(data.train, recipe, data.weights, data.late_weights, data.max_records)
    heldout_texts = read_examples(data.heldout, recipe, {}, max_records=data.max_records)
    if vocabulary is None:
        vocabulary = _make_vocabulary(config.vocabulary, [example.text for example in texts])
    tokenizer = vocabulary.tokenizer()
    examples = encode_examples(texts, tokenizer)
    heldout = encode_examples(heldout_texts, tokenizer)
    if not examples or not heldout:
        raise InputError("语料里没有可用的文本。", "请检查配置中的 data 与 vocabulary。")
    return TrainingData(
        config,
        vocabulary,
        examples,
        heldout,
        left_out=len(texts) - len(examples),
        heldout_left_out=len(heldout_texts) - len(heldout),
    )


def _make_vocabulary(config: VocabularyConfig, texts: Sequence[TrainingText]) -> TokenVocabulary:
    controls = count_controls(texts, config.min_control_count)
    if config.kind == "wordpieces":
        tokens = build_wordpieces(texts, config.min_count, config.size, config.extra_characters, controls)
    else:
        tokens = build_vocabulary(texts, config.min_count, config.extra_characters, controls)
    return TokenVocabulary(tuple(tokens), tuple(controls), lowercase=config.kind == "characters")
