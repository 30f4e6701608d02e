"""How many-sided texts are, how much in them is copied, and how often a poem says a character again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from assistant.api.han import is_han
from tests.benchmarks.quality.inputs import lines_of


def distinct_2(texts: Iterable[str]) -> float:
    """Different pairs of neighbouring characters over all pairs, within lines, of all texts together.

    distinct-2 of Li, Galley, Brockett, Gao & Dolan 2016, A Diversity-Promoting Objective Function for Neural
    Conversation Models. It falls with the number of texts: compare equal numbers of equal forms only.
    """
    pairs = [pair for text in texts for line in lines_of(text) for pair in pairwise(line)]
    return len(set(pairs)) / len(pairs) if pairs else 0.0


def lines_found(lines: Iterable[str], sources: Iterable[str]) -> frozenset[str]:
    """Those of ``lines`` that stand as whole lines, between marks, in any of ``sources``."""
    wanted = frozenset(lines)
    return frozenset(line for source in sources for line in lines_of(source) if line in wanted)


def copied(texts: Sequence[str], known: Collection[str]) -> tuple[int, int, int]:
    """Texts all of whose lines are known, lines that are known, and all lines.

    Args:
        texts: poems.
        known: lines of other poems.
    """
    lines = [lines_of(text) for text in texts]
    whole = sum(bool(own) and all(line in known for line in own) for own in lines)
    return whole, sum(line in known for own in lines for line in own), sum(map(len, lines))


def repeated_characters(text: str) -> int:
    """How many 汉字 of a poem stood in it already, 叠字 included.

    >>> repeated_characters("行行重行行，与君生别离。")
    3
    """
    return sum(count - 1 for count in Counter(filter(is_han, text)).values())
