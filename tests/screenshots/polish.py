"""Pictures of writing by rules: the options of the poem writer, candidates with reports, and a poem being polished.

Run alone: ``python -m tests.screenshots.polish FOLDER``.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit

from assistant.ui.main_window import MainWindow
from assistant.ui.polish.session import Wish
from tests.screenshots.alone import Save, WaitUntil, shoot_alone

FAULTY = """登高（改）
风急天高猿啸哀，渚清沙白鸟飞回。
无边落木萧萧下，不尽江水滚滚来。
万里悲秋常作客，百年多病独登山。
艰难苦恨繁霜鬓，潦倒新停浊酒杯。"""
WATER_TUNE = """水调歌头
明月几时有，把酒问青天。不知天上宫阙，今夕是何年。我欲乘风归去，又恐琼楼玉宇，高处不胜寒。起舞弄清影，何似在人间。

转朱阁，低绮户，照无眠。不应有恨，何事长向别时圆。人有悲欢离合，月有阴晴圆缺，此事古难全。但愿人长久，千里共婵娟。"""
NARROW = (860, 600)


def shoot_polish(window: MainWindow, save: Save, wait_until: WaitUntil) -> None:
    """All pictures in the theme of ``window``, which has the shipped starter."""
    size = window.size()
    _shoot_options(window, save, wait_until)
    _shoot_candidates(window, save, wait_until)
    window.resize(size)
    _shoot_polishing(window, save, wait_until)
    window.resize(size)
    window.editor.setPlainText("")
    window.side.show_page("writer")


def _shoot_options(window: MainWindow, save: Save, wait_until: WaitUntil) -> None:
    window.side.show_page("writer")
    window.editor.setPlainText("")
    window.panel.candidates.clear()
    assert window.panel.form is not None
    editors, more = window.panel.form.editors, window.panel.form._more
    form, tune = editors["form"], editors["tune"]
    assert isinstance(form, QComboBox)
    assert isinstance(tune, QLineEdit)
    form.setCurrentText("五律")
    save(window, "options-form")
    more.click()
    save(window, "options-more")
    more.click()
    window.activateWindow()
    wait_until(window.isActiveWindow)
    tune.setFocus()
    completer = tune.completer()
    wait_until(lambda: completer.model().rowCount() > 0)
    completer.setCompletionPrefix("歌")
    completer.complete()
    save(completer.popup(), "options-tunes")
    completer.popup().hide()
    tune.setText("水调歌头")
    save(window, "options-tune")
    window.resize(*NARROW)
    save(window, "options-narrow")
    tune.clear()


def _shoot_candidates(window: MainWindow, save: Save, wait_until: WaitUntil) -> None:
    window.resize(1280, 800)
    assert window.panel.form is not None
    form = window.panel.form.editors["form"]
    assert isinstance(form, QComboBox)
    form.setCurrentText("七绝")
    window.editor.setPlainText("秋夜\n")
    window.editor.place_cursor_at_end()
    window.panel.candidates.start(3)
    window.panel.candidates.show_drafts(16, 23)
    save(window, "drafts")
    window.generation.generate()
    wait_until(lambda: not window.generation.is_running)
    save(window, "candidates")
    sheet = window.panel.candidates.sheets[0]
    sheet.marks.click()
    save(window, "candidates-tones")
    window.resize(*NARROW)
    save(window, "candidates-narrow")
    window.resize(1280, 800)
    sheet.polish_button.click()
    wait_until(lambda: window.polish.is_settled)
    save(window, "polish-candidate")
    window.side.show_page("writer")
    sheet.marks.click()
    tune = window.panel.form.editors["tune"]
    assert isinstance(tune, QLineEdit)
    tune.setText("水调歌头")
    window.generation.generate()
    wait_until(lambda: not window.generation.is_running)
    window.panel.candidates.sheets[0].marks.click()
    save(window, "candidates-tune")
    window.panel.candidates.sheets[0].marks.click()
    tune.clear()


def _shoot_polishing(window: MainWindow, save: Save, wait_until: WaitUntil) -> None:
    polish = window.polish
    window.side.show_page("polish")
    window.editor.setPlainText("")
    polish.desk.open_at_cursor()
    wait_until(lambda: polish.is_settled)
    save(window, "polish-empty")

    def open_poem(text: str, place: int) -> None:
        window.editor.setPlainText(text)
        cursor = window.editor.textCursor()
        cursor.setPosition(place)
        window.editor.setTextCursor(cursor)
        polish.desk.open_at_cursor()
        wait_until(lambda: polish.is_settled)

    open_poem(FAULTY, FAULTY.index("无边"))
    save(window, "polish-faults")
    polish.panel.chosen.emit((3, 3))
    for column in range(7):
        polish.panel.lock_wanted.emit((2, column), True)
    wait_until(lambda: polish.is_settled)
    save(window, "polish-locked")
    polish.wish(Wish.CHARACTER)
    wait_until(lambda: polish.is_settled)
    save(window, "polish-refused")
    polish.wish(Wish.FAULTS)
    wait_until(lambda: polish.is_settled)
    save(window, "polish-mended")
    polish.panel.results.proposals.taken.emit(polish.panel.results.proposals.proposals[0])
    wait_until(lambda: polish.is_settled)
    polish.panel.chosen.emit((6, 5))
    wait_until(lambda: polish.is_settled)
    save(window, "polish-list")
    window.resize(*NARROW)
    save(window, "polish-narrow")
    window.resize(1280, 800)
    polish.panel.chosen.emit((6, 2))
    polish.wish(Wish.LINE)
    wait_until(lambda: polish.is_settled)
    save(window, "polish-line")
    open_poem(WATER_TUNE, WATER_TUNE.index("转朱阁"))
    polish.panel.chosen.emit((16, 3))
    wait_until(lambda: polish.is_settled)
    save(window, "polish-tune")
    QTest.keyClick(polish.panel.grid, Qt.Key.Key_Space)


if __name__ == "__main__":
    shoot_alone(shoot_polish)
