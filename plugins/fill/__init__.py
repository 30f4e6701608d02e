"""Filling a gap: the sentence that is missing between two."""

from assistant.api import Writer, hookimpl
from plugins.fill.writer import FillWriter


@hookimpl
def register_writers() -> list[Writer]:
    """The fill writer."""
    return [FillWriter()]
