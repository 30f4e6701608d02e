"""The window around the text: documents, settings, plugins, looks."""

from __future__ import annotations

import logging
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QTextCursor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from assistant.api import Cancellation, GenerationRequest, SettingsError
from assistant.api.testing import RandomModel
from assistant.documents import open_text
from assistant.generation.events import Event
from assistant.generation.model_cache import ModelCache
from assistant.generation.runner import Runner
from assistant.plugin_host import PluginState
from assistant.settings import Settings, SettingsStore
from assistant.ui.actions import ACTIONS
from assistant.ui.dialogs.plugins_dialog import PluginsDialog
from assistant.ui.document_controller import Answer
from assistant.ui.main_window import MainWindow
from assistant.ui.theme import load_theme
from plugins.poem.writer import PoemWriter
from tests.fakes import PlainWriter, WriterPlugin, catalogue_of
from tests.ui.conftest import MakeWindow


def test_a_broken_plugin_is_told_and_the_others_work(
    make_window: MakeWindow, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    from assistant.api import hookimpl
    from assistant.plugin_host import Catalogue, PluginHost
    from tests.fakes import card

    class Raising:
        @hookimpl
        def register_writers(self) -> list[object]:
            raise RuntimeError("out of ink")

    host = PluginHost()
    host.register("riddle", Raising())
    host.register("poem", WriterPlugin(PoemWriter()))
    with caplog.at_level(logging.CRITICAL):
        catalogue = Catalogue(host, [card()])
    window = make_window(catalogue=catalogue)
    assert "插件 riddle 出了错" in window.panel.notice.text
    assert window.panel.writer is not None
    dialog = PluginsDialog(catalogue.plugins)
    qtbot.addWidget(dialog)
    assert [r.state for r in catalogue.plugins] == [PluginState.FAILED, PluginState.ACTIVE]
    assert "在 register_writers 中出错：RuntimeError: out of ink" in dialog.details.toPlainText()


def test_the_form_is_built_from_the_options_of_the_writer(make_window: MakeWindow) -> None:
    window = make_window()
    form = window.panel.form
    assert form is not None
    assert set(form.editors) == set(PoemWriter.options_model.model_fields)
    assert form.options() == PoemWriter.options_model()
    form.editors["form"].setCurrentText("七律")  # type: ignore[attr-defined]
    form.editors["title"].setText("秋夜")  # type: ignore[attr-defined]
    form.editors["temperature"].setValue(0.5)  # type: ignore[attr-defined]
    assert form.options().model_dump(include={"form", "title", "temperature"}) == {
        "form": "七律",
        "title": "秋夜",
        "temperature": 0.5,
    }


def test_what_was_chosen_is_there_next_time(make_window: MakeWindow, tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "settings.json")
    window = make_window(store=store, settings=store.load())
    assert window.panel.form is not None
    window.panel.form.editors["form"].setCurrentText("五律")  # type: ignore[attr-defined]
    window.editor.set_zoom(150)
    window.show_panel(False)
    window.close()
    again = make_window(store=store, settings=store.load())
    assert again.panel.options().model_dump()["form"] == "五律"
    assert again.editor.zoom_percent == 150
    assert again.side.isHidden()


def test_settings_that_no_longer_fit_are_left_at_their_defaults(make_window: MakeWindow) -> None:
    settings = Settings()
    settings.generation.writer_id = "gone"
    settings.generation.options = {"poem": {"form": "十绝", "temperature": 0.3, "gone": 1}}
    window = make_window(settings=settings)
    assert window.panel.options().model_dump(include={"form", "temperature"}) == {
        "form": "自由",
        "temperature": 0.3,
    }


def test_no_writer_at_all(make_window: MakeWindow) -> None:
    from assistant.plugin_host import Catalogue, PluginHost

    window = make_window(catalogue=Catalogue(PluginHost(), []))
    assert window.panel.writer is None
    assert not window.actions_by_id["generate"].isEnabled()
    window.generation.generate()
    assert not window.generation.is_running


def test_no_model_for_the_writer(make_window: MakeWindow, qtbot: QtBot) -> None:
    from assistant.plugin_host import Catalogue

    catalogue = Catalogue(catalogue_of(PoemWriter()).host, [])
    window = make_window(catalogue=catalogue)
    assert "还没有能用于「诗词」的模型。" in window.panel.notice.text
    window.editor.setPlainText("明月")
    window.generation.generate()
    qtbot.waitUntil(lambda: not window.generation.is_running)
    assert "还没有能用于「诗词」的模型。" in window.panel.notice.text


def test_open_change_save_keeps_encoding_and_line_ends(
    make_window: MakeWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "旧稿.txt"
    path.write_bytes("明月几时有，\r\n把酒问青天。\r\n".encode("gb18030"))
    window = make_window()
    monkeypatch.setattr(window.document, "ask_open_path", lambda: path)
    assert window.document.open()
    assert window.editor.toPlainText() == "明月几时有，\n把酒问青天。\n"
    assert "旧稿.txt" in window.windowTitle()
    assert not window.isWindowModified()
    window.editor.moveCursor(QTextCursor.MoveOperation.End)
    window.editor.insertPlainText("不知")
    assert window.isWindowModified()
    assert window.document.save()
    assert path.read_bytes() == "明月几时有，\r\n把酒问青天。\r\n不知".encode("gb18030")
    assert not window.isWindowModified()


def test_a_new_text_asks_where_to_be_saved(
    make_window: MakeWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window()
    window.editor.insertPlainText("𠮷祥")
    monkeypatch.setattr(window.document, "ask_save_path", lambda: None)
    assert not window.document.save()
    assert window.isWindowModified()
    monkeypatch.setattr(window.document, "ask_save_path", lambda: tmp_path / "new.txt")
    assert window.document.save()
    assert (tmp_path / "new.txt").read_text(encoding="utf-8") == "𠮷祥"


def test_a_file_that_cannot_be_saved_is_told_and_the_text_stays(
    make_window: MakeWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window()
    window.editor.insertPlainText("明月")
    said: list[str] = []
    monkeypatch.setattr(window.document, "tell", lambda error: said.append(error.one_line))
    monkeypatch.setattr(window.document, "ask_save_path", lambda: tmp_path / "no" / "such" / "folder.txt")
    assert not window.document.save()
    assert len(said) == 1
    assert window.editor.toPlainText() == "明月"
    assert window.isWindowModified()
    assert not window.document.open_path(tmp_path)
    assert window.editor.toPlainText() == "明月"


@pytest.mark.parametrize("answer", list(Answer))
def test_closing_with_unsaved_changes_asks(
    make_window: MakeWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    window = make_window()
    window.editor.insertPlainText("明月")
    monkeypatch.setattr(window.document, "ask_unsaved", lambda: answer)
    monkeypatch.setattr(window.document, "ask_save_path", lambda: tmp_path / "kept.txt")
    assert window.close() is (answer is not Answer.CANCEL)
    assert (tmp_path / "kept.txt").exists() is (answer is Answer.SAVE)
    assert window.editor.toPlainText() == "明月"


def test_no_space_for_settings_is_told_and_the_window_still_closes(
    make_window: MakeWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(SettingsStore):
        def save(self, settings: Settings) -> None:
            raise SettingsError("设置没有存下来（磁盘已满）。", "请腾出空间。")

    window = make_window(store=Full(tmp_path / "settings.json"))
    said: list[str] = []
    monkeypatch.setattr(window.document, "tell", lambda error: said.append(error.message))
    assert window.close()
    assert said == ["设置没有存下来（磁盘已满）。"]


def test_a_broken_settings_file_is_told(make_window: MakeWindow, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text("{ not json", encoding="utf-8")
    store = SettingsStore(path)
    window = make_window(store=store, settings=store.load())
    assert "设置文件已损坏" in window.panel.notice.text


def test_counts_are_of_characters_not_of_units(make_window: MakeWindow) -> None:
    window = make_window()
    window.editor.setPlainText("𠮷月，\nok")
    window.status.count_now()
    assert window.status.counts.text() == "2 字，连标点 5"
    window.editor.selectAll()
    window.status.count_now()
    assert window.status.counts.text().startswith("选中 2 字，共 2 字")


def test_zoom_by_keys_and_wheel_has_bounds(make_window: MakeWindow) -> None:
    window = make_window()
    size = window.editor.font().pointSizeF()
    window.actions_by_id["zoom_in"].trigger()
    assert window.editor.font().pointSizeF() > size
    window.actions_by_id["zoom_reset"].trigger()
    assert window.editor.font().pointSizeF() == size
    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(window.editor.viewport(), event)
    assert window.editor.zoom_percent == 90
    window.editor.set_zoom(10_000)
    assert window.editor.zoom_percent == 300


def test_lines_are_spaced_and_the_mouse_still_finds_them(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    window.editor.setPlainText("第一行\n第二行" + "长" * 100 + "\n第三行")
    qtbot.waitExposed(window)
    block = window.editor.document().findBlockByNumber(1)
    rect = window.editor.blockBoundingGeometry(block)
    line = block.layout().lineAt(0)
    assert block.layout().lineCount() > 1
    assert rect.height() > 1.3 * line.height() * block.layout().lineCount()
    for position in (1, 5, 60, 106, 109):
        cursor = window.editor.textCursor()
        cursor.setPosition(position)
        middle = window.editor.cursorRect(cursor).center()
        assert window.editor.cursorForPosition(middle).position() == position


def test_the_page_is_at_most_42_characters_wide_and_in_the_middle(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    window = make_window()
    window.show_panel(False)
    window.resize(1900, 800)
    qtbot.waitUntil(lambda: window.editor.width() > 1800)
    window.editor.setPlainText("国" * 100)
    layout = window.editor.document().firstBlock().layout()
    qtbot.waitUntil(lambda: layout.lineCount() == 3)
    assert layout.lineAt(0).textLength() == 42
    viewport = window.editor.viewport().geometry()
    assert abs(viewport.left() - (window.editor.width() - viewport.right() - 1)) <= 2


def test_both_themes_reach_every_part(make_window: MakeWindow) -> None:
    window = make_window()
    for theme_id in ("ink", "paper"):
        window.actions_by_id[f"theme_{theme_id}"].trigger()
        theme = load_theme(theme_id)
        assert window.editor.palette().base().color().name().upper() == theme.page
        pixel = window.grab().toImage().pixelColor(8, window.height() // 2)
        assert pixel.name().upper() == theme.desk


def test_actions_are_data_with_shortcuts_of_their_own(make_window: MakeWindow) -> None:
    window = make_window()
    shortcuts = [
        window.actions_by_id[spec.id].shortcut().toString() for spec in ACTIONS if spec.shortcut is not None
    ]
    assert len(set(shortcuts)) == len(shortcuts)
    assert not window.actions_by_id["stop"].isEnabled()
    assert not window.actions_by_id["take_1"].isEnabled()


def test_a_million_characters_open(make_window: MakeWindow, tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text(("明月几时有，把酒问青天。" * 20 + "\n") * 4200, encoding="utf-8")
    window = make_window()
    assert window.document.open_path(path)
    QTest.keyClicks(window.editor, "a")
    assert len(window.editor.toPlainText()) == len(open_text(path).text) + 1


def test_saving_keeps_the_mode_of_the_file(make_window: MakeWindow, tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("明月", encoding="utf-8")
    path.chmod(0o640)
    window: MainWindow = make_window()
    window.document.open_path(path)
    window.editor.insertPlainText("新")
    assert window.document.save()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_plain_writer_is_there_too(make_window: MakeWindow) -> None:
    window = make_window(catalogue=catalogue_of(PlainWriter()))
    assert window.panel.writer is not None
    assert window.panel.writer.name == "平常"


def test_qt_calls_do_not_lose_references_to_none() -> None:
    """A release of PySide6 did, and on Python 3.11 the process ended after some minutes of writing."""
    rect = QRectF()
    before = sys.getrefcount(None)
    for _ in range(2000):
        rect.setHeight(1)
    assert sys.getrefcount(None) > before - 1000


def test_no_break_spaces_are_saved_as_they_are(make_window: MakeWindow, tmp_path: Path) -> None:
    path = tmp_path / "spaces.txt"
    path.write_text("甲\u00a0乙\n丙", encoding="utf-8")
    window = make_window()
    window.document.open_path(path)
    window.editor.moveCursor(QTextCursor.MoveOperation.End)
    window.editor.insertPlainText("丁")
    assert window.document.save()
    assert path.read_text(encoding="utf-8") == "甲\u00a0乙\n丙丁"


def test_a_click_between_two_lines_keeps_its_column(make_window: MakeWindow) -> None:
    window = make_window()
    window.editor.setPlainText("春眠不觉晓处处闻啼鸟夜来风雨声花落知多少" * 8)
    layout = window.editor.document().firstBlock().layout()
    offset = window.editor.contentOffset()
    first, second = layout.lineAt(0), layout.lineAt(1)
    x = int(first.cursorToX(10)[0] + offset.x())  # type: ignore[index]
    found = []
    for y in (first.y() + first.height() + 3, second.y() - 3):
        point = QPoint(x, int(y + offset.y()))
        QTest.mouseClick(window.editor.viewport(), Qt.MouseButton.LeftButton, pos=point)
        found.append(window.editor.textCursor().position())
    assert found == [10, second.textStart() + 10]


def test_a_name_too_long_is_told(make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    window = make_window()
    said: list[str] = []
    monkeypatch.setattr(window.document, "tell", lambda error: said.append(error.message))
    window.document.start_with(Path("长" * 400))
    assert "文件名太长" in said[0]


def test_a_runner_that_just_ends_is_an_error(make_window: MakeWindow, qtbot: QtBot) -> None:
    class Silent(Runner):
        def run(self, request: GenerationRequest, cancellation: Cancellation) -> Iterator[Event]:
            return iter(())

    catalogue = catalogue_of(PlainWriter())
    silent = Silent(lambda: catalogue, ModelCache(lambda _: RandomModel()))
    window = make_window(runner=silent, catalogue=catalogue)
    window.generation.generate()
    qtbot.waitUntil(lambda: not window.generation.is_running)
    assert "without a terminal event" in window.panel.notice.text
