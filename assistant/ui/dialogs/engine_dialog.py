"""Where and how models run; the engine chooses by itself unless somebody says otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QLabel, QSpinBox, QVBoxLayout, QWidget

from assistant.settings.model import EngineSettings
from assistant.ui.panels.option_form import indent, new_form

DEVICES = (
    ("auto", "自动"),
    ("cpu", "处理器（CPU）"),
    ("cuda", "NVIDIA 显卡（CUDA）"),
    ("mps", "苹果显卡（MPS）"),
)
PRECISIONS = (
    ("auto", "自动：CPU 用 8 位，显卡用 16 位"),
    ("int8", "8 位：最省内存，CPU 上最快"),
    ("bf16", "16 位（bf16）"),
    ("fp16", "16 位（fp16）"),
    ("fp32", "32 位：最精确，最费内存"),
)


class EngineDialog(QDialog):
    """Changes ``settings`` at once; the next candidates are written with them.

    Args:
        settings: changed in place.
    """

    changed = Signal()

    def __init__(self, settings: EngineSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("推理设置")
        self.setMinimumWidth(440)
        self._settings = settings
        self.device = _combo(DEVICES, settings.device, "设备")
        self.precision = _combo(PRECISIONS, settings.precision, "精度")
        self.threads = QSpinBox()
        indent(self.threads)
        self.threads.setRange(0, 256)
        self.threads.setSpecialValueText("自动")
        self.threads.setValue(settings.threads)
        self.threads.setAccessibleName("线程")
        hint = QLabel("改动从下一批候选起生效，模型会重新载入。选了这台电脑没有的设备，写作时会说明。")
        hint.setObjectName("faded")
        hint.setWordWrap(True)
        form = new_form()
        for label, editor in (("设备", self.device), ("精度", self.precision), ("线程", self.threads)):
            form.addRow(label, editor)
        buttons = QDialogButtonBox()
        buttons.addButton("关闭", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(form)
        layout.addWidget(hint)
        layout.addWidget(buttons, alignment=Qt.AlignmentFlag.AlignRight)
        for combo in (self.device, self.precision):
            combo.currentIndexChanged.connect(self._apply)
        self.threads.valueChanged.connect(self._apply)

    def _apply(self) -> None:
        self._settings.device = self.device.currentData()
        self._settings.precision = self.precision.currentData()
        self._settings.threads = self.threads.value()
        self.changed.emit()


def _combo(choices: Sequence[tuple[str, str]], chosen: str, name: str) -> QComboBox:
    combo = QComboBox()
    for value, label in choices:
        combo.addItem(label, value)
    if combo.findData(chosen) < 0:
        combo.addItem(chosen, chosen)  # such as cuda:1, written into the settings file by hand
    combo.setCurrentIndex(combo.findData(chosen))
    combo.setAccessibleName(name)
    return combo
