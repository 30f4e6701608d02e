"""Derives patterns of 词牌 from a corpus, and holds the table of tunes against it.

``python -m resources.prosody.build_tunes derive POEMS 破阵子 …`` prints candidates for the table;
``python -m resources.prosody.build_tunes verify POEMS`` says how the pieces fit, and with ``--write`` puts the counts
into ``tunes/*.toml`` and ``docs/tunes.md``. POEMS is ``poems.train.jsonl.xz`` of the corpus.

How a candidate comes about: pieces of a tune are grouped by where their lines end (a 逗 does not count). Where a line
ends in 「。」 and most pieces share one 词林正韵 division there, it rhymes. A place is 平 or 仄 when fewer than 8 %
of the pieces have the other tone; characters with readings of both tones do not vote. The breaks between 片 are in no
source text: they are put in by hand, and so is what 词谱 know better.
"""

from __future__ import annotations

import argparse
import json
import lzma
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from assistant.prosody.patterns import Pattern
from assistant.prosody.rhyme_books import rhyme_book
from assistant.prosody.tunes import Tune, find_tune, tunes
from resources.prosody.tune_shapes import line_shapes

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs" / "tunes.md"
MARK = "<!-- table -->"
BOOK = rhyme_book("cilin")
SLIPS = {"大": "大酺", "水调": "水调歌头", "人娇": "殢人娇"}
"""Tunes whose name the corpus has lost or cut."""
COMMON = 0.06
"""A division that a smaller share of the pieces has gives no candidate."""
RHYMES = 0.7
"""A line end rhymes when in this share of the pieces it has the division that most line ends have."""
GOOD = 0.95
"""A piece is said to follow a variant when so large a share of its places does."""


@dataclass(frozen=True)
class Piece:
    """A piece of the corpus.

    Attributes:
        text: its characters.
        ends: how many characters stand before and at the end of each line → the mark there.
    """

    text: str
    ends: dict[int, str]

    @cached_property
    def classes(self) -> list[frozenset[str]]:
        """平 and 仄, as far as each character can be."""
        return [BOOK.tone_classes(character) for character in self.text]

    def rhymes(self, place: int, tone: str = "中") -> frozenset[str]:
        """Divisions that the character at ``place`` belongs to with ``tone``."""
        return BOOK.rhymes_of(self.text[place], tone)

    @property
    def tones(self) -> str:
        """平 or 仄 for each character, ？ where it can be both or is unknown."""
        return "".join(next(iter(own)) if len(own) == 1 else "？" for own in self.classes)


def read_pieces(path: Path) -> dict[str, list[Piece]]:
    """Pieces of the corpus by the name of their tune in the table, or in the corpus where the table lacks it.

    The title may name another tune than the corpus does; then the one that has as many characters is meant.
    """
    pieces: dict[str, list[Piece]] = defaultdict(list)
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for poem in map(json.loads, lines):
            if poem["kind"] == "词" and poem.get("tune"):
                piece = piece_of(poem["text"])
                title, name = re.split("[・·]", poem["title"])[0], SLIPS.get(poem["tune"], poem["tune"])
                known = [found for found in (find_tune(title), find_tune(name)) if found]
                fitting = [found for found in known if len(piece.text) in found.character_counts]
                pieces[(fitting or known)[0].name if known else name].append(piece)
    return pieces


def piece_of(text: str) -> Piece:
    """The piece that ``text`` is."""
    lines = re.findall(r"([^\s，。、；：？！]+)([，。、；：？！]?)", text)
    ends = accumulate(len(line) for line, _ in lines)
    marks = ({"？": "。", "！": "。", "；": "，"}.get(mark, mark) or "。" for _, mark in lines)
    return Piece("".join(line for line, _ in lines), dict(zip(ends, marks, strict=True)))


def candidates(pieces: Sequence[Piece]) -> Iterator[tuple[int, str]]:
    """How many pieces have a division, and the pattern derived from them, the most usual first."""
    groups: dict[tuple[int, ...], list[Piece]] = defaultdict(list)
    for piece in pieces:
        groups[tuple(end for end, mark in piece.ends.items() if mark != "、")].append(piece)
    for group in sorted(groups.values(), key=len, reverse=True):
        if len(group) >= max(2, COMMON * len(pieces)):
            yield len(group), _derived(group)


def _derived(group: Sequence[Piece]) -> str:
    marks: dict[int, Counter[str]] = defaultdict(Counter)
    for piece in group:
        for end, mark in piece.ends.items():
            marks[end][mark] += 1
    ends = {
        end: own.most_common(1)[0][0] for end, own in sorted(marks.items()) if own.total() * 2 >= len(group)
    }
    rhyming = _rhyming(group, [end for end, mark in ends.items() if mark == "。"])
    text, start = "", 0
    for end, mark in ends.items():
        shapes = line_shapes([piece.tones[start:end] for piece in group])
        if tone := rhyming.get(end):
            shapes = list(dict.fromkeys(shape[:-1] + tone for shape in shapes))
        text += "/".join(shapes) + ("A" if tone else "") + mark
        start = end
    return text


def _rhyming(group: Sequence[Piece], ends: Sequence[int]) -> dict[int, str]:
    """End → tone, for those that share the division of most ends."""
    shared: dict[int, Counter[str]] = defaultdict(Counter)
    for piece in group:
        divisions = Counter(division for end in ends for division in piece.rhymes(end - 1))
        if divisions:
            main = divisions.most_common(1)[0][0]
            for end in ends:
                shared[end].update(tone for tone in "平仄" if main in piece.rhymes(end - 1, tone))
    return {
        end: tones.most_common(1)[0][0]
        for end, tones in shared.items()
        if tones and tones.most_common(1)[0][1] >= RHYMES * len(group)
    }


