"""The fields below the list: any other model, and where to download from."""

from __future__ import annotations

import os

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QPushButton, QWidget


class AddForm(QWidget):
    """Names and addresses as they are written; whoever listens looks whether they can be.

    Args:
        endpoint: address of the hub as it is set.
    """

    download_requested = Signal()
    import_requested = Signal(QPushButton)
    """The button to show a menu at."""
    address_written = Signal()

    def __init__(self, endpoint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.repo, self.endpoint = QLineEdit(), QLineEdit(endpoint)
        self.repo.setPlaceholderText("作者/名称，如 uer/gpt2-chinese-poem")
        self.repo.setAccessibleName("下载其他模型")
        self.repo.returnPressed.connect(self.download_requested)
        usual = os.environ.get("HF_ENDPOINT")
        self.endpoint.setPlaceholderText(
            f"现用环境变量 HF_ENDPOINT：{usual}"
            if usual
            else "默认 huggingface.co；镜像如 https://hf-mirror.com"
        )
        self.endpoint.setToolTip(
            "连不上或太慢时，填一个镜像的地址，下次下载或继续时起用。\n"
            "留空则用环境变量 HF_ENDPOINT 的地址，没有就用 huggingface.co。"
        )
        self.endpoint.setAccessibleName("模型仓库地址")
        self.endpoint.editingFinished.connect(self.address_written)
        self.download_button, self.import_button = QPushButton("下载"), QPushButton("导入…")
        self.download_button.setAccessibleName("下载写在左边的模型")
        self.download_button.clicked.connect(self.download_requested)
        self.import_button.setToolTip("已经有文件了：装着 config.json 和权重的文件夹，或它的 .zip、.tar。")
        self.import_button.clicked.connect(lambda: self.import_requested.emit(self.import_button))
        line = QHBoxLayout()
        line.setSpacing(8)
        for widget, stretch in ((self.repo, 1), (self.download_button, 0), (self.import_button, 0)):
            line.addWidget(widget, stretch)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.addRow("其他模型", line)
        form.addRow("模型仓库地址", self.endpoint)
