"""From a task to a request, and from the candidates back to proposals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.api import (
    Candidate,
    FinishReason,
    GenerationRequest,
    InputError,
    SamplingOptions,
    Writer,
    WritingContext,
)
from assistant.prosody.verse import parse_verse
from assistant.ui.polish.rules import Rules
from assistant.ui.polish.session import Proposal, Task

RANKED = 24
"""Characters to propose for one place."""
PROPOSALS = 6
"""Ways to write a line or more."""


def request_for(
    task: Task,
    rules: Rules,
    title: str,
    writer: Writer,
    model_id: str | None,
    values: Mapping[str, Any],
) -> GenerationRequest:
    """The request that fills the gaps of ``task``.

    Args:
        task: what to write.
        rules: form or tune and rhyme book.
        title: of the poem; empty for none.
        writer: the poem writer.
        model_id: id of an installed model, None for whichever serves the writer.
        values: options that the person chose for the writer; only how tokens are drawn is taken from them.

    Raises:
        InputError: the writer does not take these rules.
    """
    drawing = {*SamplingOptions.model_fields, "drafts"} & writer.options_model.model_fields.keys()
    own = {name: value for name, value in values.items() if name in drawing}
    by_rules = rules.options(len(task.draft.lines))
    try:
        options = writer.options_model.parse(own | by_rules)
    except InputError:
        # What was kept of the person's choices may no longer fit; the rules must.
        options = writer.options_model.parse(by_rules)
    return GenerationRequest(
        writer_id=writer.id,
        context=WritingContext(before=task.draft.template(title, task.gaps)),
        options=options,
        model_id=model_id,
        num_return_sequences=RANKED if task.is_single else PROPOSALS,
    )


def proposals_of(task: Task, candidates: Sequence[Candidate]) -> list[Proposal]:
    """The finished candidates as states of the poem, in their order, each once; unfinished ones are left out."""
    found: dict[str, Proposal] = {}
    for candidate in candidates:
        if candidate.finish_reason not in (FinishReason.STOP, FinishReason.LENGTH):
            continue
        lines = [line.text for line in parse_verse(candidate.text).lines]
        draft = task.draft.filled(task.gaps, lines)
        if draft is not None and not draft.gaps:
            found.setdefault(draft.text, Proposal(draft, task.gaps))
    return list(found.values())