def wrong_places(piece: Piece, pattern: Pattern) -> int:
    """Places of ``piece`` with the other tone, of unknown tone, or out of rhyme; both have the same length."""
    groups = _groups(piece, pattern)
    wrong = start = 0
    for line in pattern.lines:
        own = piece.classes[start : start + line.length]
        start += line.length
        fits = [
            [
                wanted in classes or (wanted == "中" and bool(classes))
                for wanted, classes in zip(s.tones, own, strict=True)
            ]
            for s in line.shapes
        ]
        best = max(fits, key=sum)
        if line.rhyme:
            rhymed = groups[line.rhyme] in piece.rhymes(start - 1, line.rhyme_tone)
            best[-1] = best[-1] and rhymed and start in piece.ends
        wrong += best.count(False)
    return wrong


def _groups(piece: Piece, pattern: Pattern) -> dict[str, str]:
    """Label → the division that most of its places share."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for end, line in zip(accumulate(pattern.line_lengths), pattern.lines, strict=True):
        if line.rhyme:
            found[line.rhyme].update(piece.rhymes(end - 1, line.rhyme_tone))
    return {label: max(own, key=lambda d: own[d], default="") for label, own in found.items()} | {
        line.rhyme: "" for line in pattern.lines if line.rhyme and line.rhyme not in found
    }


@dataclass
class Result:
    """How the pieces of a tune fit its variants.

    Attributes:
        tune: the tune.
        pieces: all of them.
        known: pieces with as many characters as a variant.
        whole: of these, pieces without a wrong place.
        good: of these, pieces with at least ``GOOD`` of their places right.
        share: mean share of right places.
        support: for each variant the pieces that are nearest to it.
    """

    tune: Tune
    pieces: int
    known: int
    whole: int
    good: int
    share: float
    support: list[int]


def verify(tune: Tune, pieces: Sequence[Piece]) -> Result:
    """Hold every piece against the variant that it fits best."""
    support, shares = [0] * len(tune.variants), []
    for piece in pieces:
        fits = [
            # Of two that fit alike, the one with more rhymes says more.
            (
                wrong_places(piece, variant.pattern),
                len(piece.ends.keys() ^ variant.line_ends) - len(variant.rhyme_ends) / 100,
                number,
            )
            for number, variant in enumerate(tune.variants)
            if variant.character_count == len(piece.text)
        ]
        if fits:
            wrong, _, number = min(fits)
            support[number] += 1
            shares.append(1 - wrong / len(piece.text))
    known = len(shares)
    whole, good = sum(share == 1 for share in shares), sum(share >= GOOD for share in shares)
    return Result(tune, len(pieces), known, whole, good, sum(shares) / max(known, 1), support)


def write_counts(results: Sequence[Result]) -> None:
    """Put the counts into the files of tunes."""
    counts = {result.tune.name: iter([result.pieces, *result.support]) for result in results}
    for path in (HERE / "tunes").glob("*.toml"):
        lines: list[str] = []
        name = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if found := re.fullmatch(r'name = "(.+)"', line):
                name = found[1] if found[1] in counts and lines[-1] == "[[tune]]" else name
            lines.append(f"pieces = {next(counts[name])}" if line.startswith("pieces = ") else line)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_table(results: Sequence[Result]) -> None:
    """Put the table into the guide, behind its mark."""
    known = sum(result.known for result in results)
    whole, good = (sum(column) / known for column in zip(*((r.whole, r.good) for r in results), strict=True))
    variants = sum(len(result.support) for result in results)
    rows = [
        f"共 {len(results)} 个词牌、{variants} 体；{known} 首字数相合，其中 {whole:.1%} 全合，"
        f"{good:.1%} 合于 95% 以上。",
        "",
        "| 词牌 | 别名 | 字数 | 体 | 首数 | 字数相合 | 全合 | 合于 95% | 平均合律 |",
        "|---|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for result in sorted(results, key=lambda r: (r.tune.character_counts[0], -r.pieces)):
        tune, counts = result.tune, "、".join(map(str, result.tune.character_counts))
        of_known = (
            [f"{x / result.known:.0%}" for x in (result.whole, result.good)] if result.known else ["", ""]
        )
        mean = f"{result.share:.1%}" if result.known else ""
        cells = [
            tune.name,
            "、".join(tune.aliases[:4]),
            counts,
            len(result.support),
            result.pieces,
            result.known,
        ]
        rows.append("| " + " | ".join(map(str, [*cells, *of_known, mean])) + " |")
    head = DOCS.read_text(encoding="utf-8").partition(MARK)[0]
    DOCS.write_text(head + "\n".join([MARK, *rows]) + "\n", encoding="utf-8")


def main() -> None:
    """Derive or verify."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["derive", "verify"])
    parser.add_argument("poems", type=Path, help="poems.train.jsonl.xz")
    parser.add_argument("names", nargs="*", help="tunes; all those in the table when none is named")
    parser.add_argument("--write", action="store_true", help="put the counts into the table and the guide")
    arguments = parser.parse_args()
    pieces = read_pieces(arguments.poems)
    names = arguments.names or list(tunes())
    if arguments.command == "derive":
        for name in names:
            for count, text in candidates(pieces.get(name, [])):
                print(f'# {name}：{count} / {len(pieces[name])} 首\nstanzas = ["{text}"]')
        return
    results = [verify(tunes()[name], pieces.get(name, [])) for name in names]
    for r in results:
        print(f"{r.tune.name}\t{r.pieces}\t{r.known}\t{r.whole}\t{r.good}\t{r.share:.4f}\t{r.support}")
    if arguments.write and not arguments.names:
        write_counts(results)
        write_table(results)


if __name__ == "__main__":
    main()
