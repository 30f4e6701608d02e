"""How far the tables of tones and rhymes reach, and how well they agree with verse and with other tables.

Run: ``python -m tests.benchmarks.tables --corpus ../shared/corpus``. Prints a table; nothing is timed.
"""

from __future__ import annotations

import argparse
import json
import lzma
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant.prosody import tables
from assistant.prosody.rhyme_books import RHYME_BOOK_IDS, RhymeBook, rhyme_book
from resources import resource_path
from resources.prosody import usage

SPOTS = {
    "cilin": {
        "第三部": "支微齐灰回雷杯梅外会最贝队内",
        "第五部": "开来才台街怀柴带盖大害爱代卖",
        "第六部": "真文魂门村根恨寸",
        "第七部": "元原言烦寒山天远愿",
        "第十部": "麻花家涯佳蛙画话挂",
        "第十一部": "庚青蒸登",
        "第十五部": "屋玉曲",
        "第十六部": "觉药落",
        "第十七部": "质石锡国急",
        "第十八部": "月物雪叶发",
        "第十九部": "合洽业劫法",
    },
    "xinyun": {
        "一麻": "花家瓦发答",
        "二波": "波多歌国鹅",
        "三皆": "街月学雪别",
        "四开": "开怀白",
        "五微": "微归黑北",
        "六豪": "豪摇",
        "七尤": "楼流六",
        "八寒": "寒天元船",
        "九文": "文人春心云",
        "十唐": "唐江光",
        "十一庚": "风青东雄",
        "十二齐": "齐雨儿一",
        "十三支": "支诗日",
        "十四姑": "姑竹路",
    },
    "tongyun": {
        "一啊": "花家瓦",
        "二喔": "波多国",
        "三鹅": "歌街月学",
        "四衣": "齐诗知一",
        "五乌": "姑竹路",
        "六迂": "鱼绿",
        "七哀": "开怀",
        "八欸": "微归北",
        "九熬": "豪摇",
        "十欧": "楼流",
        "十一安": "寒天元船",
        "十二恩": "文人春心云",
        "十三昂": "唐江光",
        "十四英": "风青翁",
        "十五雍": "东雄",
        "十六儿": "儿耳二",
    },
}
"""Characters whose group the published lists give, the split groups of 词林正韵 above all."""


def poems(path: Path) -> Iterator[dict[str, Any]]:
    """Entries of a file of the corpus."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def is_han(character: str) -> bool:
    """True for 汉字."""
    return character >= "\u3400" and character.isalpha()


def print_coverage(corpus: Path) -> None:
    """Share of the characters of poems.train, and of the starter's vocabulary, that each book knows."""
    tokens = Counter(c for poem in poems(corpus / "poems.train.jsonl.xz") for c in poem["text"] if is_han(c))
    words = resource_path("models", "biban-starter-poem", "vocab.txt").read_text(encoding="utf-8").split("\n")
    vocabulary = {word for word in words if len(word) == 1 and is_han(word)}
    for book_id in RHYME_BOOK_IDS:
        book = rhyme_book(book_id)
        unknown = [character for character in tokens if not book.tone_classes(character)]
        lost = sum(tokens[character] for character in unknown)
        missing = "".join(sorted(c for c in vocabulary if not book.tone_classes(c)))
        print(
            f"{book.name}: knows {1 - lost / tokens.total():.4%} of {tokens.total()} characters of poems.train, "
            f"not {len(unknown)} of {len(tokens)} distinct; of the starter's {len(vocabulary)} not {len(missing)}: "
            f"{missing}"
        )


def print_annotation(corpus: Path, book: RhymeBook) -> None:
    """Agreement with the corpus' own annotation of 平 and 仄 where both commit themselves."""
    counts: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    with (corpus / "reference" / "strains.sample.jsonl").open(encoding="utf-8") as file:
        for line in file:
            poem = json.loads(line)
            for character, tone in zip(poem["text"], poem["strains"], strict=False):
                if tone not in "平仄○" or not is_han(character):
                    continue
                classes = book.tone_classes(character)
                counts["characters"] += 1
                if len(classes) == 1 and tone != "○":
                    counts["both sure"] += 1
                    counts["agree"] += tone in classes
                    wrong[f"{character}{tone}"] += tone not in classes
    sure, agree = counts["both sure"], counts["agree"]
    print(
        f"annotation: {sure / counts['characters']:.1%} of {counts['characters']} characters unambiguous in both, "
        f"{agree / sure:.2%} of them agree; most disagree on {wrong.most_common(12)}"
    )


def print_rhymes(corpus: Path, book: RhymeBook) -> None:
    """Regulated poems of Tang and Song whose even lines all end in one group of level rhymes."""
    able = {character: book.tone_classes(character) for character in book.characters("中")}
    found: dict[str, Counter[str]] = {"唐": Counter(), "宋": Counter()}
    for poem in poems(corpus / "poems.train.jsonl.xz"):
        lines = re.findall(r"[^\s，。？！；：、]+", poem["text"])
        counts = found.get(poem["dynasty"])
        if counts is None or poem["kind"] not in usage.REGULATED_KINDS:
            continue
        if len(lines) % 2 or {*map(len, lines)} not in ({5}, {7}) or usage.fit(lines, able) is None:
            continue
        ends = [line[-1] for line in lines[1::2]]
        groups = Counter(group for end in ends for group in book.rhymes_of(end, "平"))
        if not groups:
            continue
        rhyme, most = groups.most_common(1)[0]
        near = {rhyme, *book.neighbours(rhyme)}
        counts["poems"] += 1
        counts["one rhyme"] += most == len(ends)
        counts["ends"] += len(ends)
        counts["near ends"] += sum(bool(book.rhymes_of(end, "平") & near) for end in ends)
    for dynasty, counts in found.items():
        print(
            f"{dynasty}: of {counts['poems']} regulated poems {counts['one rhyme'] / counts['poems']:.1%} end all "
            f"even lines in one level rhyme; with 邻韵 {counts['near ends'] / counts['ends']:.2%} of the endings fit"
        )


def print_spots() -> None:
    """Characters whose group in the published lists is known."""
    for book_id, groups in SPOTS.items():
        book = rhyme_book(book_id)
        wrong = [
            f"{character}: {'、'.join(book.rhymes_of(character))}, published {group}"
            for group, characters in groups.items()
            for character in characters
            if group not in book.rhymes_of(character)
        ]
        total = sum(map(len, groups.values()))
        print(f"{book.name}: {total - len(wrong)} of {total} spot checks right {wrong or ''}")


def main() -> None:
    """Prints every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("../shared/corpus"))
    corpus = parser.parse_args().corpus
    book = rhyme_book("pingshui")
    rows = sum(map(len, tables.classical().values()))
    unused = [c for c in book.characters("中") if len(book.every_reading(c)) > len(book.readings(c))]
    both = [c for c in tables.usage("古") if len(book.tone_classes(c)) == 2]
    print(
        f"{len(tables.classical())} characters with {rows} classical readings; {len(tables.modern())} modern ones"
    )
    print(
        f"{len(both)} polyphones counted in verse; {len(unused)} characters with a tone that verse never gives them"
    )
    print_coverage(corpus)
    print_annotation(corpus, book)
    print_rhymes(corpus, book)
    print_spots()


if __name__ == "__main__":
    main()
