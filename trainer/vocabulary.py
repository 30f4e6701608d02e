"""A character vocabulary in the BERT layout: ``vocab.txt``, one token a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import BertWordPieceTokenizer

from assistant.api import TrainingText

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def control_token(name: str) -> str:
    """The token of a control name: ``七绝`` is told by ``[七绝]``."""
    return f"[{name}]"


def count_controls(texts: Iterable[TrainingText], min_count: int) -> list[str]:
    """Names of controls that occur at least ``min_count`` times, most frequent first."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text.controls)
    return [
        name
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if count >= min_count
    ]


def build_vocabulary(
    texts: Iterable[TrainingText], min_count: int, extra_characters: str, controls: Sequence[str] = ()
) -> list[str]:
    """Special tokens, control tokens, then the characters that occur at least ``min_count`` times, most frequent first.

    Only the learnt part of the examples is counted: a character that stands in titles alone needs no token.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text.text)
    kept = [
        character
        for character, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if count >= min_count and not character.isspace()
    ]
    extra = [character for character in dict.fromkeys(extra_characters) if character not in set(kept)]
    return [*SPECIAL_TOKENS, *map(control_token, controls), *extra, *kept]


def build_wordpieces(
    texts: Sequence[TrainingText], min_count: int, size: int, controls: Sequence[str] = ()
) -> list[str]:
    """Special tokens, control tokens, characters that occur at least ``min_count`` times, and pieces of Latin words up
    to ``size`` tokens, by the trainer of Hugging Face's ``tokenizers``. Chinese characters stay single.

    The titles are counted too: headlines have names that the texts lack.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text.text)
    alphabet = [
        character for character, count in counts.items() if count >= min_count and not character.isspace()
    ]
    reserved = [*SPECIAL_TOKENS, *map(control_token, controls)]
    tokenizer = BertWordPieceTokenizer(lowercase=False)
    tokenizer.train_from_iterator(
        (part for text in texts for part in (text.prefix, text.text)),
        vocab_size=size,
        min_frequency=max(2, min_count),
        limit_alphabet=len(alphabet),
        initial_alphabet=sorted(alphabet),
        special_tokens=reserved,
        show_progress=False,
    )
    return sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().__getitem__)


def write_vocabulary(tokens: Sequence[str], path: Path) -> None:
    """One token a line, the line number being its id."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{token}\n" for token in tokens), encoding="utf-8")


def load_tokenizer(path: Path, *, lowercase: bool = True) -> BertWordPieceTokenizer:
    """The tokenizer that Transformers' ``BertTokenizer`` builds from the same file."""
    return BertWordPieceTokenizer(str(path), lowercase=lowercase)
