"""Vocabularies of characters or word pieces in the BERT layout: ``vocab.txt``, one token a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import BertWordPieceTokenizer

from assistant.api import TrainingText

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


@dataclass(frozen=True, slots=True)
class TokenVocabulary:
    """What a model reads and writes.

    Attributes:
        tokens: in the order of their ids.
        controls: names of the control tokens among them.
        lowercase: whether Latin letters are made small before they are looked up.
    """

    tokens: tuple[str, ...]
    controls: tuple[str, ...]
    lowercase: bool

    def token_id(self, token: str) -> int:
        """Raises ValueError when there is no such token."""
        return self.tokens.index(token)

    def tokenizer(self) -> BertWordPieceTokenizer:
        """The tokenizer that Transformers' ``BertTokenizer`` builds from the exported files; control tokens are read in
        one piece.
        """
        ids = {token: index for index, token in enumerate(self.tokens)}
        tokenizer = BertWordPieceTokenizer(ids, lowercase=self.lowercase)
        tokenizer.add_special_tokens([control_token(name) for name in self.controls])
        return tokenizer


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
    texts: Sequence[TrainingText],
    min_count: int,
    size: int,
    extra_characters: str,
    controls: Sequence[str] = (),
) -> list[str]:
    """Special tokens, control tokens, characters that occur at least ``min_count`` times, and pieces of Latin words up
    to ``size`` tokens, by the trainer of Hugging Face's ``tokenizers``. Chinese characters stay single.

    The titles are counted too: headlines have names that the texts lack. Two calls may number the pieces differently
    (https://github.com/huggingface/tokenizers/issues/1794), so the result belongs into the checkpoint.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text.prefix + text.text)
    alphabet = {
        character for character, count in counts.items() if count >= min_count and not character.isspace()
    }
    alphabet.update(extra_characters)
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
