"""Writing couplets: many drafts, all within the rules."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from assistant.api import (
    Cancellation,
    FinishReason,
    GenerationConfig,
    GenerationRequest,
    LanguageModel,
    TokenChunk,
)
from assistant.prosody.glyphs import Reader
from assistant.prosody.tones import LEVEL, OBLIQUE
from assistant.prosody.variety import best_first
from plugins.couplet.anchors import AnchoredPlan, anchored
from plugins.couplet.banners import LABEL, best_banner
from plugins.couplet.choices import choices_of
from plugins.couplet.constraints import LineConstraint
from plugins.couplet.given import Given, book_of, occasion_of, options_of, shown_book_of
from plugins.couplet.plan import PARALLEL, LinePlan, answering_plan, free_plan
from plugins.couplet.ranking import Pair, merits, to_the_point
from plugins.couplet.wording import prompt_tokens, wording

CLAUSES = {5: (5,), 6: (6,), 7: (7,), 8: (4, 4), 9: (4, 5), 10: (5, 5), 11: (4, 7)}
"""Characters of a side → those of its clauses."""
_LOOSE = 0.1
"""Half of the drafts need only this likeness to the other line."""
_UPPERS = 8
"""So many 上联, the best of all that were written, get several 下联 each."""
_SPARE_BANNERS = 2
"""Couplets beyond those that are asked for that get a 横批 too, in case one is not shown."""


@dataclass
class Draft:
    """A couplet that is being written.

    Attributes:
        upper: 上联.
        lower: 下联.
        logprob: of what was written, in nats.
        token_count: of what was written.
        finish_reason: why writing ended.
    """

    upper: str = ""
    lower: str = ""
    logprob: float = 0.0
    token_count: int = 0
    finish_reason: FinishReason = FinishReason.LENGTH

    def pair(self, written: str) -> Pair:
        """To be judged by ``written``, what of it is new."""
        return Pair(self.upper, self.lower, self.logprob / max(self.token_count, 1), written)


class Composer:
    """Writes one request.

    Args:
        request: what is asked for.
        model: writes it.
        cancellation: looked at between all steps.
    """

    def __init__(self, request: GenerationRequest, model: LanguageModel, cancellation: Cancellation) -> None:
        self._request, self._model, self._cancellation = request, model, cancellation
        self._options = options_of(request)
        self._book = book_of(request)
        self._reader = Reader(self._book)
        self._choices = choices_of(model.vocabulary, self._book, traditional=request.traditional)
        self._random = Random(request.seed)
        self._occasion = occasion_of(request)
        titles = self._occasion.titles
        self._words = wording(model.card, self._random.choice(titles) if titles else "")

    def answer(self, given: Given, count: int) -> Iterator[TokenChunk]:
        """``count`` lines that answer ``given``.

        What is shown as its log-probability is that of a 下联 behind its 上联, and of both together where the 上联 was
        written: models know couplets in that direction.
        """
        reader = Reader(shown_book_of(self._request))
        plans = [
            replace(self._answering(given.own, given.is_upper, least, reader), avoid=given.taken)
            for least in (PARALLEL, _LOOSE)
        ]
        words = self._words
        start = words.couplet(given.text) if given.is_upper else words.turned(given.text)
        drafts = [
            Draft(upper=given.text) if given.is_upper else Draft(lower=given.text) for _ in range(count)
        ]
        for chunk in self._write(start, plans, count):
            draft = drafts[chunk.index]
            if given.is_upper:
                draft.lower += chunk.text
            else:
                draft.upper += chunk.text
            _add(draft, chunk)
            yield TokenChunk(chunk.index, chunk.text, token_count=0)
        if self._cancellation.cancelled:
            return
        if not given.is_upper:
            self._score_whole(drafts)
        yield from self._finish(drafts, [draft.lower if given.is_upper else draft.upper for draft in drafts])

    def couplets(self, kept: int, each: int) -> Iterator[TokenChunk]:
        """``kept`` 上联 with ``each`` 下联 for each of them."""
        plans = [self._free() for _ in range(max(self._options.drafts, kept))]
        uppers = [Draft() for _ in plans]
        start = self._words.heading + self._words.before
        for chunk in self._write(start, [plan.plan for plan in plans], len(plans)):
            uppers[chunk.index].upper += chunk.text
            _add(uppers[chunk.index], chunk)
            yield TokenChunk(0, "", token_count=0)
        drafts: list[Draft] = []
        for number in self._best_uppers(uppers, kept):
            upper, plan = uppers[number], plans[number]
            if self._cancellation.cancelled:
                return
            first = len(drafts)
            drafts += [replace(upper) for _ in range(each)]
            below = [
                plan.answered(self._answering(upper.upper, True, least, self._reader), self._occasion)
                for least in (PARALLEL, _LOOSE)
            ]
            for at in range(first, len(drafts)):
                yield TokenChunk(at, upper.upper + "\n", token_count=0)
            for chunk in self._write(self._words.couplet(upper.upper), below, each):
                draft = drafts[first + chunk.index]
                draft.lower += chunk.text
                _add(draft, chunk)
                yield TokenChunk(first + chunk.index, chunk.text, token_count=0)
        if not self._cancellation.cancelled:
            yield from self._finish(drafts, [draft.upper + draft.lower for draft in drafts])

    def _free(self) -> AnchoredPlan:
        plan = free_plan(CLAUSES[self._options.length], self._random.choice((LEVEL, OBLIQUE)))
        if self._occasion.ends:
            plan = plan.ending_with(self._occasion.ends)
        return anchored(plan, self._occasion, self._book, self._model.vocabulary, self._random)

    def _answering(self, line: str, upper: bool, least: float, reader: Reader) -> LinePlan:
        plan = answering_plan(line, reader, upper=upper, parallel=least)
        if self._occasion.ends:
            plan = plan.ending_with(self._occasion.ends)
        return replace(plan, shun=self._occasion.avoid)

    def _write(self, start: str, plans: Sequence[LinePlan], count: int) -> Iterator[TokenChunk]:
        """``count`` lines behind ``start``, by ``plans`` in turn."""
        vocabulary = self._model.vocabulary
        most = 4 * max(plan.length for plan in plans) + 1  # at most four tokens a character, one for the end
        config = GenerationConfig(
            num_return_sequences=count,
            sampling=self._options.model_copy(update={"max_new_tokens": most}),
            constraints=[LineConstraint(vocabulary, plans, self._choices)],
            seed=self._random.getrandbits(32),
        )
        return self._model.generate(
            self._model.fit(prompt_tokens(self._model, start), most), config, self._cancellation
        )

    def _best_uppers(self, uppers: Sequence[Draft], kept: int) -> list[int]:
        """The places of the ``kept`` best; the same ones again when there are fewer."""
        distinct = list({draft.upper: at for at, draft in reversed(list(enumerate(uppers)))}.values())
        pairs = [uppers[at].pair(uppers[at].upper) for at in distinct]
        worth = [pair.score + to_the_point(pair.upper, self._occasion) for pair in pairs]
        order = [distinct[at] for at in best_first([pair.written for pair in pairs], worth)]
        return [order[at % len(order)] for at in range(kept)]

    def _score_whole(self, drafts: Sequence[Draft]) -> None:
        vocabulary, words = self._model.vocabulary, self._words
        start = prompt_tokens(self._model, words.heading + words.before)
        whole = [vocabulary.encode(draft.upper + words.between + draft.lower) for draft in drafts]
        scores = self._model.score(self._model.fit(start, max(map(len, whole))), whole)
        for draft, tokens, score in zip(drafts, whole, scores, strict=True):
            draft.logprob, draft.token_count = score * len(tokens), len(tokens)

    def _finish(self, drafts: Sequence[Draft], written: Sequence[str]) -> Iterator[TokenChunk]:
        """The last chunk of each draft, with the 横批 of those that will be shown."""
        banners: dict[int, str] = {}
        if self._options.banner:
            pairs = [draft.pair(new) for draft, new in zip(drafts, written, strict=True)]
            distinct = list({pair.written: at for at, pair in reversed(list(enumerate(pairs)))}.values())
            chosen = [pairs[at] for at in distinct]
            worth = merits(chosen, self._model, self._words, self._occasion)
            order = best_first([pair.written for pair in chosen], worth)
            for at in order[: self._request.num_return_sequences + _SPARE_BANNERS]:
                if self._cancellation.cancelled:
                    return
                banners[distinct[at]] = self._banner(drafts[distinct[at]], banners.values())
                yield TokenChunk(0, "", token_count=0)
        for at, draft in enumerate(drafts):
            if self._cancellation.cancelled:
                return
            text = f"\n{LABEL}{banners[at]}" if banners.get(at) else ""
            yield TokenChunk(at, text, draft.logprob, draft.token_count, draft.finish_reason)

    def _banner(self, draft: Draft, taken: Collection[str]) -> str:
        return best_banner(
            self._words.couplet(draft.upper, draft.lower),
            taken,
            self._occasion,
            self._model,
            self._words,
            self._choices,
            self._options,
            self._random,
            self._cancellation,
        )


def numbers_of(request: GenerationRequest) -> tuple[int, int]:
    """How many 上联 are kept, and how many 下联 each of them gets, when whole couplets are written."""
    kept = max(_UPPERS, request.num_return_sequences)
    return kept, max(1, options_of(request).drafts // kept)


def _add(draft: Draft, chunk: TokenChunk) -> None:
    draft.logprob += chunk.logprob
    draft.token_count += chunk.token_count
    if chunk.finish_reason is not None:
        draft.finish_reason = chunk.finish_reason
