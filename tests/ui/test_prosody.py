"""The rules of verse beside the page: checked off the GUI thread, underlined, shown in the panel."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from assistant.prosody.report import CheckedCharacter, CheckedLine, Issue, Report, Severity
from assistant.settings import Settings, SettingsStore
from assistant.ui.main_window import MainWindow
from assistant.ui.prosody.checking import SnapshotChecker, block_at
from assistant.ui.prosody.grid_layout import CELL, GridLayout
from assistant.ui.prosody.marks import places_of
from assistant.ui.prosody.pins import Pins
from assistant.ui.prosody.service import CheckService
from assistant.ui.prosody.snapshot import PoemChoice, Snapshot, Verdict
from assistant.ui.prosody.window import trim
from assistant.ui.prosody.words import number, verdict
from assistant.ui.prosody.worker import CheckWorker
from tests.ui.conftest import MakeWindow

HIGH = (
    "登高\n风急天高猿啸哀，渚清沙白鸟飞回。\n无边落木萧萧下，不尽长江滚滚来。\n"
    "万里悲秋常作客，百年多病独登台。\n艰难苦恨繁霜鬓，潦倒新停浊酒杯。"
)
"""杜甫."""
TOWER = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。"
"""王之涣."""
FAULTY = TOWER.replace("一层楼", "一层台")
"""Out of rhyme at the last character."""
MOVE = QTextCursor.MoveOperation


def settled(window: MainWindow) -> Callable[[], bool]:
    """True once everything shown is the verdict on the text as it is."""
    return lambda: window.prosody.is_settled


def underlined(window: MainWindow) -> list[tuple[str, str]]:
    """The underlined stretches of text, each with the rules it breaks."""
    found = []
    for start, end, mark in window.prosody.underlines.shown:
        cursor = QTextCursor(window.editor.document())
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        found.append((cursor.selectedText(), "、".join(issue.rule for issue in mark.issues)))
    return found


def prosody_window(make_window: MakeWindow, qtbot: QtBot, text: str = "") -> MainWindow:
    """A window with the 格律 panel open and ``text`` checked."""
    window = make_window()
    window.toggle_page("prosody")
    window.editor.setPlainText(text)
    qtbot.waitUntil(settled(window))
    return window


def compose(window: MainWindow, preedit: str, commit: str = "") -> None:
    """What an input method sends."""
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit)
    QApplication.sendEvent(window.editor, event)


def test_a_fault_is_underlined_and_is_no_part_of_the_document(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = prosody_window(make_window, qtbot, FAULTY)
    assert underlined(window) == [("台", "失韵")]
    assert not window.editor.document().isModified()
    assert not window.editor.document().isUndoAvailable()
    window.editor.moveCursor(MOVE.End)
    window.editor.textCursor().deletePreviousChar()
    window.editor.textCursor().deletePreviousChar()
    window.editor.insertPlainText("楼。")
    qtbot.waitUntil(settled(window))
    assert underlined(window) == []


def test_nothing_of_it_is_loaded_before_there_is_a_text(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from assistant.library import ModelLibrary
from assistant.settings import Settings, SettingsStore
from assistant.ui.application import make_application
from assistant.ui.generation_service import GenerationService
from assistant.ui.library.controller import LibraryAccess
from assistant.ui.main_window import MainWindow
from PySide6.QtTest import QTest
application, none = make_application(), Path("none")
window = MainWindow(
    service=GenerationService(None), settings=Settings(), settings_store=SettingsStore(none),
    library=LibraryAccess(ModelLibrary(none, none, none, none), lambda *_: None, none),
)
window.show()
QTest.qWait(300)
heavy = {f"assistant.prosody.{name}" for name in ("checker", "document", "rhyme_books", "tables", "tunes")}
print(*sorted(heavy & set(sys.modules)))
import os
os._exit(0)
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path.cwd(), check=True
    )
    assert result.stdout.strip() == ""


def test_positions_hold_behind_characters_of_two_units(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = prosody_window(make_window, qtbot, f"𠮷𠮷，记。\n\n{FAULTY}")
    assert underlined(window) == [("台", "失韵")]
    window.prosody.go_to(3, 4)
    assert window.editor.textCursor().block().text()[window.editor.textCursor().positionInBlock()] == "台"
    # And within the poem itself.
    window.editor.setPlainText("𠮷" + TOWER[1:].replace("目", "台"))
    qtbot.waitUntil(settled(window))
    window.prosody.go_to(2, 4)
    at = window.editor.textCursor().position()
    assert window.editor.toPlainText().encode("utf-16-le")[2 * at : 2 * at + 2].decode("utf-16-le") == "台"


def test_underlines_keep_to_their_text_until_the_next_verdict(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = prosody_window(make_window, qtbot, FAULTY)
    cursor = window.editor.textCursor()
    cursor.insertText("甲乙丙\n\n")
    assert underlined(window) == [("台", "失韵")]
    position = window.editor.toPlainText().index("台") + 1
    cursor.setPosition(position)
    cursor.insertText("榭")
    assert underlined(window) == [("台", "失韵")]  # what is typed behind is not underlined
    cursor.setPosition(position - 1)
    cursor.insertText("高")
    assert underlined(window) == [("台", "失韵")]  # nor what is typed in front
    cursor.deleteChar()
    assert underlined(window) == []


def test_a_tooltip_names_rule_reason_and_what_would_fit(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = prosody_window(make_window, qtbot, FAULTY)
    cursor = window.editor.textCursor()
    cursor.setPosition(FAULTY.index("台"))
    left = window.editor.cursorRect(cursor)
    inside = QPoint(left.right() + 6, left.center().y())
    issues = window.prosody.underlines.issues_at(inside)
    assert [issue.rule for issue in issues] == ["失韵"]
    assert issues[0].message
    assert issues[0].suggestion
    assert window.prosody.underlines.issues_at(inside - QPoint(20, 0)) == []
    assert window.prosody.underlines.issues_at(inside + QPoint(300, 0)) == []


def test_a_line_at_fault_as_a_whole_is_underlined_whole() -> None:
    characters = tuple(CheckedCharacter(c, offset, (), None) for offset, c in enumerate("𠮷日依山", start=1))
    issues = (
        Issue("失粘", "。", Severity.WARNING),
        Issue("平仄", "。", position=2),
        Issue("孤平", "。", Severity.WARNING, position=2),
        Issue("多音字", "。", Severity.NOTE, position=3),
        Issue("字数", "。"),
    )
    report = Report("五绝", "pingshui", (CheckedLine(characters, "，", issues),), (Issue("句数", "。"),))
    places = places_of("题𠮷日依山，", report)
    assert places.lines == ((1, 6),)
    assert [(m.start, m.end, m.severity, [i.rule for i in m.issues]) for m in places.marks] == [
        (1, 6, Severity.ERROR, ["字数", "失粘"]),
        (3, 4, Severity.ERROR, ["平仄", "孤平"]),
    ]


def test_underlines_can_be_turned_off_and_that_is_remembered(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    store = SettingsStore(tmp_path / "settings.json")
    window = make_window(store=store, settings=store.load())
    window.editor.setPlainText(FAULTY)
    qtbot.waitUntil(settled(window))
    window.actions_by_id["underline"].trigger()
    assert underlined(window) == []
    window.editor.document().setModified(False)
    window.close()
    again = make_window(store=store, settings=store.load())
    again.editor.setPlainText(FAULTY)
    qtbot.waitUntil(settled(again))
    assert not again.actions_by_id["underline"].isChecked()
    assert underlined(again) == []
    again.actions_by_id["underline"].trigger()
    assert underlined(again) == [("台", "失韵")]


def test_the_panel_says_what_it_is(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = prosody_window(make_window, qtbot, HIGH)
    panel = window.prosody.panel
    assert panel.name.text().startswith("七律")
    assert panel.verdict.text().startswith("合律")
    assert "《登高》" in panel.details.text()
    assert "平水韵" in panel.details.text()
    assert "十灰" in panel.details.text()
    assert window.status.form.text().startswith("七律 · 仄起首句入韵")
    window.editor.setPlainText(FAULTY)
    qtbot.waitUntil(settled(window))
    assert panel.verdict.text() == "一处出律"


def test_an_empty_page_teaches_by_an_example(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = prosody_window(make_window, qtbot)
    panel = window.prosody.panel
    qtbot.waitUntil(lambda: panel.example is not None)
    assert panel.words.isVisible()
    assert panel.grid.report is panel.example
    assert panel.verdict.text().startswith("合律")
    QTest.mouseClick(
        panel.grid.viewport(), Qt.MouseButton.LeftButton, pos=panel.grid.cell_rect(0, 1).center()
    )
    assert window.editor.textCursor().position() == 0
    window.editor.setPlainText(HIGH)
    qtbot.waitUntil(settled(window))
    assert not panel.words.isVisible()
    window.editor.setPlainText("今天早上我出门买菜的时候忽然下起了大雨，没有带伞，只好在屋檐下面站着等。")
    qtbot.waitUntil(settled(window))
    assert panel.words.isVisible()
    assert "没有认出" in panel.words.text()
    assert window.status.form.text() == ""


def test_the_panel_follows_the_cursor_from_poem_to_poem(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = prosody_window(make_window, qtbot, f"{TOWER}\n\n{HIGH}")
    panel = window.prosody.panel
    assert len(window.prosody.poems) == 2
    assert panel.name.text().startswith("五绝")
    assert panel.grid.current_line == 0
    window.editor.moveCursor(MOVE.End)
    assert panel.name.text().startswith("七律")
    assert panel.grid.current_line == 7


def test_a_click_in_the_grid_moves_the_cursor(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = prosody_window(make_window, qtbot, FAULTY)
    grid = window.prosody.panel.grid
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.cell_rect(1, 2).center())
    assert window.editor.textCursor().position() == FAULTY.index("入")
    below = grid.cell_rect(3, 0).bottomLeft() + QPoint(4, 12)
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=below)
    assert window.editor.textCursor().position() == FAULTY.index("台")
    QTest.mouseClick(
        grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.cell_rect(2, 4).center() + QPoint(60, 0)
    )
    assert window.editor.textCursor().position() == FAULTY.index("欲")
    assert window.focusWidget() is window.editor


def test_keys_go_through_the_grid(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = prosody_window(make_window, qtbot, FAULTY)
    grid = window.prosody.panel.grid
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_Down)
    QTest.keyClick(grid, Qt.Key.Key_Down)
    QTest.keyClick(grid, Qt.Key.Key_Return)
    assert window.editor.textCursor().position() == FAULTY.index("欲")


def test_a_reading_can_be_decided_here_everywhere_and_no_more(
    make_window: MakeWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = prosody_window(make_window, qtbot, TOWER)
    grid = window.prosody.panel.grid
    menus: list[QMenu] = []
    monkeypatch.setattr(window.prosody, "pop_up", lambda menu, place: menus.append(menu))
    place = grid.cell_rect(3, 0).center()
    assert "更" in grid.words_at(place)

    def choose(words: str) -> None:
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
        next(action for action in menus[-1].actions() if action.text().startswith(words)).trigger()
        qtbot.waitUntil(settled(window))

    def reading() -> tuple[str, bool]:
        character = window.prosody.poems[0].report.lines[3].characters[0]
        return character.mark, character.pinned

    choose("这里读仄声")
    assert reading() == ("仄", True)
    assert window.prosody.pins == Pins({("更上一层楼", 1): "仄"})
    choose("这里读平声")
    assert reading() == ("平", True)
    assert [action.text()[:5] for action in menus[-1].actions() if action.isChecked()] == [
        "这里读平声",
        "处处由格律",
    ]
    choose("处处读仄声")
    choose("这里由格律判断")
    assert reading() == ("仄", True)
    choose("处处由格律判断")
    assert not reading()[1]
    assert window.prosody.pins == Pins()


def test_decided_readings_and_the_book_are_there_next_time(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    store = SettingsStore(tmp_path / "settings.json")
    window = make_window(store=store, settings=store.load())
    pins = Pins({("更上一层楼", 1): "仄"}, {"看": "平"})
    window.prosody.set_pins(pins)
    window.toggle_page("prosody")
    box = window.prosody.panel.choosers.book
    box.setCurrentIndex(box.findText("中华新韵"))
    box.activated.emit(box.currentIndex())
    window.close()
    again = make_window(store=store, settings=store.load())
    assert again.side.page == "prosody"
    assert again.prosody.pins == pins
    again.editor.setPlainText(TOWER)
    qtbot.waitUntil(settled(again))
    report = again.prosody.poems[0].report
    assert report.rhyme_book == "xinyun"
    assert report.lines[3].characters[0].pinned


def test_a_form_is_chosen_for_the_poem_at_the_cursor_alone(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = prosody_window(make_window, qtbot, f"{TOWER}\n\n{HIGH}")
    box = window.prosody.panel.choosers.form
    box.setCurrentIndex(box.findData("七绝"))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(settled(window))
    assert [poem.report.form for poem in window.prosody.poems] == ["七绝", "七律"]
    window.editor.insertPlainText("看\n")  # in front of the poem: the choice moves with it
    qtbot.waitUntil(settled(window))
    assert window.prosody.poems[0].choice == PoemChoice("七绝")
    window.editor.set_zoom(120)
    qtbot.waitUntil(settled(window))
    assert window.prosody.poems[0].choice == PoemChoice("七绝")
    window.editor.moveCursor(MOVE.End)
    assert box.currentText() == "自动"
    window.editor.setPlainText(TOWER)
    qtbot.waitUntil(settled(window))
    assert [poem.report.form for poem in window.prosody.poems] == ["五绝"]
    assert box.currentText() == "自动"


def test_a_form_can_be_chosen_before_the_first_word(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = prosody_window(make_window, qtbot)
    choosers = window.prosody.panel.choosers
    choosers.form.setCurrentIndex(choosers.form.findData("七律"))
    choosers.form.activated.emit(choosers.form.currentIndex())
    qtbot.waitUntil(settled(window))
    assert choosers.form.currentText() == "七律"
    window.editor.insertPlainText("风急天高")
    window.editor.insertPlainText("猿啸哀，渚清沙白鸟飞回。")
    qtbot.waitUntil(settled(window))
    assert [poem.report.form for poem in window.prosody.poems] == ["七律"]
    window.editor.selectAll()
    window.editor.textCursor().removeSelectedText()
    window.editor.insertPlainText(TOWER)
    qtbot.waitUntil(settled(window))
    assert [poem.report.form for poem in window.prosody.poems] == ["五绝"]


def test_a_form_chosen_on_an_empty_page_is_not_for_the_next_file(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "poem.txt").write_text(TOWER, encoding="utf-8")
    window = prosody_window(make_window, qtbot)
    window.prosody.panel.choosers.choice_made.emit(PoemChoice("七律"))
    assert window.document.open_path(tmp_path / "poem.txt")
    qtbot.waitUntil(settled(window))
    assert [poem.report.form for poem in window.prosody.poems] == ["五绝"]


def test_a_tune_that_does_not_exist_is_told(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = prosody_window(make_window, qtbot, TOWER)
    panel = window.prosody.panel
    tune = panel.choosers.tune
    tune.setText("水调歌投")
    QTest.keyClick(tune, Qt.Key.Key_Return)
    qtbot.waitUntil(settled(window))
    assert "水调歌投" in panel.notice.text
    assert panel.grid.report is not None  # what it looks like by itself is still shown
    tune.clear()
    QTest.keyClick(tune, Qt.Key.Key_Return)
    qtbot.waitUntil(settled(window))
    assert panel.notice.text == ""
    assert panel.choosers.form.currentText() == "自动"


def test_the_names_of_tunes_complete_what_is_typed(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = prosody_window(make_window, qtbot)
    tune = window.prosody.panel.choosers.tune
    QApplication.sendEvent(tune, QFocusEvent(QEvent.Type.FocusIn))
    completer = tune.completer()
    completer.setCompletionPrefix("调歌头")
    qtbot.waitUntil(lambda: completer.completionCount() > 0)
    assert "水调歌头" in completer.currentCompletion()


def test_nothing_is_checked_while_the_input_method_composes(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = prosody_window(make_window, qtbot)
    window.editor.setPlainText(FAULTY)
    compose(window, "lou")
    QTest.qWait(200)
    assert window.prosody.poems == ()
    compose(window, "")  # given up: the text is the same, and is checked now
    qtbot.waitUntil(settled(window))
    assert underlined(window) == [("台", "失韵")]
    window.editor.moveCursor(MOVE.End)
    compose(window, "ha")
    compose(window, "", "好")
    assert not window.prosody.is_settled
    qtbot.waitUntil(settled(window))


def test_underlines_stay_at_their_characters_while_composing(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = prosody_window(make_window, qtbot, FAULTY)
    from assistant.ui.prosody.underlines import stretches

    block = window.editor.document().findBlockByNumber(1)
    at = FAULTY.index("台") - block.position()
    [before] = stretches(block, at, at + 1)
    cursor = window.editor.textCursor()
    cursor.setPosition(block.position())
    window.editor.setTextCursor(cursor)
    compose(window, "你好")
    window.editor.grab()
    [after] = stretches(block, at, at + 1)
    assert after.left() > before.left() + before.width()
    assert after.width() == before.width()
    compose(window, "")


class Slow(SnapshotChecker):
    """Checks nothing until it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.seen: list[Snapshot] = []

    def check(self, snapshot: Snapshot) -> Verdict:
        self.seen.append(snapshot)
        assert self.go.wait(10)
        return super().check(snapshot)


