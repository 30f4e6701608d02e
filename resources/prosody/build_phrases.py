"""The phrases that poets use most, which a writer should not lean on: ``phrases.tsv``.

Run as ``python -m resources.prosody.build_phrases --corpus ../shared/corpus``. Counts in how many poems of the corpus
(chinese-poetry/chinese-poetry, MIT; the poems are in the public domain) each run of three to five characters of one
line occurs, and keeps the most frequent ones.
"""

from __future__ import annotations

import argparse
import json
import lzma
import re
from collections import Counter
from pathlib import Path

LENGTHS = (3, 4, 5)
LEAST_POEMS = {3: 110, 4: 35, 5: 18}
"""By length: a phrase is worn when so many poems have it."""
TARGET = Path(__file__).with_name("phrases.tsv")
HEADER = (
    "# 诗中最常见的三到五字说法，与含有它的诗的首数；"
    "由 build_phrases.py 从 chinese-poetry/chinese-poetry（MIT）数出。\n"
)
_MARKS = re.compile("[，。？！；：、]")


def count_phrases(path: Path) -> Counter[str]:
    """In how many poems of the ``.jsonl.xz`` at ``path`` each phrase occurs."""
    counts: Counter[str] = Counter()
    with lzma.open(path, "rt", encoding="utf-8") as rows:
        for row in rows:
            lines = _MARKS.split(json.loads(row)["text"])
            counts.update(
                {
                    line[at : at + length]
                    for line in lines
                    for length in LENGTHS
                    for at in range(len(line) - length + 1)
                }
            )
            if len(counts) > 6_000_000:
                # What was seen once in so many poems will not become frequent.
                counts = Counter({phrase: count for phrase, count in counts.items() if count > 1})
    return counts


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, metavar="FOLDER")
    counts = count_phrases(parser.parse_args().corpus / "poems.train.jsonl.xz")
    worn = [(phrase, count) for phrase, count in counts.items() if count >= LEAST_POEMS[len(phrase)]]
    worn.sort(key=lambda item: (-item[1], item[0]))
    TARGET.write_text(HEADER + "".join(f"{phrase}\t{count}\n" for phrase, count in worn), encoding="utf-8")


if __name__ == "__main__":
    main()
