"""A poem with a tone above each character."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from assistant.prosody.verse import GAPS
from assistant.ui.fonts import page_font
from assistant.ui.polish.draft import Cell, Place
from assistant.ui.polish.signs import Sign, Signs
from assistant.ui.polish.verse_layout import LARGEST, MARK_HEIGHT, USUAL, VerseLayout
from assistant.ui.prosody.grid_paint import Brush, paint_tone
from assistant.ui.theme import Theme

CHARACTER = 0.8
"""Height of a character as a share of its cell's width."""


class VerseView(QWidget):
    """Draws it; as high as its width asks for.

    Args:
        margin: pixels around the poem.
        sizes: of its characters, see ``VerseLayout``.
    """

    def __init__(
        self,
        theme: Theme,
        margin: int = 0,
        sizes: tuple[int, int] = (LARGEST, USUAL),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._sizes = sizes
        self.brush = Brush.of(theme)
        self._margin = margin
        self._lines: Sequence[Sequence[Cell]] = ()
        self._signs: Signs = {}
        self._faded: frozenset[Place] = frozenset()
        self._font = page_font(10)
        self.layout_ = VerseLayout((), 0)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_verse(
        self, lines: Sequence[Sequence[Cell]], signs: Signs, faded: Collection[Place] = ()
    ) -> None:
        """Show a poem.

        Args:
            lines: its characters.
            signs: may lack some; those characters have no mark.
            faded: characters that step back.
        """
        self._lines, self._signs, self._faded = lines, signs, frozenset(faded)
        self._lay_out()
        self.updateGeometry()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self.brush = Brush.of(theme)
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Rows depend on the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Of all rows."""
        return VerseLayout(self._lines, width, margin=self._margin, sizes=self._sizes).height

    def sizeHint(self) -> QSize:
        """As it is."""
        return QSize(max(self.width(), 200), self.heightForWidth(max(self.width(), 200)))

    def minimumSizeHint(self) -> QSize:
        """Some characters wide."""
        return QSize(120, 24)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width, other rows."""
        super().resizeEvent(event)
        self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the characters in sight."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, rect in self.layout_.cells.items():
            if rect.intersects(event.rect()):
                self.paint_ground(painter, place, rect)
                self.paint_cell(painter, place, rect)
        painter.setFont(self._font)
        painter.setPen(self.brush.faded)
        for mark, rect in self.layout_.punctuation:
            painter.drawText(
                rect,
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip,
                mark,
            )
        painter.end()

    def paint_ground(self, painter: QPainter, place: Place, rect: QRect) -> None:
        """Draw what lies below a character; nothing here."""

    def paint_cell(self, painter: QPainter, place: Place, rect: QRect) -> None:
        """Draw a character and its tone."""
        sign = self._signs.get(place, Sign())
        character = self.character(place)
        gap = character in GAPS
        colour = self.colour_of(place, sign)
        if sign.mark or sign.free:
            centre = QPointF(rect.center().x() + 0.5, rect.top() + MARK_HEIGHT / 2)
            tone = self.brush.faded if sign.severity is None else self.brush.colour(sign.severity)
            mark = sign.mark or ("" if gap else "？")
            paint_tone(painter, self.brush, mark, centre, free=sign.free, colour=tone)
        painter.setFont(self._font)
        painter.setPen(self.brush.faded if gap else colour)
        painter.drawText(rect.adjusted(0, MARK_HEIGHT, 0, 0), Qt.AlignmentFlag.AlignCenter, character)

    def colour_of(self, place: Place, sign: Sign) -> QColor:
        """Of a character: the seal's for a rhyme."""
        if sign.rhymes:
            return self.brush.seal
        return self.brush.faded if place in self._faded else self.brush.ink

    def character(self, place: Place) -> str:
        """The character at ``place``."""
        return self._lines[place[0]][place[1]].character

    def _lay_out(self) -> None:
        self.layout_ = VerseLayout(self._lines, self.width(), margin=self._margin, sizes=self._sizes)
        self._font.setPixelSize(round(self.layout_.cell * CHARACTER))
        self.update()
