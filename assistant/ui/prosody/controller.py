"""Keeps the page, the underlines, the panel and the line at the bottom together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QObject, QPoint, Slot
from PySide6.QtWidgets import QMenu, QWidget

from assistant.documents import to_code_point, to_utf16
from assistant.settings import Settings
from assistant.ui.editor.editor import Editor
from assistant.ui.prosody.panel import EXAMPLE, ProsodyPanel
from assistant.ui.prosody.pin_menu import pin_menu
from assistant.ui.prosody.pins import Pins
from assistant.ui.prosody.poem_choices import PoemChoices
from assistant.ui.prosody.service import CheckService
from assistant.ui.prosody.snapshot import Poem, PoemChoice, Snapshot, Verdict
from assistant.ui.prosody.underlines import Underlines
from assistant.ui.prosody.window import Window, window_of
from assistant.ui.prosody.words import brief
from assistant.ui.prosody.worker import CheckWorker
from assistant.ui.status import Status
from assistant.ui.theme import Theme


class ProsodyController(QObject):
    """Checks the text while it is written.

    Args:
        editor: whose text is checked.
        status: shows the form of the poem at the cursor.
        settings: its section ``prosody`` is read and changed in place.
        theme: colours to begin with.
        window: parent of menus.
        worker: for tests.
    """

    def __init__(
        self,
        editor: Editor,
        status: Status,
        settings: Settings,
        theme: Theme,
        window: QWidget,
        worker: CheckWorker | None = None,
    ) -> None:
        super().__init__(window)
        self._editor, self._status, self._settings, self._parent = editor, status, settings, window
        self._revision = 0
        self._verdict: Verdict | None = None
        self._page_is_empty = True
        self._window_checked: Window | None = None
        self._pins = Pins.of(settings.prosody)
        self._choices = PoemChoices(editor.document())
        self.service = CheckService(self._snapshot, worker, self)
        self.underlines = Underlines(editor)
        self.underlines.set_visible(settings.prosody.underline)
        self.underlines.set_theme(theme)
        self.panel = ProsodyPanel(theme, settings.prosody.rhyme_book)

        editor.textChanged.connect(self._on_text_changed)
        editor.cursorPositionChanged.connect(self._follow_cursor)
        editor.verticalScrollBar().valueChanged.connect(lambda _: self._on_scrolled())
        editor.composing_changed.connect(self._on_composing)
        editor.first_painted.connect(self.service.check_soon)
        self.service.checked.connect(self._on_verdict)
        self.service.example_checked.connect(self._on_example)
        self.service.tunes_found.connect(self.panel.choosers.set_tunes)
        self.panel.example_wanted.connect(self._check_example)
        self.panel.place_chosen.connect(self.go_to)
        self.panel.reading_asked.connect(self._ask_reading)
        self.panel.choosers.choice_made.connect(self._choose)
        self.panel.choosers.book_chosen.connect(self._choose_book)
        self.panel.choosers.tunes_wanted.connect(self.service.find_tunes)

    @property
    def is_settled(self) -> bool:
        """True when what is shown is the verdict on the text as it is."""
        return self.service.is_idle and self._is_fresh

    @property
    def poems(self) -> Sequence[Poem]:
        """All poems of the latest verdict."""
        return self._verdict.poems if self._verdict is not None else ()

    @property
    def pins(self) -> Pins:
        """The readings that the person decided."""
        return self._pins

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self.underlines.set_theme(theme)
        self.panel.set_theme(theme)

    def set_underlined(self, visible: bool) -> None:
        """Underline broken rules on the page, or not; remembered in the settings."""
        self._settings.prosody.underline = visible
        self.underlines.set_visible(visible)

    def set_pins(self, pins: Pins) -> None:
        """Other readings of polyphones; remembered in the settings."""
        self._pins = pins
        pins.store(self._settings.prosody)
        self._check_anew()

    def go_to(self, line: int, character: int | None) -> None:
        """Move the cursor to a line of the poem in the panel, or to one of its characters."""
        poem = self.panel.poem
        if poem is None or not 0 <= line < len(poem.report.lines):
            return
        start = poem.start + poem.places.lines[line][0]
        characters = poem.report.lines[line].characters
        if character is not None and character < len(characters):
            start = poem.start + to_utf16(poem.text, characters[character].offset)
        cursor = self._editor.textCursor()
        cursor.setPosition(min(start, self._editor.document().characterCount() - 1))
        self._editor.setTextCursor(cursor)
        self._editor.ensureCursorVisible()
        self._editor.setFocus()

    def shutdown(self) -> None:
        """End the thread."""
        self.service.shutdown()

    @property
    def _is_fresh(self) -> bool:
        return self._verdict is not None and self._verdict.revision == self._revision

    def _snapshot(self) -> Snapshot | None:
        """What to check now: nothing before the first paint or in the middle of composing, nor an empty page."""
        if self._editor.is_composing or not self._editor.is_painted:
            return None
        part = self._window_checked = window_of(self._editor)
        self._page_is_empty = not part.text or part.text.isspace()
        if self._page_is_empty:
            self._on_verdict(Verdict(self._revision))
            return None
        choices = tuple(
            (to_code_point(part.text, place - part.start), choice)
            for place, choice in self._choices.places()
            if part.start <= place <= part.end
        )
        book = self._settings.prosody.rhyme_book
        return Snapshot(part.text, self._revision, book, self._pins, choices, part.start)

    def _on_text_changed(self) -> None:
        self._revision += 1
        self._choices.follow()
        self.service.check_soon()

    def _on_scrolled(self) -> None:
        part = self._window_checked
        if part is not None and not part.serves(self._editor.firstVisibleBlock().position()):
            self.service.check_soon()

    def _on_composing(self, composing: bool) -> None:
        if not composing and not self._is_fresh:
            self.service.check_soon()

    def _check_anew(self) -> None:
        self._revision += 1
        self.service.check_now()

    def _check_example(self) -> None:
        self.service.check_example(Snapshot(EXAMPLE, 0))

    @Slot(object)
    def _on_example(self, verdict: Verdict) -> None:
        if verdict.poems:
            self.panel.show_example(verdict.poems[0].report)

    @Slot(object)
    def _on_verdict(self, verdict: Verdict) -> None:
        if verdict.revision != self._revision:
            return
        self._verdict = verdict
        self.underlines.show_marks(verdict.poems)
        self._follow_cursor()

    def _follow_cursor(self) -> None:
        """Show the poem at the cursor, or the nearest one; while the text is ahead of the verdict, nothing moves."""
        if self._verdict is None or not self._is_fresh:
            return
        position = self._editor.textCursor().position()
        poem = self._nearest(position)
        inside = poem is not None and poem.start <= position <= poem.end
        line = _line_at(poem, position) if poem is not None and inside else -1
        choice = self._choices.at(*self._editor.paragraph_around(position)) if poem is None else poem.choice
        self.panel.show_poem(poem, line, choice, page_is_empty=self._page_is_empty, error=self._verdict.error)
        self._status.show_form(brief(poem.report) if poem is not None and inside else "")

    def _nearest(self, position: int) -> Poem | None:
        poems = self.poems
        after = bisect_right(poems, position, key=lambda poem: poem.start)
        near = [*poems[max(0, after - 1) : after], *poems[after : after + 1]]
        return min(near, key=lambda poem: max(poem.start - position, position - poem.end, 0), default=None)

    def _choose(self, choice: PoemChoice) -> None:
        """What the person says of the poem at the cursor; where none was recognised, of the lines around it."""
        position = self._editor.textCursor().position()
        poem = self._nearest(position) if self._is_fresh else None
        if poem is not None and poem.start <= position <= poem.end:
            start, end = poem.start, poem.end
        else:
            start, end = self._editor.paragraph_around(position)
        self._choices.choose(start, end, choice)
        self._check_anew()

    def _choose_book(self, book_id: str) -> None:
        self._settings.prosody.rhyme_book = book_id  # type: ignore[assignment]  # one of those the panel offers
        self._check_anew()

    def _ask_reading(self, line: int, character: int, place: QPoint) -> None:
        poem = self.panel.poem
        if poem is not None and line < len(poem.report.lines):
            menu = pin_menu(self._parent, poem.report.lines[line], character, self._pins, self.set_pins)
            self.pop_up(menu, place)

    def pop_up(self, menu: QMenu, place: QPoint) -> None:
        """Show a menu; a method of its own, so that a test can choose from it."""
        # Later: the chosen action is triggered after the menu has gone.
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)


def _line_at(poem: Poem, position: int) -> int:
    """The line a position of the document (UTF-16) is in; -1 above the first one, such as in the title."""
    starts = [start for start, _ in poem.places.lines]
    return bisect_right(starts, position - poem.start) - 1
