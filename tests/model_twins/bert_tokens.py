"""Vocabularies in the order of ``bert-base-chinese``, of any length."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path
from string import ascii_lowercase

from tests.model_twins.files import Size, write_json

SPECIAL = (
    "[PAD]", *(f"[unused{number}]" for number in range(1, 100)), "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<S>", "<T>"
)  # fmt: skip
POEM = (
    "明月几时有，把酒问青天。不知天上宫阙，今夕是何年。我欲乘风归去，又恐琼楼玉宇，高处不胜寒。"
    "起舞弄清影，何似在人间。春江潮水连海平，白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"
)
"""Its characters are in the tiny vocabularies too."""
_MARKS = tuple("!\"#$%&'()*+,-./:;<=>?@[]_|~·—‘’“”…、。《》「」『』【】！（），－：；？～")
_TINY_WORDS = ("the", "cat", "##re", "##ing", "2024", "##4")
_SOME_WORDS = ("the", "and", "of", "you", "2024", "19", "##re", "##ing", "##ed", "##4")


def han_of_gb2312() -> list[str]:
    """6763 real 汉字, by code point."""
    return [chr(point) for point in range(0x4E00, 0x9FA6) if _encodes(chr(point), "gb2312")]


def bert_tokens(count: int | None) -> list[str]:
    """``count`` tokens; a few hundred for None."""
    if count is None:
        han = sorted({character for character in POEM if character not in _MARKS})
        return [
            *SPECIAL,
            *_MARKS,
            "7",
            "a",
            "b",
            *han,
            *_TINY_WORDS,
            *(f"##{character}" for character in han[:9]),
        ]
    han = han_of_gb2312()
    known = [*SPECIAL, *_MARKS, *"0123456789", *ascii_lowercase, *han, *_SOME_WORDS]
    known += [f"##{character}" for character in han]
    return [*known, *islice(_more(set(known)), count - len(known))]


def write_vocabulary(folder: Path, tokens: list[str]) -> None:
    """``vocab.txt``, ``tokenizer_config.json`` and ``special_tokens_map.json`` as UER has them."""
    (folder / "vocab.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")
    special = {
        "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]"
    }  # fmt: skip
    write_json(folder / "special_tokens_map.json", special)
    write_json(
        folder / "tokenizer_config.json",
        {"do_lower_case": False, **special, "tokenize_chinese_chars": True, "strip_accents": None}
        | {"model_max_length": 1024, "tokenizer_class": "BertTokenizer"},
    )


def count_of(size: Size, true_count: int) -> int | None:
    """The argument of ``bert_tokens``."""
    return true_count if size == "true" else None


def _more(known: set[str]) -> Iterator[str]:
    """Words and pieces to fill up with: rarer 汉字, then made-up syllables."""
    rare = (chr(point) for point in range(0x4E00, 0x9FA6) if not _encodes(chr(point), "gb2312"))
    yield from islice(rare, 1400)
    for letters in product(ascii_lowercase, repeat=3):
        word = "".join(letters)
        yield from (token for token in (word, f"##{word}") if token not in known)


def _encodes(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
