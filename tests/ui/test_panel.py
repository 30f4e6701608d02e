"""The writer panel: secrets, verbs, writers without a model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import Field, SecretStr
from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from assistant.api import ADVANCED, SECRET, Candidate, FinishReason, SamplingOptions, WriterOptions
from assistant.prosody.checker import CheckSettings, check
from assistant.settings import SecretStore, Settings
from assistant.ui.dialogs.engine_dialog import EngineDialog
from assistant.ui.panels.candidate_list import CandidateList
from assistant.ui.panels.completer import LazyCompleter
from assistant.ui.panels.option_form import FOLDED_HEIGHT, OptionForm
from assistant.ui.panels.writer_panel import WriterPanel
from assistant.ui.theme import load_theme
from plugins.poem.options import PoemOptions
from plugins.poem.writer import PoemWriter
from tests.fakes import PlainWriter, card, catalogue_of
from tests.ui.conftest import MakeWindow


class MemorySecrets(SecretStore):
    """Keeps secrets in this object."""

    def __init__(self, **kept: str) -> None:
        self.kept = dict(kept)

    def get(self, name: str) -> str:
        return self.kept.get(name, "")

    def set(self, name: str, value: str) -> bool:
        self.kept[name] = value
        return True


class NoKeyring(SecretStore):
    """A system that keeps nothing."""

    def get(self, name: str) -> str:
        return ""

    def set(self, name: str, value: str) -> bool:
        return False


class RemoteOptions(SamplingOptions):
    address: str = Field("", title="地址", description="服务的地址。")
    key: SecretStr = Field(SecretStr(""), title="密钥", description="服务的密钥。", json_schema_extra=SECRET)


class RemoteWriter(PlainWriter):
    id = "remote"
    name = "远处"
    verb = "去问"
    needs_model = False
    options_model = RemoteOptions


class HungryWriter(PlainWriter):
    id = "hungry"
    name = "饥饿"
    no_model_hint = "它要一个大模型。"


def panel_of(qtbot: QtBot, settings: Settings, secrets: SecretStore) -> WriterPanel:
    panel = WriterPanel(settings, load_theme("paper"), secrets)
    qtbot.addWidget(panel)
    panel.set_catalogue(catalogue_of(RemoteWriter(), HungryWriter()))
    return panel


def test_a_secret_goes_to_the_keyring_and_not_into_the_settings(qtbot: QtBot) -> None:
    settings = Settings()
    settings.generation.writer_id = "remote"
    secrets = MemorySecrets(**{"remote.key": "sk-旧"})
    panel = panel_of(qtbot, settings, secrets)
    assert panel.form is not None
    field = panel.form.editors["key"]
    assert isinstance(field, QLineEdit)
    assert field.text() == "sk-旧"
    assert field.displayText() == "●" * 4 or field.echoMode() is not QLineEdit.EchoMode.Normal
    field.setText("sk-新")
    assert panel.options().key.get_secret_value() == "sk-新"  # type: ignore[attr-defined]
    panel.remember()
    assert secrets.kept == {"remote.key": "sk-新"}
    assert "sk-" not in settings.model_dump_json()


def test_what_stood_in_the_form_of_a_writer_is_there_again(qtbot: QtBot) -> None:
    panel = WriterPanel(Settings(), load_theme("paper"), NoKeyring())
    qtbot.addWidget(panel)
    panel.set_catalogue(catalogue_of(PoemWriter(), RemoteWriter(), cards=[card(), card("second")]))
    panel._model_box.setCurrentIndex(1)
    model = panel.model_id
    assert panel.form is not None
    field(panel.form, "title").setText("秋江夜泊")
    panel._writer_box.setCurrentIndex(1)
    assert panel.writer is not None
    assert panel.writer.id == "remote"
    field(panel.form, "key").setText("芝麻")
    panel._writer_box.setCurrentIndex(0)
    assert field(panel.form, "title").text() == "秋江夜泊"
    assert panel.model_id == model == "second"
    panel._writer_box.setCurrentIndex(1)
    assert field(panel.form, "key").text() == "芝麻"
    panel._writer_box.setCurrentIndex(0)
    # An example brings its own.
    panel.choose("poem", {"form": "七绝"})
    assert field(panel.form, "title").text() == ""


def test_a_model_that_nobody_chose_is_not_pinned(qtbot: QtBot) -> None:
    settings = Settings()
    panel = WriterPanel(settings, load_theme("paper"), NoKeyring())
    qtbot.addWidget(panel)
    panel.set_catalogue(catalogue_of(PoemWriter(), PlainWriter(), cards=[card(), card("second")]))
    panel._writer_box.setCurrentIndex(1)
    assert not settings.generation.model_ids
    panel._model_box.setCurrentIndex(1)
    panel._writer_box.setCurrentIndex(0)
    assert settings.generation.model_ids == {"plain": "second"}
    # Whoever goes back to the first has chosen it.
    panel._writer_box.setCurrentIndex(1)
    panel._model_box.setCurrentIndex(0)
    panel.remember()
    assert settings.generation.model_ids == {"plain": "random"}


def test_the_button_says_what_the_writer_does(qtbot: QtBot) -> None:
    settings = Settings()
    settings.generation.writer_id = "remote"
    panel = panel_of(qtbot, settings, MemorySecrets())
    assert panel.generate_button.text() == "去问"
    assert not panel.library_button.isVisibleTo(panel)


def test_a_writer_without_a_model_says_so_and_leads_to_the_library(qtbot: QtBot) -> None:
    settings = Settings()
    settings.generation.writer_id = "hungry"
    panel = panel_of(qtbot, settings, MemorySecrets())
    assert panel.library_button.isVisibleTo(panel)
    with qtbot.waitSignal(panel.library_requested):
        panel.library_button.click()


def test_the_engine_dialog_changes_settings_that_the_runner_sees(qtbot: QtBot) -> None:
    settings = Settings()
    settings.engine.device = "cuda:1"
    dialog = EngineDialog(settings.engine)
    qtbot.addWidget(dialog)
    assert dialog.device.currentData() == "cuda:1"
    with qtbot.waitSignal(dialog.changed):
        dialog.precision.setCurrentIndex(dialog.precision.findData("fp32"))
    dialog.device.setCurrentIndex(dialog.device.findData("cpu"))
    dialog.threads.setValue(1)
    assert (settings.engine.device, settings.engine.precision, settings.engine.threads) == ("cpu", "fp32", 1)


def test_without_a_model_nothing_is_asked_for(make_window: MakeWindow, qtbot: QtBot) -> None:
    settings = Settings()
    settings.generation.writer_id = "hungry"
    window = make_window(catalogue=catalogue_of(PlainWriter(), HungryWriter()), settings=settings)
    window.editor.insertPlainText("明月")
    window.panel.generate_button.click()
    assert not window.generation.is_running
    assert window.panel.library_button.isVisible()
    assert "它要一个大模型。" in window.panel.notice.text
    assert "biban models" not in window.panel.notice.text


NO_RAISE = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)")
"""Qt's offscreen platform says this of every list that pops up."""


