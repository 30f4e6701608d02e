"""Steps from one schema version to the next, applied in order to the plain JSON of the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Document = dict[str, Any]
Migration = Callable[[Document], Document]


def _name_model_ids(document: Document) -> Document:
    """0 → 1: files without a version (before the first release) had ``model_id`` and ``candidates``."""
    generation = dict(document.get("generation") or {})
    for old, new in (("model_id", "model_ids"), ("candidates", "num_return_sequences")):
        if old in generation:
            generation.setdefault(new, generation.pop(old))
    return {**document, "generation": generation} if generation else document


MIGRATIONS: Sequence[Migration] = (_name_model_ids,)
"""``MIGRATIONS[n]`` leads from version n to n + 1; it must not change its argument in place."""


def migrate(document: Document, migrations: Sequence[Migration] = MIGRATIONS) -> Document:
    """``document`` brought to version ``len(migrations)``.

    A file of a later version is returned as it is: what this program does not know is dropped by the
    model, and what it knows is still good.

    Raises:
        ValueError: ``schema_version`` is not a number of at least 0.
    """
    version = document.get("schema_version", 0)
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise ValueError(f"schema_version must be an int of at least 0, got {version!r}")
    for step in range(version, len(migrations)):
        document = {**migrations[step](document), "schema_version": step + 1}
    return document
