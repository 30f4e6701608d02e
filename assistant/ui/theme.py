"""Colours: two palettes from ``resources/themes``, one palette and one style sheet made of them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette

from resources import resource_path


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as ``#RRGGBB``.

    Attributes:
        page: the sheet of paper.
        desk: what it lies on.
        ink: text.
        faded: text that steps back.
        seal: the one accent.
        line: borders.
    """

    name: str
    dark: bool
    page: str
    desk: str
    ink: str
    faded: str
    seal: str
    line: str


def load_theme(theme_id: str) -> Theme:
    """Read ``resources/themes/<theme_id>.toml``."""
    values = tomllib.loads(resource_path("themes", f"{theme_id}.toml").read_text(encoding="utf-8"))
    return Theme(**{field.name: values[field.name] for field in fields(Theme)})


def resolve_theme(choice: str) -> Theme:
    """The theme of a setting: ``paper``, ``ink``, or ``auto`` for what the system shows."""
    if choice == "auto":
        dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return load_theme("ink" if dark else "paper")
    return load_theme(choice)


def palette_of(theme: Theme) -> QPalette:
    """Colours for everything that the style draws itself."""
    role = QPalette.ColorRole
    palette = QPalette()
    for roles, colour in (
        ((role.Window, role.Button, role.AlternateBase), theme.desk),
        ((role.Base, role.ToolTipBase), theme.page),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText), theme.ink),
        ((role.PlaceholderText, role.Mid), theme.faded),
        ((role.Highlight, role.Link, role.Accent), theme.seal),
        ((role.Light, role.Midlight, role.Dark, role.Shadow), theme.line),
    ):
        for one in roles:
            palette.setColor(one, QColor(colour))
    palette.setColor(role.HighlightedText, QColor(theme.page))
    for one in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, one, QColor(theme.faded))
    return palette