def poem_form(qtbot: QtBot, **values: object) -> OptionForm:
    form = OptionForm(PoemOptions, values)
    qtbot.addWidget(form)
    form.show()
    form.activateWindow()
    assert QTest.qWaitForWindowActive(form)
    return form


def field(form: OptionForm, name: str) -> QLineEdit:
    editor = form.editors[name]
    assert isinstance(editor, QLineEdit)
    return editor


def choice(form: OptionForm, name: str) -> QComboBox:
    editor = form.editors[name]
    assert isinstance(editor, QComboBox)
    return editor


def offered(line: QLineEdit) -> list[str]:
    """What the completer offers for what stands in the field."""
    completer = line.completer()
    return [
        completer.completionModel().index(row, 0).data()
        for row in range(completer.completionModel().rowCount())
    ]


def test_form_tune_and_title_stand_in_front(qtbot: QtBot) -> None:
    form = poem_form(qtbot)
    shown = [name for name, editor in form.editors.items() if editor.isVisible()]
    assert shown == ["form", "tune", "title"]
    form._more.click()
    assert form._folded.height() <= FOLDED_HEIGHT
    assert form.editors["rhyme"].isVisible()


@NO_RAISE
def test_tunes_are_completed_by_any_part_of_their_name(qtbot: QtBot) -> None:
    form = poem_form(qtbot)
    tune = field(form, "tune")
    (completer,) = tune.findChildren(LazyCompleter)
    assert completer.names == []  # read when the field is first turned to
    tune.setFocus()
    qtbot.waitUntil(lambda: "水调歌头" in completer.names)
    tune.setText("歌头")
    tune.completer().setCompletionPrefix("歌头")
    assert "水调歌头" in offered(tune)
    assert all("歌头" in name for name in offered(tune))
    tune.clear()
    QTest.keyClick(tune, Qt.Key.Key_Down)
    assert tune.completer().popup().isVisible()
    assert len(offered(tune)) == len(completer.names)
    tune.completer().popup().hide()


