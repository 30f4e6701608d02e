"""Where the characters of a poem stand. Arithmetic only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QRect

from assistant.prosody.verse import SENTENCE_ENDS
from assistant.ui.polish.draft import Cell, Place

LARGEST, USUAL, SMALLEST = 30, 25, 20
"""Width of a character with the space around it, in pixels: where there is much room, for long lines, at least."""
MARK_HEIGHT = 15
"""Of the tones above a row."""
ROW_GAP, STANZA_GAP = 6, 12
PUNCTUATION = 0.6
"""Width of a mark as a share of a character's."""

_Line = tuple[int, Sequence[Cell]]


class VerseLayout:
    """Rows as the page has them, in the largest characters with which each row of the page stays one.

    Where even the smallest are too wide, rows are filled with lines of verse; a line that is itself too long is broken.

    Args:
        lines: of the poem.
        width: pixels.
        margin: pixels around.
        sizes: the largest width of a character, and that where no row of the page finds room as it is.
    """

    def __init__(
        self,
        lines: Sequence[Sequence[Cell]],
        width: int,
        *,
        margin: int = 0,
        sizes: tuple[int, int] = (LARGEST, USUAL),
    ) -> None:
        self.cells: dict[Place, QRect] = {}
        self.punctuation: list[tuple[str, QRect]] = []
        self.rows: list[list[Place]] = []
        self._left, self._room = margin, max(SMALLEST, width - 2 * margin)
        groups = list(_groups(lines))
        self.cell = next(
            (size for size in range(sizes[0], SMALLEST - 1, -1) if self._fits(groups, size)), sizes[1]
        )
        self.row_height = MARK_HEIGHT + round(self.cell * 1.2)
        top = margin
        for number, (group, ends_stanza) in enumerate(groups):
            if number:
                top += ROW_GAP
            top = self._place_group(group, top)
            top += STANZA_GAP if ends_stanza and number + 1 < len(groups) else 0
        self.height = top + margin

    def place_at(self, x: int, y: int) -> Place | None:
        """The character at a point."""
        return next((place for place, rect in self.cells.items() if rect.contains(x, y)), None)

    def neighbour(self, place: Place, right: int, down: int) -> Place:
        """The character ``right`` of ``place`` in reading order, or nearest to it in a row ``down`` from its own."""
        places = [one for row in self.rows for one in row]
        if place not in self.cells:
            return places[0]
        if right:
            at = places.index(place) + right
            return places[max(0, min(len(places) - 1, at))]
        row = next(number for number, row in enumerate(self.rows) if place in row)
        there = self.rows[max(0, min(len(self.rows) - 1, row + down))]
        x = self.cells[place].center().x()
        return min(there, key=lambda one: abs(self.cells[one].center().x() - x))

    def _fits(self, groups: Sequence[tuple[list[_Line], bool]], size: int) -> bool:
        return all(
            # The last mark of a row may hang over a little.
            sum(_width(line, size) for _, line in group) - _mark_width(size) // 2 <= self._room
            for group, _ in groups
        )

    def _place_group(self, group: Sequence[_Line], top: int) -> int:
        x, row = self._left, list[Place]()
        end = self._left + self._room

        def next_row() -> None:
            nonlocal x, top, row
            self.rows.append(row)
            top += self.row_height + ROW_GAP
            x, row = self._left, []

        for number, line in group:
            if row and x + _width(line, self.cell) - _mark_width(self.cell) // 2 > end:
                next_row()
            for column, cell in enumerate(line):
                if row and x + self.cell > end:
                    next_row()
                self.cells[number, column] = QRect(x, top, self.cell, self.row_height)
                row.append((number, column))
                x += self.cell
                if cell.mark:
                    wide = _mark_width(self.cell) * len(cell.mark)
                    box = QRect(x, top + MARK_HEIGHT, wide, self.row_height - MARK_HEIGHT)
                    self.punctuation.append((cell.mark, box))
                    x += wide
        self.rows.append(row)
        return top + self.row_height


def _groups(lines: Sequence[Sequence[Cell]]) -> Iterator[tuple[list[_Line], bool]]:
    """The lines that stand in one row of the page, and whether an empty line follows."""
    behind = [line[-1].behind if line else "" for line in lines]
    broken = any("\n" in text for text in behind[:-1])
    even = len({len(line) for line in lines}) == 1
    group: list[_Line] = []
    for number, line in enumerate(lines):
        if not line:
            continue
        group.append((number, line))
        text = behind[number]
        # Verse of equal lines on one line of the page, as in a paragraph, still reads better a sentence a row.
        ends = "\n" in text if broken else even and any(c in SENTENCE_ENDS for c in text)
        if ends:
            yield group, text.count("\n") > 1
            group = []
    if group:
        yield group, False


def _width(line: Sequence[Cell], size: int) -> int:
    return sum(size + _mark_width(size) * len(cell.mark) for cell in line)


def _mark_width(size: int) -> int:
    return round(size * PUNCTUATION)
