"""Regulated verse (近体诗): its four kinds of lines, how they follow one another, and the four opening patterns.

The rules are those of 王力, 《诗词格律》 (1962), ch. 2: 律句, 对 and 粘 (§3), 孤平 (§4), 特定的一种平仄格式 (特拗, §5),
拗救 (§6).
A line of seven characters is one of five with two characters before it, of which only the second counts.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from assistant.prosody.patterns import Pattern, PatternLine, Shape
from assistant.prosody.tones import LEVEL, OBLIQUE


class LineType(StrEnum):
    """The four kinds of lines, by their plain form of five characters."""

    A = "仄仄平平仄"
    B = "平平仄仄平"
    C = "平平平仄仄"
    D = "仄仄仄平平"

    @property
    def second(self) -> str:
        """Tone class of the second of five characters, by which 对 and 粘 go."""
        return self.value[1]

    @property
    def ends_level(self) -> bool:
        """True for the lines that may carry the rhyme."""
        return self.value[-1] == LEVEL


RESCUE = "中平平仄平"
"""What the second line of a couplet must be to rescue the first (对句救): a level tone in the middle."""

_SHAPES = {
    LineType.A: (
        Shape("中仄平平仄"),
        Shape("中仄仄平仄", name="拗", plain=False),
        Shape("中仄中仄仄", name="大拗", next_line=RESCUE, plain=False),
    ),
    LineType.B: (
        Shape("平平仄仄平"),
        Shape("平平平仄平"),
        Shape("仄平平仄平", name="孤平拗救"),
    ),
    LineType.C: (
        Shape("中平平仄仄"),
        Shape("平平仄平仄", name="特拗"),
        # 王力 asks for a level first character; 杜甫 「昔闻洞庭水」 and 孟浩然 「故人具鸡黍」 have none.
        Shape("仄平仄平仄", name="特拗", plain=False),
        Shape("中平仄仄仄", name="三仄尾", plain=False),
    ),
    LineType.D: (Shape("中仄仄平平"),),
}
_BEFORE = {LineType.A: "中平", LineType.B: "中仄", LineType.C: "中仄", LineType.D: "中平"}


@cache
def line_shapes(line_type: LineType, length: int) -> tuple[Shape, ...]:
    """Accepted tones of a line of 5 or 7 characters, the plainest first.

    Raises:
        ValueError: there is no regulated line of this length.
    """
    if length == 5:
        return _SHAPES[line_type]
    if length != 7:
        raise ValueError(f"a regulated line has 5 or 7 characters, not {length}")
    before = _BEFORE[line_type]
    return tuple(
        Shape(
            before + shape.tones,
            shape.name,
            # The line that answers has the opposite before it.
            (_BEFORE[LineType.B] + shape.next_line) if shape.next_line else "",
            shape.plain,
        )
        for shape in _SHAPES[line_type]
    )


OPENINGS = (LineType.A, LineType.C, LineType.D, LineType.B)
"""First lines of the four opening patterns: 仄起 and 平起 of lines of five, without rhyme, then with."""


def opening_name(first: LineType, length: int) -> str:
    """The name of the opening; in lines of seven 平起 and 仄起 go by the second of all seven characters."""
    starts_level = (first.second == LEVEL) == (length == 5)
    return f"{LEVEL if starts_level else OBLIQUE}起首句{'入韵' if first.ends_level else '不入韵'}"


def answers(line: LineType) -> LineType:
    """The even line that 对 asks for behind ``line``: level at its end, the opposite at its second place."""
    return LineType.D if line.second == LEVEL else LineType.B


def adheres(line: LineType) -> LineType:
    """The odd line that 粘 asks for behind the even ``line``: oblique at its end, the same at its second place."""
    return LineType.C if line.second == LEVEL else LineType.A


@cache
def regulated_pattern(first: LineType, line_count: int, length: int) -> Pattern:
    """The whole poem that begins with ``first``.

    Args:
        first: kind of the first line; one that ends level rhymes.
        line_count: at least 1.
        length: characters in a line, 5 or 7.
    """
    types = [first]
    while len(types) < line_count:
        types.append(answers(types[-1]) if len(types) % 2 else adheres(types[-1]))
    lines = []
    for number, line_type in enumerate(types):
        rhymes = number % 2 == 1 or (number == 0 and line_type.ends_level)
        shapes = line_shapes(line_type, length)
        lines.append(
            PatternLine(
                shapes,
                "。" if number % 2 else "，",
                "A" if rhymes else "",
                LEVEL if rhymes else "",
            )
        )
    # The couplets between the first and the last are parallel.
    parallels = tuple((at, at + 1) for at in range(2, line_count - 2, 2)) if line_count >= 8 else ()
    return Pattern(opening_name(first, length), tuple(lines), parallels=parallels)


def regulated_patterns(line_count: int, length: int) -> tuple[Pattern, ...]:
    """The four opening patterns of a poem of ``line_count`` lines."""
    return tuple(regulated_pattern(first, line_count, length) for first in OPENINGS)