@NO_RAISE
def test_a_click_into_the_empty_field_shows_all_names_even_the_first_time(qtbot: QtBot) -> None:
    form = poem_form(qtbot)
    tune = field(form, "tune")
    QTest.mouseClick(tune, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tune.completer().popup().isVisible())
    tune.completer().popup().hide()
    title = field(form, "title")
    title.setFocus()
    (completer,) = title.findChildren(LazyCompleter)
    qtbot.waitUntil(lambda: not completer._work.is_running)
    assert completer.names == []


@pytest.mark.parametrize(
    ("values", "grey"),
    [
        ({}, {"rhyme_book", "distinct", "line_count", "acrostic_place"}),
        ({"form": "七律"}, {"sentences", "line_count", "acrostic_place"}),
        ({"form": "七律", "acrostic": "春夏秋冬"}, {"sentences", "line_count"}),
        ({"form": "七排"}, {"sentences", "acrostic_place"}),
        ({"form": "五古"}, {"sentences", "opening", "distinct", "acrostic_place"}),
        ({"tune": "浣溪沙"}, {"form", "sentences", "opening", "distinct", "line_count", "acrostic_place"}),
        ({"form": "词"}, {"sentences", "opening", "distinct", "line_count", "acrostic_place"}),
    ],
)
def test_options_that_do_nothing_are_grey(qtbot: QtBot, values: dict[str, str], grey: set[str]) -> None:
    form = poem_form(qtbot, **values)
    assert {name for name, editor in form.editors.items() if not editor.isEnabled()} == grey


def test_a_tune_takes_the_place_of_the_form_and_gives_it_back(qtbot: QtBot) -> None:
    form = poem_form(qtbot, form="五律")
    field(form, "tune").setText("水调歌头")
    assert not choice(form, "form").isEnabled()
    assert form.options().tune == "水调歌头"  # type: ignore[attr-defined]
    field(form, "tune").clear()
    assert choice(form, "form").isEnabled()
    assert choice(form, "form").currentText() == "五律"


class BrokenOptions(WriterOptions):
    word: str = Field("", title="词", description="一个词。", json_schema_extra=ADVANCED)

    @classmethod
    def irrelevant(cls, values: Mapping[str, Any]) -> frozenset[str]:
        raise KeyError("irrelevant")

    @classmethod
    def tip(cls, values: Mapping[str, Any]) -> str:
        raise KeyError("tip")


def test_options_of_a_plugin_that_raise_leave_the_form_usable(qtbot: QtBot) -> None:
    form = OptionForm(BrokenOptions, {})
    qtbot.addWidget(form)
    assert form.editors["word"].isEnabled()
    assert form.tip == ""
    assert not form.editors["word"].findChildren(LazyCompleter)


