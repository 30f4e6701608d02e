"""Pictures of the model library: as it is at first, at work, with an error, with long names, and empty."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from assistant.api import ModelError
from assistant.library import ModelLibrary
from assistant.library.progress import DownloadProgress
from assistant.ui.dialogs.model_library_dialog import ModelLibraryDialog
from assistant.ui.library import work
from assistant.ui.library.jobs import Job, JobKind, Phase
from assistant.ui.library.row_view import Action
from assistant.ui.library.service import ModelLibraryService
from assistant.ui.main_window import MainWindow

LONG_CARD = """
id = "long"
name = "中国古典诗词歌赋与现代散文小说新闻评论综合大语言模型（二〇二六年春季修订增补版，含繁简对照词表）"
summary = "用历代诗词、散曲、辞赋和二十年间的报刊文章从头训练，续写、对联、补句、拟标题都能做，只是名字长，简介也长。"
architecture = "gpt2"
parameters = 7_000_000_000
embedding_parameters = 500_000_000
context_length = 4096
licence = "仅限个人学习与研究使用，未经书面许可不得用于任何商业目的（详见随附的许可文件）"
source = "here"
repo = "someone-with-a-long-name/a-model-with-an-even-longer-name-7b-chinese-classical"
writers = ["poem", "couplet", "news", "continuation", "fill"]
"""


def shoot_library(
    window: MainWindow, save: Callable[[QWidget, str], None], wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    """All pictures of the dialog in the theme of ``window``."""
    window.library.show()
    dialog, service = window.library.dialog, window.library.service
    assert dialog is not None
    assert service is not None
    wait_until(lambda: bool(dialog.list.rows))
    save(dialog, "library")

    download = Job("uer-gpt2-chinese-poem", JobKind.DOWNLOAD, "", work.nothing, Phase.RUNNING)
    download.progress = DownloadProgress(177_400_000, 412_600_000, 2_340_000, "pytorch_model.bin")
    waiting = Job("qwen3-0.6b", JobKind.DOWNLOAD, "", work.nothing, Phase.RUNNING)
    importing = Job("import:x", JobKind.IMPORT, "GPT_L-12_H-768_A-12_CN.zip", work.nothing, Phase.RUNNING)
    importing.progress = DownloadProgress(381_000_000, 408_000_000, 91_000_000, "")
    put(service, download, waiting, importing)
    dialog.open_for()  # what has begun comes first
    settle_list(dialog, wait_until)
    waiting.phase = Phase.WAITING  # only now, or the service would start it
    put(service, download, waiting, importing)
    dialog.list.reveal("uer-gpt2-chinese-poem")
    save(dialog, "library-downloading")
    dialog.list.rows["uer-gpt2-chinese-poem"].buttons[Action.GIVE_UP].click()
    save(dialog, "library-asking")
    dialog.hide()
    save(window, "library-indicator")
    dialog.show()

    failed = Job("uer-gpt2-chinese-poem", JobKind.DOWNLOAD, "", work.nothing, Phase.FAILED)
    failed.error = ModelError(
        "连不上模型仓库 https://huggingface.co。", "请检查网络和代理，或换一个镜像地址。"
    )
    strange = Job("nothing", JobKind.DOWNLOAD, "writers/nothing", work.nothing, Phase.FAILED)
    strange.error = ModelError(
        "https://huggingface.co 上没有模型 writers/nothing，或者它不公开。",
        "请核对“作者/名称”；不公开的模型要先把访问令牌设为环境变量 HF_TOKEN。",
    )
    put(service, failed, strange)
    dialog.open_for()
    settle_list(dialog, wait_until)
    dialog.list.reveal("uer-gpt2-chinese-poem")
    dialog.form.repo.setText("不是名字")
    dialog.download_repo()
    save(dialog, "library-error")
    dialog.form.repo.clear()
    dialog.notice.clear()

    put(service)
    folder = service.library.user_models.parent / "model_cards"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "long.toml").write_text(LONG_CARD, encoding="utf-8")
    service.refresh()
    wait_until(lambda: "long" in dialog.list.rows)
    dialog.resize(560, 640)
    dialog.list.reveal("long")
    save(dialog, "library-long")
    (folder / "long.toml").unlink()
    dialog.close()
    shoot_empty(window, save, wait_until)


def shoot_empty(
    window: MainWindow, save: Callable[[QWidget, str], None], wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    """A library without a single card, not even of a starter."""
    none = Path("/nowhere")
    service = ModelLibraryService(ModelLibrary(none, none, none), lambda *_: None, lambda: "", window)
    dialog = ModelLibraryDialog(service, lambda card: card.writers, none, "", window)
    dialog.open_for()
    wait_until(lambda: service.listing.serial > 0)
    save(dialog, "library-empty")
    dialog.close()
    service.shutdown()


def settle_list(dialog: ModelLibraryDialog, wait_until: Callable[[Callable[[], bool]], None]) -> None:
    """Wait until the order of the rows is that of a dialog just opened."""
    wait_until(lambda: dialog._begun is not None)


def put(service: ModelLibraryService, *jobs: Job) -> None:
    """Show these jobs as if they were running; nothing is."""
    service._jobs.clear()
    service._jobs.update({job.key: job for job in jobs})
    service.listed.emit()
