"""The one ``QApplication``."""

from __future__ import annotations

import sys

from PySide6.QtCore import QLibraryInfo, QTranslator
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from assistant import __version__
from assistant.ui.fonts import interface_font
from resources import resource_path


def make_application() -> QApplication:
    """Create it with our name, icon and interface font; an existing one is used as it is."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    application = QApplication(sys.argv[:1])
    application.setApplicationName("biban")
    application.setApplicationDisplayName("笔伴")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("biban")
    application.setStyle("Fusion")
    application.setWindowIcon(QIcon(str(resource_path("icons", "app.svg"))))
    application.setFont(interface_font())
    translator = QTranslator(application)  # Qt's own menus and buttons, such as the context menu of the page
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load("qtbase_zh_CN", folder):
        application.installTranslator(translator)
    return application