def empty_words(panel: WriterPanel) -> str:
    labels = panel.candidates.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if not label.isHidden())


def test_the_empty_state_tells_of_gaps(qtbot: QtBot) -> None:
    panel = WriterPanel(Settings(), load_theme("paper"), MemorySecrets())
    qtbot.addWidget(panel)
    panel.set_catalogue(catalogue_of(PoemWriter(), PlainWriter()))
    assert "□" in empty_words(panel)
    assert "选一种体裁" in empty_words(panel)
    assert panel.form is not None
    choice(panel.form, "form").setCurrentText("五律")
    assert "□" in empty_words(panel)
    assert "选一种体裁" not in empty_words(panel)
    panel._writer_box.setCurrentIndex(1)
    assert "□" not in empty_words(panel)


def test_a_model_of_the_program_says_what_it_is_good_for(qtbot: QtBot) -> None:
    settings = Settings()
    settings.generation.model_ids = {"plain": "mine"}
    ours = card("ours").model_copy(update={"summary": "读过唐诗。"})
    mine = card("mine").model_copy(update={"summary": "读过小说。"})
    panel = WriterPanel(settings, load_theme("paper"), MemorySecrets(), "ours".__eq__)
    qtbot.addWidget(panel)
    panel.set_catalogue(catalogue_of(PlainWriter(), cards=[ours, mine]))
    assert panel.model_note.isHidden()
    with qtbot.waitSignal(panel.writer_changed):
        panel._model_box.setCurrentIndex(0)
    assert panel.model_note.isVisibleTo(panel)
    assert panel.model_note.text == "读过唐诗。"
    with qtbot.waitSignal(panel.library_requested):
        panel.model_note.more.click()
    panel.set_catalogue(catalogue_of(RemoteWriter()))  # needs no model
    assert panel.model_note.isHidden()


def test_what_is_folded_away_and_changed_is_named(qtbot: QtBot) -> None:
    form = OptionForm(PoemOptions, {"form": "七绝", "acrostic": "春暖花开"})
    qtbot.addWidget(form)
    assert form._more.text() == "更多（嵌字）"
    form._more.click()
    assert form._more.text() == "收起"
    form._more.click()
    field(form, "acrostic").setText("")
    assert form._more.text() == "更多"
    for name, value in (("acrostic", "春"), ("rhyme", "东"), ("words", "月")):
        field(form, name).setText(value)
    assert form._more.text() == "更多（韵部、嵌字、必用字词）"
    choice(form, "acrostic_place").setCurrentText("藏尾")
    assert form._more.text() == "更多（改了 4 项）"
    # What does nothing now is not spoken of.
    field(form, "acrostic").setText("")
    assert form._more.text() == "更多（韵部、必用字词）"


