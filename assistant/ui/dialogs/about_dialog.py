"""About the program."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget

from assistant import __version__


def show_about(parent: QWidget) -> None:
    """Version, licence, and where the starters come from."""
    box = QMessageBox(parent)
    box.setWindowTitle("关于笔伴")
    box.setText(f"笔伴 {__version__}")
    box.setInformativeText(
        "写诗、填词、作文时放在手边的写作助手。一切都在这台电脑上运行。\n\n"
        "授权：Apache-2.0。自带模型由本项目训练：小诗读的是 chinese-poetry（MIT）中的古典诗词；"
        "小文读的是有明文授权或不受著作权保护的现代文字，权重按 CC BY-SA 4.0。来源见 resources/models/SOURCES.md。"
    )
    box.addButton("关闭", QMessageBox.ButtonRole.AcceptRole)
    box.open()
