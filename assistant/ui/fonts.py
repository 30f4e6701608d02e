"""Which Chinese fonts the system has."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontDatabase

SERIFS = (
    "Noto Serif CJK SC", "Source Han Serif SC", "Source Han Serif CN", "思源宋体", "Songti SC", "STSong",
    "Noto Serif SC", "SimSun", "AR PL UMing CN",
)  # fmt: skip
"""In order of preference, for the page."""

SANS = (
    "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei",
    "Noto Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
)  # fmt: skip
"""In order of preference, for the interface; on the page when there is no serif."""

NO_CHINESE_FONT = (
    "系统里没有中文字体，文字会显示成方框。请安装一种，如 Noto Serif CJK（Debian：fonts-noto-cjk）。"
)


def page_font(point_size: float) -> QFont:
    """The font of the page and of candidates."""
    font = QFont([*SERIFS, *SANS])
    font.setPointSizeF(point_size)
    return font


def interface_font(point_size: float = 10.5) -> QFont:
    """The font of everything else."""
    font = QFont([*SANS, *SERIFS])
    font.setPointSizeF(point_size)
    return font


def has_chinese_font() -> bool:
    """True when some installed font can write simplified or traditional Chinese."""
    systems = (QFontDatabase.WritingSystem.SimplifiedChinese, QFontDatabase.WritingSystem.TraditionalChinese)
    return any(QFontDatabase.families(system) for system in systems)
