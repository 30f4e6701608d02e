"""Finished pieces of a long run, kept so that an interrupted one goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Store:
    """JSON values by name in a folder.

    What is there is taken as it is: use a fresh folder after a change to the program or the model.

    Args:
        folder: None to keep nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def get(self, name: str, make: Callable[[], Any]) -> Any:
        """The value of ``name``; made when it is not there. Both come back as JSON has them."""
        if self._folder is None:
            return json.loads(json.dumps(make()))
        path = self._folder / f"{name}.json"
        if not path.exists():
            text = json.dumps(make(), ensure_ascii=False)
            partial = path.with_suffix(".partial")
            partial.write_text(text, encoding="utf-8")
            partial.replace(path)
        return json.loads(path.read_text(encoding="utf-8"))
