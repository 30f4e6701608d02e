"""Which plugins there are, and why one does not work."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from assistant.plugin_host import PluginReport, PluginState

STATES = {PluginState.ACTIVE: "已启用", PluginState.FAILED: "出错", PluginState.DISABLED: "未启用"}


class PluginsDialog(QDialog):
    """A table of plugins; below it what is wrong with the chosen one."""

    def __init__(self, reports: Sequence[PluginReport], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("插件")
        self.resize(640, 440)
        self._reports = list(reports)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        hint = QLabel("停用与启用：biban plugins disable 名称、biban plugins enable 名称，下次启动时生效。")
        hint.setObjectName("faded")
        hint.setWordWrap(True)
        self.table = QTreeWidget()
        self.table.setHeaderLabels(["名称", "来源", "状态"])
        self.table.setRootIsDecorated(False)
        self.table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.table.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.header().setStretchLastSection(False)
        first: QTreeWidgetItem | None = None
        for report in self._reports:
            origin = f"{report.origin} {report.version}".strip()
            item = QTreeWidgetItem([report.name, origin, STATES[report.state]])
            item.setToolTip(1, origin)
            self.table.addTopLevelItem(item)
            if first is None or (
                report.state is PluginState.FAILED and first.text(2) != STATES[report.state]
            ):
                first = item
        self.details = QTextBrowser()
        self.table.currentItemChanged.connect(lambda *_: self._show_details())
        buttons = QDialogButtonBox()
        buttons.addButton("关闭", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        layout.addWidget(self.table, 2)
        layout.addWidget(self.details, 1)
        layout.addWidget(hint)
        layout.addWidget(buttons, alignment=Qt.AlignmentFlag.AlignRight)
        if first is not None:
            self.table.setCurrentItem(first)

    def _show_details(self) -> None:
        item = self.table.currentItem()
        if item is None:
            return
        report = self._reports[self.table.indexOfTopLevelItem(item)]
        parts = [part for part in (report.error, report.details) if part]
        self.details.setPlainText("\n\n".join(parts) or "没有问题。")