def test_the_latest_text_wins_and_those_between_are_never_checked(qtbot: QtBot) -> None:
    slow = Slow()
    snapshots = [Snapshot(TOWER, 0)]
    service = CheckService(lambda: snapshots[-1], CheckWorker(lambda: slow))
    verdicts: list[Verdict] = []
    service.checked.connect(verdicts.append)
    service.check_now()
    qtbot.waitUntil(lambda: len(slow.seen) == 1)
    for revision in (1, 2, 3):
        snapshots.append(Snapshot(TOWER, revision))
        service.check_now()
    assert not service.is_idle
    slow.go.set()
    qtbot.waitUntil(lambda: service.is_idle)
    assert [snapshot.revision for snapshot in slow.seen] == [0, 3]
    assert [v.revision for v in verdicts] == [0, 3]
    service.shutdown()


def test_a_verdict_on_an_older_text_is_dropped(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = prosody_window(make_window, qtbot, TOWER)
    window.prosody.service.checked.emit(Verdict(-1))
    assert len(window.prosody.poems) == 1


def test_closing_in_the_middle_of_a_check_drops_its_verdict(qtbot: QtBot) -> None:
    slow = Slow()
    service = CheckService(lambda: Snapshot(TOWER, 0), CheckWorker(lambda: slow))
    service.checked.connect(lambda _: pytest.fail("a verdict after the end"))
    service.check_now()
    qtbot.waitUntil(lambda: len(slow.seen) == 1)
    threading.Timer(0.05, slow.go.set).start()
    service.shutdown()
    QApplication.processEvents()
    service.check_now()
    assert len(slow.seen) == 1


def test_a_checker_that_fails_is_told_and_the_thread_goes_on(
    make_window: MakeWindow, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(SnapshotChecker):
        def check(self, snapshot: Snapshot) -> Verdict:
            if "坏" in snapshot.text:
                raise RuntimeError("no ink")
            return super().check(snapshot)

    window = prosody_window(make_window, qtbot)
    window.prosody.service._worker._make = Failing
    window.prosody.service._worker._checker = None
    with caplog.at_level("CRITICAL"):
        window.editor.setPlainText(FAULTY + "坏")
        qtbot.waitUntil(settled(window))
    assert "no ink" in window.prosody.panel.notice.text
    window.editor.setPlainText(FAULTY)
    qtbot.waitUntil(settled(window))
    assert window.prosody.panel.notice.text == ""
    assert underlined(window) == [("台", "失韵")]


def test_two_pages_beside_the_text(make_window: MakeWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window = make_window()
    assert (window.side.page, window.panel.isVisible()) == ("writer", True)
    QTest.keyClick(window, Qt.Key.Key_F8)
    assert (window.side.page, window.prosody.panel.isVisible()) == ("prosody", True)
    assert window.actions_by_id["prosody_panel"].isChecked()
    assert not window.actions_by_id["panel"].isChecked()
    QTest.keyClick(window, Qt.Key.Key_F8)
    assert window.side.isHidden()
    assert not window.actions_by_id["prosody_panel"].isChecked()
    QTest.keyClick(window, Qt.Key.Key_F9)
    assert window.panel.isVisible()
    window.toggle_page("prosody")
    window.editor.setPlainText("明月")
    window.actions_by_id["generate"].trigger()
    assert window.side.page == "writer"  # where the candidates appear
    qtbot.waitUntil(lambda: not window.generation.is_running)


def test_of_a_long_text_what_is_around_the_view_is_checked(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = prosody_window(make_window, qtbot, "𠮷\n\n" + "\n\n".join([FAULTY] * 2000))
    assert 50 < len(window.prosody.poems) < 600
    assert 5 < len(window.prosody.underlines.shown) < 300
    window.editor.verticalScrollBar().setValue(window.editor.verticalScrollBar().maximum() // 2)
    qtbot.waitUntil(settled(window))
    assert window.prosody.poems[0].start > 1000
    assert set(underlined(window)) == {("台", "失韵")}
    window.editor.moveCursor(MOVE.End)
    qtbot.waitUntil(settled(window))
    assert window.prosody.panel.grid.current_line == 3
    assert window.prosody.underlines.shown[-1][1] == window.editor.document().characterCount() - 2


def test_a_part_of_a_text_is_cut_between_poems() -> None:
    text = "乙乙\n\n丙\n丙\n丙\n丙\n丙\n丙\n丙\n丙\n\n丁"
    assert text[slice(*trim(text, keep_start=True, keep_end=False))] == text[:-3]
    assert text[slice(*trim(text, keep_start=False, keep_end=True))] == text[4:]
    assert trim("甲" * 40, keep_start=False, keep_end=False) == (0, 40)


def test_the_legend_takes_a_second_row_where_there_is_no_room(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = prosody_window(make_window, qtbot, TOWER)
    legend = window.prosody.panel.legend
    wide = legend.height()
    window.resize(760, 620)
    window._splitter.setSizes([460, 300])
    qtbot.waitUntil(lambda: legend.width() < 300)
    qtbot.waitUntil(lambda: legend.height() == legend.heightForWidth(legend.width()))
    assert legend.height() > wide


def test_words() -> None:
    assert [number(n) for n in (1, 2, 10, 12, 20, 22, 99, 100)] == [
        "一", "两", "十", "十二", "二十", "二十二", "九十九", "100",
    ]  # fmt: skip
    warned = Report(
        "七绝", "pingshui", (), (Issue("重字", "。", Severity.WARNING), Issue("拗救", "。", Severity.NOTE))
    )
    assert verdict(warned) == ("合律，一处可斟酌", True)
    assert verdict(Report("古风", "pingshui", (), (Issue("失韵", "。"),))) == ("一处不合", False)
    begun = Report("七言", "pingshui", (), (Issue("未完", "。", Severity.NOTE),))
    assert verdict(begun) == ("到此合律", True)
    assert verdict(Report("", "pingshui")) == ("没有认出体裁", False)


@pytest.mark.parametrize(
    ("position", "expected"), [(0, "甲\n乙"), (3, "甲\n乙"), (5, "丙"), (6, "丙"), (9, "丁"), (10, "丁")]
)
def test_the_lines_around_a_place(position: int, expected: str) -> None:
    text = "甲\n乙\n\n丙\n \n丁"
    assert text[slice(*block_at(text, position))] == expected


def test_the_grid_goes_on_in_the_next_row_and_finds_what_is_where() -> None:
    characters = tuple(CheckedCharacter("长", offset, (), None) for offset in range(25))
    fault = Issue("平仄", "。", position=12)
    report = Report("对联", "pingshui", (CheckedLine(characters, "，", (fault,)),), (Issue("句数", "。"),))
    layout = GridLayout(report, 344, lambda issue, width: 20)
    whole, line = layout.blocks
    assert whole.line == -1
    assert line.columns == 10
    assert line.cell(10).top() > line.cell(9).top()
    assert line.cell(25).right() <= 344
    center = line.cell(12).center()
    hit = layout.hit(center.x(), center.y())
    assert hit is not None
    assert (hit.line, hit.character, hit.issue) == (0, 12, None)
    below = layout.hit(100, line.top + line.notes[0][0] + 5)
    assert below is not None
    assert (below.character, below.issue) == (11, fault)
    assert layout.hit(100, layout.height + 50) is None
    assert layout.between(line.top, line.top) == [line]
    assert CELL * line.columns < 344


def test_settings_of_an_older_file_are_read(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"schema_version": 1, "window": {"panel_visible": false}}', encoding="utf-8")
    settings = SettingsStore(path).load()
    assert settings.prosody == Settings().prosody
    assert not settings.window.panel_visible
    assert settings.window.panel_page == "writer"
