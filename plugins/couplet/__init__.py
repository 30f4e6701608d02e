"""Couplets: the second line for a first one."""

from assistant.api import Writer, hookimpl
from plugins.couplet.writer import CoupletWriter


@hookimpl
def register_writers() -> list[Writer]:
    """The couplet writer."""
    return [CoupletWriter()]
