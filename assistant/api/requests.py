"""What crosses from the editor or the command line to the worker: frozen, plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

from assistant.api.options import WriterOptions


@dataclass(frozen=True, slots=True)
class WritingContext:
    """The text around the cursor, in code points (never UTF-16 units).

    Attributes:
        before: everything before the cursor.
        after: everything after the cursor.
        selection: the selected text, empty when nothing is selected.
    """

    before: str = ""
    after: str = ""
    selection: str = ""


def new_request_id() -> str:
    """An id no other request of this process has."""
    return uuid4().hex


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """One wish: this writer, on this text, with these options.

    Attributes:
        writer_id: id of a registered writer.
        context: the text around the cursor.
        options: an instance of the writer's ``options_model``.
        model_id: id of an installed model, or None for the first one that serves the writer.
        num_return_sequences: how many candidates to write, at least 1.
        seed: the same seed, text and options give the same candidates; None draws a new one.
        traditional: true when the person writes traditional characters, in whatever script the writer sees the text.
        as_written: the text around the cursor in the person's own script; None where ``context`` is it.
        request_id: events of this request carry it.
    """

    writer_id: str
    context: WritingContext
    options: WriterOptions
    model_id: str | None = None
    num_return_sequences: int = 3
    seed: int | None = None
    traditional: bool = False
    as_written: WritingContext | None = None
    request_id: str = field(default_factory=new_request_id)

    def __post_init__(self) -> None:
        if self.num_return_sequences < 1:
            raise ValueError(f"num_return_sequences must be at least 1, got {self.num_return_sequences}")
