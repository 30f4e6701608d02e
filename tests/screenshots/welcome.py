"""Pictures of the first page: as it is at the first start, pressed, in a small window, and without any model."""

from __future__ import annotations

from PySide6.QtCore import QSize

from assistant.ui.main_window import MainWindow
from tests.screenshots.alone import Save, WaitUntil, shoot_alone

SMALL = QSize(900, 600)


def shoot_welcome(window: MainWindow, save: Save, wait_until: WaitUntil) -> None:
    """Shoot it on the empty page of ``window``; the page is empty again afterwards."""
    size, page = window.size(), window.welcome.page
    assert page is not None
    save(window, "welcome")
    window.resize(SMALL)
    save(window, "welcome-small")
    window.resize(size)
    window.editor.set_zoom(150)
    save(window, "welcome-zoomed")
    window.editor.set_zoom(100)
    page.focus_first()
    save(window, "welcome-keyboard")
    page.show_offers([], any_model=False)
    save(window, "welcome-no-model")
    window.welcome.show()
    page.cards[0].click()
    wait_until(lambda: not window.generation.is_running)
    save(window, "welcome-pressed")
    window.resize(SMALL)
    save(window, "welcome-pressed-small")
    window.resize(size)
    window.welcome.show()
    page.cards[3].click()
    wait_until(lambda: not window.generation.is_running)
    save(window, "welcome-acrostic")
    window.welcome.hide()
    window.panel.choose("poem", {})
    window.panel.candidates.clear()


if __name__ == "__main__":
    shoot_alone(shoot_welcome, before_models=lambda window, save: save(window, "welcome-loading"))
