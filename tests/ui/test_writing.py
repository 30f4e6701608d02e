"""The main job in the real window: type, generate, watch it stream, take, undo; and all that goes wrong."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from assistant.api import Candidate, FinishReason, InputError
from assistant.api.testing import CharacterVocabulary
from assistant.app import _catalogue_loader, _runner
from assistant.documents import utf16_length
from assistant.settings import Settings
from assistant.ui.main_window import MainWindow
from tests.fakes import BlockingModel, FailingModel, OutOfMemoryModel, ScriptedModel
from tests.ui.conftest import MakeWindow, finished, shown, without_drafts

THREE = ["把酒问青天。", "何处不照人。", "今夕是何年。"]
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def press(
    window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    # A window of an earlier test that is only now deleted takes the activation along; shortcuts need it.
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    window.editor.setFocus()
    QTest.keyClick(window.editor, key, modifiers)


def take(window: MainWindow, number: int) -> None:
    # The action of Alt+number itself: QTest's Alt goes to the menu bar, unlike a real one.
    window.actions_by_id[f"take_{number}"].trigger()


def write(window: MainWindow, text: str) -> None:
    """What an input method does: it commits text."""
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(window.editor, event)


def compose(window: MainWindow, preedit: str) -> None:
    QApplication.sendEvent(window.editor, QInputMethodEvent(preedit, []))


def generate(window: MainWindow, qtbot: QtBot, text: str = "明月几时有，") -> None:
    write(window, text)
    press(window, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(finished(window))


def test_type_generate_take_undo(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = without_drafts(make_window(ScriptedModel(THREE)))
    write(window, "明月几时有，")
    press(window, Qt.Key.Key_Return, CTRL)
    assert window.generation.is_running
    assert window.editor.toPlainText() == "明月几时有，"
    qtbot.waitUntil(finished(window))
    assert shown(window) == THREE
    take(window, 2)
    assert window.editor.toPlainText() == "明月几时有，何处不照人。"
    assert window.editor.textCursor().atEnd()
    press(window, Qt.Key.Key_Z, CTRL)
    assert window.editor.toPlainText() == "明月几时有，"
    # After the undo another one can be taken.
    take(window, 3)
    assert window.editor.toPlainText() == "明月几时有，今夕是何年。"


def test_a_candidate_of_several_lines_is_one_undo_step(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(ScriptedModel(["把酒问青天。不知天上宫阙，今夕是何年。"]))
    generate(window, qtbot)
    take(window, 1)
    assert window.editor.toPlainText().count("\n") == 1
    press(window, Qt.Key.Key_Z, CTRL)
    assert window.editor.toPlainText() == "明月几时有，"


def test_candidates_grow_before_they_are_finished(make_window: MakeWindow, qtbot: QtBot) -> None:
    model = BlockingModel(THREE)
    window = without_drafts(make_window(model))
    write(window, "明月几时有，")
    press(window, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: shown(window)[0] == "把")
    assert window.generation.is_running
    assert window.status.running.text() == "正在写…"
    assert not window.actions_by_id["take_1"].isEnabled()
    # The window is alive: what is typed now arrives at once.
    write(window, "有")
    assert window.editor.toPlainText().endswith("有")
    model.go_on.set()
    qtbot.waitUntil(finished(window))
    assert shown(window) == THREE
    assert window.status.running.text() == ""


def test_stopping_half_way_keeps_what_is_written(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = without_drafts(make_window(BlockingModel(THREE)))
    write(window, "明月几时有，")
    press(window, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: shown(window)[:1] == ["把"])
    press(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(finished(window))
    assert shown(window)[0] == "把"
    take(window, 1)
    assert window.editor.toPlainText() == "明月几时有，把"


def test_the_newest_request_wins(make_window: MakeWindow, qtbot: QtBot) -> None:
    model = BlockingModel(THREE)
    window = without_drafts(make_window(model))
    write(window, "明月几时有，")
    press(window, Qt.Key.Key_Return, CTRL)
    assert model.waiting.wait(5)
    model.waiting.clear()
    press(window, Qt.Key.Key_Return, CTRL | SHIFT)
    assert model.waiting.wait(5)
    assert window.generation.is_running
    model.go_on.set()
    qtbot.waitUntil(finished(window))
    assert shown(window) == THREE
    assert len(model.prompts) == 2


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (FailingModel(RuntimeError("broken kernel")), "写作时出错：RuntimeError：broken kernel。"),
        (OutOfMemoryModel(), "内存不够，没有写完。"),
        (FailingModel(InputError("这一句太长。", "删去几个字。")), "这一句太长。删去几个字。"),
    ],
)
def test_a_model_that_fails_is_told_beside_the_text_and_can_be_tried_again(
    make_window: MakeWindow, qtbot: QtBot, model: FailingModel, said: str
) -> None:
    window = make_window(model)
    generate(window, qtbot)
    assert said in window.panel.notice.text
    assert window.editor.toPlainText() == "明月几时有，"
    press(window, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(finished(window))
    assert said in window.panel.notice.text


def test_an_empty_page_is_answered_with_a_hint(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(ScriptedModel(THREE))
    press(window, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(finished(window))
    assert "还没有可以续写的文字。请先写下一句" in window.panel.notice.text
    generate(window, qtbot)
    assert window.panel.notice.text == ""


def test_a_stale_candidate_is_not_put_into_the_wrong_place(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(ScriptedModel(THREE))
    generate(window, qtbot)
    press(window, Qt.Key.Key_Backspace)
    take(window, 1)
    assert window.editor.toPlainText() == "明月几时有"
    assert "接不上了" in window.panel.notice.text
    press(window, Qt.Key.Key_Z, CTRL)
    take(window, 1)
    assert window.editor.toPlainText() == "明月几时有，把酒问青天。"
    assert window.panel.notice.text == ""


def test_text_that_changed_elsewhere_does_not_matter(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(ScriptedModel(THREE))
    window.editor.setPlainText("序" * 100 + "\n\n明月几时有，\n\n" + "跋" * 100)
    cursor = window.editor.textCursor()
    cursor.setPosition(108)
    window.editor.setTextCursor(cursor)
    generate(window, qtbot, "")
    elsewhere = QTextCursor(window.editor.document())
    elsewhere.insertText("新的开头\n")
    take(window, 1)
    assert "\n明月几时有，把酒问青天。\n" in window.editor.toPlainText()


def test_astral_characters_before_the_cursor(make_window: MakeWindow, qtbot: QtBot) -> None:
    model = ScriptedModel([*THREE, "明月几时有，"])
    window = make_window(model)
    window.editor.setPlainText("𠮷𠮷。\n\n明月几时有，\n\n𠮷")
    cursor = window.editor.textCursor()
    cursor.setPosition(utf16_length("𠮷𠮷。\n\n明月几时有，"))
    window.editor.setTextCursor(cursor)
    assert window.editor.context().before == "𠮷𠮷。\n\n明月几时有，"
    assert window.editor.context().after == "\n\n𠮷"
    generate(window, qtbot, "")
    assert model.prompts == ["明月几时有，"]
    take(window, 1)
    assert window.editor.toPlainText() == "𠮷𠮷。\n\n明月几时有，把酒问青天。\n\n𠮷"


def test_a_traditional_text_gets_a_traditional_continuation(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(ScriptedModel(["云里为谁归。"]))
    generate(window, qtbot, "明月幾時有，")
    take(window, 1)
    assert window.editor.toPlainText() == "明月幾時有，雲裡為誰歸。"


def test_nothing_is_triggered_while_the_input_method_is_composing(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    window = without_drafts(make_window(BlockingModel(THREE)))
    write(window, "明月")
    compose(window, "jishi")
    assert window.editor.is_composing
    window.actions_by_id["generate"].trigger()
    assert not window.generation.is_running
    compose(window, "")
    window.actions_by_id["generate"].trigger()
    assert window.generation.is_running
    qtbot.waitUntil(lambda: shown(window)[:1] == ["把"])
    compose(window, "you")
    window.actions_by_id["stop"].trigger()  # Esc belongs to the input method
    assert window.generation.is_running
    compose(window, "")
    window.actions_by_id["stop"].trigger()
    qtbot.waitUntil(finished(window))


def test_copying_a_candidate(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = without_drafts(make_window(ScriptedModel(THREE)))
    generate(window, qtbot)
    window.generation.copy_index(1)
    assert QGuiApplication.clipboard().text() == THREE[1]
    assert window.editor.toPlainText() == "明月几时有，"


def test_the_example_teaches(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = without_drafts(make_window(ScriptedModel(THREE)))
    window.panel.candidates.example.click()
    qtbot.waitUntil(finished(window))
    assert window.editor.toPlainText() == "明月几时有，"
    assert shown(window) == THREE


def test_a_form_shows_the_whole_poem_and_inserts_the_rest(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    assert window.panel.form is not None
    window.panel.form.editors["form"].setCurrentText("五绝")  # type: ignore[attr-defined]
    generate(window, qtbot)
    assert len(shown(window)) == 3
    for text in shown(window):
        assert text.startswith("明月几时有，")
        assert len(text.replace("\n", "")) == 24
    taken = shown(window)[0]
    take(window, 1)
    assert window.editor.toPlainText() == taken


def choose_form(window: MainWindow, form: str) -> None:
    assert window.panel.form is not None
    window.panel.form.editors["form"].setCurrentText(form)  # type: ignore[attr-defined]


def blocking() -> BlockingModel:
    """A model that knows all characters and waits behind the first."""
    model = BlockingModel(THREE)
    model.vocabulary = CharacterVocabulary()
    return model


def test_drafts_are_told_while_they_are_written_and_can_be_stopped(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    window = make_window(blocking())
    choose_form(window, "五绝")
    write(window, "明月几时有，")
    press(window, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: "16 份草稿" in window.status.running.text())
    assert "到第 1 字" in window.status.running.text()
    assert shown(window) == ["", "", ""]
    assert not window.actions_by_id["take_1"].isEnabled()
    press(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(finished(window))
    assert shown(window) == ["明月几时有，把", "明月几时有，何", "明月几时有，今"]
    take(window, 2)
    assert window.editor.toPlainText() == "明月几时有，何"


GAPPED = "白日依山尽，□□入海流。\n欲穷千里目，□□□□□。"


def test_gaps_are_filled_in_place_as_one_undo_step(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    choose_form(window, "五绝")
    # 𠮷 takes two units in Qt and is one character.
    generate(window, qtbot, f"𠮷𠮷。\n\n{GAPPED}")
    taken = shown(window)[1]
    assert "□" not in taken
    assert taken.startswith("白日依山尽，")
    take(window, 2)
    assert window.editor.toPlainText() == f"𠮷𠮷。\n\n{taken}"
    assert window.editor.textCursor().atEnd()
    press(window, Qt.Key.Key_Z, CTRL)
    assert window.editor.toPlainText() == f"𠮷𠮷。\n\n{GAPPED}"
    take(window, 3)
    assert window.editor.toPlainText() == f"𠮷𠮷。\n\n{shown(window)[2]}"


def test_gaps_that_were_filled_meanwhile_are_not_written_over(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    choose_form(window, "五排")
    # The first gap is far from the cursor: all that would be replaced is watched, not only what is near.
    text = "□日依山尽，黄河入海流。" + "白日依山尽，黄河入海流。" * 8 + "□穷千里目，更上一层楼。"
    window.editor.setPlainText(text)
    window.editor.place_cursor_at_end()
    candidate = Candidate(0, "", text.replace("□", "白"), finish_reason=FinishReason.STOP, replaces=len(text))
    window.panel.candidates.start(1)
    window.panel.candidates.finish([candidate])
    window.generation._anchor = window.editor.anchor()
    cursor = QTextCursor(window.editor.document())
    cursor.setPosition(3)
    cursor.insertText("改")
    take(window, 1)
    assert window.editor.toPlainText() == text[:3] + "改" + text[3:]
    assert "接不上了" in window.panel.notice.text
    window.editor.undo()
    window.generation.take_index(0)
    assert window.editor.toPlainText() == candidate.text


@pytest.mark.parametrize(("text", "count"), [("甲乙丙丁", 3), ("甲𠮷丙𠮷", 2), ("𠮷\n𠮷𠮷", 4), ("甲乙", 0)])
def test_an_anchor_replaces_code_points(make_window: MakeWindow, text: str, count: int) -> None:
    window = make_window()
    window.editor.setPlainText(text)
    window.editor.place_cursor_at_end()
    anchor = window.editor.anchor()
    anchor.replace_before(count)
    assert window.editor.insert_generated("新", anchor)
    assert window.editor.toPlainText() == text[: len(text) - count] + "新"
    window.editor.undo()
    assert window.editor.toPlainText() == text


def test_an_anchor_does_not_replace_what_it_never_saw(make_window: MakeWindow) -> None:
    window = make_window()
    window.editor.setPlainText("甲乙")
    window.editor.place_cursor_at_end()
    anchor = window.editor.anchor()
    anchor.replace_before(3)
    assert not window.editor.insert_generated("新", anchor)
    assert window.editor.toPlainText() == "甲乙"


def test_the_shipped_starter_writes_in_the_window(make_window: MakeWindow, qtbot: QtBot) -> None:
    settings = Settings()
    load_catalogue = _catalogue_loader(settings)
    window = make_window(
        runner=_runner(settings, load_catalogue, beside_window=True),
        catalogue=load_catalogue(),
        settings=settings,
    )
    qtbot.waitUntil(lambda: window.status.model.text() == "小诗（自带） · CPU", timeout=60_000)
    write(window, "明月几时有，")
    press(window, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(finished(window), timeout=60_000)
    texts = shown(window)
    assert len(set(texts)) == 3
    take(window, 1)
    assert window.editor.toPlainText() == "明月几时有，" + texts[0]
    press(window, Qt.Key.Key_Z, CTRL)
    assert window.editor.toPlainText() == "明月几时有，"
