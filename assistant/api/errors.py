"""Every error a person can meet: one clear sentence, and what to do next.

``message`` and ``hint`` are shown as they are, so they are written in the language of the
interface (Chinese). The command line maps the classes to exit statuses (see ``assistant.cli``).
"""

from __future__ import annotations


class BibanError(Exception):
    """Base of all errors that are shown to a person.

    Args:
        message: what went wrong, one sentence.
        hint: what to do next, one sentence; empty when there is nothing to do.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def one_line(self) -> str:
        """Message and hint on a single line, for terminals and logs."""
        return " ".join(part for part in (self.message, self.hint) if part).replace("\n", " ")


class InputError(BibanError):
    """The text or an option cannot be used as it is (exit status 2)."""


class ModelError(BibanError):
    """The model could not run (exit status 3)."""


class ModelNotFoundError(ModelError):
    """No installed model has this id, or none serves this writer."""


class WeightsError(ModelError):
    """The files of a model are missing, damaged, or do not belong together."""


class OutOfMemoryError(ModelError):
    """The model or its cache did not fit into the memory of the device."""


class ConstraintError(ModelError):
    """No token satisfies all constraints at once; the message names them."""


class PluginError(BibanError):
    """A plugin could not be loaded, or broke its contract."""


class SettingsError(BibanError):
    """Settings could not be read or written."""


class DocumentError(BibanError):
    """A document could not be opened or saved."""