def style_sheet(theme: Theme) -> str:
    """One sheet for the whole program. Steps of 8 px, corners of 6 px."""
    # The style sheet language wants forward slashes, on Windows too.
    arrow = resource_path("icons", "chevron-down.svg").as_posix()
    hover = mix(theme.page, theme.line, 0.35)
    return f"""
        QMainWindow, QDialog {{ background: {theme.desk}; }}
        QMenuBar {{ background: {theme.desk}; color: {theme.ink}; padding: 2px 8px; border: none; }}
        QMenuBar::item {{ padding: 4px 8px; border-radius: 6px; background: transparent; }}
        QMenuBar::item:selected {{ background: {theme.line}; }}
        QMenu {{ background: {theme.page}; color: {theme.ink}; border: 1px solid {theme.line};
            padding: 4px; }}
        QMenu::item {{ padding: 4px 24px; border-radius: 4px; }}
        QMenu::item:selected {{ background: {theme.line}; }}
        QMenu::item:disabled {{ color: {theme.faded}; }}
        QMenu::separator {{ height: 1px; background: {theme.line}; margin: 4px 8px; }}
        QToolTip {{
            background: {theme.page}; color: {theme.ink}; border: 1px solid {theme.line}; padding: 4px;
        }}
        QStatusBar {{ background: {theme.desk}; color: {theme.faded}; border-top: 1px solid {theme.line}; }}
        QStatusBar::item {{ border: none; }}
        QStatusBar QLabel {{ color: {theme.faded}; padding: 0 8px; }}
        QSplitter::handle {{ background: {theme.line}; width: 1px; }}
        #welcome {{ background: transparent; border: none; }}
        #panel, #panel QScrollArea, #candidates {{ background: {theme.desk}; border: none; }}
        QTabBar#pages {{ background: {theme.desk}; border: none; margin-left: 8px; }}
        QTabBar#pages::tab {{
            background: transparent; color: {theme.faded}; border: none; border-bottom: 2px solid transparent;
            padding: 4px 8px; margin: 0 4px;
        }}
        QTabBar#pages::tab:hover {{ color: {theme.ink}; }}
        QTabBar#pages::tab:selected {{ color: {theme.ink}; border-bottom-color: {theme.seal}; }}
        #grid {{ background: {theme.page}; border: 1px solid {theme.line}; border-radius: 6px; }}
        #verdict {{ color: {theme.ink}; }}
        #verdict[right="false"] {{ color: {theme.seal}; }}
        #faded {{ color: {theme.faded}; }}
        #heading {{ color: {theme.ink}; font-weight: bold; }}
        #sheet {{ background: {theme.page}; border: 1px solid {theme.line}; border-radius: 6px; }}
        #sheet[taken="true"] {{ border: 1px solid {theme.seal}; }}
        #notice {{ background: {theme.page}; border: 1px solid {theme.seal}; border-radius: 6px; }}
        #notice #message {{ color: {theme.seal}; }}
        QPushButton {{
            background: {theme.page}; color: {theme.ink}; border: 1px solid {theme.line};
            border-radius: 6px; padding: 6px 12px; min-height: 16px;
        }}
        QPushButton:hover {{ background: {hover}; }}
        QPushButton:focus {{ border-color: {theme.faded}; }}
        QPushButton:disabled {{ color: {theme.faded}; background: {theme.desk}; }}
        QPushButton#primary {{ background: {theme.seal}; color: #FBF8F1; border-color: {theme.seal}; }}
        QPushButton#primary:hover {{ background: {mix(theme.seal, theme.ink, 0.12)}; }}
        QPushButton#primary:disabled {{
            background: {theme.desk}; color: {theme.faded}; border-color: {theme.line};
        }}
        QPushButton#example {{ text-align: left; }}
        QPushButton#example:hover {{ border-color: {theme.faded}; }}
        QPushButton#example:focus {{ border-color: {theme.seal}; }}
        QPushButton#quiet {{ background: transparent; border: none; color: {theme.faded}; padding: 2px 8px; }}
        QPushButton#quiet:checked {{ color: {theme.ink}; }}
        QPushButton#quiet:hover {{ color: {theme.seal}; }}
        QPushButton#quiet:disabled {{ color: {theme.line}; }}
        QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox {{
            background: {theme.page}; color: {theme.ink}; border: 1px solid {theme.line}; border-radius: 6px;
            padding: 4px 8px; min-height: 20px; selection-background-color: {theme.seal};
        }}
        QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {{
            border-color: {theme.faded};
        }}
        QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {{
            color: {theme.faded}; background: {theme.desk};
        }}
        QComboBox#only:disabled {{ color: {theme.ink}; background: {theme.page}; }}
        QAbstractSpinBox QLineEdit {{
            border: none; padding: 0; min-height: 0; background: transparent;
        }}
        QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: none; }}
        QComboBox::drop-down {{ border: none; width: 24px; }}
        QComboBox::down-arrow {{ image: url({arrow}); width: 12px; height: 12px; }}
        QComboBox QAbstractItemView {{
            background: {theme.page}; color: {theme.ink}; border: 1px solid {theme.line};
            selection-background-color: {theme.line}; selection-color: {theme.ink}; outline: none;
        }}
        QListView#completions {{
            background: {theme.page}; color: {theme.ink}; border: 1px solid {theme.line}; outline: none;
        }}
        QListView#completions::item {{ padding: 4px 8px; }}
        QListView#completions::item:selected, QListView#completions::item:hover {{
            background: {theme.line}; color: {theme.ink};
        }}
        QTreeWidget, QTextBrowser {{
            background: {theme.page}; color: {theme.ink}; border: 1px solid {theme.line}; border-radius: 6px;
        }}
        QTreeWidget::item {{ padding: 4px; }}
        QTreeWidget::item:selected {{ background: {theme.line}; color: {theme.ink}; }}
        QHeaderView::section {{
            background: {theme.page}; color: {theme.faded}; border: none; padding: 6px 8px;
            border-bottom: 1px solid {theme.line};
        }}
        QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
        QScrollBar::handle:vertical {{
            background: {theme.line}; border-radius: 4px; min-height: 32px; margin: 1px;
        }}
        QScrollBar::handle:vertical:hover {{ background: {theme.faded}; }}
        QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}
        QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    """


def mix(first: str, second: str, share: float) -> str:
    """The colour between two, ``share`` (0 to 1) of the way from the first to the second."""
    a, b = QColor(first), QColor(second)
    channels = (
        round(x + (y - x) * share)
        for x, y in ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    )
    return QColor(*channels).name()
