"""A BERT vocabulary (``vocab.txt``): encoding, masks, and text that grows token by token."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from tokenizers import BertWordPieceTokenizer, Tokenizer

from assistant.api import CharacterSet, Spelling, Vocabulary, WeightsError
from assistant.api.han import is_han
from assistant.engine.interning import SetInterner
from assistant.engine.tokenizer_files import TokenizerFiles

if TYPE_CHECKING:
    from assistant.api.constraints import Mask

_SPECIAL = re.compile(r"\[(PAD|UNK|CLS|SEP|MASK|unused\d+)\]|<(S|T|eop|eod)>|</?s>|<pad>")
"""Tokens nobody should see and nobody can type; those in angle brackets stand in the vocabularies of Google and UER."""
GAP = "[MASK]"
"""Where the text of a fill model is missing."""
_MOST_SETS = 512
"""Masks of character sets to remember: the rhymes of a book and a few hundred single characters."""


class TextStream(Protocol):
    """Turns the tokens of one sequence into text as they come."""

    def push(self, token_id: int) -> str:
        """The text that this token adds; empty for special tokens and incomplete characters."""


class EngineVocabulary(Vocabulary):
    """What the decoding loop needs beyond the contract."""

    penalized_mask: Mask
    """Tokens that ``repetition_penalty`` may touch: words, never punctuation, which must come again."""
    eos_token_ids: frozenset[int]

    def new_stream(self) -> TextStream:
        """For one sequence."""
        raise NotImplementedError

    def pending(self, token_ids: Sequence[int]) -> bytes:
        """The bytes at the end of ``token_ids`` that are no whole character yet."""
        return b""


class BertVocabulary(EngineVocabulary):
    """Tokens by line number, then those that were added. ``[CLS]`` starts a text and ``[SEP]`` ends it, unless the
    files name a ``bos`` and an ``eos``.

    Args:
        files: of the tokenizer, ``vocab.txt`` among them.
        size: width of the logits; None for as many as there are tokens.
        start_token: begins every prompt instead; empty for none, None to leave it to the files.

    Raises:
        WeightsError: ``vocab.txt`` is missing, is no UTF-8, lacks a special token or has more than ``size`` tokens.
    """

    def __init__(
        self, files: TokenizerFiles, size: int | None = None, start_token: str | None = None
    ) -> None:
        path, whole = files.folder / "vocab.txt", files.folder / "tokenizer.json"
        # Transformers 5 saves a BERT tokenizer in one file.
        self.tokens = files.wordpieces() if not path.is_file() and whole.is_file() else _read_tokens(path)
        added = files.added_tokens()
        for token_id in sorted(added):
            if token_id == len(self.tokens):
                self.tokens.append(added[token_id])
        special = set(added.values())
        self._ids = {token: index for index, token in enumerate(self.tokens)}
        missing = [name for name in ("[UNK]", "[CLS]", "[SEP]") if name not in self._ids]
        if missing:
            raise WeightsError(f"词表 {path} 里缺少 {'、'.join(missing)}。", "请换用与模型配套的 vocab.txt。")
        # Widths are sometimes rounded up to a multiple of a power of two.
        padded = size is not None and size % 8 == 0 and size - len(self.tokens) < 128
        if size is not None and not (len(self.tokens) == size or (padded and len(self.tokens) < size)):
            raise WeightsError(
                f"词表有 {len(self.tokens)} 个词，模型却要 {size} 个，二者不配套。",
                "请换用与模型配套的 vocab.txt。",
            )
        self.size = size or len(self.tokens)
        self.tokens += [""] * (self.size - len(self.tokens))
        self.eos_token_id = self._ids[files.special_token("eos_token", self._ids) or "[SEP]"]
        self.eos_token_ids = frozenset({self.eos_token_id})
        start = (
            start_token if start_token is not None else files.special_token("bos_token", self._ids) or "[CLS]"
        )
        if start and start not in self._ids:
            raise WeightsError(
                f"词表 {path} 里没有模型卡所说的开头 {start}。", "请检查模型卡的 start_token。"
            )
        self._start = [self._ids[start]] if start else []
        # The gap of a fill model and the control tokens of a poem model are tokens, not several characters.
        whole_tokens = {GAP, *(token for token in special if not _SPECIAL.fullmatch(token))}
        self._whole = re.compile(f"({'|'.join(map(re.escape, sorted(whole_tokens)))})")
        self._tokenizer: Any = (
            BertWordPieceTokenizer(str(path), lowercase=files.lowercase())
            if path.is_file()
            else Tokenizer.from_file(str(whole))
        )
        self._writable_mask = _frozen(
            [token != "" and token not in special and not _SPECIAL.fullmatch(token) for token in self.tokens]
        )
        self._writable = self._writable_mask.tolist()
        self._han_mask = _frozen([len(token) == 1 and is_han(token) for token in self.tokens])
        self.penalized_mask = self._han_mask
        self._interner = SetInterner()
        self._sets: dict[tuple[frozenset[str], bool, bool], Mask] = {}
        # What a token adds whatever stands before it; None where that matters.
        self._alone = [
            (token if len(token) == 1 and not token.isascii() else None) if writable else ""
            for token, writable in zip(self.tokens, self._writable, strict=True)
        ]

    @classmethod
    def read(cls, folder: Path) -> BertVocabulary:
        """The vocabulary of a model folder."""
        return cls(TokenizerFiles(folder))

    def encode(self, text: str) -> list[int]:
        ids: list[int] = []
        for number, part in enumerate(self._whole.split(text)):
            if number % 2 == 0:
                ids += self._tokenizer.encode(part, add_special_tokens=False).ids
            elif part in self._ids:
                ids.append(self._ids[part])
        return ids

    def prompt(self, text: str) -> list[int]:
        return [*self._start, *self.encode(text)]

    def spell(self, token_ids: Sequence[int]) -> Spelling:
        alone = self._alone
        try:
            return Spelling("".join([alone[token_id] for token_id in token_ids]))  # type: ignore[misc]
        except TypeError:
            return Spelling(self.decode(token_ids))

    def decode(self, token_ids: Sequence[int]) -> str:
        stream = self.new_stream()
        return "".join([stream.push(token_id) for token_id in token_ids])

    def new_stream(self) -> TextStream:
        return _BertTextStream(self.tokens, self._writable)

    def can_write(self, character: str) -> bool:
        return character in self._ids

    def mask_of(self, characters: Iterable[str]) -> Mask:
        mask = np.zeros(self.size, dtype=np.bool_)
        for character in characters:
            token_id = self._ids.get(character)
            if token_id is not None:
                mask[token_id] = True
        return mask

    def mask_after(self, pending: bytes, characters: CharacterSet) -> Mask:
        if self._interner.is_full or len(self._sets) >= _MOST_SETS:
            self._interner.clear()
            self._sets.clear()
        same = self._interner.intern(characters.characters)
        key = (same, characters.han, characters.any_character)
        known = self._sets.get(key)
        if known is None:
            whole = replace(characters, without=frozenset())
            known = self._sets[key] = super().mask_after(pending, whole)
        if not characters.without:
            return known
        mask = known.copy()
        ids = self._ids
        mask[[ids[character] for character in characters.without if character in ids]] = False
        return mask

    @property
    def han_mask(self) -> Mask:
        return self._han_mask

    @property
    def writable_mask(self) -> Mask:
        return self._writable_mask


class _BertTextStream:
    """Chinese characters follow one another without spaces; word pieces (``##ing``) join; two words in Latin
    letters or digits keep one space between them.
    """

    def __init__(self, tokens: Sequence[str], writable: Sequence[bool]) -> None:
        self._tokens, self._writable = tokens, writable
        self._last = ""

    def push(self, token_id: int) -> str:
        if not self._writable[token_id]:
            return ""
        token = self._tokens[token_id]
        if len(token) == 1 and not token.isascii():
            text = token
        elif token.startswith("##") and len(token) > 2:
            text = token[2:]
        elif _is_word(self._last) and _is_word(token[0]):
            text = " " + token
        else:
            text = token
        self._last = token[-1]
        return text


def _is_word(character: str) -> bool:
    return character.isalnum() and not is_han(character)


def _read_tokens(path: Path) -> list[str]:
    try:
        # Not splitlines(): a vocabulary may hold U+2028 and the like as tokens.
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise WeightsError(f"读不到词表 {path}。", "模型文件夹里应有 vocab.txt，请重新取得模型。") from error
    if lines and lines[-1] == "":
        lines.pop()
    return [line.rstrip("\r") for line in lines]


def _frozen(values: list[bool]) -> Mask:
    mask = np.array(values, dtype=np.bool_)
    mask.setflags(write=False)
    return mask
