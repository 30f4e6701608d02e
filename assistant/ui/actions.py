"""All actions as data; menus are built from this table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Flag, auto

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow


class State(Flag):
    """What must hold for an action to be available."""

    NONE = 0
    READY = auto()
    """Plugins are loaded and there is a writer."""
    GENERATING = auto()
    CANDIDATES = auto()
    """There is at least one candidate to take."""
    UNDO = auto()
    REDO = auto()
    SELECTION = auto()


Key = QKeySequence.StandardKey


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action.

    Attributes:
        id: what handlers are keyed by.
        title: in the menu.
        menu: title of its menu.
        shortcut: a standard key, a key sequence, or None.
        needs: all of these must hold.
        separated: a line stands above it in the menu.
        checkable: it is on or off.
    """

    id: str
    title: str
    menu: str
    shortcut: QKeySequence.StandardKey | str | None = None
    needs: State = State.NONE
    separated: bool = False
    checkable: bool = False


ACTIONS = (
    ActionSpec("new", "新建", "文件", Key.New),
    ActionSpec("open", "打开…", "文件", Key.Open),
    ActionSpec("save", "保存", "文件", Key.Save, separated=True),
    ActionSpec("save_as", "另存为…", "文件", "Ctrl+Shift+S"),
    ActionSpec("quit", "退出", "文件", "Ctrl+Q", separated=True),
    ActionSpec("undo", "撤销", "编辑", Key.Undo, State.UNDO),
    ActionSpec("redo", "重做", "编辑", Key.Redo, State.REDO),
    ActionSpec("cut", "剪切", "编辑", Key.Cut, State.SELECTION, separated=True),
    ActionSpec("copy", "复制", "编辑", Key.Copy, State.SELECTION),
    ActionSpec("paste", "粘贴", "编辑", Key.Paste),
    ActionSpec("select_all", "全选", "编辑", Key.SelectAll),
    ActionSpec("generate", "续写", "写作", "Ctrl+Return", State.READY),
    ActionSpec("regenerate", "换一批", "写作", "Ctrl+Shift+Return", State.READY),
    ActionSpec("polish", "推敲", "写作", "Ctrl+T", State.READY),
    ActionSpec("stop", "停止", "写作", "Esc", State.GENERATING),
    ActionSpec("take_1", "采用第一个", "写作", "Alt+1", State.CANDIDATES, separated=True),
    ActionSpec("take_2", "采用第二个", "写作", "Alt+2", State.CANDIDATES),
    ActionSpec("take_3", "采用第三个", "写作", "Alt+3", State.CANDIDATES),
    ActionSpec("zoom_in", "放大", "查看", Key.ZoomIn),
    ActionSpec("zoom_out", "缩小", "查看", Key.ZoomOut),
    ActionSpec("zoom_reset", "原大", "查看", "Ctrl+0"),
    ActionSpec("panel", "写作面板", "查看", "F9", separated=True, checkable=True),
    ActionSpec("prosody_panel", "格律面板", "查看", "F8", checkable=True),
    ActionSpec("underline", "标出格律错误", "查看", checkable=True),
    ActionSpec("theme_auto", "随系统", "查看", separated=True, checkable=True),
    ActionSpec("theme_paper", "宣纸", "查看", checkable=True),
    ActionSpec("theme_ink", "墨", "查看", checkable=True),
    ActionSpec("library", "模型库…", "工具", "Ctrl+Shift+M"),
    ActionSpec("engine", "推理设置…", "工具"),
    ActionSpec("examples", "从例子开始", "帮助"),
    ActionSpec("plugins", "插件…", "帮助"),
    ActionSpec("about", "关于笔伴", "帮助", separated=True),
)


class Actions:
    """The table as live ``QAction`` objects on a window.

    Args:
        window: owns the actions and the menus.
        handlers: what each action does, for every id of ``ACTIONS``.

    Raises:
        KeyError: an action has no handler.
    """

    def __init__(self, window: QMainWindow, handlers: Mapping[str, Callable[[], object]]) -> None:
        self._by_id: dict[str, QAction] = {}
        menus = {title: window.menuBar().addMenu(title) for title in dict.fromkeys(a.menu for a in ACTIONS)}
        for spec in ACTIONS:
            action = QAction(spec.title, window)
            if spec.shortcut is not None:
                action.setShortcut(QKeySequence(spec.shortcut))
            action.setCheckable(spec.checkable)
            handler = handlers[spec.id]
            action.triggered.connect(lambda _checked=False, handler=handler: handler())
            if spec.separated:
                menus[spec.menu].addSeparator()
            menus[spec.menu].addAction(action)
            self._by_id[spec.id] = action
        self.update(State.NONE)

    def __getitem__(self, action_id: str) -> QAction:
        return self._by_id[action_id]

    def update(self, state: State) -> None:
        """Enable exactly the actions whose needs ``state`` meets."""
        for spec in ACTIONS:
            self._by_id[spec.id].setEnabled(spec.needs in state or spec.needs == State.NONE)
