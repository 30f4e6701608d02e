"""What the person said each poem is, held to its place while the text around it changes."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QTextCursor, QTextDocument

from assistant.ui.prosody.snapshot import AUTO, PoemChoice


@dataclass(slots=True)
class _Kept:
    cursor: QTextCursor
    choice: PoemChoice
    had_text: bool


class PoemChoices:
    """Lives in the GUI thread. A choice goes when its poem is deleted or the document is replaced."""

    def __init__(self, document: QTextDocument) -> None:
        self._document = document
        self._kept: list[_Kept] = []

    def choose(self, start: int, end: int, choice: PoemChoice) -> None:
        """Say what the poem from ``start`` to ``end`` (UTF-16 positions) is; ``AUTO`` takes it back."""
        self._kept = [
            kept
            for kept in self._kept
            if kept.cursor.selectionEnd() < start or kept.cursor.selectionStart() > end
        ]
        if choice != AUTO:
            cursor = QTextCursor(self._document)
            cursor.setPosition(end)
            cursor.setPosition(start, QTextCursor.MoveMode.KeepAnchor)
            # A place that is still empty keeps its start there, and so takes in what is written.
            cursor.setKeepPositionOnInsert(start == end)
            self._kept.append(_Kept(cursor, choice, end > start))

    def follow(self) -> None:
        """Drop the choices whose poems are gone; called after each change of the text."""
        # Only a text that was set as a whole has no history. (Qt calls another font a change, too.)
        history = self._document.isUndoAvailable() or self._document.isRedoAvailable()
        replaced = not history and not self._document.isEmpty()
        left = []
        for kept in self._kept:
            awaited = not kept.had_text
            if kept.cursor.hasSelection() and not (awaited and replaced):
                kept.had_text = True
                kept.cursor.setKeepPositionOnInsert(False)
                left.append(kept)
            elif awaited and not replaced:
                left.append(kept)
        self._kept = left

    def places(self) -> list[tuple[int, PoemChoice]]:
        """UTF-16 position in each poem, and what it is said to be."""
        return [(kept.cursor.selectionStart(), kept.choice) for kept in self._kept]

    def at(self, start: int, end: int) -> PoemChoice:
        """What was said of the poem that reaches from ``start`` to ``end``."""
        for place, choice in self.places():
            if start <= place <= end:
                return choice
        return AUTO
