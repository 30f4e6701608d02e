"""Byte-level BPE vocabularies of any length: trained on a few lines, then filled up with made-up merges."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, count, product, zip_longest
from pathlib import Path
from string import ascii_lowercase

from tokenizers import ByteLevelBPETokenizer

from tests.model_twins.bert_tokens import POEM, han_of_gb2312

_LINES = (
    POEM,
    *(POEM[at:] + POEM[:at] for at in range(1, 9)),
    "the cat and the bird and the moon over the river",
    "今天天气很好，我们去公园散步。2024年1月1日，新闻报道说：the moon is bright.",
)
_TRAINED = 60


def _alphabet() -> list[str]:
    """Byte → the character that stands for it in GPT-2's files."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


ALPHABET = _alphabet()


@cache
def byte_tokens(size: int) -> tuple[tuple[bytes, ...], tuple[tuple[bytes, bytes], ...]]:
    """What ``size`` tokens spell, by id, and the merges, each of which made the token at 256 + its number."""
    # GPT-2's order: printable bytes first.
    first = sorted(
        range(256), key=lambda byte: (len(ALPHABET[byte].encode()) > 2 or ord(ALPHABET[byte]) > 255, byte)
    )
    tokens = {bytes([byte]): None for byte in first}
    merges: list[tuple[bytes, bytes]] = []
    for left, right in chain(_trained(), _made_up()):
        if len(tokens) == size:
            break
        if left + right not in tokens and left in tokens and right in tokens:
            tokens[left + right] = None
            merges.append((left, right))
    return tuple(tokens), tuple(merges)


def write_vocab_and_merges(folder: Path, size: int, last: str) -> None:
    """``vocab.json`` and ``merges.txt``; ``last`` is a special token behind ``size`` others."""
    tokens, merges = byte_tokens(size)
    vocabulary = {in_alphabet(token): token_id for token_id, token in enumerate(tokens)} | {last: size}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    lines = [f"{in_alphabet(left)} {in_alphabet(right)}" for left, right in merges]
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *lines]) + "\n", encoding="utf-8")


def in_alphabet(spelled: bytes) -> str:
    """As GPT-2's files write bytes."""
    return "".join([ALPHABET[byte] for byte in spelled])


def _trained() -> Iterator[tuple[bytes, bytes]]:
    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(_LINES, vocab_size=256 + _TRAINED, min_frequency=2, show_progress=False)
    byte_of = {character: byte for byte, character in enumerate(ALPHABET)}
    for merge in json.loads(tokenizer.to_str())["model"]["merges"]:
        left, right = merge.split(" ") if isinstance(merge, str) else merge
        yield bytes(map(byte_of.__getitem__, left)), bytes(map(byte_of.__getitem__, right))


def _made_up() -> Iterator[tuple[bytes, bytes]]:
    """All sorts in turn: parts of characters, characters, several of them, Latin letters, and what cuts across."""
    marks = [character.encode() for character in "，。？！；：、《》“”😀𠮷𠀀é"]
    han = [character.encode() for character in POEM] + [character.encode() for character in han_of_gb2312()]
    letters = [bytes([byte]) for byte in ascii_lowercase.encode()]
    across = (
        (bytes([tail]), bytes([lead])) for tail, lead in product(range(0x80, 0xC0, 7), range(0xE4, 0xEA))
    )
    half_more = (
        (one, other[:size]) for one, other, size in zip(han, han[3:], (1, 2) * len(han), strict=False)
    )
    half_before = ((one[2:], other) for one, other in zip(han[5:], han, strict=False))
    words = (
        (a, b) for size in (1, 2) for a, b in product(map(b"".join, product(letters, repeat=size)), letters)
    )
    spaced = ((b" ", letter) for letter in letters)
    marked = ((character, mark) for character, mark in product(han[:200], marks[:2]))
    kinds: list[Iterable[tuple[bytes, bytes]]] = [
        *(_spelling(marks), _spelling(han), across, half_more, half_before, words, spaced, marked)
    ]
    for step in zip_longest(*kinds):
        yield from (merge for merge in step if merge is not None)
    for distance in count(1):
        yield from zip(han, han[distance:], strict=False)


def _spelling(characters: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for spelled in characters:
        for end in range(1, len(spelled)):
            yield spelled[:end], spelled[end : end + 1]
