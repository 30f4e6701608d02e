"""Joins the page 推敲 with the document, the candidates, the checker and the writer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication

from assistant.api import BibanError, InputError
from assistant.api.han import is_han
from assistant.ui.background import Background
from assistant.ui.editor.editor import Editor
from assistant.ui.generation_controller import GenerationController
from assistant.ui.panels.writer_panel import PanelCatalogue
from assistant.ui.polish.checking import Checked, check_draft
from assistant.ui.polish.desk import Desk
from assistant.ui.polish.draft import Place
from assistant.ui.polish.panel import PolishPanel
from assistant.ui.polish.session import Proposal, Session, Task, Wish
from assistant.ui.polish.writing import PolishWriting
from assistant.ui.prosody.controller import ProsodyController
from assistant.ui.status import Status
from assistant.ui.theme import Theme

LIST_DELAY_MS = 120
"""The list for a character is asked for when the choice has rested a moment, so that arrow keys can pass through."""


class PolishController(QObject):
    """What the person does with the poem on the page, and what comes of it.

    Args:
        editor: of the document.
        prosody: knows the poems of the document and the readings that the person decided.
        generation: knows the candidates and where they belong.
        writing: asks the poem writer.
        status: says what runs.
        theme: colours to begin with.
        parent: owns this.
    """

    changed = Signal()
    """Something began or ended; actions look again at what is possible."""

    def __init__(
        self,
        editor: Editor,
        prosody: ProsodyController,
        generation: GenerationController,
        writing: PolishWriting,
        status: Status,
        theme: Theme,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._editor, self._prosody, self._writing, self._status = editor, prosody, writing, status
        self._refused: Task | None = None
        self.desk = Desk(editor, prosody, generation, self)
        self.panel = PolishPanel(theme)
        self._checks = Background(self)
        self._list_soon = QTimer(self)
        self._list_soon.setSingleShot(True)
        self._list_soon.setInterval(LIST_DELAY_MS)
        self._connect()

    @property
    def session(self) -> Session | None:
        """The poem on the page."""
        return self.desk.session

    @property
    def is_settled(self) -> bool:
        """True when nothing is being checked, asked or written for the page."""
        waits = self._checks.is_running or self._list_soon.isActive() or self.desk.is_waiting
        return not (waits or self._writing.is_running)

    def set_catalogue(self, catalogue: PanelCatalogue) -> None:
        """Writers and models are known now."""
        self._writing.set_catalogue(catalogue)
        if self.session is not None:
            self.panel.show_session(self.session, self._writing.why_not(self.session.rules))

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self.panel.set_theme(theme)

    def shutdown(self) -> None:
        """Nothing is asked for any more."""
        self._list_soon.stop()

    def wish(self, wish: Wish) -> None:
        """Have something written anew."""
        session = self.session
        task = session.task(wish) if session is not None and session.report is not None else None
        if task is not None:
            self._ask(task)

    def put_back(self) -> None:
        """Put the poem into the document, as one undo step."""
        if self.session is None or self._editor.is_composing:
            return
        if self.desk.put_back():
            self.panel.say_nothing()
            self.panel.refresh()
            self._status.say("已用回正文，可以撤销。", 3)
        else:
            self.panel.say(
                "正文里这一处已经改动，用不回去了。",
                "把光标放到正文的那首诗里，按 Ctrl+T 重新推敲；或先复制下来。",
            )

    def copy(self) -> None:
        """Put the poem on the clipboard."""
        if self.session is not None:
            QGuiApplication.clipboard().setText(self.session.draft.text)
            self._status.say("已复制。", 2)

    def _on_poem(self) -> None:
        """Another poem is on the page."""
        self._drop()
        session = self.session
        if session is not None:
            self.panel.show_session(session, self._writing.why_not(session.rules))
            self.panel.grid.setFocus()
            if session.report is None:
                self._check()

    def _drop(self) -> None:
        """What was asked for is not what the page shows from now on."""
        self._list_soon.stop()
        self._refused = None
        self._writing.drop()

    def _check(self) -> None:
        """Have the present state checked; what is shown follows."""
        session = self.session
        if session is not None:
            self._checks.run(partial(check_draft, session.draft, session.rules, self._prosody.pins))

    @Slot(object)
    def _on_checked(self, checked: Checked) -> None:
        session, report = self.session, checked.report
        if session is None or (session.draft, session.rules) != (checked.draft, checked.rules):
            return  # another poem is on the page by now
        if not session.set_report(report):
            self.panel.say("分不清这首诗的句读，这里只能自己换字。", "在正文里加上标点，再按 Ctrl+T。")
        self.panel.refresh()
        if session.chosen is not None and not self._writing.is_running and not self.panel.results.has_list:
            self._list_soon.start()

    def _choose(self, place: Place) -> None:
        session = self.session
        if session is None or place == session.chosen:
            return
        session.chosen = place
        self._drop()
        self.panel.results.show_words()
        self.panel.say_nothing()
        self.panel.refresh()
        self._list_soon.start()

    def _list_characters(self) -> None:
        """Ask for the list of the chosen character, unless that would disturb others or cannot succeed."""
        session = self.session
        if session is None or session.report is None or self._writing.would_disturb:
            return
        if self._writing.why_not(session.rules):
            return
        task = session.task(Wish.CHARACTER)
        if session.chosen in session.locks:
            self.panel.results.show_words("这个字锁着，解锁才能换。")
        elif task is not None and session.in_the_way(task):
            self.panel.results.show_words("别处还有出律的字。\n先「重写出律处」，再来挑这个字。")
        elif task is not None and task.is_single:
            self._ask(task)

    def _ask(self, task: Task) -> None:
        session = self.session
        if session is None:
            return
        self._list_soon.stop()
        self._refused = None
        self.panel.say_nothing()
        try:
            self._writing.ask(task, session)
        except InputError as error:
            self.panel.say(error.message, error.hint)

    def _write_together(self) -> None:
        session, task = self.session, self._refused
        if session is not None and task is not None and (whole := session.together(task)) is not None:
            self._ask(whole)

    def _on_began(self, task: Task) -> None:
        self.panel.results.show_words("正在按平仄、韵脚和上下文挑字…" if task.is_single else "正在写…")
        self.panel.results.set_running(True)
        self._status.show_running("正在推敲…")
        self.changed.emit()

    def _on_ended(self) -> None:
        self.panel.results.set_running(False)
        self._status.show_running("")
        self.changed.emit()

    def _on_found(self, proposals: list[Proposal]) -> None:
        session = self.session
        if session is not None and proposals:
            self.panel.results.proposals.show_proposals(proposals, session.draft.text)
            self.panel.results.show_list()
        else:
            self.panel.results.show_words()
            self.panel.say("没有写出合格律的字句。", "解锁一些字，或换一句来重写。")

    def _on_refused(self, task: Task, error: BibanError) -> None:
        self.panel.results.show_words()
        session = self.session
        if session is None or not isinstance(error, InputError):
            self.panel.say(error.message, error.hint)
            return
        # The writer calls the poem 「上文」; here it is the poem itself, and its hint is for who writes on the page.
        message = error.message.replace("上文第", "第")
        if in_the_way := session.in_the_way(task):
            self._refused = task
            self.panel.say(message, "虚线框里的字不合格律，要一并重写才行。", in_the_way)
        else:
            self.panel.say(message, error.hint if message == error.message else "多放开几个字，再试一次。")

    def _step(self, step: Callable[[Session], None]) -> None:
        session = self.session
        if session is not None:
            self._drop()
            step(session)
            self.panel.say_nothing()
            self.panel.refresh()
            if session.report is None:
                self._check()

    def _take(self, proposal: Proposal) -> None:
        self._step(lambda session: session.accept(proposal))

    def _type(self, text: str) -> None:
        session = self.session
        if session is None or session.chosen is None:
            return
        if len(text) != 1 or not is_han(text):
            self.panel.say("请填一个汉字。")
            return
        characters = {session.chosen: text}
        self._step(lambda own: own.push(own.draft.with_characters(characters)))

    def _lock(self, place: Place, locked: bool) -> None:
        session = self.session
        if session is not None and (place in session.locks) != locked:
            session.toggle_lock([place])
            self.panel.refresh()

    def _lock_line(self) -> None:
        session = self.session
        if session is not None and session.chosen is not None:
            session.toggle_lock(session.draft.line_places(session.chosen[0]))
            self.panel.refresh()

    def _choose_form(self, form: str) -> None:
        session = self.session
        if session is not None and form != session.rules.form:
            self._drop()
            session.set_rules(replace(session.rules, form=form))
            self.panel.results.show_words()
            self.panel.say_nothing()
            self.panel.refresh()
            self._check()

    def _connect(self) -> None:
        panel, writing = self.panel, self._writing
        self.desk.changed.connect(self._on_poem)
        self.desk.found_none.connect(panel.say_none)
        panel.open_wanted.connect(self.desk.open_at_cursor)
        panel.chosen.connect(self._choose)
        panel.lock_wanted.connect(self._lock)
        panel.undo_wanted.connect(lambda: self._step(Session.undo))
        panel.redo_wanted.connect(lambda: self._step(Session.redo))
        panel.put_wanted.connect(self.put_back)
        panel.copy_wanted.connect(self.copy)
        panel.head.form_chosen.connect(self._choose_form)
        panel.tools.wished.connect(self.wish)
        panel.tools.line_lock_toggled.connect(self._lock_line)
        panel.tools.typed.connect(self._type)
        panel.results.proposals.taken.connect(self._take)
        panel.results.together_wanted.connect(self._write_together)
        panel.results.stop_wanted.connect(writing.stop)
        writing.began.connect(self._on_began)
        writing.progressed.connect(panel.results.show_words)
        writing.found.connect(self._on_found)
        writing.refused.connect(self._on_refused)
        writing.stopped.connect(lambda: panel.results.show_words("已停止。"))
        writing.ended.connect(self._on_ended)
        self._checks.done.connect(self._on_checked)
        self._checks.failed.connect(lambda error: panel.say(error.message, error.hint))
        self._list_soon.timeout.connect(self._list_characters)
