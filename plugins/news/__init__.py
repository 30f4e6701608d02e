"""News: a text that follows a headline, a lead, or both."""

from assistant.api import Writer, hookimpl
from plugins.news.writer import NewsWriter


@hookimpl
def register_writers() -> list[Writer]:
    """The news writer."""
    return [NewsWriter()]
