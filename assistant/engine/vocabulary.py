"""A BERT vocabulary (``vocab.txt``): encoding, masks, and text that grows token by token."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import BertWordPieceTokenizer

from assistant.api import Vocabulary, WeightsError
from assistant.api.han import is_han

if TYPE_CHECKING:
    from assistant.api.constraints import Mask

_SPECIAL = re.compile(r"\[(PAD|UNK|CLS|SEP|MASK|unused\d+)\]|<(S|T|eop|eod)>|</?s>|<pad>")
"""Tokens nobody should see; those in angle brackets stand in the vocabularies of Google and UER."""


class BertVocabulary(Vocabulary):
    """Tokens by line number. ``[CLS]`` starts a text and ``[SEP]`` ends it.

    Args:
        tokens: all tokens, the index being the id.
        path: the file they were read from (the tokenizer reads it itself).
    """

    def __init__(self, tokens: Sequence[str], path: Path) -> None:
        self.tokens = list(tokens)
        self.size = len(self.tokens)
        self._ids = {token: index for index, token in enumerate(self.tokens)}
        missing = [name for name in ("[UNK]", "[CLS]", "[SEP]") if name not in self._ids]
        if missing:
            raise WeightsError(f"词表 {path} 里缺少 {'、'.join(missing)}。", "请换用与模型配套的 vocab.txt。")
        self.bos_token_id = self._ids["[CLS]"]
        self.eos_token_id = self._ids["[SEP]"]
        self._tokenizer = BertWordPieceTokenizer(str(path), lowercase=True)
        self._writable_mask = _frozen(
            [not _SPECIAL.fullmatch(token) and token != "" for token in self.tokens]
        )
        self._han_mask = _frozen([len(token) == 1 and is_han(token) for token in self.tokens])

    @classmethod
    def read(cls, path: Path) -> BertVocabulary:
        """Read ``vocab.txt``.

        Raises:
            WeightsError: the file is missing, is no UTF-8, or lacks the special tokens.
        """
        try:
            # Not splitlines(): a vocabulary may hold U+2028 and the like as tokens.
            lines = path.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise WeightsError(
                f"读不到词表 {path}。", "模型文件夹里应有 vocab.txt，请重新取得模型。"
            ) from error
        if lines and lines[-1] == "":
            lines.pop()
        return cls([line.rstrip("\r") for line in lines], path)

    def encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def prompt(self, text: str) -> list[int]:
        return [self.bos_token_id, *self.encode(text)]

    def decode(self, token_ids: Sequence[int]) -> str:
        stream = TextStream(self)
        return "".join(stream.push(token_id) for token_id in token_ids)

    def mask_of(self, characters: Iterable[str]) -> Mask:
        mask = np.zeros(self.size, dtype=np.bool_)
        for character in characters:
            token_id = self._ids.get(character)
            if token_id is not None:
                mask[token_id] = True
        return mask

    @property
    def han_mask(self) -> Mask:
        return self._han_mask

    @property
    def writable_mask(self) -> Mask:
        return self._writable_mask


class TextStream:
    """Turns the tokens of one sequence into text as they come.

    Chinese characters follow one another without spaces; word pieces (``##ing``) join; two words in Latin
    letters or digits keep one space between them.
    """

    def __init__(self, vocabulary: BertVocabulary) -> None:
        self._vocabulary = vocabulary
        self._last = ""

    def push(self, token_id: int) -> str:
        """The text that this token adds; empty for special tokens."""
        if not self._vocabulary.writable_mask[token_id]:
            return ""
        token = self._vocabulary.tokens[token_id]
        if token.startswith("##") and len(token) > 2:
            text = token[2:]
        elif _is_word(self._last) and _is_word(token[0]):
            text = " " + token
        else:
            text = token
        self._last = token[-1]
        return text


def _is_word(character: str) -> bool:
    return character.isalnum() and not is_han(character)


def _frozen(values: list[bool]) -> Mask:
    mask = np.array(values, dtype=np.bool_)
    mask.setflags(write=False)
    return mask
