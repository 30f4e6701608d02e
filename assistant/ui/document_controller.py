"""The document of a window: new, open, save, and asking before anything is lost."""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from assistant.api import BibanError, DocumentError
from assistant.documents import TextFile, open_text, save_text
from assistant.ui.editor.editor import Editor

FILTER = "文本（*.txt *.md）;;所有文件（*）"
UNTITLED = "未命名"


class Answer(Enum):
    """What a person says about unsaved changes."""

    SAVE = auto()
    DISCARD = auto()
    CANCEL = auto()


class DocumentController(QObject):
    """Keeps the text of the editor and its file together.

    The three questions to the person are methods of their own, so that a test can answer them.
    """

    changed = Signal()
    """The name or the saved state is another."""
    replaced = Signal()
    """Another document is on the page, a new or an opened one."""

    def __init__(self, editor: Editor, window: QWidget) -> None:
        super().__init__(window)
        self._editor = editor
        self._window = window
        self.file: TextFile | None = None
        editor.document().modificationChanged.connect(lambda _: self.changed.emit())

    @property
    def name(self) -> str:
        """Of the file, for the title of the window."""
        return self.file.path.name if self.file is not None else UNTITLED

    @property
    def is_modified(self) -> bool:
        """True when there is something to save."""
        return self._editor.document().isModified()

    def new(self) -> bool:
        """An empty document; False when the person wants to keep the present one."""
        if not self.may_leave():
            return False
        self._show(None, "")
        return True

    def open(self) -> bool:
        """Ask for a file and open it."""
        if not self.may_leave():
            return False
        path = self.ask_open_path()
        return path is not None and self.open_path(path)

    def open_path(self, path: Path) -> bool:
        """Open ``path``; on an error the present text stays and the person is told."""
        try:
            file = open_text(path)
        except DocumentError as error:
            self.tell(error)
            return False
        self._show(file, file.text)
        return True

    def start_with(self, path: Path) -> None:
        """Open ``path``, or begin a new document that will be saved there."""
        try:
            exists = path.exists()
        except OSError:
            exists = True  # a name too long, a folder one may not look into: opening it says so
        if exists:
            self.open_path(path)
        else:
            self._show(TextFile(path), "")

    def save(self) -> bool:
        """Save where it belongs, asking for a place the first time."""
        return self._save_as_file(self.file) if self.file is not None else self.save_as()

    def save_as(self) -> bool:
        """Ask for a place and save there, in UTF-8."""
        path = self.ask_save_path()
        if path is None:
            return False
        newline = self.file.newline if self.file is not None else "\n"
        return self._save_as_file(TextFile(path, newline=newline))

    def may_leave(self) -> bool:
        """True when nothing would be lost, after asking if need be."""
        if not self.is_modified:
            return True
        match self.ask_unsaved():
            case Answer.SAVE:
                return self.save()
            case Answer.DISCARD:
                return True
            case _:
                return False

    def _show(self, file: TextFile | None, text: str) -> None:
        self.file = file
        self._editor.setPlainText(text)
        self._editor.document().setModified(False)
        self.changed.emit()
        self.replaced.emit()

    def _save_as_file(self, file: TextFile) -> bool:
        file = file.with_text(self._editor.text())
        try:
            save_text(file)
        except DocumentError as error:
            self.tell(error)
            return False
        self.file = file
        self._editor.document().setModified(False)
        self.changed.emit()
        return True

    def ask_open_path(self) -> Path | None:
        """The file to open, None for none."""
        name, _ = QFileDialog.getOpenFileName(self._window, "打开", str(self._folder()), FILTER)
        return Path(name) if name else None

    def ask_save_path(self) -> Path | None:
        """Where to save, None for nowhere."""
        suggestion = self._folder() / (self.name if self.file is not None else f"{self._first_words()}.txt")
        name, _ = QFileDialog.getSaveFileName(self._window, "另存为", str(suggestion), FILTER)
        return Path(name) if name else None

    def ask_unsaved(self) -> Answer:
        """What to do about unsaved changes."""
        box = QMessageBox(self._window)
        box.setWindowTitle("笔伴")
        box.setText(f"「{self.name}」改过，还没有保存。")
        box.setInformativeText("要保存吗？不保存的话，改动会丢失。")
        save = box.addButton("保存", QMessageBox.ButtonRole.AcceptRole)
        discard = box.addButton("不保存", QMessageBox.ButtonRole.DestructiveRole)
        cancel = box.addButton("取消", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(save)
        box.setEscapeButton(cancel)
        box.exec()
        if box.clickedButton() is save:
            return Answer.SAVE
        return Answer.DISCARD if box.clickedButton() is discard else Answer.CANCEL

    def tell(self, error: BibanError) -> None:
        """Say what went wrong and what to do."""
        box = QMessageBox(self._window)
        box.setWindowTitle("笔伴")
        box.setIcon(QMessageBox.Icon.Warning)
        box.setText(error.message)
        box.setInformativeText(error.hint)
        box.addButton("知道了", QMessageBox.ButtonRole.AcceptRole)
        box.exec()

    def _folder(self) -> Path:
        return self.file.path.parent if self.file is not None else Path.home()

    def _first_words(self) -> str:
        words = self._editor.document().firstBlock().text().strip()[:12]
        return "".join(c for c in words if c.isalnum()) or UNTITLED
