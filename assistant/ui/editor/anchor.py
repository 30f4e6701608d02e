"""Where candidates belong, while the text around moves."""

from __future__ import annotations

from PySide6.QtGui import QTextCursor

from assistant.documents import utf16_length

NEAR = 64
"""UTF-16 units looked at on either side."""
REMEMBERED = 4096
"""UTF-16 units before the position that are remembered; a text that is longer is not replaced."""


class Anchor:
    """A position that follows edits elsewhere, and knows when the text right around it changed.

    Lives in the GUI thread only.

    Args:
        cursor: the position; its selection is not looked at.
        near: UTF-16 units on either side that must stay as they are.
    """

    def __init__(self, cursor: QTextCursor, near: int = NEAR) -> None:
        self._cursor = QTextCursor(cursor)
        self._cursor.setPosition(cursor.position())
        # What is typed right here goes behind the anchor, where ``stale`` sees it.
        self._cursor.setKeepPositionOnInsert(True)
        self._near = near
        self._replaced = 0
        self._before, self._after = self._around(REMEMBERED)

    def replace_before(self, count: int) -> None:
        """New text takes the place of the ``count`` code points right before the position as they were at first."""
        tail = _units(self._before).decode("utf-16-le", "replace")
        # More than is known is never there: ``stale`` says so.
        self._replaced = utf16_length(tail[len(tail) - count :]) if count <= len(tail) else REMEMBERED + 1

    @property
    def stale(self) -> bool:
        """True when what stands right before or behind is no longer what it was; all that is replaced counts.

        Text that was taken away and brought back (an undo) may have left the position beside its place; it is
        looked for nearby, and followed when it is there once.
        """
        if self._replaced > REMEMBERED:
            return True
        watched = max(self._near, self._replaced)
        known = _units(self._before)
        wanted = (known[max(0, len(known) - 2 * watched) :], _units(self._after))
        if self._is_here(wanted):
            return False
        end = self._cursor.document().characterCount() - 1
        reach = 3 * max(self._near, self._replaced, NEAR)
        start = max(0, self._cursor.position() - reach)
        nearby = _units(self._text(start, min(end, self._cursor.position() + reach)))
        whole = wanted[0] + wanted[1]
        if not whole or nearby.count(whole) != 1:
            return True
        self._cursor.setPosition(start + (nearby.index(whole) + len(wanted[0])) // 2)
        return not self._is_here(wanted)

    def insertion_cursor(self) -> QTextCursor:
        """A fresh cursor at the anchor, to insert with; what is to be replaced is selected."""
        cursor = QTextCursor(self._cursor)
        cursor.setKeepPositionOnInsert(False)
        if self._replaced:
            cursor.setPosition(self._cursor.position() - self._replaced)
            cursor.setPosition(self._cursor.position(), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _is_here(self, wanted: tuple[bytes, bytes]) -> bool:
        before, after = self._around(max(self._near, self._replaced))
        return (_units(before), _units(after)) == wanted

    def _around(self, before: int) -> tuple[str, str]:
        position = self._cursor.position()
        end = self._cursor.document().characterCount() - 1
        return (
            self._text(max(0, position - before), position),
            self._text(position, min(end, position + self._near)),
        )

    def _text(self, start: int, stop: int) -> str:
        cursor = QTextCursor(self._cursor.document())
        cursor.setPosition(start)
        cursor.setPosition(stop, QTextCursor.MoveMode.KeepAnchor)
        return cursor.selectedText()


def anchor_before(cursor: QTextCursor, count: int) -> Anchor:
    """An anchor at ``cursor`` that stands for the ``count`` code points right before it, and for nothing else."""
    anchor = Anchor(cursor, near=0)
    anchor.replace_before(count)
    return anchor


def _units(text: str) -> bytes:
    """UTF-16, also of half a character."""
    return text.encode("utf-16-le", "surrogatepass")
