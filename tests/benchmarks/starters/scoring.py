"""The log-probability of every token of many texts, each read by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.api import Vocabulary

if TYPE_CHECKING:
    from assistant.engine.causal_lm import CausalLM

_MOST_LOGITS = 1 << 23
"""Numbers of one piece of logits: 32 MB in fp32."""


def tokens_of(vocabulary: Vocabulary, text: str) -> list[int] | None:
    """One token for every character and mark and one for the end; None where the vocabulary cannot spell the text.

    Raises:
        ValueError: the vocabulary does not spell in characters, so that its tokens cannot be compared with others'.
    """
    if not all(map(vocabulary.can_write, text)):
        return None
    tokens = vocabulary.encode(text)
    if len(tokens) != len(text):
        raise ValueError(
            f"{len(tokens)} tokens for {len(text)} characters: only for vocabularies of characters"
        )
    # Some tokenizers take a character for its relative, which they may not know.
    return [*tokens, vocabulary.eos_token_id] if vocabulary.decode(tokens) == text else None


def token_nats(
    model: CausalLM, prompts: Sequence[Sequence[int]], texts: Sequence[Sequence[int]]
) -> list[list[float]]:
    """For each text the negative log-probability of its tokens behind its prompt, in nats.

    Args:
        model: reads each prompt and text by itself, from its first position on.
        prompts: at least one token each; not scored.
        texts: what does not fit into the context behind the prompt is left out.

    Returns:
        As many numbers as there are tokens, or as many as fit.
    """
    whole = [[*prompt, *text][: model.context_length] for prompt, text in zip(prompts, texts, strict=True)]
    found: list[list[float]] = [[] for _ in whole]
    order = sorted(range(len(whole)), key=lambda number: len(whole[number]))
    while order:
        # The longest first: what does not fit into memory shows at once.
        length = len(whole[order[-1]])
        batch = max(1, _MOST_LOGITS // (min(length, _BLOCK) * model.vocabulary.size))
        numbers, order = order[-batch:], order[:-batch]
        rows = _score_rows(model, [whole[number] for number in numbers])
        for number, row in zip(numbers, rows, strict=True):
            found[number] = row[len(prompts[number]) - 1 :]
    return found


_BLOCK = 64


def _score_rows(model: CausalLM, rows: Sequence[Sequence[int]]) -> list[list[float]]:
    """Nats of each token but the first of each row."""
    import torch

    # The contract of a model gives means of whole continuations only; single tokens are of no use to the program.
    network = model._network
    longest = max(map(len, rows))
    # What is put behind the shorter ones cannot be seen by the tokens before it.
    padded = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
    nats = torch.empty(len(rows), longest - 1)
    with torch.inference_mode():
        cache = network.new_cache(len(rows), longest)
        for at in range(0, longest - 1, _BLOCK):
            block = padded[:, at : min(at + _BLOCK, longest - 1)].contiguous()
            logits = network.forward(block.to(network.device), cache, all_positions=True).float()
            read = padded[:, at + 1 : at + 1 + block.shape[1], None].to(logits.device)
            chosen = logits.logsumexp(dim=2) - logits.gather(2, read)[:, :, 0]
            nats[:, at : at + block.shape[1]] = chosen.cpu()
    return [row[: len(tokens) - 1].tolist() for row, tokens in zip(nats, rows, strict=True)]
