"""Where candidates belong, while the text around moves."""

from __future__ import annotations

from PySide6.QtGui import QTextCursor

NEAR = 64
"""UTF-16 units looked at on either side."""


class Anchor:
    """A position that follows edits elsewhere, and knows when the text right around it changed.

    Lives in the GUI thread only.

    Args:
        cursor: the position; its selection is not looked at.
    """

    def __init__(self, cursor: QTextCursor) -> None:
        self._cursor = QTextCursor(cursor)
        self._cursor.setPosition(cursor.position())
        # What is typed right here goes behind the anchor, where ``stale`` sees it.
        self._cursor.setKeepPositionOnInsert(True)
        self._before, self._after = self._around()

    @property
    def stale(self) -> bool:
        """True when what stands right before or behind is no longer what it was.

        Text that was taken away and brought back (an undo) may have left the position beside its place; it is
        looked for nearby, and followed when it is there once.
        """
        if self._around() == (self._before, self._after):
            return False
        end = self._cursor.document().characterCount() - 1
        start = max(0, self._cursor.position() - 3 * NEAR)
        nearby = self._text(start, min(end, self._cursor.position() + 3 * NEAR))
        wanted = self._before + self._after
        # Positions are UTF-16 units, so the search is done in them too.
        units, searched = wanted.encode("utf-16-le"), nearby.encode("utf-16-le")
        if not wanted or searched.count(units) != 1:
            return True
        self._cursor.setPosition(
            start + searched.index(units) // 2 + len(self._before.encode("utf-16-le")) // 2
        )
        return self._around() != (self._before, self._after)

    def insertion_cursor(self) -> QTextCursor:
        """A fresh cursor at the anchor, to insert with."""
        cursor = QTextCursor(self._cursor)
        cursor.setKeepPositionOnInsert(False)
        return cursor

    def _around(self) -> tuple[str, str]:
        position = self._cursor.position()
        end = self._cursor.document().characterCount() - 1
        return self._text(max(0, position - NEAR), position), self._text(position, min(end, position + NEAR))

    def _text(self, start: int, stop: int) -> str:
        cursor = QTextCursor(self._cursor.document())
        cursor.setPosition(start)
        cursor.setPosition(stop, QTextCursor.MoveMode.KeepAnchor)
        return cursor.selectedText()
