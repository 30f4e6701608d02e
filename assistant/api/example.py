"""An example of what a writer does, for whoever meets it the first time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class WriterExample:
    """What a press on the first page asks of a writer.

    Attributes:
        title: what the button says, such as 「七绝《春晓》」.
        note: what comes out, in a few words.
        before: text that is put on the empty page, the cursor behind it; may be empty.
        options: name of an option → its value; the others stand at their defaults.
        after: text behind the cursor, for writers that look at it.
    """

    title: str
    note: str
    before: str = ""
    options: Mapping[str, str | int | bool] = field(default_factory=dict)
    after: str = ""
