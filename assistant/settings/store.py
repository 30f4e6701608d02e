"""The settings file: reading never fails, writing replaces the whole file at once."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path

from assistant.api import SettingsError
from assistant.settings.migrations import migrate
from assistant.settings.model import SCHEMA_VERSION, Settings


class SettingsStore:
    """One JSON file.

    Attributes:
        path: where it lies; the folder is made when it is first saved.
        warning: what went wrong in the last ``load``, for the person; empty when nothing did.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.warning = ""

    def load(self) -> Settings:
        """The settings, or the defaults when there is no usable file. Never raises for the file's sake.

        A broken file is kept as ``settings.json.broken`` beside it, so that nothing is lost.
        """
        self.warning = ""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return Settings()
        except OSError as error:
            self.warning = f"读不了设置文件（{error.strerror}），这次使用默认设置。"
            return Settings()
        try:
            document = json.loads(content.decode("utf-8"))
            if not isinstance(document, dict):
                raise ValueError("the top level must be an object")
            return Settings.model_validate(migrate(document))
        # ValueError covers bad UTF-8, bad JSON and pydantic; the others come from a migration that
        # meets a shape it did not expect; RecursionError from JSON nested without end.
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            self.warning = self._set_aside()
            return Settings()

    def save(self, settings: Settings) -> None:
        """Write ``settings``.

        Raises:
            SettingsError: the disk is full, the folder is read-only and so on; the old file is untouched.
        """
        settings = settings.model_copy(
            update={"schema_version": max(SCHEMA_VERSION, settings.schema_version)}
        )
        content = json.dumps(settings.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._replace(content.encode("utf-8"))
        except OSError as error:
            reason = error.strerror or str(error)
            raise SettingsError(
                f"设置没有存下来（{reason}）。", f"请看看 {self.path.parent} 是否可写、磁盘是否已满。"
            ) from error

    def _replace(self, content: bytes) -> None:
        handle, name = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise

    def _set_aside(self) -> str:
        broken = self.path.with_name(self.path.name + ".broken")
        try:
            self.path.replace(broken)
        except OSError:
            return "设置文件已损坏，这次使用默认设置。"
        return f"设置文件已损坏，改用默认设置；原来的留作 {broken.name}。"
