"""Every model people have, used by the real window: imported, chosen, asked, taken into the text."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from assistant.app import _catalogue_loader, _check_folder, _library, _runner
from assistant.library.acquire import import_model
from assistant.settings import Settings
from tests.model_twins.systems import SYSTEMS
from tests.plugins.endpoint_server import endpoint_server
from tests.ui.conftest import MakeWindow, finished, shown

LEAD = "今天天气很好，我们去河边走走。"
ROWS = {
    # system: name it is passed on by, id, writer, text before the cursor, text behind it
    "gpt2-chinese-poem": ("gpt2-chinese-poem", "uer-gpt2-chinese-poem", "poem", "明月几时有，", ""),
    "gpt2-chinese-couplet": ("gpt2-chinese-couplet", "uer-gpt2-chinese-couplet", "couplet", "海阔凭鱼跃", ""),
    "gpt-12l-cn": ("GPT-12L-CN", "gpt-12l-cn", "continuation", LEAD, ""),
    "pegasus": ("pegasus-base-chinese-cluecorpussmall", "uer-pegasus-base-chinese", "fill", LEAD, "天黑了。"),
    "wenzhong-110m": ("Wenzhong-GPT2-110M", "wenzhong-gpt2-110m", "news", LEAD, ""),
    "wenzhong-3.5b": ("Wenzhong-GPT2-3.5B", "wenzhong-gpt2-3.5b", "fill", LEAD, "天黑了。"),
    "zero-nlp": ("gpt2_chinese", "zero-nlp-gpt2", "continuation", LEAD, ""),
    "qwen3": ("Qwen3-0.6B", "qwen3-0.6b", "continuation", "问：何为月？", ""),
}


@pytest.mark.parametrize("system", ROWS)
def test_a_system_writes_in_the_window(
    system: str, make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, model_id, writer, before, after = ROWS[system]
    monkeypatch.setenv("BIBAN_HOME", str(tmp_path / "home"))
    folder = SYSTEMS[system].folder(tmp_path / "files")
    if folder.name != name:
        folder = folder.rename(tmp_path / name)
    assert import_model(_library(), folder, _check_folder).id == model_id

    settings = Settings()
    settings.generation.writer_id = writer
    settings.generation.model_ids = {writer: model_id}
    settings.generation.options = {writer: {"length": 20}} if writer != "poem" else {}
    load_catalogue = _catalogue_loader(settings)
    window = make_window(
        runner=_runner(settings, load_catalogue, beside_window=True),
        catalogue=load_catalogue(),
        settings=settings,
    )
    assert window.panel.model_id == model_id
    window.editor.setPlainText(before + after)
    cursor = window.editor.textCursor()
    cursor.setPosition(len(before))
    window.editor.setTextCursor(cursor)
    window.panel.generate_button.click()
    qtbot.waitUntil(finished(window), timeout=30_000)

    assert not window.panel.notice.isVisible(), window.panel.notice.accessibleName()
    texts = shown(window)
    assert any(texts)
    assert not any("\ufffd" in text for text in texts)
    window.generation.take_place(0)
    page = window.editor.toPlainText()
    assert page.startswith(before)
    assert page.endswith(after)
    assert texts[0] in page
    if writer == "couplet":
        assert page == f"{before}\n{texts[0]}"
        assert len(texts[0]) == len(before)
    window.editor.undo()
    assert window.editor.toPlainText() == before + after


def test_a_model_on_another_machine_writes_in_the_window(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIBAN_HOME", str(tmp_path / "home"))
    with endpoint_server() as server:
        settings = Settings()
        settings.generation.writer_id = "endpoint"
        settings.generation.options = {"endpoint": {"base_url": server.url}}
        load_catalogue = _catalogue_loader(settings)
        window = make_window(
            runner=_runner(settings, load_catalogue, beside_window=True),
            catalogue=load_catalogue(),
            settings=settings,
        )
        window.editor.setPlainText(LEAD)
        window.editor.place_cursor_at_end()
        window.panel.generate_button.click()
        qtbot.waitUntil(finished(window), timeout=10_000)
        assert shown(window)[0] == "江流天地外，山色有无中。"
        window.generation.take_place(0)
        assert window.editor.toPlainText() == LEAD + "江流天地外，山色有无中。"
