"""A character vocabulary in the BERT layout: ``vocab.txt``, one token a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import BertWordPieceTokenizer

from assistant.api import TrainingText

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def build_vocabulary(texts: Iterable[TrainingText], min_count: int, extra_characters: str) -> list[str]:
    """Special tokens, then the characters that occur at least ``min_count`` times, most frequent first.

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
    return [*SPECIAL_TOKENS, *extra, *kept]


def write_vocabulary(tokens: Sequence[str], path: Path) -> None:
    """One token a line, the line number being its id."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{token}\n" for token in tokens), encoding="utf-8")


def load_tokenizer(path: Path) -> BertWordPieceTokenizer:
    """The tokenizer that Transformers' ``BertTokenizerFast`` builds from the same file."""
    return BertWordPieceTokenizer(str(path), lowercase=True)
