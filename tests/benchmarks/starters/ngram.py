"""The baseline: an n-gram model of characters on the same split and the same tokens.

Order 5, interpolated modified Kneser–Ney (Chen & Goodman 1998) by IRSTLM's ``tlm``, nothing pruned: Debian's package
``irstlm``. Needed for this alone. It learns from all training poems, those with rare characters too: without
characters that were seen once or twice, the discount of single characters cannot be estimated. That gives it a few
more poems than a model whose vocabulary leaves such poems out, and costs it the probability of those characters, which
are less than one in a thousand.
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.benchmarks.quality.inputs import HELDOUT, poems
from tests.benchmarks.starters.verse import TRAIN, text_of

ORDER = 5
_HOME = Path("/usr/lib/irstlm")
_START, _END = "<s>", "</s>"


def heldout_nats(corpus: Path) -> dict[str, list[float]]:
    """Learn from all training poems; nats of the tokens of each held-out poem, by its number in the file."""
    texts = list(map(text_of, poems(corpus / HELDOUT)))
    rows = nats_of(map(text_of, poems(corpus / TRAIN)), texts)
    return {str(number): [round(nats, 4) for nats in row] for number, row in enumerate(rows)}


def nats_of(training: Iterable[str], texts: Sequence[str], order: int = ORDER) -> list[list[float]]:
    """Nats of each character and of the end of each of ``texts``.

    Raises:
        FileNotFoundError: IRSTLM is not installed; says how to get it.
        RuntimeError: it failed, or told something else than asked.
    """
    program = find_program()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _write(folder / "train", training)
        _write(folder / "test", texts)
        print(
            f"n-gram: {program}, 4 minutes of a core and 1.1 GB for 20 M tokens", file=sys.stderr, flush=True
        )
        command = [str(program), "-tr=train", f"-n={order}", "-lm=ikn", "-ps=no", "-te=test", "-op=told"]
        with (folder / "log").open("wb") as log:
            done = subprocess.run(
                command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, env=_environment(), check=False
            )
        if done.returncode or not (folder / "told").is_file():
            end = (folder / "log").read_text(encoding="utf-8", errors="replace")[-300:]
            raise RuntimeError(f"{program.name} 没有做完（{done.returncode}）：{end}")
        with (folder / "told").open(encoding="utf-8") as lines:
            return list(rows_of(lines, [len(text) + 1 for text in texts]))


def find_program() -> Path:
    """Where ``tlm`` is.

    Raises:
        FileNotFoundError: nowhere.
    """
    found = shutil.which("tlm") or shutil.which("tlm", path=str(_HOME / "bin"))
    if found is None:
        raise FileNotFoundError("--ngram 需要 IRSTLM 的 tlm。Debian 或 Ubuntu：apt-get install irstlm。")
    return Path(found)


def rows_of(lines: Iterable[str], lengths: Sequence[int]) -> Iterator[list[float]]:
    """What ``tlm -op`` writes, 「context token<TAB>level probability log10」 a token, as nats by text.

    Args:
        lines: as they stand in the file.
        lengths: tokens of each text, the end included.

    Raises:
        RuntimeError: there are more or fewer lines, or the texts end elsewhere.
    """
    told = iter(lines)
    for length in lengths:
        row = []
        for at in range(length):
            words, _, figures = next(told, "").rpartition("\t")
            ends = words.split(" ")[-1] == _END
            if not figures or ends != (at == length - 1):
                raise RuntimeError(f"tlm 写出的概率与文字对不上：{words!r}")
            row.append(-math.log(float(figures.split()[-2])))
        yield row
    if next(told, "").strip():
        raise RuntimeError("tlm 写出的概率比文字多。")


def _write(path: Path, texts: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for text in texts:
            file.write(f"{_START} {' '.join(text)} {_END}\n")


def _environment() -> dict[str, str]:
    return {**os.environ, "IRSTLM": os.environ.get("IRSTLM", str(_HOME))}
