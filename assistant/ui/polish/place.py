"""Where a poem stands in the document, or is to stand."""

from __future__ import annotations

from PySide6.QtGui import QTextCursor

from assistant.ui.editor.anchor import Anchor, anchor_before
from assistant.ui.editor.editor import Editor

_MOST_WAYS = 16
"""States of the document to recognise after undoing and redoing."""


class PoemPlace:
    """Puts the poem into the document, again and again, as one undo step each.

    Args:
        editor: of the document.
        anchor: where it belongs, and what it takes the place of.
        lead: put in front of it the first time, such as a line break.
    """

    def __init__(self, editor: Editor, anchor: Anchor, lead: str = "") -> None:
        self._editor = editor
        self._ways = [(anchor, lead)]

    @classmethod
    def of_text(cls, editor: Editor, end: int, length: int) -> PoemPlace:
        """The place of a text that stands in the document.

        Args:
            editor: of the document.
            end: UTF-16 position behind the text.
            length: of the text, in code points.
        """
        cursor = QTextCursor(editor.document())
        cursor.setPosition(end)
        return cls(editor, anchor_before(cursor, length))

    def add(self, anchor: Anchor) -> None:
        """The poem stands in the document where ``anchor`` says."""
        if all(known is not anchor for known, _ in self._ways):
            self._ways.append((anchor, ""))

    def put(self, text: str) -> bool:
        """Put ``text`` there in place of what was put there last.

        Returns:
            False, and nothing is changed, when the document changed there.
        """
        # The latest first: after an undo in the document one of the older ones holds again.
        for anchor, lead in reversed(self._ways):
            if self._editor.insert_generated(lead + text, anchor):
                self.add(anchor_before(self._editor.textCursor(), len(text)))
                del self._ways[1:-_MOST_WAYS]
                return True
        return False
