"""Which examples the first page offers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assistant.api import Writer, WriterExample
from assistant.ui.panels.writer_panel import PanelCatalogue

MOST_OFFERS = 9


@dataclass(frozen=True, slots=True)
class Offer:
    """An example and the writer that it shows."""

    writer_id: str
    example: WriterExample


def offers_of(catalogue: PanelCatalogue, is_shipped: Callable[[str], bool]) -> list[Offer]:
    """Examples that can be pressed now, as writers are ordered, those that a model of the program serves first.

    Where there are more than ``MOST_OFFERS``, every writer has its first before another has its second.
    """
    ready = [writer for writer in catalogue.writers.values() if can_write(writer, catalogue)]
    ready.sort(key=lambda writer: not any(is_shipped(card.id) for card in catalogue.cards_for(writer)))
    ranked = [
        (rank, place, Offer(writer.id, example))
        for place, writer in enumerate(ready)
        for rank, example in enumerate(writer.examples)
    ]
    kept = sorted(ranked, key=lambda item: item[:2])[:MOST_OFFERS]
    return [offer for _, _, offer in sorted(kept, key=lambda item: (item[1], item[0]))]


def can_write(writer: Writer, catalogue: PanelCatalogue) -> bool:
    """True when a model of ``writer`` is installed, or it needs none."""
    return not writer.needs_model or bool(catalogue.cards_for(writer))
