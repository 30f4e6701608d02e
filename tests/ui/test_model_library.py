"""The model library in the window: real downloads from a hub on this machine, real imports, real threads."""

from __future__ import annotations

import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt, QThread
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from assistant.api import ModelCard, ModelFile, WeightsError
from assistant.app import _check_folder
from assistant.library import LibraryEntry, ModelLibrary, ModelState
from assistant.library.cards import write_card
from assistant.library.staging import DownloadRecord, unfinished, write_record
from assistant.settings import Settings, SettingsStore
from assistant.ui.dialogs.model_library_dialog import ModelLibraryDialog
from assistant.ui.library.jobs import Subject
from assistant.ui.library.listing import Listing, target_of
from assistant.ui.library.model_row import ModelRow
from assistant.ui.library.row_view import Action, duration, row_view, size
from assistant.ui.library.service import ModelLibraryService
from assistant.ui.main_window import MainWindow
from plugins.poem.writer import PoemWriter
from tests.engine.twins import write_twin
from tests.fakes import PlainWriter, card, catalogue_of
from tests.library.hub_server import REPO, HubState, hub_for_client
from tests.ui.conftest import MakeWindow, library_in

ID = "poems"
"""What ``REPO`` is called when it is downloaded by its name."""


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real model of about a megabyte, most of it positions."""
    return write_twin(tmp_path_factory.mktemp("twin") / "poems", n_positions=16_384)


@pytest.fixture
def hub(twin: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubState]:
    with hub_for_client(monkeypatch) as state:
        state.files = {path.name: path.read_bytes() for path in twin.iterdir()}
        yield state


@pytest.fixture
def settings(hub: HubState) -> Settings:
    settings = Settings()
    settings.library.endpoint = hub.url
    return settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


OpenLibrary = Callable[..., tuple[MainWindow, ModelLibraryDialog]]


@pytest.fixture
def open_library(make_window: MakeWindow, folder: Path, qtbot: QtBot) -> OpenLibrary:
    """Opens the dialog by its action and waits for the list."""

    def open_(settings: Settings | None = None, **kwargs: object) -> tuple[MainWindow, ModelLibraryDialog]:
        window = make_window(settings=settings, library=library_in(folder), **kwargs)  # type: ignore[arg-type]
        window.actions_by_id["library"].trigger()
        dialog, service = window.library.dialog, window.library.service
        assert dialog is not None
        assert service is not None
        qtbot.waitUntil(lambda: service.listing.serial > 0)
        qtbot.waitUntil(lambda: all(row.isVisible() for row in dialog.list.rows.values()))
        return window, dialog

    return open_


def install(folder: Path, twin: Path, model_id: str = "mine", **changes: object) -> None:
    """Put a model into the library as an earlier run would have."""
    target = folder / "models" / model_id
    shutil.copytree(twin, target)
    files = tuple(ModelFile(name=path.name, size_bytes=path.stat().st_size) for path in twin.iterdir())
    write_card(card(model_id).model_copy(update={"files": files, **changes}), target / "card.toml")


def known_card(folder: Path, **changes: object) -> None:
    """A card that the user has dropped into the folder."""
    (folder / "model_cards").mkdir(parents=True, exist_ok=True)
    values = {"name": "诗集", "repo": REPO, **changes}
    write_card(card("verses", ["poem"]).model_copy(update=values), folder / "model_cards" / "verses.toml")


def press(row: ModelRow, action: Action) -> None:
    button = row.buttons[action]
    # A row that was just added is shown a turn of the event loop later.
    QCoreApplication.processEvents()
    assert button.isVisible(), f"{action} is not offered: {row.view}"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def state(dialog: ModelLibraryDialog, key: str) -> str:
    return dialog.list.rows[key].state.text() if key in dialog.list.rows else ""


def model_ids(window: MainWindow) -> list[str]:
    """What the writer panel offers."""
    box = window.panel._model_box
    return [box.itemData(index) for index in range(box.count())]


def loading_done(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "CPU" in window.status.model.text() or not window.status.model.text())


def test_a_repository_is_downloaded_and_can_be_used_at_once(
    open_library: OpenLibrary, hub: HubState, settings: Settings, folder: Path, qtbot: QtBot
) -> None:
    hub.bytes_per_second = 2_000_000
    window, dialog = open_library(settings)
    assert model_ids(window) == [None]
    shares: list[float] = []
    words: list[str] = []

    def look(key: str) -> None:
        view = dialog.list.rows[key].view if key in dialog.list.rows else None
        if view is not None and view.share is not None:
            shares.append(view.share)
            words.append(view.words)

    assert window.library.service is not None
    window.library.service.changed.connect(look)
    QTest.keyClicks(dialog.form.repo, REPO)
    QTest.keyClick(dialog.form.repo, Qt.Key.Key_Return)
    assert dialog.form.repo.text() == ""
    assert state(dialog, ID) == "正在下载"
    assert window.library.indicator.isVisible()
    qtbot.waitUntil(lambda: state(dialog, ID) == "已安装")
    assert shares == sorted(shares)
    assert len([share for share in shares if 0.1 < share < 0.9]) >= 2
    assert any("每秒" in text and "约剩" in text and "%" in text for text in words)
    assert dialog.list.rows[ID].words.text() == "下载好了，可以用了。"
    assert not window.library.indicator.isVisible()
    assert model_ids(window) == [ID]
    assert window.library._catalogue is not None
    assert [one.id for one in window.library._catalogue.cards] == [ID]
    assert ModelLibrary(folder, folder, folder / "models").folder(ID).is_dir()
    loading_done(window, qtbot)


def test_a_known_model_is_paused_goes_on_and_is_given_up(
    open_library: OpenLibrary, hub: HubState, settings: Settings, folder: Path, qtbot: QtBot
) -> None:
    known_card(folder)
    hub.bytes_per_second = 500_000
    _, dialog = open_library(settings)
    row = dialog.list.rows["verses"]
    assert (row.title.text(), row.state.text()) == ("诗集", "可下载")
    press(row, Action.DOWNLOAD)
    qtbot.waitUntil(lambda: row.bar.value() > 100)
    press(row, Action.PAUSE)
    assert not row.buttons[Action.PAUSE].isVisible()
    qtbot.waitUntil(lambda: row.state.text() == "下载未完")
    value = row.bar.value()
    assert 100 < value < 900
    assert "已下载" in row.words.text()

    press(row, Action.RESUME)
    qtbot.waitUntil(lambda: row.bar.value() > value + 100)
    press(row, Action.GIVE_UP)
    assert "会删去" in row.words.text()
    QTest.mouseClick(row.keep, Qt.MouseButton.LeftButton)
    assert row.state.text() == "正在下载"
    press(row, Action.GIVE_UP)
    QTest.mouseClick(row.confirm, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: row.state.text() == "可下载")
    assert unfinished(folder / "models" / ".downloads") == []
    assert not (folder / "models" / ".downloads" / "verses").exists()


def test_a_download_of_an_earlier_run_goes_on(
    open_library: OpenLibrary, hub: HubState, settings: Settings, folder: Path, qtbot: QtBot
) -> None:
    known_card(folder, id="other", repo="")
    hub.stall_after = 600_000
    window, dialog = open_library(settings)
    dialog.form.repo.setText(f"https://huggingface.co/{REPO}")
    dialog.download_repo()
    part = folder / "models" / ".downloads" / ID / "model.safetensors.part"
    qtbot.waitUntil(lambda: part.exists() and part.stat().st_size == 600_000)
    # Closing the window pauses: its threads are gone, what has come is there.
    threads = window.findChildren(QThread)
    assert threads
    window.close()
    assert not any(thread.isRunning() for thread in threads)
    assert part.stat().st_size == 600_000
    QCoreApplication.sendPostedEvents(None, QEvent.Type.MetaCall.value)

    hub.stall_after = None
    _, dialog = open_library(settings)
    row = dialog.list.rows[ID]
    assert (row.title.text(), row.state.text()) == (REPO, "下载未完")
    assert 400 < row.bar.value() < 700
    assert "已下载 6" in row.words.text()
    press(row, Action.RESUME)
    qtbot.waitUntil(lambda: state(dialog, ID) == "已安装")
    assert hub.ranges == ["bytes=600000-"]


def test_an_error_stands_in_its_row_and_can_be_tried_again(
    open_library: OpenLibrary, hub: HubState, settings: Settings, qtbot: QtBot
) -> None:
    hub.served["model.safetensors"] = bytes(len(hub.files["model.safetensors"]))
    _, dialog = open_library(settings)
    dialog.form.repo.setText(REPO)
    dialog.download_repo()
    qtbot.waitUntil(lambda: not dialog.list.rows[ID].notice.isHidden())
    row = dialog.list.rows[ID]
    assert "与模型仓库所记的不同" in row.notice.text
    assert "镜像" in row.notice.text
    hub.served.clear()
    press(row, Action.RETRY)
    assert row.notice.text == ""
    qtbot.waitUntil(lambda: state(dialog, ID) == "已安装")


def test_what_the_hub_does_not_have_can_be_dismissed(
    open_library: OpenLibrary, hub: HubState, settings: Settings, qtbot: QtBot
) -> None:
    _, dialog = open_library(settings)
    dialog.form.repo.setText("writers/nothing")
    dialog.download_repo()
    qtbot.waitUntil(lambda: "没有模型 writers/nothing" in dialog.list.rows["nothing"].notice.text)
    press(dialog.list.rows["nothing"], Action.GIVE_UP)
    qtbot.waitUntil(lambda: "nothing" not in dialog.list.rows)


def test_what_has_begun_comes_first_until_the_dialog_is_opened_anew(
    open_library: OpenLibrary, folder: Path, qtbot: QtBot
) -> None:
    known_card(folder, id="a", repo="me/a")
    (folder / "model_cards" / "verses.toml").rename(folder / "model_cards" / "a.toml")
    known_card(folder)
    staging = folder / "models" / ".downloads" / "verses"
    staging.mkdir(parents=True)
    record = DownloadRecord(REPO, "main", "0" * 40, "https://hub.example", 1000)
    write_record(record, staging)
    (staging / "config.json").write_bytes(bytes(250))
    (staging.parent / "a").mkdir()  # broken off before there was a record of it
    window, dialog = open_library()
    assert list(dialog.list.rows) == ["verses", "a"]
    assert [row.state.text() for row in dialog.list.rows.values()] == ["下载未完", "下载未完"]
    assert dialog.list.rows["verses"].bar.value() == 250
    row = dialog.list.rows["verses"]
    press(row, Action.GIVE_UP)
    QTest.mouseClick(row.confirm, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: row.state.text() == "可下载")
    place = dialog.list._layout.indexOf
    assert place(row) < place(dialog.list.rows["a"])
    dialog.close()
    window.library.show()
    qtbot.waitUntil(lambda: place(row) > place(dialog.list.rows["a"]))


def test_names_and_addresses_that_cannot_be_are_told_beside_their_fields(
    open_library: OpenLibrary, twin: Path, folder: Path, tmp_path: Path
) -> None:
    install(folder, twin)
    store = SettingsStore(tmp_path / "kept.json")
    settings = Settings()
    _, dialog = open_library(settings, store=store)
    for text, said in (("", "还没有写"), ("诗", "不是模型的名称"), ("me/mine", "已经安装")):
        dialog.form.repo.setText(text)
        dialog.download_repo()
        assert said in dialog.notice.text
        assert list(dialog.list.rows) == ["mine"]
    dialog.form.endpoint.setText("hub.example")
    QTest.keyClick(dialog.form.endpoint, Qt.Key.Key_Return)
    assert "不是网址" in dialog.notice.text
    assert settings.library.endpoint == ""
    dialog.form.endpoint.setText("https://hub.example/")
    QTest.keyClick(dialog.form.endpoint, Qt.Key.Key_Return)
    assert dialog.notice.text == ""
    assert settings.library.endpoint == "https://hub.example"
    assert store.load().library.endpoint == "https://hub.example"


def test_a_zip_is_imported_checked_and_removed(
    make_window: MakeWindow, twin: Path, folder: Path, tmp_path: Path, qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    archive = tmp_path / "山水诗.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in twin.iterdir():
            packed.write(path, f"landscape/{path.name}")
    catalogue = catalogue_of(PoemWriter(), PlainWriter())
    catalogue.set_models([])
    window = make_window(catalogue=catalogue, library=library_in(folder, _check_folder))
    assert window.panel.library_button.isVisible()
    QTest.mouseClick(window.panel.library_button, Qt.MouseButton.LeftButton)
    dialog = window.library.dialog
    assert dialog is not None
    monkeypatch.setattr(dialog, "ask_archive", lambda: archive)
    dialog.import_menu(None).actions()[1].trigger()
    qtbot.waitUntil(lambda: state(dialog, "landscape") == "已安装")
    row = dialog.list.rows["landscape"]
    assert list(dialog.list.rows) == ["landscape"]
    assert "用于诗词" in row.facts.text()
    assert model_ids(window) == ["landscape"]
    assert not window.panel.library_button.isVisible()

    press(row, Action.VERIFY)
    qtbot.waitUntil(lambda: "文件完好" in row.words.text())
    vocab = folder / "models" / "landscape" / "vocab.txt"
    vocab.write_bytes(vocab.read_bytes() + b"x")
    press(row, Action.VERIFY)
    qtbot.waitUntil(lambda: "与模型卡所记的不同" in row.notice.text)
    press(row, Action.DISMISS)
    assert row.notice.text == ""

    press(row, Action.REMOVE)
    assert "要移除它吗" in row.words.text()
    assert (folder / "models" / "landscape").exists()
    QTest.mouseClick(row.confirm, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.list.rows)
    assert not (folder / "models" / "landscape").exists()
    assert window.panel.library_button.isVisible()
    assert dialog.list._empty.isVisible()


def test_an_import_that_is_no_model_says_so(
    open_library: OpenLibrary, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "相册").mkdir()
    _, dialog = open_library()
    dialog.import_from(lambda: None, None)
    assert not dialog.list.rows
    dialog.import_from(lambda: tmp_path / "相册", None)
    [row] = dialog.list.rows.values()
    assert row.title.text() == "相册"
    qtbot.waitUntil(lambda: "没有模型" in row.notice.text)
    press(row, Action.GIVE_UP)
    assert not dialog.list.rows


def test_an_import_is_cancelled_while_it_is_checked(
    make_window: MakeWindow, twin: Path, folder: Path, qtbot: QtBot
) -> None:
    checking, go_on = threading.Event(), threading.Event()

    def check(folder: Path, card: ModelCard) -> None:
        checking.set()
        go_on.wait(5)

    known_card(folder, repo="")
    window = make_window(library=library_in(folder, check))
    window.library.show()
    dialog = window.library.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: state(dialog, "verses") == "可导入")
    row = dialog.list.rows["verses"]
    dialog.import_from(lambda: twin, "verses")
    qtbot.waitUntil(checking.is_set)
    press(row, Action.CANCEL)
    assert row.state.text() == "正在取消"
    go_on.set()
    qtbot.waitUntil(lambda: row.state.text() == "可导入")
    assert list((folder / "models").iterdir()) == []


def test_two_run_and_the_third_waits(make_window: MakeWindow, twin: Path, folder: Path, qtbot: QtBot) -> None:
    go_on = threading.Event()
    running: list[str] = []

    def check(folder: Path, card: ModelCard) -> None:
        running.append(card.id)
        go_on.wait(5)

    for name in ("a", "b", "c"):
        shutil.copytree(twin, folder / name)
    window = make_window(library=library_in(folder, check))
    window.library.show()
    dialog, service = window.library.dialog, window.library.service
    assert dialog is not None
    assert service is not None
    for name in ("a", "b", "c"):
        service.import_from(folder / name)
    states = [row.state.text() for row in dialog.list.rows.values()]
    assert states == ["正在导入", "正在导入", "等候"]
    qtbot.waitUntil(lambda: len(running) == 2)
    dialog.close()
    assert "还在取" in window.status.currentMessage()
    assert "3 个模型" in window.library.indicator.text()
    QTest.mouseClick(window.library.indicator, Qt.MouseButton.LeftButton)
    assert dialog.isVisible()
    go_on.set()
    qtbot.waitUntil(lambda: sorted(dialog.list.rows) == ["a", "b", "c"])
    assert sorted(running) == ["a", "b", "c"]
    loading_done(window, qtbot)


def test_closing_the_window_during_a_check_leaves_nothing_half_done(
    make_window: MakeWindow, twin: Path, folder: Path, qtbot: QtBot
) -> None:
    checking, go_on = threading.Event(), threading.Event()

    def check(folder: Path, card: ModelCard) -> None:
        checking.set()
        go_on.wait(0.3)

    window = make_window(library=library_in(folder, check))
    window.library.show()
    assert window.library.service is not None
    window.library.service.import_from(twin)
    qtbot.waitUntil(checking.is_set)
    window.close()
    assert list((folder / "models").iterdir()) == []
    QCoreApplication.sendPostedEvents(None, QEvent.Type.MetaCall.value)


def test_only_the_keyboard(open_library: OpenLibrary, twin: Path, folder: Path, qtbot: QtBot) -> None:
    install(folder, twin)
    known_card(folder)
    window, dialog = open_library()
    for row in dialog.list.rows.values():
        assert row.accessibleName()
        assert all(button.accessibleName() for button in row.buttons.values())
    assert dialog.form.repo.accessibleName()
    assert dialog.form.endpoint.accessibleName()
    dialog.activateWindow()
    assert QTest.qWaitForWindowActive(dialog)
    row = dialog.list.rows["mine"]
    row.buttons[Action.REMOVE].setFocus()
    QTest.keyClick(row.buttons[Action.REMOVE], Qt.Key.Key_Space)
    # Pressing the same key again must not delete anything.
    assert QApplication.focusWidget() is row.keep
    QTest.keyClick(row.keep, Qt.Key.Key_Space)
    assert QApplication.focusWidget() is row.buttons[Action.VERIFY]
    reached = [QApplication.focusWidget()]
    while len(reached) < 9:
        QTest.keyClick(reached[-1], Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    other, form = dialog.list.rows["verses"], dialog.form
    assert reached == [
        row.buttons[Action.VERIFY], row.buttons[Action.REMOVE],
        other.buttons[Action.DOWNLOAD], other.buttons[Action.IMPORT],
        form.repo, form.download_button, form.import_button, form.endpoint, dialog.cards_button,
    ]  # fmt: skip
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert window.isVisible()


def test_the_panel_opens_it_at_a_model_that_would_serve(
    make_window: MakeWindow, folder: Path, qtbot: QtBot
) -> None:
    known_card(folder)
    catalogue = catalogue_of(PoemWriter())
    catalogue.set_models([])
    window = make_window(catalogue=catalogue, library=library_in(folder))
    window.panel.library_requested.emit()
    dialog = window.library.dialog
    assert dialog is not None
    assert QTest.qWaitForWindowActive(dialog)
    qtbot.waitUntil(
        lambda: (
            "verses" in dialog.list.rows
            and QApplication.focusWidget() is dialog.list.rows["verses"].buttons[Action.DOWNLOAD]
        )
    )


def test_cards_that_a_person_drops_are_read_again(
    open_library: OpenLibrary, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: bool(opened.append(url.toLocalFile())))
    _, dialog = open_library()
    QTest.mouseClick(dialog.cards_button, Qt.MouseButton.LeftButton)
    assert opened == [str(folder / "model_cards")]
    assert str(folder / "model_cards") in dialog.notice.text  # there is no file manager here
    known_card(folder)
    QTest.mouseClick(dialog.reload_button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(dialog.reload_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: list(dialog.list.rows) == ["verses"])
    (folder / "model_cards" / "verses.toml").unlink()
    dialog.reload_button.click()
    qtbot.waitUntil(lambda: not dialog.list.rows)


def test_a_library_that_cannot_be_read_is_told(
    open_library: OpenLibrary, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(library: ModelLibrary) -> list[LibraryEntry]:
        raise PermissionError(13, "Permission denied", "/models")

    _, dialog = open_library()
    monkeypatch.setattr(ModelLibrary, "entries", refuse)
    dialog.reload_button.click()
    qtbot.waitUntil(lambda: "Permission denied" in dialog.notice.text)
    monkeypatch.undo()
    dialog.reload_button.click()
    qtbot.waitUntil(lambda: dialog.notice.text == "")


def test_files_that_cannot_be_removed_are_told(
    open_library: OpenLibrary, twin: Path, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(path))

    install(folder, twin)
    _, dialog = open_library()
    row = dialog.list.rows["mine"]
    monkeypatch.setattr(Path, "rename", refuse)
    press(row, Action.REMOVE)
    QTest.mouseClick(row.confirm, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Permission denied" in row.notice.text)
    monkeypatch.undo()
    press(row, Action.RETRY)
    qtbot.waitUntil(lambda: not dialog.list.rows)


def test_nothing_is_cut_off_with_long_names(open_library: OpenLibrary, folder: Path, qtbot: QtBot) -> None:
    known_card(
        folder,
        name="中国古典诗词歌赋与现代散文小说新闻评论综合大语言模型" * 2,
        summary="名字长，简介也长。" * 12,
        licence="仅限个人学习与研究使用，未经书面许可不得用于任何商业目的" * 2,
    )
    _, dialog = open_library()
    row = dialog.list.rows["verses"]
    for width in (480, 900):
        dialog.resize(width, 640)
        qtbot.waitUntil(lambda width=width: dialog.width() == width)
        qtbot.wait(50)
        assert not dialog.list.horizontalScrollBar().isVisible()
        for label in (row.title, row.summary, row.facts):
            assert label.height() >= label.heightForWidth(label.width())
        button = row.buttons[Action.DOWNLOAD]
        corner = button.mapTo(row, QPoint(button.width(), button.height()))
        assert row.rect().contains(corner)
        assert button.width() >= button.sizeHint().width()


def test_words() -> None:
    assert [size(count) for count in (5_000, 1_240_000, 412_600_000, 14_200_000_000)] == [
        "5 kB", "1.2 MB", "413 MB", "14.2 GB",
    ]  # fmt: skip
    assert [duration(seconds) for seconds in (0.2, 59, 100, 125, 725, 7500)] == [
        "1 秒", "59 秒", "1 分 40 秒", "2 分", "12 分", "2 小时 5 分",
    ]  # fmt: skip
    big = card("big").model_copy(update={"parameters": 7_000_000_000, "embedding_parameters": 500_000_000})
    subject = Subject("big", LibraryEntry(big, ModelState.AVAILABLE))
    view = row_view(subject, ["诗词", "对联"], memory_bytes=8_000_000_000)
    assert "8.0 GB" in view.warning
    assert "约 28.0 GB" in view.facts
    assert "用于诗词、对联" in view.facts
    assert row_view(subject, [], memory_bytes=64_000_000_000).warning == ""


def test_what_is_to_be_downloaded() -> None:
    known = card("verses").model_copy(update={"repo": "Writers/Verses"})
    listing = Listing([LibraryEntry(known, ModelState.AVAILABLE)])
    for text in (
        "verses",
        "writers/verses",
        "https://hub.example/Writers/Verses/tree/main",
        " Writers/Verses ",
    ):
        assert target_of(text, listing) == ("verses", "verses")
    assert target_of("me/songs", listing) == ("songs", "me/songs")
    for text in ("", "songs", "me/verses", "a/b/c"):
        with pytest.raises(Exception, match="模型"):
            target_of(text, listing)


def test_a_check_that_breaks_is_explained(
    make_window: MakeWindow, twin: Path, folder: Path, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    errors = [RuntimeError("broken kernel\nand more"), WeightsError("词表不对。", "请重新取得。")]

    def check(folder: Path, card: ModelCard) -> None:
        raise errors.pop(0)

    window = make_window(library=library_in(folder, check))
    window.library.show()
    dialog = window.library.dialog
    assert dialog is not None
    caplog.set_level("CRITICAL")
    dialog.import_from(lambda: twin, None)
    [row] = dialog.list.rows.values()
    qtbot.waitUntil(lambda: "RuntimeError：broken kernel。" in row.notice.text)
    press(row, Action.RETRY)
    qtbot.waitUntil(lambda: "词表不对。请重新取得。" in row.notice.text)


def test_the_service_alone_ends_without_a_dialog(qapp: QApplication, folder: Path, qtbot: QtBot) -> None:
    access = library_in(folder)
    service = ModelLibraryService(access.library, access.check, lambda: "")
    service.refresh()
    service.shutdown()
    QCoreApplication.sendPostedEvents(service, QEvent.Type.MetaCall.value)
    assert service.listing.serial == 0
    service.refresh()
    service.verify("mine")
    assert service.subjects() == []
    service.deleteLater()
