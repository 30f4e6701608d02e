"""Pictures of writing prose with the shipped model: going on, news from a headline, a sentence between two.

Run alone: ``python -m tests.screenshots.prose FOLDER``.
"""

from __future__ import annotations

from PySide6.QtCore import QSize

from assistant.ui.main_window import MainWindow
from tests.screenshots.alone import Save, WaitUntil, shoot_alone

BEFORE = "那年冬天，雪下得很早。我从学校回来，母亲正站在门口，"
GAP = ("今天天气很好，我们去河边走走。", "天黑了，我们才往回走。")


def shoot_prose(window: MainWindow, save: Save, wait_until: WaitUntil) -> None:
    """Shoot it in ``window``, which has the shipped starters; the page is empty again afterwards."""
    size = window.size()
    window.side.show_page("writer")
    for name, writer_id, options, before, after in (
        ("prose", "continuation", {"genre": "散文"}, BEFORE, ""),
        ("news", "news", {"title": "图书馆开馆"}, "本报讯，", ""),
        ("fill", "fill", {}, *GAP),
    ):
        window.panel.choose(writer_id, options)
        window.editor.setPlainText(before + after)
        cursor = window.editor.textCursor()
        cursor.setPosition(len(before))
        window.editor.setTextCursor(cursor)
        window.generation.generate()
        wait_until(lambda: not window.generation.is_running)
        save(window, name)
        window.resize(QSize(860, 600))
        save(window, f"{name}-narrow")
        window.resize(size)
    window.editor.setPlainText("")
    window.panel.choose("poem", {})
    window.panel.candidates.clear()


if __name__ == "__main__":
    shoot_alone(shoot_prose)
