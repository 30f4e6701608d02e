"""The first page as it lies on the sheet."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpacerItem,
    QVBoxLayout,
    QWidget,
)

from assistant.ui.editor.editor import PAGE_PADDING
from assistant.ui.fonts import interface_font, page_font
from assistant.ui.welcome.card import ExampleCard
from assistant.ui.welcome.offers import Offer

HEADING = "写点什么？"
JUST_TYPE = "直接写就行，按 Ctrl+Enter 续写。"
OR_AN_EXAMPLE = "也可以点一个例子："
NO_MODEL = "直接写就行；要续写，先取一个模型。"

CARD_WIDTH = 168
"""Pixels at the usual size; columns are at least so wide."""
MOST_COLUMNS = 3
ABOVE = 0.15
"""How much of the height stands above the heading, where there is room."""
GAP = 12
SCALE_PERCENT = (75, 175)
"""The page follows the zoom of the text within these bounds."""
FULL_WIDTH = 400
"""Pixels of a page on which the usual size fits; a narrower one is not zoomed to what would be cut off."""


class WelcomePage(QScrollArea):
    """A heading, one line, and examples to press. See-through: the cursor of the editor blinks above it, and a click
    beside the examples goes to the editor. It scrolls where the window is too small.
    """

    chosen = Signal(object)
    """The ``Offer`` that was pressed."""
    library_requested = Signal()
    closed = Signal()
    """The person does not want to see it."""
    left = Signal()
    """The keyboard went past one of its ends."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setAccessibleName("开始")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scale = 1.0
        self.cards: list[ExampleCard] = []
        self.heading, self.line = QLabel(HEADING), QLabel(JUST_TYPE)
        self.line.setObjectName("faded")
        self.line.setWordWrap(True)
        self.library_button = QPushButton("打开模型库…")
        self.close_button = QPushButton("不再显示")
        self.close_button.setObjectName("quiet")
        for button, signal in (
            (self.library_button, self.library_requested),
            (self.close_button, self.closed),
        ):
            button.setAutoDefault(True)
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(signal)
        self._grid = QGridLayout()
        self._grid.setSpacing(GAP)
        inside = QWidget()
        box = QVBoxLayout(inside)
        box.setContentsMargins(PAGE_PADDING, 0, PAGE_PADDING, 16)
        box.setSpacing(0)
        left = Qt.AlignmentFlag.AlignLeft
        self._above = QSpacerItem(0, 0, QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        box.addItem(self._above)
        box.addWidget(self.heading)
        box.addSpacing(8)
        box.addWidget(self.line)
        box.addSpacing(20)
        box.addLayout(self._grid)
        box.addWidget(self.library_button, alignment=left)
        box.addSpacing(12)
        box.addWidget(self.close_button, alignment=Qt.AlignmentFlag.AlignRight)
        box.addStretch(1)
        self.setWidget(inside)
        for see_through in (self.viewport(), inside):
            see_through.setAutoFillBackground(False)
        self._box = box
        self.library_button.hide()
        self.close_button.hide()
        self.set_zoom(100)

    def show_offers(self, offers: Sequence[Offer], *, any_model: bool) -> None:
        """Lay out examples; where there is no model at all, the way to one."""
        for card in self.cards:
            self._grid.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = [ExampleCard(offer) for offer in offers]
        for card in self.cards:
            card.set_scale(self._scale)
            card.clicked.connect(lambda _=False, offer=card.offer: self.chosen.emit(offer))
        words = JUST_TYPE + OR_AN_EXAMPLE if offers else JUST_TYPE
        self.line.setText(words if any_model or offers else NO_MODEL)
        self.library_button.setVisible(not any_model and not offers)
        self.close_button.show()
        self._lay_out()

    def set_closing_words(self, words: str) -> None:
        """What the button at the foot says."""
        self.close_button.setText(words)

    def set_zoom(self, percent: int) -> None:
        """Follow the size of the text."""
        self._zoom_percent = percent
        self._rescale()
        self._lay_out()

    def _rescale(self) -> None:
        low, high = SCALE_PERCENT
        most = min(high, 100 * self.width() / FULL_WIDTH)
        self._scale = max(low, min(most, self._zoom_percent)) / 100
        self.heading.setFont(page_font(22 * self._scale))
        self.line.setFont(interface_font(10.5 * self._scale))
        self.close_button.setFont(interface_font(9.5 * self._scale))
        for card in self.cards:
            card.set_scale(self._scale)

    @property
    def has_focus(self) -> bool:
        """True when the keyboard is on one of its buttons."""
        return any(button.hasFocus() for button in self._buttons())

    def focus_first(self) -> bool:
        """Give the keyboard to the first button; False when there is none."""
        return self._focus_button(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many columns as there is room for."""
        super().resizeEvent(event)
        self._rescale()
        self._lay_out()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to the text; what a button has no use for is typed there."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            event.ignore()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """From button to button; Qt would ask the editor around it, where the tab key writes."""
        buttons = self._buttons()
        now = next((place for place, button in enumerate(buttons) if button.hasFocus()), -1)
        if not self._focus_button(now + 1 if forward else now - 1):
            self.left.emit()
        return True

    def _buttons(self) -> list[QPushButton]:
        return [
            button
            for button in (*self.cards, self.library_button, self.close_button)
            if not button.isHidden()
        ]

    def _focus_button(self, place: int) -> bool:
        buttons = self._buttons()
        if not 0 <= place < len(buttons):
            return False
        buttons[place].setFocus(Qt.FocusReason.TabFocusReason)
        self.ensureWidgetVisible(buttons[place])
        return True

    def _lay_out(self) -> None:
        if self.cards:
            self._lay_out_cards()
        # The heading keeps its place when the examples arrive, as long as there is room for both.
        width, height = self.viewport().width(), self.height()
        self._above.changeSize(0, 0)
        self._box.invalidate()
        free = height - self._box.totalHeightForWidth(width)
        self._above.changeSize(0, max(0, min(free * 2 // 3, round(height * ABOVE))))
        self._box.invalidate()

    def _lay_out_cards(self) -> None:
        wide = self.viewport().width() - 2 * PAGE_PADDING + GAP
        fitting = max(1, min(MOST_COLUMNS, int(wide // (CARD_WIDTH * self._scale + GAP))))
        rows = -(-len(self.cards) // fitting)
        columns = -(-len(self.cards) // rows)  # four stand two by two rather than three and one
        for column in range(MOST_COLUMNS):
            self._grid.setColumnStretch(column, int(column < columns))
        for place, card in enumerate(self.cards):
            self._grid.addWidget(card, place // columns, place % columns)
