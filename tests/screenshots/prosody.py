"""Pictures of verse being checked: a 律诗 right and with faults, a 词, a couplet, a long poem, a narrow window.

Run alone: ``python -m tests.screenshots.prosody FOLDER``.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from assistant.ui.main_window import MainWindow
from tests.screenshots.alone import Save, WaitUntil, shoot_alone

HIGH = """登高
杜甫
风急天高猿啸哀，渚清沙白鸟飞回。
无边落木萧萧下，不尽长江滚滚来。
万里悲秋常作客，百年多病独登台。
艰难苦恨繁霜鬓，潦倒新停浊酒杯。"""
FAULTY = """登高（改）
风急天高猿啸苦，渚清沙白鸟飞回。
无边落叶萧萧下，不尽江水滚滚来。
万里悲秋常作客，百年多病独登山。
艰难苦恨生白发，潦倒新停浊酒杯杯。"""
WATER_TUNE = """水调歌头
明月几时有，把酒问青天。不知天上宫阙，今夕是何年。我欲乘风归去，又恐琼楼玉宇，高处不胜寒。起舞弄清影，何似在人间。

转朱阁，低绮户，照无眠。不应有恨，何事长向别时圆。人有悲欢离合，月有阴晴圆缺，此事古难全。但愿人长久，千里共婵娟。"""
COUPLET = "春风大雅能容物，\n秋水文章不染尘。"


def shoot_prosody(window: MainWindow, save: Save, wait_until: WaitUntil) -> None:
    """All pictures in the theme of ``window``."""
    size = window.size()
    window.side.show_page("prosody")
    window.editor.setPlainText("")
    wait_until(lambda: window.prosody.panel.example is not None)
    save(window, "prosody-empty")

    def show(text: str, place: int) -> None:
        window.editor.setPlainText(text)
        wait_until(lambda: window.prosody.is_settled)
        cursor = window.editor.textCursor()
        cursor.setPosition(place)
        window.editor.setTextCursor(cursor)

    show(HIGH, HIGH.index("无边"))
    save(window, "prosody-regulated")
    menus: list[QMenu] = []
    window.prosody.pop_up = lambda menu, place: menus.append(menu)  # type: ignore[method-assign]
    window.prosody.panel.reading_asked.emit(3, 2, QPoint())
    menus[0].adjustSize()
    save(menus[0], "prosody-readings")
    del window.prosody.pop_up
    show(FAULTY, FAULTY.index("不尽"))
    save(window, "prosody-faults")
    window.resize(860, 600)
    save(window, "prosody-narrow")
    window.resize(size)
    show(WATER_TUNE, WATER_TUNE.index("转朱阁"))
    save(window, "prosody-tune")
    show(COUPLET, 0)
    save(window, "prosody-couplet")
    show("\n".join(HIGH.splitlines()[2:] * 38), 1500)
    save(window, "prosody-long")
    window.editor.setPlainText("")
    window.side.show_page("writer")


if __name__ == "__main__":
    shoot_alone(shoot_prosody, with_models=False)
