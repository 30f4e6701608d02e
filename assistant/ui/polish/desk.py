"""Which poem is on the page 推敲, and how it gets there and back into the document."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from assistant.ui.editor.anchor import Anchor
from assistant.ui.editor.editor import Editor
from assistant.ui.generation_controller import GenerationController
from assistant.ui.polish.opening import session_of_candidate, session_of_poem
from assistant.ui.polish.place import PoemPlace
from assistant.ui.polish.session import Session
from assistant.ui.prosody.controller import ProsodyController
from assistant.ui.prosody.snapshot import Poem

KEPT_POEMS = 12
"""Poems that one finds again as one left them."""


@dataclass(slots=True)
class _Kept:
    """A poem and its place; of a candidate also the anchor of its request and its index."""

    session: Session
    place: PoemPlace
    anchor: Anchor | None = None
    index: int = -1


class Desk(QObject):
    """One poem at a time; the latest ones are kept as they were left.

    Args:
        editor: of the document.
        prosody: knows the poems of the document.
        generation: knows the candidates and where they belong.
        parent: owns this.
    """

    page_wanted = Signal()
    """There is something to see on the page."""
    changed = Signal()
    """Another poem is on the page."""
    found_none = Signal(str, str)
    """Why there is no poem, and what to do."""

    def __init__(
        self, editor: Editor, prosody: ProsodyController, generation: GenerationController, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._editor, self._prosody, self._generation = editor, prosody, generation
        self._kept: list[_Kept] = []
        self._now: _Kept | None = None
        self._awaits_verdict = False
        prosody.service.checked.connect(self._on_verdict)

    @property
    def session(self) -> Session | None:
        """The poem on the page."""
        return self._now.session if self._now is not None else None

    @property
    def is_waiting(self) -> bool:
        """True while a poem of the document is to be opened, but the text is ahead of its verdict."""
        return self._awaits_verdict

    def open_at_cursor(self) -> None:
        """Open the poem at the cursor; while the text is ahead of its verdict, as soon as that is there."""
        if self._editor.is_composing:
            return
        self.page_wanted.emit()
        if not self._prosody.is_settled:
            self._prosody.service.check_now()
        self._awaits_verdict = not self._prosody.is_settled
        if self._awaits_verdict:
            return
        position = self._editor.textCursor().position()
        poem = next((p for p in self._prosody.poems if p.start <= position <= p.end), None)
        if poem is None or not poem.report.lines:
            self._show_none("光标处没有认出诗词。", "把光标放到一首诗里，再按 Ctrl+T。")
        else:
            self._open(poem)

    def open_candidate(self, index: int) -> None:
        """Open a candidate of the latest request."""
        origin = self._generation.origin(index)
        if origin is None:
            return
        self.page_wanted.emit()
        known = next((k for k in self._kept if k.anchor is origin.anchor and k.index == index), None)
        session = known.session if known else session_of_candidate(origin.candidate, origin.request)
        if session is None:
            self._show_none("这个候选分不出诗句，不能推敲。", "采用之后，可以在正文里改。")
            return
        origin.anchor.replace_before(origin.candidate.replaces)
        place = PoemPlace(self._editor, origin.anchor, origin.lead)
        self._show(known or _Kept(session, place, origin.anchor, index))

    def put_back(self) -> bool:
        """Put the poem into the document, as one undo step.

        Returns:
            False, and nothing is changed, when the document changed there.
        """
        now = self._now
        if now is None:
            return False
        origin = self._generation.origin(now.index)
        if origin is not None and origin.anchor is now.anchor and origin.taken is not None:
            now.place.add(origin.taken)  # it was taken from its sheet meanwhile
        if not now.place.put(now.session.own_text):
            return False
        now.session.mark_put()
        return True

    def _open(self, poem: Poem) -> None:
        place = PoemPlace.of_text(self._editor, poem.end, len(poem.text))
        kind = (poem.report.form, poem.report.tune)
        for kept in self._kept:
            recognised = kept.session.recognised
            if kept.session.text_in_document == poem.text and (recognised.form, recognised.tune) == kind:
                kept.place = place
                self._show(kept)
                return
        session = session_of_poem(poem)
        if session is not None:
            self._show(_Kept(session, place))
        else:
            self._show_none("这里的诗句次序分不清，不能推敲。", "请一句接一句地写，再按 Ctrl+T。")

    def _show(self, kept: _Kept) -> None:
        self._now = kept
        self._kept = [kept, *(other for other in self._kept if other is not kept)][:KEPT_POEMS]
        self.changed.emit()

    def _show_none(self, message: str, hint: str) -> None:
        self._now = None
        self.found_none.emit(message, hint)

    def _on_verdict(self) -> None:
        if self._awaits_verdict and self._prosody.is_settled:
            self.open_at_cursor()
