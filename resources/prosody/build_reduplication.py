"""The characters that verse says twice in a row (叠字: 悠悠, 年年, 萧萧): ``reduplication.tsv``.

Run as ``python -m resources.prosody.build_reduplication --corpus ../shared/corpus``. Counts, in the poems of the corpus
(chinese-poetry/chinese-poetry, MIT; the poems are in the public domain), how often each character stands beside itself
within a line, and how often it stands at all. Kept are those that are doubled often, or at least not by chance alone:
青青 is a word, 棠棠 is not.
"""

from __future__ import annotations

import argparse
import json
import lzma
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

LEAST_COUNT = 10
"""A character that is doubled less often is not kept."""
LEAST_SHARE = 0.002
"""Of all its uses so many are doubled, unless ``SURE_COUNT`` are."""
SURE_COUNT = 100
TARGET = Path(__file__).with_name("reduplication.tsv")
HEADER = (
    "# 叠字：诗里连说两遍的字、叠用的次数与总次数；"
    "由 build_reduplication.py 从 chinese-poetry/chinese-poetry（MIT）数出。\n"
)
_MARKS = re.compile("[，。？！；：、]")


def count_doubled(path: Path) -> tuple[Counter[str], Counter[str]]:
    """How often each character of the ``.jsonl.xz`` at ``path`` is doubled within a line, and how often it stands."""
    doubled: Counter[str] = Counter()
    single: Counter[str] = Counter()
    with lzma.open(path, "rt", encoding="utf-8") as rows:
        for row in rows:
            for line in _MARKS.split(json.loads(row)["text"]):
                single.update(line)
                doubled.update(first for first, second in pairwise(line) if first == second)
    return doubled, single


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, metavar="FOLDER")
    doubled, single = count_doubled(parser.parse_args().corpus / "poems.train.jsonl.xz")
    kept = [
        (character, count)
        for character, count in doubled.items()
        if count >= SURE_COUNT or (count >= LEAST_COUNT and count >= LEAST_SHARE * single[character])
    ]
    kept.sort(key=lambda item: (-item[1], item[0]))
    TARGET.write_text(
        HEADER + "".join(f"{character}\t{count}\t{single[character]}\n" for character, count in kept),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
