"""The writer panel: secrets, verbs, writers without a model."""

from __future__ import annotations

from pydantic import Field, SecretStr
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from assistant.api import SECRET, SamplingOptions
from assistant.settings import SecretStore, Settings
from assistant.ui.dialogs.engine_dialog import EngineDialog
from assistant.ui.panels.writer_panel import WriterPanel
from tests.fakes import PlainWriter, catalogue_of
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
    panel = WriterPanel(settings, "#999999", secrets)
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