def test_building_a_form_opens_no_window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A button that was shown before it had a parent took the keyboard from the page for a moment."""
    shown: list[QWidget] = []

    class Watching(QPushButton):
        def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
            shown.extend([self] if self.isWindow() else [])

    monkeypatch.setattr("assistant.ui.panels.option_form.QPushButton", Watching)
    form = OptionForm(PoemOptions, {})
    qtbot.addWidget(form)
    form.show()
    assert shown == []


TOWER = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。"


def sheets_of(qtbot: QtBot, *candidates: Candidate) -> CandidateList:
    shown = CandidateList(load_theme("paper"))
    qtbot.addWidget(shown)
    shown.resize(360, 600)
    shown.show()
    shown.start(len(candidates))
    shown.finish(candidates)
    QApplication.processEvents()
    return shown


def done(index: int, text: str, opening: str = "", report: Mapping[str, Any] | None = None) -> Candidate:
    return Candidate(index, opening, text, finish_reason=FinishReason.STOP, report=report)


def test_a_sheet_says_what_the_poem_is_and_shows_tones_on_demand(qtbot: QtBot) -> None:
    report = check(TOWER).as_json()
    opening = TOWER[:6]
    shown = sheets_of(qtbot, done(0, TOWER[6:], opening, report), done(1, TOWER, report=report))
    first, second = shown.sheets
    assert first.summary == "五绝 · 仄起首句不入韵 · 十一尤 · 合律"
    seal, faded = load_theme("paper").seal, load_theme("paper").faded
    assert first._text.text().count(seal) == 2
    assert f'<span style="color:{seal}">流</span>' in first._text.text()
    assert f'<span style="color:{faded}">白日依山尽，</span>' in first._text.text()
    assert first.verse.isHidden()
    first.marks.click()
    # Whoever wants the tones of one wants those of all, and of the next ones.
    for sheet in (first, second):
        assert sheet.verse.isVisible()
        assert sheet._text.isHidden()
        assert sheet.marks.isChecked()
    shown.start(1)
    shown.finish([done(0, TOWER, report=report)])
    assert not shown.sheets[0].verse.isHidden()
    shown.sheets[0].marks.click()
    assert shown.sheets[0].verse.isHidden()
    shown.set_theme(load_theme("ink"))
    assert load_theme("ink").seal in shown.sheets[0]._text.text()


def test_a_sheet_asks_for_polishing(qtbot: QtBot) -> None:
    shown = sheets_of(qtbot, done(0, "甲。"), done(1, TOWER, report=check(TOWER).as_json()))
    plain, checked = shown.sheets
    assert plain.polish_button.isHidden()
    assert plain.marks.isHidden()
    assert plain.summary == ""
    with qtbot.waitSignal(shown.polish_requested) as asked:
        checked.polish_button.click()
    assert asked.args == [1]


def test_the_report_of_a_couplet(qtbot: QtBot) -> None:
    couplet = "春风大雅能容物，\n秋水文章不染尘。"
    report = check(couplet, CheckSettings(form="对联")).as_json()
    shown = sheets_of(qtbot, done(0, couplet, report=report), done(1, "秋水文章不染尘。", report=report))
    both, answer = shown.sheets
    assert both.summary == answer.summary
    assert re.fullmatch("对联 · .*合乎格式", both.summary)
    both.marks.click()
    assert both.verse.isVisible()
    # The report is on both lines: an answer alone has no signs of its own.
    assert answer.verse.isHidden()
    assert answer._text.isVisible()


def test_a_strange_report_of_a_plugin_does_no_harm(qtbot: QtBot) -> None:
    strange = {"form": "怪", "lines": [{"text": "甲", "issues": [{"rule": "怪", "severity": "grave"}]}]}
    shown = sheets_of(qtbot, done(0, "甲乙。", report=strange), done(1, "丙。", report={}))
    assert shown.sheets[0].summary == "怪 · 一处出律"
    assert shown.sheets[1].summary == ""


def test_drafts_are_told_on_the_first_sheet_and_nothing_moves(qtbot: QtBot) -> None:
    shown = CandidateList(load_theme("paper"))
    qtbot.addWidget(shown)
    shown.resize(360, 600)
    shown.show()
    shown.start(3)
    QApplication.processEvents()
    places = [sheet.geometry() for sheet in shown.sheets]
    for characters in (1, 23):
        shown.show_drafts(16, characters)
        QApplication.processEvents()
        assert [sheet.geometry() for sheet in shown.sheets] == places
    texts = [label.text() for label in shown.sheets[0].findChildren(QLabel)]
    assert any("写着 16 份草稿，挑最好的 3 份…" in text for text in texts)
    assert "已写到第 23 字" in texts
    shown.stop([Candidate(0, "", "白日", finish_reason=FinishReason.CANCELLED)])
    assert [sheet.candidate.text for sheet in shown.sheets if sheet.candidate] == ["白日"]
