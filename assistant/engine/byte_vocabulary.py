"""Byte-level vocabularies (GPT-2, Qwen; SentencePiece with byte fallback): a character may take several tokens.

Text is streamed through an incremental UTF-8 decoder, so that half a character is never shown. A constraint says
which characters may come next; the tokens for it are those whose bytes, behind the bytes that are there already,
spell an allowed character or a prefix of one.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from tokenizers import ByteLevelBPETokenizer, Tokenizer

from assistant.api import CharacterSet, ChatMessage, Spelling, WeightsError
from assistant.api.han import could_become_han, is_han
from assistant.engine.interning import SetInterner
from assistant.engine.tokenizer_files import TokenizerFiles
from assistant.engine.vocabulary import EngineVocabulary, TextStream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from assistant.api.constraints import Mask

_MOST_SETS = 512
"""Character sets to remember, each behind the bytes that were there."""
_MANY = 1 << 20


class ByteVocabulary(EngineVocabulary):
    """Tokens as byte strings.

    Args:
        files: of the tokenizer: ``tokenizer.json``, or ``vocab.json`` and ``merges.txt``.
        size: width of the logits; tokens beyond those of the tokenizer are never written.
        start_token: begins every prompt; empty for none, None to leave it to the files.

    Raises:
        WeightsError: the files are missing or damaged, or the tokenizer has more than ``size`` tokens.
    """

    def __init__(self, files: TokenizerFiles, size: int, start_token: str | None = None) -> None:
        self._files = files
        self._tokenizer = _load(files)
        count = self._tokenizer.get_vocab_size(with_added_tokens=True)
        tokens = [self._tokenizer.id_to_token(token_id) for token_id in range(min(size, count))]
        if count > size:
            raise WeightsError(
                f"词表有 {count} 个词，模型只有 {size} 个，二者不配套。", "请换用与模型配套的词表文件。"
            )
        self.size = size
        self.tokens_a_character = len("字".encode())
        ids = {token: index for index, token in enumerate(tokens) if token is not None}
        special = {*files.added_tokens().values(), *_added(self._tokenizer)}
        # By its decoder: a vocabulary of SentencePiece may hold the letter Ġ too.
        byte_level = "ByteLevel" in repr(getattr(self._tokenizer, "_tokenizer", self._tokenizer).decoder)
        spell = _byte_level if byte_level else _sentencepiece
        self._bytes = [b"" if token is None or token in special else spell(token) for token in tokens]
        self._bytes += [b""] * (size - len(tokens))
        ends = [ids[text] for text in (files.special_token("eos_token", ids),) if text]
        ends += [ids[text] for text in ("<|im_end|>", "<|endoftext|>", "</s>", "<|eot_id|>") if text in ids]
        ends = [*files.eos_token_ids(len(tokens)), *ends]
        if not ends:
            raise WeightsError(f"{files.folder} 的词表里没有表示结束的词。", "请重新取得这个模型。")
        self.eos_token_id = ends[0]
        self.eos_token_ids = frozenset(ends)
        for token_id in ends:
            self._bytes[token_id] = b""
        start = start_token if start_token is not None else self._own_start(ids)
        if start and start not in ids:
            raise WeightsError(f"词表里没有模型卡所说的开头 {start}。", "请检查模型卡的 start_token。")
        self._start = [ids[start]] if start else []
        self.has_chat_template = files.has_chat_template
        self._interner = SetInterner()
        self._after: dict[tuple[bytes, CharacterSet], Mask] = {}
        self._counts: dict[tuple[bytes, CharacterSet], NDArray[np.int32]] = {}
        self._writable: dict[bytes, Mask] = {}

    def _own_start(self, ids: dict[str, int]) -> str:
        bos = self._files.special_token("bos_token", ids)
        return bos if self._files.adds_bos() else ""

    def encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def prompt(self, text: str) -> list[int]:
        # An empty prompt has to begin somewhere: behind the end of another text, as in GPT-2's training.
        return [*self._start, *self.encode(text)] or [self.eos_token_id]

    def chat_prompt(self, messages: Sequence[ChatMessage]) -> list[int]:
        if not self.has_chat_template:
            raise ValueError("the model has no chat template")
        text = self._chat_tokenizer.apply_chat_template(
            [message._asdict() for message in messages],
            add_generation_prompt=True,
            tokenize=False,
            enable_thinking=False,  # only some templates know it; a writer wants the text, not thoughts
        )
        return self.encode(str(text))

    @cached_property
    def _chat_tokenizer(self) -> Any:
        # Transformers renders templates in a sandbox; it is only imported for models that have one.
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(self._files.folder, trust_remote_code=False)

    def decode(self, token_ids: Sequence[int]) -> str:
        return self.spell(token_ids).text

    def spell(self, token_ids: Sequence[int]) -> Spelling:
        decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        text = decoder.decode(b"".join([self._bytes[token_id] for token_id in token_ids]))
        return Spelling(text, decoder.getstate()[0])

    def pending(self, token_ids: Sequence[int]) -> bytes:
        # A character has at most four bytes, and no token is empty but the special ones.
        return self.spell(token_ids[-4:]).pending

    def new_stream(self) -> TextStream:
        return _ByteTextStream(self._bytes)

    def mask_of(self, characters: Iterable[str]) -> Mask:
        wanted = {character.encode() for character in characters}
        return np.array([spelled in wanted for spelled in self._bytes], dtype=np.bool_)

    def mask_after(self, pending: bytes, characters: CharacterSet) -> Mask:
        if characters.any_character:
            return self.writable_after(pending)
        if self._interner.is_full or len(self._after) >= _MOST_SETS:
            self._interner.clear()
            self._after.clear()
            self._counts.clear()
        characters = replace(characters, characters=self._interner.intern(characters.characters))
        if characters.without:
            counts = self._leading_to(pending, replace(characters, without=frozenset())).copy()
            for character in characters.without:
                if character in characters.characters or (characters.han and is_han(character)):
                    for ids in self._beginnings(pending, character):
                        counts[ids] -= 1
            return counts > 0
        known = self._after.get((pending, characters))
        if known is None:
            known = self._leading_to(pending, characters) > 0
            known.setflags(write=False)
            self._after[pending, characters] = known
        return known

    def _leading_to(self, pending: bytes, characters: CharacterSet) -> NDArray[np.int32]:
        """To how many of ``characters`` each token (size,) leads behind ``pending``: whole, or by its first bytes.

        Counted rather than only told, so that some characters can be taken away again: bytes that only begin one of
        those would be a dead end.
        """
        known = self._counts.get((pending, characters))
        if known is not None:
            return known
        counts = np.zeros(self.size, dtype=np.int32)
        for character in characters.characters:
            if characters.han and is_han(character):
                continue
            for ids in self._beginnings(pending, character):
                counts[ids] += 1
        if characters.han:
            longest = 4 - len(pending)
            for token_id, spelled in self._spelled(pending):
                if len(spelled) <= longest and could_become_han(pending + spelled):
                    # Whole characters count once; of those that share their first bytes more are left than any
                    # text could use up.
                    whole = _all_han(pending + spelled, 1)
                    counts[token_id] = 1 if whole else _MANY
        self._counts[pending, characters] = counts
        return counts

    def _beginnings(self, pending: bytes, character: str) -> Iterator[list[int]]:
        """Ids of the tokens that spell more of ``character`` behind ``pending``, by how much they spell."""
        spelled = character.encode()
        if spelled.startswith(pending):
            for end in range(len(pending) + 1, len(spelled) + 1):
                ids = self._ids_of.get(spelled[len(pending) : end])
                if ids:
                    yield ids

    @cached_property
    def _ids_of(self) -> dict[bytes, list[int]]:
        ids: dict[bytes, list[int]] = {}
        for token_id, spelled in enumerate(self._bytes):
            if spelled:
                ids.setdefault(spelled, []).append(token_id)
        return ids

    def writable_after(self, pending: bytes) -> Mask:
        # But for four first bytes, only the number of bytes that are missing matters.
        alike = pending if pending in _STRICT else _LIKE[_missing(pending)]
        mask = self._writable.get(alike)
        if mask is None:
            mask = np.zeros(self.size, dtype=np.bool_)
            mask[
                [token for token, spelled in self._spelled(alike) if _is_beginning_of_text(alike + spelled)]
            ] = True
            mask.setflags(write=False)
            self._writable[alike] = mask
        return mask

    def _spelled(self, pending: bytes) -> Iterable[tuple[int, bytes]]:
        """Tokens and what they spell; behind ``pending`` only those that continue a character."""
        return (
            self._continuing
            if pending
            else ((token, spelled) for token, spelled in enumerate(self._bytes) if spelled)
        )

    @cached_property
    def _continuing(self) -> list[tuple[int, bytes]]:
        return [
            (token, spelled)
            for token, spelled in enumerate(self._bytes)
            if spelled and spelled[0] & 0xC0 == 0x80
        ]

    @cached_property
    def han_mask(self) -> Mask:
        return _frozen([len(spelled) in (3, 4) and _all_han(spelled, 1) for spelled in self._bytes])

    @cached_property
    def penalized_mask(self) -> Mask:  # type: ignore[override]
        return _frozen([len(spelled) >= 3 and _all_han(spelled, 99) for spelled in self._bytes])

    @cached_property
    def writable_mask(self) -> Mask:
        return _frozen([spelled != b"" for spelled in self._bytes])

    @cached_property
    def end_mask(self) -> Mask:
        mask = np.zeros(self.size, dtype=np.bool_)
        mask[list(self.eos_token_ids)] = True
        mask.setflags(write=False)
        return mask


class _ByteTextStream:
    def __init__(self, token_bytes: Sequence[bytes]) -> None:
        self._bytes = token_bytes
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")

    def push(self, token_id: int) -> str:
        return self._decoder.decode(self._bytes[token_id])


def _load(files: TokenizerFiles) -> Any:
    folder = files.folder
    try:
        if (folder / "tokenizer.json").is_file():
            return Tokenizer.from_file(str(folder / "tokenizer.json"))
        return ByteLevelBPETokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    except Exception as error:  # the library raises bare Exception
        raise WeightsError(
            f"读不懂 {folder} 里的词表。",
            "应有 tokenizer.json，或 vocab.json 和 merges.txt，请重新取得模型。",
        ) from error


def _added(tokenizer: Any) -> set[str]:
    inner = getattr(tokenizer, "_tokenizer", tokenizer)
    return {token.content for token in inner.get_added_tokens_decoder().values()}


def _byte_alphabet() -> dict[str, int]:
    """Character → byte of GPT-2's byte-level BPE (``bytes_to_unicode`` in OpenAI's encoder.py)."""
    printable = [
        *range(ord("!"), ord("~") + 1),
        *range(ord("¡"), ord("¬") + 1),
        *range(ord("®"), ord("ÿ") + 1),
    ]
    alphabet = {chr(byte): byte for byte in printable}
    others = [byte for byte in range(256) if byte not in printable]
    return alphabet | {chr(256 + number): byte for number, byte in enumerate(others)}


_ALPHABET = _byte_alphabet()


def _byte_level(token: str) -> bytes:
    # <|endoftext|> and the like, where they stand in the vocabulary itself, are no text.
    if token.startswith("<|") and token.endswith("|>"):
        return b""
    try:
        return bytes([_ALPHABET[character] for character in token])
    except KeyError:
        return b""


def _sentencepiece(token: str) -> bytes:
    if len(token) == 6 and token.startswith("<0x") and token.endswith(">"):
        return bytes([int(token[3:5], 16)])
    if token.startswith("<") and token.endswith(">"):
        return b""
    return token.replace("\u2581", " ").encode()


_STRICT = (b"\xe0", b"\xed", b"\xf0", b"\xf4")
"""First bytes behind which not every second one makes a character."""
_LIKE = (b"", b"\xc3", b"\xe4", b"\xf1")
"""For 0 to 3 bytes missing: one example."""


def _missing(pending: bytes) -> int:
    """How many bytes the character that begins with ``pending`` still needs."""
    if not pending:
        return 0
    lead = pending[0]
    return (2 if lead < 0xE0 else 3 if lead < 0xF0 else 4) - len(pending)


def _is_beginning_of_text(data: bytes) -> bool:
    """True when ``data`` is UTF-8, at most cut off in its last character."""
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _all_han(spelled: bytes, most: int) -> bool:
    try:
        text = spelled.decode()
    except UnicodeDecodeError:
        return False
    return 0 < len(text) <= most and all(map(is_han, text))


def _frozen(values: list[bool]) -> Mask:
    mask = np.array(values, dtype=np.bool_)
    mask.setflags(write=False)
    return mask
