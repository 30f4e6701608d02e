"""What models there are: cards, where their weights lie, whether the files are sound."""

from assistant.library.library import ModelLibrary

__all__ = ["ModelLibrary"]
