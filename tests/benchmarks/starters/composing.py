"""Texts by the program's own path: request, runner, drafts, ranking, with the model that is measured."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from assistant.api import Cancellation, GenerationRequest, ModelCard, WriterOptions, WritingContext
from assistant.generation.events import Event, Failed, Finished
from assistant.generation.model_cache import ModelCache
from assistant.generation.runner import Runner
from assistant.plugin_host import Catalogue, PluginHost
from plugins.poem.options import PoemOptions
from tests.benchmarks.starters.models import Starter, load_weights
from tests.benchmarks.starters.verse import Titled


class Composer:
    """Runs requests to one writer; the model is loaded by the first one.

    Args:
        starter: what writes.
        writer_id: of the writer.
    """

    def __init__(self, starter: Starter, writer_id: str = "poem") -> None:
        self.writer_id = writer_id
        card: ModelCard = starter.card
        host = PluginHost()
        host.load_entry_points()
        catalogue = Catalogue(host, [card])
        self.model_id = card.id
        self.runner = Runner(lambda: catalogue, ModelCache(lambda _: load_weights(starter.folder, card)))

    def events(
        self, options: WriterOptions, *, seed: int, before: str = "", count: int = 1
    ) -> Iterator[Event]:
        """Everything the window would be told about the request.

        Raises:
            BibanError: as the request failed.
        """
        context = WritingContext(before=before)
        request = GenerationRequest(
            self.writer_id, context, options, model_id=self.model_id, num_return_sequences=count, seed=seed
        )
        for event in self.runner.run(request, Cancellation()):
            if isinstance(event, Failed):
                raise event.error
            yield event

    def first(self, options: WriterOptions, *, seed: int, before: str = "") -> str:
        """The text of the first candidate, its white space left out; empty where every draft broke a rule."""
        for event in self.events(options, seed=seed, before=before):
            if isinstance(event, Finished):
                return "".join(event.candidates[0].text.split()) if event.candidates else ""
        raise RuntimeError("the request ended without a result")


def write_under(starter: Starter, form: str, titles: list[Titled], *, distinct: bool = True) -> list[str]:
    """A poem of ``form`` under each title: default options, first candidate, the place in the list as seed.

    Args:
        starter: what writes.
        form: of all poems.
        titles: the real poems are not shown to it.
        distinct: the option 不用重字, on by default.
    """
    print(
        f"{starter.name}: {len(titles)} × {form}{'' if distinct else '，可用重字'}",
        file=sys.stderr,
        flush=True,
    )
    composer = Composer(starter)
    return [
        composer.first(
            PoemOptions.parse({"form": form, "title": poem.title, "distinct": distinct}), seed=seed
        )
        for seed, poem in enumerate(titles)
    ]
