"""What models there are: cards, where their weights lie, whether the files are sound."""

from assistant.library.library import LibraryEntry, ModelLibrary, ModelState

__all__ = ["LibraryEntry", "ModelLibrary", "ModelState"]
