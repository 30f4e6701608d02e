"""Files of 词牌, and the notation of their patterns.

A file holds ``[[tune]]`` tables, each with ``[[tune.variant]]`` tables. A variant has one string a 片, its lines one
after another: the tones (平, 仄, 中 for either; another accepted way behind a slash), a letter where the line ends in a
rhyme (lines with the same letter rhyme, with the tone that stands before it), and the mark. A poet's guide to it is
``docs/tunes.md``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

from assistant.prosody.patterns import Pattern, PatternLine, Repeat, Shape

_LINE = re.compile(r"(?P<tones>[平仄中]+(?:/[平仄中]+)*)(?P<rhyme>[A-Z]?)(?P<mark>[，。、；：？！])")
_OTHER_WAY = "别格"
"""Name of the shapes behind a slash: accepted from a person, not written by the program."""


class TuneFileError(ValueError):
    """A file of tunes is malformed; the sentence names the file, the tune and the line."""


@dataclass(frozen=True, eq=False)
class Variant:
    """A variant of a tune as its file says it; the pattern is built when it is first asked for.

    Attributes:
        table: its part of the file.
        where: file, tune and variant, for messages.
    """

    table: Mapping[str, Any]
    where: str

    @cached_property
    def pattern(self) -> Pattern:
        """Its pattern.

        Raises:
            TuneFileError: it is malformed.
        """
        return _pattern_of(self.table, self.where)

    @property
    def pieces(self) -> int:
        """Pieces of the corpus that have its length and are nearest to it."""
        return int(self.table.get("pieces", 0))

    @property
    def character_count(self) -> int:
        """Characters of the whole piece."""
        return int(self.table.get("characters") or self.pattern.character_count)

    @cached_property
    def rhyme_ends(self) -> frozenset[int]:
        """How many characters stand before and at each rhyme."""
        return frozenset(end for end, line in self._ends if line.rhyme)

    @cached_property
    def line_ends(self) -> frozenset[int]:
        """Likewise for each line."""
        return frozenset(end for end, _ in self._ends)

    @cached_property
    def firm_ends(self) -> frozenset[int]:
        """Likewise for each line but those that end with 、, which few editors mark."""
        return frozenset(end for end, line in self._ends if line.mark != "、")

    @cached_property
    def _ends(self) -> list[tuple[int, PatternLine]]:
        return list(zip(accumulate(self.pattern.line_lengths), self.pattern.lines, strict=True))


@dataclass(frozen=True, eq=False)
class Tune:
    """A 词牌.

    Attributes:
        name: the usual one.
        aliases: 别名.
        variants: as the file says them.
        pieces: pieces of the corpus under this tune, of whatever length.
    """

    name: str
    aliases: tuple[str, ...]
    variants: tuple[Variant, ...] = field(repr=False)
    pieces: int = 0

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """Its variants, the one to write by first."""
        return tuple(variant.pattern for variant in self.variants)

    @cached_property
    def character_counts(self) -> tuple[int, ...]:
        """Characters of each variant, each number once."""
        return tuple(dict.fromkeys(variant.character_count for variant in self.variants))


def load_tunes(path: Path, *, check: bool = True) -> dict[str, Tune]:
    """The tunes of a file, or of all ``*.toml`` in a folder, by name.

    Args:
        path: a file or a folder.
        check: build every pattern now, so that whatever is wrong is said now.

    Raises:
        TuneFileError: something is malformed; the sentence names file, tune and line.
        OSError: the file cannot be read.
    """
    loaded: dict[str, Tune] = {}
    for file in sorted(path.glob("*.toml")) if path.is_dir() else [path]:
        try:
            data = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise TuneFileError(f"{file.name} 不是正确的 TOML 文件：{error}。") from error
        for number, table in enumerate(_tables(data, "tune", file.name), start=1):
            tune = _tune_of(table, file.name, number)
            if tune.name in loaded:
                raise TuneFileError(f"{file.name}：词牌「{tune.name}」写了两次。")
            if check:
                assert tune.patterns
            loaded[tune.name] = tune
    return loaded


def _tables(data: Mapping[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    found = data.get(key)
    if not isinstance(found, list) or not found or not all(isinstance(item, dict) for item in found):
        raise TuneFileError(f"{where}：缺少 [[{'tune.' * (key != 'tune')}{key}]] 这样的一节。")
    return found


def _strings(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(item, str) and item for item in found):
        raise TuneFileError(f'{where}：{key} 应是字符串的列表，如 ["甲", "乙"]。')
    return tuple(found)


def _number(table: Mapping[str, Any], key: str, where: str) -> int:
    found = table.get(key, 0)
    if type(found) is not int or found < 0:
        raise TuneFileError(f"{where}：{key} 应是一个数，写的是 {found!r}。")
    return found


def _tune_of(table: dict[str, Any], file: str, number: int) -> Tune:
    name = table.get("name")
    if not isinstance(name, str) or not name:
        raise TuneFileError(f"{file}：第 {number} 个词牌没有 name。")
    where = f"{file}「{name}」"
    variants = []
    for variant in _tables(table, "variant", where):
        named = f"{where}{variant.setdefault('name', '正体')}"
        for key in ("characters", "pieces"):
            _number(variant, key, named)
        variants.append(Variant(variant, named))
    return Tune(name, _strings(table, "aliases", where), tuple(variants), _number(table, "pieces", where))


def _pattern_of(table: Mapping[str, Any], where: str) -> Pattern:
    stanzas = _strings(table, "stanzas", where)
    if not stanzas:
        raise TuneFileError(f"{where}：缺少 stanzas，每片写一个字符串。")
    lines: list[PatternLine] = []
    for stanza, text in enumerate(stanzas):
        lines += _lines_of(text, stanza, len(lines), where)
    labels = [line.rhyme for line in lines]
    for number, label in enumerate(labels, start=1):
        if label and labels.count(label) < 2:
            raise TuneFileError(f"{where}第 {number} 句：韵 {label} 只出现一次，没有字与它相押。")
    name, repeats, parallels = (
        str(table["name"]),
        _repeats(table, lines, where),
        _parallels(table, lines, where),
    )
    pattern = Pattern(name, tuple(lines), repeats, parallels)
    count = table.get("characters") or pattern.character_count
    if count != pattern.character_count:
        raise TuneFileError(
            f"{where}：characters 写的是 {count} 字，各句合起来是 {pattern.character_count} 字。"
        )
    return pattern


def _lines_of(text: str, stanza: int, before: int, where: str) -> list[PatternLine]:
    lines: list[PatternLine] = []
    at = 0
    while at < len(text):
        found = _LINE.match(text, at)
        place = f"{where}第 {before + len(lines) + 1} 句「{found[0] if found else text[at : at + 12]}」"
        if found is None:
            raise TuneFileError(f"{place}：应是平仄中，再是韵的字母（可无），再是标点。")
        tones, rhyme = found["tones"].split("/"), found["rhyme"]
        if len({len(way) for way in tones}) > 1:
            raise TuneFileError(f"{place}：斜线两边的字数不同。")
        if rhyme and len({way[-1] for way in tones}) > 1:
            raise TuneFileError(f"{place}：韵脚的平仄在斜线两边不同。")
        shapes = (Shape(tones[0]), *(Shape(way, _OTHER_WAY, plain=False) for way in tones[1:]))
        lines.append(PatternLine(shapes, found["mark"], rhyme, tones[0][-1] if rhyme else "", stanza))
        at = found.end()
    return lines


def _repeats(table: Mapping[str, Any], lines: Sequence[PatternLine], where: str) -> tuple[Repeat, ...]:
    repeats = []
    for item in table.get("repeats", ()):
        match item:
            case {"line": int(line), "of": int(of), "count": int(count)} if 1 <= of < line <= len(
                lines
            ) and 1 <= count <= min(lines[line - 1].length, lines[of - 1].length):
                repeats.append(Repeat(line - 1, of - 1, count))
            case _:
                raise TuneFileError(
                    f"{where}：repeats 里的 {item} 应写作 {{ line = 6, of = 5, count = 2 }}，"
                    "意思是第 6 句叠第 5 句末 2 字。"
                )
    return tuple(repeats)


def _parallels(
    table: Mapping[str, Any], lines: Sequence[PatternLine], where: str
) -> tuple[tuple[int, int], ...]:
    pairs = []
    for item in table.get("parallels", ()):
        match item:
            case [int(upper), int(lower)] if (
                1 <= upper < lower <= len(lines) and lines[upper - 1].length == lines[lower - 1].length
            ):
                pairs.append((upper - 1, lower - 1))
            case _:
                raise TuneFileError(f"{where}：parallels 里的 {item} 应是两句同长的句号，如 [4, 5]。")
    return tuple(pairs)
