"""Where everything of a report stands in the grid. Arithmetic only; nothing is drawn and no widget is made."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRect

from assistant.prosody.report import Issue, Report, Severity

LEFT, TOP, RIGHT = 16, 8, 8
"""Pixels around the grid."""
CELL = 30
"""Width of a character with its mark."""
MARK_HEIGHT, CHARACTER_HEIGHT = 17, 30
ROW_HEIGHT = MARK_HEIGHT + CHARACTER_HEIGHT + 4
LINE_GAP, STANZA_GAP, NOTE_GAP = 6, 16, 4

Measure = Callable[[Issue, int], int]
"""Height of an issue's text in a width."""


@dataclass(frozen=True, slots=True)
class Block:
    """A line of verse and what there is to say about it; or, with ``line`` -1, what is said about the whole poem.

    Attributes:
        line: number in the report, from 0.
        top: y from the top of the grid.
        height: without the gap below.
        columns: characters in a row; longer lines go on in the next row.
        count: characters.
        notes: y from ``top``, height, and the issue.
    """

    line: int
    top: int
    height: int
    columns: int
    count: int
    notes: tuple[tuple[int, int, Issue], ...]

    def cell(self, index: int) -> QRect:
        """Of a character, by its index from 0; that behind the last one is the place of the mark."""
        row, column = divmod(index, self.columns)
        if index == self.count and column == 0 and row:
            row, column = row - 1, self.columns  # a mark does not begin a row
        return QRect(LEFT + column * CELL, self.top + row * ROW_HEIGHT, CELL, ROW_HEIGHT)


@dataclass(frozen=True, slots=True)
class Hit:
    """What is at a point: a line (-1 for the whole poem), and perhaps one of its characters or issues."""

    line: int
    character: int | None = None
    issue: Issue | None = None


class GridLayout:
    """The blocks of ``report`` in ``width`` pixels, from the top."""

    def __init__(self, report: Report, width: int, measure: Measure) -> None:
        self.blocks: list[Block] = []
        self.width = width
        columns = max(4, (width - LEFT - RIGHT - CELL // 2) // CELL)
        notes_width = width - LEFT - RIGHT
        top = TOP
        parts = [(-1, 0, shown_issues(report.issues))] + [
            (number, len(line.characters), shown_issues(line.issues))
            for number, line in enumerate(report.lines)
        ]
        stanza = 0
        for line, count, issues in parts:
            if line >= 0 and report.lines[line].stanza != stanza:
                stanza = report.lines[line].stanza
                top += STANZA_GAP
            height = -(-count // columns) * ROW_HEIGHT
            notes = []
            for issue in issues:
                tall = measure(issue, notes_width)
                notes.append((height, tall, issue))
                height += tall + NOTE_GAP
            if height:
                self.blocks.append(Block(line, top, height, columns, count, tuple(notes)))
                top += height + LINE_GAP
        self.height = top - LINE_GAP + TOP if self.blocks else 0
        self._tops = [block.top for block in self.blocks]
        self._by_line = {block.line: block for block in self.blocks}

    def between(self, top: int, bottom: int) -> list[Block]:
        """The blocks that reach into this range of y."""
        first = max(0, bisect_right(self._tops, top) - 1)
        return [
            block for block in self.blocks[first : bisect_right(self._tops, bottom)] if block.top <= bottom
        ]

    def block_of(self, line: int) -> Block | None:
        """The block of a line."""
        return self._by_line.get(line)

    def hit(self, x: int, y: int) -> Hit | None:
        """What is at a point."""
        for block in self.between(y, y):
            if not block.top <= y < block.top + block.height:
                continue
            below = y - block.top
            for top, tall, issue in block.notes:
                if top <= below < top + tall + NOTE_GAP:
                    return Hit(block.line, issue.position - 1 if issue.position else None, issue)
            column = (x - LEFT) // CELL
            index = (below // ROW_HEIGHT) * block.columns + column
            inside = 0 <= column < block.columns and index < block.count
            return Hit(block.line, index if inside else None)
        return None


def shown_issues(issues: tuple[Issue, ...]) -> list[Issue]:
    """Those written below a line. Readings that were assumed are shown at their characters, or each line had some."""
    return [issue for issue in issues if not (issue.rule == "多音字" and issue.severity is Severity.NOTE)]
