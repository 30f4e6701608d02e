"""How much of a long document is checked: what is around the view."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtGui import QTextCursor

from assistant.documents import utf16_length
from assistant.ui.editor.editor import Editor

WHOLE_UNITS = 30_000
"""A text of up to so many UTF-16 units is checked as a whole."""
BEFORE_UNITS, AFTER_UNITS = 6_000, 12_000
"""Of a longer one, so much above and below the first line in sight."""
SPARE_UNITS = 3_000
"""So much must be left at either end, or it is time to check again; a page holds less."""

_EMPTY_LINE = re.compile(r"\n[^\S\n]*\n")


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a document.

    Attributes:
        start: UTF-16 position of its first character.
        end: behind its last one.
        text: of it.
        length: of the whole document, in UTF-16 units.
    """

    start: int
    end: int
    text: str
    length: int

    def serves(self, top: int) -> bool:
        """True while the line at ``top`` (UTF-16) can be the first in sight without anything missing."""
        above = self.start == 0 or top >= self.start + SPARE_UNITS
        return above and (self.end == self.length or top + SPARE_UNITS <= self.end)


def window_of(editor: Editor) -> Window:
    """The part to check now. It begins and ends at empty lines where it can, so that no poem is cut."""
    document = editor.document()
    length = document.characterCount() - 1
    if length <= WHOLE_UNITS:
        return Window(0, length, editor.text(), length)
    top = editor.firstVisibleBlock().position()
    first = document.findBlock(max(0, top - BEFORE_UNITS))
    last = document.findBlock(min(length, top + AFTER_UNITS))
    start, end = first.position(), last.position() + last.length() - 1
    cursor = QTextCursor(document)
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    text = cursor.selectedText().replace("\u2029", "\n").replace("\u2028", "\n")
    left, right = trim(text, keep_start=start == 0, keep_end=end == length)
    start += utf16_length(text[:left])
    return Window(start, start + utf16_length(text[left:right]), text[left:right], length)


def trim(text: str, *, keep_start: bool, keep_end: bool) -> tuple[int, int]:
    """Start and end of ``text`` without what stands before its first and behind its last empty line.

    At most a quarter is left out at either end: prose without any empty line stays as it is.
    """
    quarter = len(text) // 4
    left, right = 0, len(text)
    if not keep_start and (found := _EMPTY_LINE.search(text, 0, quarter)):
        left = found.end()
    if not keep_end:
        for found in _EMPTY_LINE.finditer(text, len(text) - quarter):
            right = found.start()
    return left, right
