"""The first page: it is there when nothing is, goes with the first key, and an example on it writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from assistant.api import WriterExample
from assistant.api.testing import CharacterVocabulary
from assistant.app import _catalogue_loader, _runner
from assistant.plugin_host import Catalogue
from assistant.settings import Settings, SettingsStore
from assistant.ui.document_controller import Answer
from assistant.ui.main_window import MainWindow
from assistant.ui.theme import load_theme
from assistant.ui.welcome.offers import MOST_OFFERS, offers_of
from assistant.ui.welcome.page import HEADING, JUST_TYPE, WelcomePage
from plugins.couplet.writer import CoupletWriter
from plugins.fill.writer import FillWriter
from plugins.poem.writer import PoemWriter
from tests.fakes import BlockingModel, PlainWriter, ScriptedModel, card, catalogue_of
from tests.ui.conftest import MakeWindow, finished, shown


def welcomed(window: MainWindow, qtbot: QtBot) -> WelcomePage:
    """The first page of ``window``, once it is there."""
    qtbot.waitUntil(lambda: window.welcome.is_shown)
    assert window.welcome.page is not None
    return window.welcome.page


def press(page: WelcomePage, title: str) -> None:
    """Click the example of this title."""
    one = next(card for card in page.cards if card.offer.example.title == title)
    QTest.mouseClick(one, Qt.MouseButton.LeftButton)


def compose(window: MainWindow, preedit: str, commit: str = "") -> None:
    """What an input method sends."""
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit)
    QApplication.sendEvent(window.editor, event)


def focused() -> object:
    return QApplication.focusWidget()


LINES = ["春眠不觉晓，", "处处闻啼鸟。", "夜来风雨声，"]


class Eager(PlainWriter):
    """Has examples that need nothing."""

    examples = (WriterExample("随便", "写什么都行"), WriterExample("也行", "写点别的"))


def blocking() -> BlockingModel:
    """A model that knows all characters and waits behind the first."""
    model = BlockingModel(LINES)
    model.vocabulary = CharacterVocabulary()
    return model


def test_it_waits_for_the_first_character(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    page = welcomed(window, qtbot)
    assert page.heading.text() == HEADING
    assert focused() is window.editor
    assert window.editor.placeholderText() == ""
    QTest.keyClicks(window.editor, "a")
    assert not window.welcome.is_shown
    # Nothing jumps: an emptied page stays white.
    QTest.keyClick(window.editor, Qt.Key.Key_Backspace)
    assert window.editor.toPlainText() == ""
    assert not window.welcome.is_shown
    assert "Ctrl+Enter" in window.editor.placeholderText()


def test_an_input_method_is_not_in_its_way(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    welcomed(window, qtbot)
    for preedit in ("m", "mi", "min", "", "m"):
        compose(window, preedit)
        assert not window.welcome.is_shown
    compose(window, "", "明")
    assert window.editor.toPlainText() == "明"
    assert not window.welcome.is_shown


def test_it_does_not_come_up_while_something_is_composed(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    welcomed(window, qtbot)
    compose(window, "m")
    window.welcome.show()
    assert not window.welcome.is_shown
    compose(window, "")


def test_before_the_plugins_are_there_it_only_greets(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    page = WelcomePage(window.editor.viewport())
    assert page.cards == []
    assert page.line.text() == JUST_TYPE
    assert page.library_button.isHidden()
    assert page.close_button.isHidden()
    assert not page.focus_first()
    page.deleteLater()
    assert len(welcomed(window, qtbot).cards) == len(PoemWriter.examples)


def test_clicks_beside_the_examples_go_to_the_text(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    page = welcomed(window, qtbot)
    window.panel.generate_button.setFocus()
    QTest.mouseClick(page.heading, Qt.MouseButton.LeftButton)
    assert focused() is window.editor
    assert window.welcome.is_shown


def test_an_example_is_chosen_put_on_the_page_and_written(make_window: MakeWindow, qtbot: QtBot) -> None:
    settings = Settings()
    settings.generation.writer_id = "plain"
    settings.generation.options = {"poem": {"form": "七绝", "tune": "浣溪沙", "temperature": 0.5}}
    model = blocking()
    window = make_window(model, settings=settings)
    window.toggle_page("prosody")
    window.show_panel(False)
    page = welcomed(window, qtbot)
    press(page, "五律「空山新雨后」")
    assert not window.welcome.is_shown
    assert not window.side.isHidden()
    assert window.side.page == "writer"
    assert window.panel.writer is not None
    assert window.panel.writer.id == "poem"
    options = window.panel.options().model_dump()
    # What the example does not name stands at its default, but for how tokens are drawn.
    assert (options["form"], options["tune"], options["temperature"]) == ("五律", "", 0.5)
    assert window.editor.toPlainText() == "空山新雨后，"
    assert focused() is window.editor
    qtbot.waitUntil(model.waiting.is_set)
    assert window.generation.is_running
    window.editor.undo()
    assert window.editor.toPlainText() == ""
    window.generation.stop()
    qtbot.waitUntil(finished(window))


def test_text_behind_the_cursor(make_window: MakeWindow, qtbot: QtBot) -> None:
    example = FillWriter.examples[0]
    chosen = catalogue_of(FillWriter(), cards=[card(writers=["fill"])])
    model = ScriptedModel(["我们玩得很高兴。"])
    model.card = card(writers=["fill"])
    window = make_window(model, catalogue=chosen)
    press(welcomed(window, qtbot), example.title)
    qtbot.waitUntil(finished(window))
    assert window.editor.toPlainText() == example.before + example.after
    window.generation.take_place(0)
    assert window.editor.toPlainText() == example.before + "我们玩得很高兴。" + example.after


@pytest.fixture(scope="module")
def starter_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.mark.parametrize("number", range(MOST_OFFERS))
def test_every_example_of_the_shipped_starters_writes(
    number: int, make_window: MakeWindow, qtbot: QtBot, starter_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIBAN_HOME", str(starter_home))
    settings = Settings()
    load_catalogue = _catalogue_loader(settings)
    window = make_window(
        runner=_runner(settings, load_catalogue, beside_window=True),
        catalogue=load_catalogue(),
        settings=settings,
    )
    page = welcomed(window, qtbot)
    assert len(page.cards) == MOST_OFFERS
    example = page.cards[number].offer.example
    QTest.mouseClick(page.cards[number], Qt.MouseButton.LeftButton)
    assert window.editor.toPlainText() == example.before + example.after
    kept = window.panel.options().model_dump()
    assert {name: kept[name] for name in example.options} == dict(example.options)
    qtbot.waitUntil(finished(window), timeout=60_000)
    assert not window.panel.notice.text
    assert all(shown(window))
    window.generation.take_place(0)
    text = window.editor.toPlainText()
    assert text.startswith(example.before)
    assert text.endswith(example.after)
    assert len(text) > len(example.before + example.after)


def test_while_an_example_is_written_the_white_page_says_where(make_window: MakeWindow, qtbot: QtBot) -> None:
    model = blocking()
    window = make_window(model, catalogue=catalogue_of(Eager()))
    press(welcomed(window, qtbot), "随便")
    assert "Alt+1" in window.editor.placeholderText()
    model.go_on.set()
    qtbot.waitUntil(finished(window))
    window.generation.take_place(0)
    window.editor.selectAll()
    window.editor.cut()
    assert "Alt+1" not in window.editor.placeholderText()


def test_once_something_was_taken_the_next_start_is_white(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    store = SettingsStore(tmp_path / "settings.json")
    window = make_window(
        ScriptedModel(LINES), catalogue=catalogue_of(Eager()), store=store, settings=store.load()
    )
    press(welcomed(window, qtbot), "随便")
    qtbot.waitUntil(finished(window))
    window.generation.take_place(0)
    window.editor.document().setModified(False)
    window.close()
    assert not store.load().window.welcome
    again = make_window(store=store, settings=store.load())
    qtbot.wait(50)
    assert not again.welcome.is_shown
    assert again.welcome.page is None
    assert "Ctrl+Enter" in again.editor.placeholderText()


def test_it_can_be_closed_for_good_and_called_back(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    store = SettingsStore(tmp_path / "settings.json")
    window = make_window(store=store, settings=store.load())
    page = welcomed(window, qtbot)
    assert page.close_button.text() == "不再显示"
    page.close_button.click()
    assert not window.welcome.is_shown
    assert focused() is window.editor
    window.document.new()
    assert not window.welcome.is_shown
    window.actions_by_id["examples"].trigger()
    assert window.welcome.is_shown
    assert page.close_button.text() == "收起"
    window.close()
    assert not store.load().window.welcome


def test_the_menu_asks_for_an_empty_page(
    make_window: MakeWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window()
    welcomed(window, qtbot)
    window.editor.insertPlainText("明月")
    monkeypatch.setattr(window.document, "ask_unsaved", lambda: Answer.CANCEL)
    window.actions_by_id["examples"].trigger()
    assert window.editor.toPlainText() == "明月"
    assert not window.welcome.is_shown
    monkeypatch.setattr(window.document, "ask_unsaved", lambda: Answer.DISCARD)
    window.actions_by_id["examples"].trigger()
    assert window.editor.toPlainText() == ""
    assert window.welcome.is_shown


def test_a_new_document_has_it_and_an_opened_one_not(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "empty.txt"
    path.write_text("", encoding="utf-8")
    window = make_window()
    welcomed(window, qtbot)
    window.document.open_path(path)
    assert not window.welcome.is_shown
    assert window.document.new()
    assert window.welcome.is_shown
    window.document.start_with(tmp_path / "not yet there.txt")
    assert not window.welcome.is_shown


def test_without_any_model_it_leads_to_the_library(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(catalogue=Catalogue(catalogue_of(PoemWriter()).host, []))
    page = welcomed(window, qtbot)
    assert page.cards == []
    assert "模型" in page.line.text()
    assert page.library_button.isVisible()
    QTest.keyClick(window.editor, Qt.Key.Key_Down)
    assert focused() is page.library_button
    page.library_button.click()
    assert window.library.dialog is not None
    assert window.library.dialog.isVisible()
    # A model arrives while the page is there.
    assert window._catalogue is not None
    window._catalogue.set_models([card()])
    window.library.models_changed.emit()
    assert len(page.cards) == len(PoemWriter.examples)
    assert page.library_button.isHidden()


def test_the_keyboard_reaches_everything_and_comes_back(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(ScriptedModel(LINES), catalogue=catalogue_of(Eager()))
    page = welcomed(window, qtbot)
    buttons: list[QPushButton] = [*page.cards, page.close_button]
    QTest.keyClick(window.editor, Qt.Key.Key_Tab)
    for button in buttons:
        assert focused() is button
        QTest.keyClick(button, Qt.Key.Key_Tab)
    assert focused() is window.editor
    QTest.keyClick(window.editor, Qt.Key.Key_Down)
    assert focused() is page.cards[0]
    QTest.keyClick(page.cards[0], Qt.Key.Key_Backtab)
    assert focused() is window.editor
    QTest.keyClick(window.editor, Qt.Key.Key_Tab)
    QTest.keyClick(page.cards[0], Qt.Key.Key_Escape)
    assert focused() is window.editor
    assert window.editor.toPlainText() == ""
    QTest.keyClick(window.editor, Qt.Key.Key_Tab)
    QTest.keyClick(page.cards[0], Qt.Key.Key_Return)
    assert not window.welcome.is_shown
    qtbot.waitUntil(finished(window))
    # With the page gone the tab key writes again.
    QTest.keyClick(window.editor, Qt.Key.Key_Tab)
    assert window.editor.toPlainText() == "\t"


def test_examples_have_names_to_be_read_out(make_window: MakeWindow, qtbot: QtBot) -> None:
    for one in welcomed(make_window(), qtbot).cards:
        assert one.accessibleName() == one.offer.example.title
        assert one.accessibleDescription() == one.offer.example.note


@pytest.mark.parametrize("zoom", [50, 100, 300])
@pytest.mark.parametrize("size", [(640, 420), (900, 600), (1600, 1000)])
def test_nothing_is_cut_off(make_window: MakeWindow, qtbot: QtBot, size: tuple[int, int], zoom: int) -> None:
    window = make_window()
    page = welcomed(window, qtbot)
    window.resize(*size)
    window.editor.set_zoom(zoom)
    qtbot.wait(50)
    inside = page.widget()
    assert page.geometry().right() <= window.editor.viewport().rect().right()
    assert page.geometry().bottom() <= window.editor.viewport().rect().bottom()
    for one in page.cards:
        assert inside.rect().contains(one.geometry())
        assert one.width() <= page.viewport().width()
        assert one.height() >= one.heightForWidth(one.width())
    # What does not fit can be scrolled to, and the keyboard does.
    page.close_button.setFocus()
    page.ensureWidgetVisible(page.close_button)
    place = page.close_button.mapTo(page.viewport(), page.close_button.rect().center())
    assert page.viewport().rect().contains(place)


def test_it_is_drawn_in_both_themes(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    page = welcomed(window, qtbot)
    for theme_id in ("ink", "paper"):
        window.actions_by_id[f"theme_{theme_id}"].trigger()
        theme = load_theme(theme_id)
        image = window.editor.viewport().grab().toImage()
        beside = page.mapTo(window.editor.viewport(), page.rect().bottomLeft())
        assert image.pixelColor(beside.x() + 8, beside.y() - 8) == QColor(theme.page)
        corner = page.cards[0].mapTo(window.editor.viewport(), page.cards[0].rect().topLeft())
        assert image.pixelColor(corner.x() + 40, corner.y()) == QColor(theme.line)
        ink = page.heading.grab().toImage()
        colours = {ink.pixelColor(x, y).name() for x in range(ink.width()) for y in range(ink.height())}
        assert QColor(theme.ink).name() in colours


def test_every_writer_has_its_first_example_before_another_has_its_second() -> None:
    def writer(name: str, place: int, count: int) -> PlainWriter:
        class Numbered(PlainWriter):
            id = name
            order = place
            examples = tuple(WriterExample(f"{name}{number}", "…") for number in range(count))

        return Numbered()

    names = ("a", "b", "c", "d")
    cards = [card("mine", ["a", "b"]), card("ours", ["c"])]
    chosen = catalogue_of(
        *(writer(name, place, 4) for place, name in enumerate(names)), CoupletWriter(), cards=cards
    )

    def titles(shipped: str) -> list[str]:
        return [offer.example.title for offer in offers_of(chosen, shipped.__eq__)]

    assert titles("none") == ["a0", "a1", "a2", "b0", "b1", "b2", "c0", "c1", "c2"]
    # The starter answers at once: what it serves comes first.
    assert titles("ours") == ["c0", "c1", "c2", "a0", "a1", "a2", "b0", "b1", "b2"]
