"""Acrostic poems (藏头诗) for Biban: what the entry point names, and so what the host calls."""

from assistant.api import Writer, hookimpl
from biban_acrostic.writer import AcrosticWriter


@hookimpl
def register_writers() -> list[Writer]:
    """The acrostic writer."""
    return [AcrosticWriter()]
