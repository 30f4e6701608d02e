"""Models in memory: loaded when first needed, the longest unused ones dropped when memory is short."""

from __future__ import annotations

import gc
from collections import OrderedDict
from collections.abc import Callable

from assistant.api import LanguageModel, ModelCard, OutOfMemoryError

LoadModel = Callable[[ModelCard], LanguageModel]


class ModelCache:
    """Used by one thread, the one that owns the device.

    Args:
        load: reads the weights of a card.
        limit_bytes: weights kept at most, asked for when a model was loaded; a single larger model is kept alone.
        release: gives memory that nothing uses any more back to the system.
        version: of what ``load`` depends on; when it changes, everything is loaded anew.
    """

    def __init__(
        self,
        load: LoadModel,
        limit_bytes: Callable[[], int] = lambda: 4 << 30,
        release: Callable[[], object] = gc.collect,
        version: Callable[[], str] = str,
    ) -> None:
        self._load = load
        self._version, self._loaded_version = version, version()
        self._release = release
        self._limit_bytes = limit_bytes
        self._models: OrderedDict[str, LanguageModel] = OrderedDict()

    def __contains__(self, model_id: str) -> bool:
        return model_id in self._models and self._version() == self._loaded_version

    def get(self, card: ModelCard) -> LanguageModel:
        """The loaded model of ``card``; when memory runs out, the others are dropped and it is tried again.

        Raises:
            ModelError: it cannot be loaded.
        """
        version = self._version()
        if version != self._loaded_version:
            self.clear()
            self._loaded_version = version
        if card.id in self._models:
            self._models.move_to_end(card.id)
            return self._models[card.id]
        try:
            model = self._load(card)
        except OutOfMemoryError:
            if not self._models:
                raise
            self.clear()
            model = self._load(card)
        self._models[card.id] = model
        self._evict()
        return model

    def _evict(self) -> None:
        while (
            len(self._models) > 1 and sum(m.memory_bytes for m in self._models.values()) > self._limit_bytes()
        ):
            self._models.popitem(last=False)
            self._release()

    def clear(self) -> None:
        """Give all memory back."""
        self._models.clear()
        self._release()
