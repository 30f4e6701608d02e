"""What stands beside the page: writing, or the rules of verse."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget


class SidePanel(QWidget):
    """One page at a time, with a slim row of their names above.

    Args:
        pages: id → name and page.
    """

    page_changed = Signal()

    def __init__(self, pages: Mapping[str, tuple[str, QWidget]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._ids = list(pages)
        self.tabs = QTabBar()
        self.tabs.setObjectName("pages")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tabs.setAccessibleName("面板")
        self._stack = QStackedWidget()
        for name, page in pages.values():
            self.tabs.addTab(name)
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self._stack, 1)
        self.tabs.currentChanged.connect(self._on_tab)

    @property
    def page(self) -> str:
        """Id of the page that is shown."""
        return self._ids[self.tabs.currentIndex()]

    def show_page(self, page: str) -> None:
        """Show a page by its id.

        Raises:
            ValueError: there is no such page.
        """
        self.tabs.setCurrentIndex(self._ids.index(page))

    def _on_tab(self, index: int) -> None:
        self._stack.setCurrentIndex(index)
        self.page_changed.emit()
