"""Prose: continue what is before the cursor, or let a model with a chat template answer."""

from assistant.api import Writer, hookimpl
from plugins.continuation.writer import ContinuationWriter


@hookimpl
def register_writers() -> list[Writer]:
    """The continuation writer."""
    return [ContinuationWriter()]
