"""推敲: a poem of the document or a candidate, its characters locked, rewritten, chosen from a list, and put back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QMouseEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from assistant.api import Candidate, FinishReason, GenerationRequest, WritingContext
from assistant.api.testing import CharacterVocabulary, RandomModel
from assistant.app import _catalogue_loader, _runner
from assistant.documents import utf16_length
from assistant.prosody.checker import CheckSettings, check
from assistant.prosody.report import Report
from assistant.settings import Settings
from assistant.ui.main_window import MainWindow
from assistant.ui.polish.asking import proposals_of, request_for
from assistant.ui.polish.draft import Draft
from assistant.ui.polish.faults import faults_of
from assistant.ui.polish.rules import Rules
from assistant.ui.polish.session import Proposal, Session, Task, Wish
from assistant.ui.polish.signs import signs_of, signs_of_json
from assistant.ui.polish.verse_layout import LARGEST, VerseLayout
from assistant.ui.theme import load_theme
from plugins.couplet.writer import CoupletWriter
from plugins.poem.options import PoemOptions
from plugins.poem.writer import PoemWriter
from tests.fakes import BlockingModel, PlainWriter, card, catalogue_of
from tests.ui.conftest import MakeWindow, finished, without_drafts

TOWER = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。"
"""王之涣."""
FAULTY = TOWER.replace("入海", "入天").replace("层楼", "层台")
"""天 is 平 where 仄 is asked, 台 is out of rhyme."""
HIGH = (
    "登高\n风急天高猿啸哀，渚清沙白鸟飞回。\n无边落木萧萧下，不尽长江滚滚来。\n"
    "万里悲秋常作客，百年多病独登台。\n艰难苦恨繁霜鬓，潦倒新停浊酒杯。"
)
"""杜甫."""
WATER_TUNE = (
    "水调歌头\n明月几时有，把酒问青天。不知天上宫阙，今夕是何年。我欲乘风归去，又恐琼楼玉宇，高处不胜寒。"
    "起舞弄清影，何似在人间。\n\n转朱阁，低绮户，照无眠。不应有恨，何事长向别时圆。人有悲欢离合，月有阴晴圆缺，"
    "此事古难全。但愿人长久，千里共婵娟。"
)
"""苏轼."""


def report_on(text: str, **settings: str) -> Report:
    return check(text, CheckSettings(**settings))  # type: ignore[arg-type]


def session_on(text: str, **settings: str) -> Session:
    report = report_on(text, **settings)
    session = Session(draft_of(text, report), Rules.of(report), report.title)
    assert session.set_report(report)
    return session


def draft_of(text: str, report: Report) -> Draft:
    return Draft.of(text, [[character.offset for character in line.characters] for line in report.lines])


class TestDraft:
    def test_nothing_but_the_chosen_characters_changes(self) -> None:
        text = "# 登鹳雀楼\n\u3000\u3000白日依山尽，黄河入海流。\n\n欲穷千里目，更上一层楼。 （完）"
        draft = draft_of(text, report_on(text, form="五绝"))
        assert draft.text == text
        changed = draft.with_characters({(1, 2): "𠮷", (3, 4): "台"})
        assert changed.text == text.replace("入海", "𠮷海").replace("层楼", "层台")
        assert draft.changes(changed) == {(1, 2), (3, 4)}

    def test_the_template_is_what_the_poem_writer_reads(self) -> None:
        draft = draft_of(HIGH, report_on(HIGH))
        template = draft.template("登高", {(0, 0), (7, 6)})
        assert template.startswith("《登高》\n□急天高猿啸哀，\n渚清沙白鸟飞回。\n")
        assert template.endswith("潦倒新停浊酒□。")

    def test_lines_without_marks_get_them_in_the_template_only(self) -> None:
        text = TOWER.replace("，", "\n").replace("。", "")
        draft = draft_of(text, report_on(text, form="五绝"))
        assert draft.template("", {(0, 0)}).splitlines()[:2] == ["□日依山尽，", "黄河入海流。"]
        assert draft.text == text

    def test_what_the_writer_gives_back_counts_at_the_gaps_only(self) -> None:
        draft = draft_of(TOWER, report_on(TOWER))
        filled = draft.filled({(0, 0)}, ["青日依山盡", "黃河入海流", "欲窮千里目", "更上一層樓"])
        assert filled is not None
        assert filled.text == TOWER.replace("白日", "青日")
        assert draft.filled({(0, 0)}, ["青日依山尽", "黄河入海流"]) is None

    def test_lines_that_do_not_follow_one_another_are_no_draft(self) -> None:
        with pytest.raises(ValueError, match="follow"):
            Draft.of("甲乙", [[1], [0]])


class TestFaults:
    def test_characters_and_miscounted_lines(self) -> None:
        text = FAULTY.replace("千里目", "千里一目")
        faults = faults_of(report_on(text, form="五绝"))
        assert (1, 3) in faults.characters
        assert (3, 4) in faults.characters
        assert dict(faults.lengths) == {2: 5}
        assert faults.lines >= {2}

    def test_a_miscounted_line_of_a_tune(self) -> None:
        faults = faults_of(report_on(WATER_TUNE.replace("婵娟", "婵娟娟"), tune="水调歌头"))
        assert dict(faults.lengths) == {18: 5}
        assert not faults.beyond

    def test_a_poem_that_leaves_its_track_is_mended_on_the_shorter_side(self) -> None:
        lines = HIGH.splitlines()
        # The second couplet goes the way of the first: 失粘 there and at the third.
        text = "\n".join([lines[1], "玉露凋伤枫树林，巫山巫峡气萧森。", *lines[3:]])
        report = report_on(text, form="七律")
        broken = [number for number, line in enumerate(report.lines) if "失粘" in str(line.issues)]
        assert broken == [2, 4]
        assert faults_of(report).lines == {2, 3}
        assert faults_of(report, kept=[(2, 0)]).lines == {0, 1, 4, 5, 6, 7}

    def test_a_right_poem_has_none(self) -> None:
        assert faults_of(report_on(HIGH)).count == 0


class TestSession:
    def test_what_each_wish_writes_anew(self) -> None:
        session = session_on(FAULTY, form="五绝")
        assert session.task(Wish.CHARACTER) is None
        faults = session.task(Wish.FAULTS)
        assert faults is not None
        assert faults.gaps == {(1, 3), (3, 4)}
        session.chosen = (1, 0)
        character, line = session.task(Wish.CHARACTER), session.task(Wish.LINE)
        assert character is not None
        assert character.is_single
        assert session.in_the_way(character) == {(1, 3), (3, 4)}
        assert line is not None
        assert line.gaps == {(1, column) for column in range(5)}
        assert session.in_the_way(line) == {(3, 4)}
        session.toggle_lock([(1, 3), (1, 0)])
        assert session.task(Wish.CHARACTER) is None
        kept = session.task(Wish.UNLOCKED)
        assert kept is not None
        assert len(kept.gaps) == 18
        together = session.together(line)
        assert together is not None
        assert session.locks == {(1, 0), (1, 3)}  # what the line keeps of itself is not in its way
        assert together.gaps == {(1, 1), (1, 2), (1, 4), (3, 4)}

    def test_what_is_locked_and_in_the_way_is_unlocked_to_be_written_too(self) -> None:
        session = session_on(FAULTY, form="五绝")
        session.toggle_lock([(1, 3), (0, 0)])
        task = session.task(Wish.FAULTS)
        assert task is not None
        assert task.gaps == {(3, 4)}
        assert session.in_the_way(task) == {(1, 3)}
        together = session.together(task)
        assert together is not None
        assert together.gaps == {(1, 3), (3, 4)}
        assert session.locks == {(0, 0)}

    def test_a_line_of_the_wrong_length_becomes_gaps_of_the_right_one(self) -> None:
        session = session_on(TOWER.replace("黄河", "黄黄河"), form="五绝")
        task = session.task(Wish.FAULTS)
        assert task is not None
        assert task.gaps == {(1, column) for column in range(5)}
        assert task.draft.text == TOWER.replace("黄河入海流", "□□□□□")
        session.toggle_lock([(1, 0)])  # nobody knows which of the six is too many
        task = session.task(Wish.FAULTS)
        assert task is not None
        assert task.draft.lengths == (5, 6, 5, 5)

    def test_gaps_of_the_poem_are_filled_in_any_case(self) -> None:
        session = session_on(TOWER.replace("层楼", "层□"), form="五绝")
        session.chosen = (0, 0)
        task = session.task(Wish.CHARACTER)
        assert task is not None
        assert task.gaps == {(0, 0), (3, 4)}

    def test_steps_are_taken_back_and_again(self) -> None:
        session = session_on(TOWER)
        first = session.draft.with_characters({(0, 0): "青"})
        second = session.draft.with_characters({(0, 1): "月"})
        session.push(first)
        # A proposal made before that step changes its own places only.
        session.accept(Proposal(second, frozenset({(0, 1)})))
        assert session.draft.line_text(0) == "青月依山尽"
        session.undo()
        assert session.draft == first
        session.undo()
        assert session.draft.text == TOWER
        assert not session.can_undo
        session.redo()
        session.redo()
        assert session.draft.line_text(0) == "青月依山尽"
        assert not session.can_redo
        assert session.report is None  # a verdict belongs to one state
        session.undo()
        session.push(second)
        assert not session.can_redo

    def test_a_verdict_on_other_lines_is_not_taken(self) -> None:
        session = session_on(TOWER)
        assert not session.set_report(report_on(HIGH))
        assert session.report is None


class TestRequests:
    @pytest.mark.parametrize(
        ("text", "settings", "options"),
        [
            (TOWER, {}, {"form": "五绝", "tune": "", "rhyme_book": "pingshui", "line_count": 12}),
            (HIGH, {"form": "七古"}, {"form": "七古", "line_count": 8}),
            (WATER_TUNE, {}, {"tune": "水调歌头"}),
            (TOWER, {"rhyme_book": "xinyun"}, {"rhyme_book": "xinyun"}),
        ],
    )
    def test_the_options_are_those_of_the_report(
        self, text: str, settings: dict[str, str], options: dict[str, object]
    ) -> None:
        session = session_on(text, **settings)
        session.chosen = (0, 0)
        task = session.task(Wish.CHARACTER)
        assert task is not None
        values = {"temperature": 0.3, "form": "七律", "acrostic": "春夏秋冬", "drafts": 9}
        request = request_for(task, session.rules, session.title, PoemWriter(), "random", values)
        assert isinstance(request.options, PoemOptions)
        assert {name: getattr(request.options, name) for name in options} == options
        assert request.options.temperature == 0.3
        assert request.options.drafts == 9
        assert request.options.acrostic == ""
        assert request.num_return_sequences == 24
        assert "□" in request.context.before

    def test_options_that_no_longer_fit_do_not_stand_in_the_way(self) -> None:
        session = session_on(TOWER)
        session.chosen = (0, 0)
        task = session.task(Wish.LINE)
        assert task is not None
        request = request_for(task, session.rules, "", PoemWriter(), None, {"temperature": 99})
        assert request.options == PoemOptions(form="五绝", rhyme_book="pingshui")

    def test_unfinished_and_foreign_candidates_are_left_out(self) -> None:
        session = session_on(TOWER)
        task = Task(session.draft, frozenset({(0, 0)}))
        good = TOWER.replace("白日", "青日")

        def candidate(text: str, reason: FinishReason | None = FinishReason.STOP) -> Candidate:
            return Candidate(0, continuation=text, finish_reason=reason)

        found = proposals_of(
            task,
            [
                candidate(good),
                candidate(good),
                candidate(TOWER[:9], FinishReason.CANCELLED),
                candidate("不是这首诗。"),
                candidate(TOWER.replace("白日", "□日")),
            ],
        )
        assert [proposal.draft.text for proposal in found] == [good]

    @pytest.mark.parametrize(
        ("rules", "word"),
        [
            (Rules("七律"), ""),
            (Rules("词", "浣溪沙"), ""),
            (Rules("五言古绝"), ""),
            (Rules("古风"), "古风"),
            (Rules("对联"), "对联"),
            (Rules(""), "认不出体裁"),
            (Rules("五言", unfinished="现有 2 句，尚不成一首。"), "续完"),
        ],
    )
    def test_forms_that_the_writer_does_not_know(self, rules: Rules, word: str) -> None:
        why = rules.why_not(PoemWriter())
        assert word in why
        assert bool(why) == bool(word)
        assert Rules("七律").why_not(PlainWriter())


class TestSigns:
    def test_of_a_verdict(self) -> None:
        signs = signs_of(report_on(FAULTY, form="五绝"))
        assert (signs[1, 3].mark, signs[1, 3].severity) == ("平", "error")
        assert signs[3, 4].rhymes
        assert signs[0, 0].free
        assert signs[0, 0].severity is None

    def test_of_a_gap_what_it_wants(self) -> None:
        signs = signs_of(report_on(TOWER.replace("海", "□"), form="五绝"))
        assert signs[1, 3].mark == "仄"

    @pytest.mark.parametrize(
        ("text", "settings"),
        [
            (TOWER, {}),
            (HIGH, {}),
            (WATER_TUNE, {}),
            (HIGH, {"form": "七古"}),
        ],
    )
    def test_of_a_candidates_report_are_the_same(self, text: str, settings: dict[str, str]) -> None:
        report = report_on(text, **settings)
        signs = signs_of_json(report.as_json(), [len(line.characters) for line in report.lines])
        full = signs_of(report)
        assert {place: sign.mark for place, sign in signs.items()} == {p: s.mark for p, s in full.items()}
        assert {p for p, sign in signs.items() if sign.rhymes} == {p for p, s in full.items() if s.rhymes}

    def test_a_report_on_other_lines_gives_none(self) -> None:
        assert signs_of_json(report_on(TOWER).as_json(), [5, 5]) == {}


class TestLayout:
    def test_rows_are_those_of_the_page_as_large_as_they_fit(self) -> None:
        draft = draft_of(HIGH, report_on(HIGH))
        layout = VerseLayout(draft.lines, 348, margin=12)
        assert [len(row) for row in layout.rows] == [14] * 4
        assert layout.cell < LARGEST
        wide = VerseLayout(draft.lines, 600)
        assert wide.cell == LARGEST
        narrow = VerseLayout(draft.lines, 220)
        assert [len(row) for row in narrow.rows] == [7] * 8
        tiny = VerseLayout(draft.lines, 100)
        assert all(rect.right() <= 100 for rect in tiny.cells.values())

    def test_neighbours(self) -> None:
        layout = VerseLayout(draft_of(TOWER, report_on(TOWER)).lines, 348)
        assert layout.neighbour((0, 4), 1, 0) == (1, 0)
        assert layout.neighbour((0, 0), -1, 0) == (0, 0)
        assert layout.neighbour((0, 2), 0, 1) == (2, 2)
        assert layout.neighbour((9, 9), 1, 0) == (0, 0)


def blocking() -> BlockingModel:
    """A model that knows all characters and waits behind the first."""
    model = BlockingModel(["明月几时有"])
    model.vocabulary = CharacterVocabulary()
    return model


def settled(window: MainWindow) -> Callable[[], bool]:
    return lambda: window.polish.is_settled


def polish(window: MainWindow, qtbot: QtBot, text: str, at: int = 0) -> Session:
    """Open the poem of a document."""
    window.editor.setPlainText(text)
    cursor = window.editor.textCursor()
    cursor.setPosition(utf16_length(text[:at]))
    window.editor.setTextCursor(cursor)
    window.actions_by_id["polish"].trigger()
    qtbot.waitUntil(settled(window))
    session = window.polish.session
    assert session is not None
    assert session.report is not None
    return session


def proposals(window: MainWindow) -> list[Proposal]:
    results = window.polish.panel.results
    return results.proposals.proposals if results.has_list else []


def choose(window: MainWindow, qtbot: QtBot, line: int, column: int) -> None:
    """Click a character."""
    grid = window.polish.panel.grid
    centre = grid.layout_.cells[line, column].center()
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=centre)
    qtbot.waitUntil(settled(window))


def wish(window: MainWindow, qtbot: QtBot, which: Wish) -> None:
    button = window.polish.panel.tools.buttons[which]
    assert button.isEnabled()
    button.click()
    qtbot.waitUntil(settled(window))


def take(window: MainWindow, qtbot: QtBot, number: int = 0) -> None:
    shown = window.polish.panel.results.proposals
    item = shown.item(number)
    QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=shown.visualItemRect(item).center())
    qtbot.waitUntil(settled(window))


def test_a_click_lists_what_fits_and_a_click_puts_it_in(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    session = polish(window, qtbot, f"跋。\n\n{TOWER}", at=8)
    assert window.side.page == "polish"
    assert window.polish.panel.head.verdict.text() == "合律"
    choose(window, qtbot, 3, 4)
    assert len(proposals(window)) == 24
    for proposal in proposals(window):
        report = report_on(proposal.draft.text, form="五绝")
        assert report.ok
        assert report.rhyme == "十一尤"
    before = session.draft.text
    take(window, qtbot, 3)
    assert session.draft.text == proposals(window)[3].draft.text != before
    assert window.editor.text().endswith(TOWER)  # the document changes on request only
    window.polish.panel.undo.click()
    qtbot.waitUntil(settled(window))
    assert session.draft.text == before
    assert session.report is not None
    window.polish.panel.redo.click()
    qtbot.waitUntil(settled(window))
    assert session.draft.text != before


def test_what_breaks_a_rule_is_mended_and_goes_back_as_one_step(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    window = make_window()
    text = f"𠮷𠮷。\n\n{FAULTY}\n\n𠮷"
    session = polish(window, qtbot, text, at=12)
    assert window.polish.panel.head.verdict.text() == "两处出律"
    wish(window, qtbot, Wish.FAULTS)
    take(window, qtbot)
    assert session.report is not None
    assert session.report.ok
    mended = session.draft.text
    assert [a == b for a, b in zip(mended, FAULTY, strict=True)].count(False) == 2
    window.polish.panel.put.click()
    assert window.editor.text() == f"𠮷𠮷。\n\n{mended}\n\n𠮷"
    assert not window.polish.panel.put.isEnabled()
    window.editor.undo()
    assert window.editor.text() == text
    # After the undo it can be put there again, and another one in its place.
    choose(window, qtbot, 0, 0)
    take(window, qtbot, 5)
    window.polish.panel.put.click()
    assert window.editor.text() == f"𠮷𠮷。\n\n{session.draft.text}\n\n𠮷"
    take(window, qtbot, 6)
    window.polish.panel.put.click()
    assert window.editor.text() == f"𠮷𠮷。\n\n{session.draft.text}\n\n𠮷"
    window.editor.undo()
    window.editor.undo()
    assert window.editor.text() == text


def test_a_document_that_changed_there_is_left_alone(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    polish(window, qtbot, FAULTY)
    wish(window, qtbot, Wish.FAULTS)
    take(window, qtbot)
    cursor = QTextCursor(window.editor.document())
    cursor.setPosition(2)
    cursor.insertText("改")
    window.polish.panel.put.click()
    assert window.editor.text() == FAULTY[:2] + "改" + FAULTY[2:]
    assert "用不回去了" in window.polish.panel.results.notice.text
    # What is written elsewhere does not matter.
    window.editor.undo()
    cursor.movePosition(QTextCursor.MoveOperation.Start)
    cursor.insertText("序\n\n")
    window.polish.panel.put.click()
    assert window.editor.text().startswith("序\n\n白日依山尽")
    assert window.editor.text() != f"序\n\n{FAULTY}"
    assert window.polish.panel.results.notice.text == ""


def test_what_stands_in_the_way_is_told_where_it_is_and_written_too(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    window = make_window()
    session = polish(window, qtbot, FAULTY)
    panel = window.polish.panel
    choose(window, qtbot, 1, 3)
    assert "别处还有出律的字" in panel.results.words.text()
    assert "天" in panel.tools.about.text()
    choose(window, qtbot, 0, 2)
    QTest.mouseClick(panel.grid, Qt.MouseButton.RightButton, pos=panel.grid.layout_.cells[3, 4].center())
    assert session.locks == {(3, 4)}
    wish(window, qtbot, Wish.LINE)
    assert "第 2 句第 4 字「天」" in panel.results.notice.text
    assert "上文" not in panel.results.notice.text
    assert panel.results.together.isVisible()
    panel.results.together.click()
    qtbot.waitUntil(settled(window))
    assert not session.locks
    take(window, qtbot)
    assert session.report is not None
    assert session.report.ok
    assert session.draft.line_text(2) == "欲穷千里目"
    assert session.draft.line_text(0) != "白日依山尽"


def test_what_is_locked_stays(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    session = polish(window, qtbot, TOWER)
    tools = window.polish.panel.tools
    assert not tools.buttons[Wish.UNLOCKED].isEnabled()
    choose(window, qtbot, 1, 3)
    tools.lock_line.click()
    assert tools.lock_line.text() == "解锁句"
    assert tools.lock.text() == "解锁"
    wish(window, qtbot, Wish.UNLOCKED)
    assert len(proposals(window)) == 6
    for proposal in proposals(window):
        assert proposal.draft.line_text(1) == "黄河入海流"
        assert report_on(proposal.draft.text, form="五绝").ok
    take(window, qtbot, 2)
    assert session.locks == {(1, column) for column in range(5)}
    assert session.draft.line_text(0) != "白日依山尽"


def test_keys_do_all_of_it(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    session = polish(window, qtbot, TOWER)
    grid = window.polish.panel.grid
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    assert grid.hasFocus()
    QTest.keyClick(grid, Qt.Key.Key_Right)
    QTest.keyClick(grid, Qt.Key.Key_Right)
    QTest.keyClick(grid, Qt.Key.Key_Down)
    assert session.chosen == (2, 1)
    QTest.keyClick(grid, Qt.Key.Key_Space)
    assert session.locks == {(2, 1)}
    qtbot.waitUntil(settled(window))
    assert proposals(window) == []
    QTest.keyClick(grid, Qt.Key.Key_Space)
    QTest.keyClick(grid, Qt.Key.Key_Return)
    qtbot.waitUntil(settled(window))
    shown = window.polish.panel.results.proposals
    shown.setFocus()
    shown.setCurrentRow(1)
    QTest.keyClick(shown, Qt.Key.Key_Return)
    qtbot.waitUntil(settled(window))
    assert session.can_undo
    # Undo on the page is the page's, not the document's.
    grid.setFocus()
    document = window.editor.text()
    QTest.keySequence(grid, QKeySequence(QKeySequence.StandardKey.Undo))
    assert not session.can_undo
    assert window.editor.text() == document
    qtbot.waitUntil(settled(window))


def test_locking_by_passing_over_with_the_right_button(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    session = polish(window, qtbot, TOWER)
    grid = window.polish.panel.grid
    cells = grid.layout_.cells

    def send(kind: QEvent.Type, point: QPoint, button: Qt.MouseButton) -> None:
        place = QPointF(point)
        event = QMouseEvent(
            kind,
            place,
            grid.mapToGlobal(place),
            button,
            Qt.MouseButton.RightButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(grid, event)

    send(QEvent.Type.MouseButtonPress, cells[0, 0].center(), Qt.MouseButton.RightButton)
    for column in (1, 2, 3):
        send(QEvent.Type.MouseMove, cells[0, column].center(), Qt.MouseButton.NoButton)
    send(QEvent.Type.MouseButtonRelease, cells[0, 3].center(), Qt.MouseButton.RightButton)
    assert session.locks == {(0, column) for column in range(4)}
    send(QEvent.Type.MouseMove, cells[0, 4].center(), Qt.MouseButton.NoButton)
    assert len(session.locks) == 4


def test_a_character_of_ones_own(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    session = polish(window, qtbot, TOWER)
    tools = window.polish.panel.tools
    assert not tools.own.isEnabled()
    choose(window, qtbot, 0, 0)
    for wrong in ("ab", "，", "明月"):
        tools.own.setText(wrong)
        QTest.keyClick(tools.own, Qt.Key.Key_Return)
        assert "一个汉字" in window.polish.panel.results.notice.text
    tools.own.setText("青")
    QTest.keyClick(tools.own, Qt.Key.Key_Return)
    qtbot.waitUntil(settled(window))
    assert session.draft.line_text(0) == "青日依山尽"
    assert session.report is not None
    assert window.polish.panel.results.notice.text == ""
    window.polish.panel.copy.click()
    assert QGuiApplication.clipboard().text() == TOWER.replace("白", "青")


def test_a_traditional_poem_keeps_every_character_of_its_writer(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    window = make_window()
    # 裏 would come back from the model's script as 裡.
    text = "白日依山盡，黃河入海流。\n欲窮千裏目，更上一層樓。"
    session = polish(window, qtbot, text)
    choose(window, qtbot, 0, 0)
    assert proposals(window)
    take(window, qtbot, 1)
    assert session.draft.text[1:] == text[1:]


def test_the_rules_may_be_those_of_ancient_verse(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    text = TOWER.replace("入海", "入天")
    session = polish(window, qtbot, text)
    head = window.polish.panel.head
    assert head.verdict.text() == "一处出律"
    head.form.setCurrentIndex(1)
    head.form.activated.emit(1)
    qtbot.waitUntil(settled(window))
    assert session.rules.form == "五言古绝"
    assert head.verdict.text() == "押韵无误"
    choose(window, qtbot, 0, 0)
    assert len(proposals(window)) == 24


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("春风大雅能容物，\n秋水文章不染尘。", "续完"),
        ("上联：春风大雅能容物\n下联：秋水文章不染尘", "对联"),
    ],
)
def test_where_the_writer_cannot_help_one_can_still_write(
    make_window: MakeWindow, qtbot: QtBot, text: str, word: str
) -> None:
    window = make_window()
    session = polish(window, qtbot, text)
    assert word in window.polish.panel.results.notice.text
    choose(window, qtbot, 0, 0)
    assert not any(button.isEnabled() for button in window.polish.panel.tools.buttons.values())
    window.polish.panel.tools.own.setText("青")
    QTest.keyClick(window.polish.panel.tools.own, Qt.Key.Key_Return)
    qtbot.waitUntil(settled(window))
    assert session.draft.line_text(0).startswith("青")
    window.polish.panel.put.click()
    assert window.editor.text() == text.replace("春", "青")


def test_without_a_poem_it_says_how(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    panel = window.polish.panel
    window.actions_by_id["polish"].trigger()
    assert "没有认出诗词" in panel.nothing.text
    window.editor.setPlainText("这是一段散文，写的是今天早上在河边散步时看见的一只白鹭。\n\n" + TOWER)
    panel.open.click()
    qtbot.waitUntil(settled(window))
    assert window.polish.session is None
    window.editor.moveCursor(QTextCursor.MoveOperation.End)
    panel.open.click()
    qtbot.waitUntil(settled(window))
    assert window.polish.session is not None
    assert not panel.nothing.isVisible()


def test_a_poem_that_is_just_being_typed_is_waited_for(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    window.editor.setPlainText(TOWER)
    assert not window.prosody.is_settled
    window.actions_by_id["polish"].trigger()
    assert window.polish.session is None
    qtbot.waitUntil(settled(window))
    assert window.polish.session is not None
    assert window.polish.session.draft.text == TOWER


def test_a_poem_is_found_again_as_it_was_left(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    first = polish(window, qtbot, f"{TOWER}\n\n{HIGH}")
    choose(window, qtbot, 0, 0)
    take(window, qtbot, 4)
    window.editor.moveCursor(QTextCursor.MoveOperation.End)
    window.actions_by_id["polish"].trigger()
    assert window.polish.session is not first
    window.editor.moveCursor(QTextCursor.MoveOperation.Start)
    window.actions_by_id["polish"].trigger()
    assert window.polish.session is first
    assert first.can_undo
    window.polish.panel.put.click()
    assert window.editor.text() == f"{first.draft.text}\n\n{HIGH}"


def write_poems(window: MainWindow, qtbot: QtBot, before: str, form: str = "五绝") -> None:
    assert window.panel.form is not None
    window.panel.form.editors["form"].setCurrentText(form)  # type: ignore[attr-defined]
    window.editor.setPlainText(before)
    window.editor.place_cursor_at_end()
    window.actions_by_id["generate"].trigger()
    qtbot.waitUntil(finished(window))


def test_a_candidate_is_polished_and_put_where_it_belongs(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    write_poems(window, qtbot, "秋夜\n白日依山尽，")
    sheet = window.panel.candidates.sheets[1]
    assert sheet.candidate is not None
    text = sheet.candidate.text
    sheet.polish_button.click()
    qtbot.waitUntil(settled(window))
    session = window.polish.session
    assert session is not None
    assert session.title == "秋夜"
    assert session.draft.text == text
    assert window.polish.panel.put.isEnabled()  # it stands nowhere yet
    # What stands in the document already is not touched here.
    choose(window, qtbot, 0, 2)
    assert "正文里已有" in window.polish.panel.tools.about.text()
    assert not window.polish.panel.tools.own.isEnabled()
    assert proposals(window) == []
    choose(window, qtbot, 3, 4)
    take(window, qtbot, 7)
    window.polish.panel.put.click()
    assert window.editor.text() == "秋夜\n" + session.draft.text
    assert session.draft.text != text
    window.editor.undo()
    assert window.editor.text() == "秋夜\n白日依山尽，"
    window.polish.panel.undo.click()
    qtbot.waitUntil(settled(window))
    window.polish.desk.put_back()
    assert window.editor.text() == "秋夜\n" + text


def test_a_candidate_that_was_taken_is_polished_in_the_document(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    window = make_window()
    write_poems(window, qtbot, "白日依山尽，")
    window.panel.candidates.sheets[0].polish_button.click()
    qtbot.waitUntil(settled(window))
    window.actions_by_id["take_1"].trigger()
    choose(window, qtbot, 3, 4)
    take(window, qtbot, 2)
    window.polish.panel.put.click()
    assert window.polish.session is not None
    assert window.editor.text() == window.polish.session.draft.text
    assert window.polish.panel.results.notice.text == ""


def test_a_candidate_with_gaps_takes_their_place(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    write_poems(window, qtbot, "𠮷。\n\n白日依山尽，黄河□海流。\n欲穷千里□，更上一层楼。")
    window.panel.candidates.sheets[0].polish_button.click()
    qtbot.waitUntil(settled(window))
    session = window.polish.session
    assert session is not None
    assert (0, 0) in session.fixed
    assert (2, 0) not in session.fixed
    choose(window, qtbot, 2, 0)
    take(window, qtbot, 3)
    window.polish.panel.put.click()
    assert window.editor.text() == "𠮷。\n\n" + session.draft.text
    window.editor.undo()
    assert window.editor.text().count("□") == 2


def test_a_page_that_asks_stops_the_other(make_window: MakeWindow, qtbot: QtBot) -> None:
    model = blocking()
    window = without_drafts(make_window(model))
    session = polish(window, qtbot, TOWER)
    window.editor.place_cursor_at_end()
    window.actions_by_id["generate"].trigger()
    qtbot.waitUntil(model.waiting.is_set)
    # A click alone does not stop what is being written for the other page.
    window.side.show_page("polish")
    choose(window, qtbot, 3, 4)
    assert window.generation.is_running
    assert proposals(window) == []
    wish(window, qtbot, Wish.CHARACTER)
    assert not window.generation.is_running
    assert not window.panel.stop_button.isEnabled()
    sheets = window.panel.candidates.sheets
    assert [sheet.candidate.text.strip() for sheet in sheets if sheet.candidate] == ["明"] * 3
    assert all(sheet.is_available for sheet in sheets)
    assert session.chosen == (3, 4)
    assert window.status.running.text() == ""


def test_stopping(make_window: MakeWindow, qtbot: QtBot) -> None:
    model = blocking()
    window = make_window(model)
    polish(window, qtbot, TOWER)
    window.polish.panel.chosen.emit((0, 0))
    window.polish.wish(Wish.LINE)
    qtbot.waitUntil(lambda: "份草稿" in window.polish.panel.results.words.text())
    assert window.polish.panel.results.stop.isVisible()
    assert window.status.running.text() == "正在推敲…"
    assert window.actions_by_id["stop"].isEnabled()
    window.actions_by_id["stop"].trigger()
    qtbot.waitUntil(settled(window))
    assert window.polish.panel.results.words.text() == "已停止。"
    assert not window.polish.panel.results.stop.isVisible()
    assert window.editor.text() == TOWER


def test_another_choice_while_it_writes_counts(make_window: MakeWindow, qtbot: QtBot) -> None:
    model = blocking()
    window = make_window(model)
    session = polish(window, qtbot, TOWER)
    window.polish.panel.chosen.emit((0, 0))
    window.polish.wish(Wish.LINE)
    qtbot.waitUntil(model.waiting.is_set)
    choose(window, qtbot, 3, 4)
    assert {next(iter(proposal.changed)) for proposal in proposals(window)} == {(3, 4)}
    assert session.draft.text == TOWER


def test_without_a_model_it_says_which_would_do(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(catalogue=catalogue_of(PlainWriter(), PoemWriter(), cards=[card(writers=["plain"])]))
    polish(window, qtbot, FAULTY)
    wish(window, qtbot, Wish.FAULTS)
    assert "还没有能写诗词的模型" in window.polish.panel.results.notice.text


def test_without_the_poem_writer_it_says_so(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(catalogue=catalogue_of(PlainWriter(), CoupletWriter(), cards=[card()]))
    polish(window, qtbot, TOWER)
    assert "没有启用" in window.polish.panel.results.notice.text


def test_a_failure_is_told_and_the_poem_stays(make_window: MakeWindow, qtbot: QtBot) -> None:
    class Broken(RandomModel):
        def score(self, prompt: object, continuations: object) -> list[float]:
            raise RuntimeError("broken kernel")

    window = make_window(Broken())
    session = polish(window, qtbot, TOWER)
    choose(window, qtbot, 0, 0)
    assert "broken kernel" in window.polish.panel.results.notice.text
    assert session.draft.text == TOWER


def test_the_shipped_starter_polishes(make_window: MakeWindow, qtbot: QtBot) -> None:
    settings = Settings()
    load_catalogue = _catalogue_loader(settings)
    window = make_window(
        runner=_runner(settings, load_catalogue, beside_window=True),
        catalogue=load_catalogue(),
        settings=settings,
    )
    text = HIGH.replace("不尽长江", "不尽长水").replace("登台", "登山")
    session = polish(window, qtbot, text, at=20)
    assert window.polish.panel.head.verdict.text() == "两处出律"
    wish_by_button = window.polish.panel.tools.buttons[Wish.FAULTS]
    wish_by_button.click()
    qtbot.waitUntil(settled(window), timeout=60_000)
    take(window, qtbot)
    assert session.report is not None
    assert session.report.ok
    choose(window, qtbot, 6, 5)
    ranked = [proposal.draft.character((6, 5)) for proposal in proposals(window)]
    assert "霜" in ranked
    assert len(ranked) == 24
    window.polish.panel.put.click()
    assert report_on(window.editor.text(), form="七律").ok


def test_the_title_goes_to_the_writer(make_window: MakeWindow, qtbot: QtBot) -> None:
    prompts: list[str] = []

    class Recording(RandomModel):
        def score(self, prompt: object, continuations: object) -> list[float]:
            prompts.append(self.vocabulary.decode(prompt))  # type: ignore[arg-type]
            return super().score(prompt, continuations)  # type: ignore[arg-type]

    model = Recording()
    model.card = model.card.model_copy(update={"title_format": "《{title}》"})
    window = make_window(model)
    polish(window, qtbot, f"登楼\n{TOWER}", at=8)
    choose(window, qtbot, 2, 0)
    assert proposals(window)
    assert prompts[-1] == "《登楼》白日依山尽，黄河入海流。"


def test_the_request_of_a_candidate_without_a_title() -> None:
    from assistant.ui.polish.opening import session_of_candidate

    report = report_on(TOWER).as_json()
    candidate = Candidate(0, continuation=TOWER, finish_reason=FinishReason.STOP, report=report)

    def title_of(before: str, **options: str) -> str:
        request = GenerationRequest("poem", WritingContext(before=before), PoemOptions(**options))  # type: ignore[arg-type]
        session = session_of_candidate(candidate, request)
        assert session is not None
        return session.title

    assert title_of("") == ""
    assert title_of("登楼\n") == "登楼"
    assert title_of("旧诗\n甲乙丙丁，\n\n《登楼》\n") == "登楼"
    assert title_of("登楼\n", title="秋") == "秋"
    other = Candidate(0, continuation="床前明月光。", finish_reason=FinishReason.STOP, report=report)
    assert session_of_candidate(other, GenerationRequest("poem", WritingContext(), PoemOptions())) is None


def test_a_verdict_that_comes_late_is_not_taken_for_another_poem(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    window = make_window()
    other = TOWER.replace("白日", "青日")
    polish(window, qtbot, f"{FAULTY}\n\n{other}")
    choose(window, qtbot, 0, 0)
    window.polish.panel.tools.typed.emit("青")
    assert window.polish.session is not None
    assert window.polish.session.report is None
    window.editor.place_cursor_at_end()
    window.actions_by_id["polish"].trigger()
    qtbot.waitUntil(settled(window))
    assert window.polish.session.draft.text == other
    assert window.polish.panel.head.verdict.text() == "合律"


def test_the_page_is_made_when_it_is_first_turned_to(make_window: MakeWindow) -> None:
    window = make_window()
    window.apply_theme()
    assert window._polish is None
    window.side.tabs.setCurrentIndex(2)
    assert window._polish is not None
    QApplication.processEvents()
    assert window.polish.panel.open.isVisible()
    window._choose_theme("ink")
    assert window.polish.panel.grid.brush.ink.name().upper() == load_theme("ink").ink


def test_the_chosen_character_stays_in_sight(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    session = polish(window, qtbot, WATER_TUNE, at=20)
    grid = window.polish.panel.grid
    for _ in range(12):
        QTest.keyClick(grid, Qt.Key.Key_Down)
    assert session.chosen is not None
    assert session.chosen[0] > 15

    def in_sight() -> bool:
        assert session.chosen is not None
        return grid.visibleRegion().contains(grid.layout_.cells[session.chosen].center())

    qtbot.waitUntil(in_sight)
    window.resize(860, 600)
    qtbot.waitUntil(in_sight)
    qtbot.waitUntil(settled(window))
