"""The poem writer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from weakref import WeakKeyDictionary

from assistant.api import (
    Cancellation,
    Candidate,
    Constraint,
    FinishReason,
    GenerationRequest,
    InputError,
    LanguageModel,
    ModelCard,
    SamplingOptions,
    TokenChunk,
    Vocabulary,
    Writer,
)
from assistant.prosody.checker import CheckSettings, check
from assistant.prosody.patterns import Pattern
from assistant.prosody.plan import DeadEndError, VersePlan
from assistant.prosody.recognise import tune_in_title
from assistant.prosody.rhyme_books import RhymeBook, rhyme_book
from assistant.prosody.rhyme_groups import RhymeGroups
from assistant.prosody.settling import place_words, settle
from assistant.prosody.tones import EITHER
from assistant.prosody.tracks import Track
from assistant.prosody.variety import best_first
from assistant.prosody.verse import GAPS, SENTENCE_ENDS, parse_verse
from plugins.poem.constraints import PlanConstraint, VerseConstraint, uniform_line_length
from plugins.poem.examples import EXAMPLES
from plugins.poem.layout import LineLayout, lay_out
from plugins.poem.one_gap import characters_for, only_gap
from plugins.poem.options import PoemOptions, poem_options
from plugins.poem.prompt import poem_so_far
from plugins.poem.ranking import UNFINISHED, merit
from plugins.poem.telling import prompt_parts
from plugins.poem.theme import TO_THE_POINT, owed_to_title
from plugins.poem.wish import PoemWish, wish_of

_SHORTER = "请少写几句、换一种体裁，或换一个模型。"


class PoemWriter(Writer):
    """Continues the poem before the cursor, freely or to the end of a form, and fills the gaps (□) of one."""

    id = "poem"
    name = "诗词"
    description = "顺着上文续写古典诗词，或按体裁、词牌写成一首，字数、平仄、押韵必定合律。"
    example = "明月几时有，"
    examples = EXAMPLES
    icon = "poem"
    order = 10
    options_model = PoemOptions

    def __init__(self) -> None:
        self._groups: WeakKeyDictionary[Vocabulary, dict[RhymeBook, RhymeGroups]] = WeakKeyDictionary()

    def prepare(self, vocabulary: Vocabulary) -> None:
        for book_id in ("pingshui", "cilin"):
            self._rhyme_groups(rhyme_book(book_id), vocabulary)

    def prompt(self, request: GenerationRequest, card: ModelCard) -> str:
        parts = prompt_parts(request, card)
        return parts.controls + parts.heading + parts.text

    def heading(self, request: GenerationRequest, card: ModelCard) -> str:
        parts = prompt_parts(request, card)
        return parts.controls + parts.heading

    def constraints(self, request: GenerationRequest, vocabulary: Vocabulary) -> list[Constraint]:
        options = poem_options(request)
        if options.is_free:
            poem = poem_so_far(request.context.before)
            title = options.title.strip() or poem.title or parse_verse(request.context.before).title
            # A title that names a tune announces lines of many lengths.
            length = 0 if tune_in_title(title) else uniform_line_length(poem.text)
            return [VerseConstraint(vocabulary, poem.text, options.sentences, length)]
        return [self._rules(request, vocabulary)]

    def _rules(self, request: GenerationRequest, vocabulary: Vocabulary) -> PlanConstraint:
        wish = wish_of(request)
        groups = self._rhyme_groups(wish.book, vocabulary)
        tracks = settle(wish.wishes, groups)
        random = Random(request.seed)

        def plan_of(placed: Sequence[Track]) -> VersePlan:
            wishes = wish.wishes
            return VersePlan(
                placed, groups, rhyme=wishes.rhyme, distinct=wishes.distinct, opening=wish.written
            )

        placed = place_words(tracks, wish.wishes, groups, random)
        try:
            first = plan_of(placed)
        except DeadEndError as error:
            raise _objection(wish, error) from error

        def make_plan() -> VersePlan:
            # Each candidate has the words at places of its own; where those are no good, at the first ones.
            if wish.wishes.words:
                try:
                    return plan_of(place_words(tracks, wish.wishes, groups, random))
                except (InputError, DeadEndError):
                    pass
            return first.copy()

        return PlanConstraint(vocabulary, wish.wishes.name, make_plan)

    def sampling(self, request: GenerationRequest) -> SamplingOptions:
        options = poem_options(request)
        if options.is_free:
            return options
        # The form alone says how long the poem gets: at most four tokens a character, one more for the end.
        length = 4 * wish_of(request).new_characters + 1
        return options.model_copy(update={"max_new_tokens": length})

    def opening(self, request: GenerationRequest) -> str:
        if poem_options(request).is_free:
            return ""
        wish = wish_of(request)
        before = request.context.before
        opening = lay_out(wish.written, wish.wishes.patterns if wish.tune else ())
        # Where the page already broke the line behind a sentence, the new text brings no break of its own.
        return (
            opening + "\n" if opening and before.endswith("\n") and opening[-1] in SENTENCE_ENDS else opening
        )

    def replaces(self, request: GenerationRequest) -> int:
        before = request.context.before
        if poem_options(request).is_free or not wish_of(request).has_gaps:
            return 0
        # The gaps of this poem, not of one that stands above it.
        start = len(before) - len(poem_text(before))
        return len(before) - min(before.index(gap, start) for gap in GAPS if gap in before[start:])

    def drafts(self, request: GenerationRequest) -> int:
        options = poem_options(request)
        count = request.num_return_sequences
        if not options.is_free and only_gap(wish_of(request)) is not None:
            return count
        return max(count, options.drafts)

    def generate(
        self, request: GenerationRequest, model: LanguageModel | None, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        options = poem_options(request)
        before = request.context.before
        broken = before.endswith("\n")
        chunks: Iterator[TokenChunk] | None = None
        patterns: Sequence[Pattern] = ()
        if options.is_free:
            start = poem_so_far(before).text
        else:
            wish = wish_of(request)
            start = wish.written
            if wish.tune:
                patterns = wish.wishes.patterns
            prompt = self._prompt_with_room(request, model, wish) if model is not None else []
            if model is not None and only_gap(wish) is not None:
                rules = self._rules(request, model.vocabulary)
                chunks = characters_for(prompt, wish, rules, model, request.num_return_sequences)
        layouts: defaultdict[int, LineLayout] = defaultdict(
            lambda: LineLayout(patterns, start, breaks=broken)
        )
        for chunk in chunks if chunks is not None else super().generate(request, model, cancellation):
            yield replace(chunk, text=layouts[chunk.index].push(chunk.text))

    def rank(
        self, request: GenerationRequest, candidates: Sequence[Candidate], model: LanguageModel | None
    ) -> list[Candidate]:
        options = poem_options(request)
        if options.is_free:
            return self._rank_free(request, candidates, model)
        wish = wish_of(request)
        settings = CheckSettings(
            form=wish.form or "auto",
            tune=wish.tune,
            rhyme_book=wish.book.id,
            traditional=request.traditional,
        )
        ranked = []
        for candidate in candidates:
            report = check(candidate.text, settings)
            # Taken to traditional characters, one that stood for several may be another than the one it was written as.
            if report.ok:
                ranked.append(replace(candidate, report=report.as_json()))
        if not ranked and any(candidate.finish_reason is FinishReason.LENGTH for candidate in candidates):
            raise InputError(f"这个模型没能写完一首{wish.wishes.name}：它读写的长度到头了。", _SHORTER)
        if self._seen(request):
            return ranked
        to_the_point = self._owed_to_title(request, ranked, model)
        worth = [
            merit(candidate, wish.wishes.patterns) + TO_THE_POINT * owed
            for candidate, owed in zip(ranked, to_the_point, strict=True)
        ]
        return [ranked[at] for at in best_first([each.continuation for each in ranked], worth)]

    def _rank_free(
        self, request: GenerationRequest, candidates: Sequence[Candidate], model: LanguageModel | None
    ) -> list[Candidate]:
        if self._seen(request):
            return list(candidates)
        # What the poem has said already counts as said.
        opening = poem_so_far(request.context.before).text
        to_the_point = self._owed_to_title(request, candidates, model)
        worth = [
            merit(replace(candidate, opening=opening))
            + TO_THE_POINT * owed
            - (0.0 if candidate.continuation.endswith(tuple(SENTENCE_ENDS)) else UNFINISHED)
            for candidate, owed in zip(candidates, to_the_point, strict=True)
        ]
        return [candidates[at] for at in best_first([each.continuation for each in candidates], worth)]

    def _seen(self, request: GenerationRequest) -> bool:
        """True when the candidates were shown while they grew; they stay in that order."""
        return self.drafts(request) <= request.num_return_sequences

    def _owed_to_title(
        self, request: GenerationRequest, drafts: Sequence[Candidate], model: LanguageModel | None
    ) -> list[float]:
        parts = prompt_parts(request, model.card) if model is not None else None
        if model is None or parts is None or parts.heading == parts.untitled or len(drafts) < 2:
            return [0.0] * len(drafts)
        titled, untitled = (parts.controls + heading for heading in (parts.heading, parts.untitled))
        return owed_to_title(drafts, model, titled, untitled, parts.text)

    def _prompt_with_room(
        self, request: GenerationRequest, model: LanguageModel, wish: PoemWish
    ) -> list[int]:
        """The prompt, behind which the rest of the poem finds room.

        Raises:
            InputError: it finds none.
        """
        prompt = self.fitted_prompt(request, model, self.sampling(request).max_new_tokens)
        # Of a byte-level vocabulary a few rare characters take four tokens; ``rank`` says so when they were too many.
        room = (model.room(prompt) - 1) // model.vocabulary.tokens_a_character
        if room < wish.new_characters:
            raise InputError(
                f"这个模型一次最多写 {room} 个字，写不完一首{wish.wishes.name}：连标点还要 {wish.new_characters} 个。",
                _SHORTER,
            )
        return prompt

    def _rhyme_groups(self, book: RhymeBook, vocabulary: Vocabulary) -> RhymeGroups:
        known = self._groups.setdefault(vocabulary, {})
        if book not in known:
            # The set, not the vocabulary: what is kept here must not keep a model's vocabulary alive.
            writable = frozenset(filter(vocabulary.can_write, book.characters(EITHER)))
            known[book] = RhymeGroups(book, writable.__contains__)
        return known[book]


def poem_text(before: str) -> str:
    """The part of ``before`` that is the poem at the cursor: everything behind the last empty line."""
    return before[before.rfind("\n\n") + 2 if "\n\n" in before else 0 :]


def _objection(wish: PoemWish, error: DeadEndError) -> InputError:
    """Why the text that is there already cannot be the beginning."""
    written, at = wish.written, error.at
    if error.rhymes:
        return InputError(
            f"上文和已定的字用去了太多韵字，这个模型会写的韵字已不够一首{wish.wishes.name}。",
            "请换一个韵部，或改一改上文。",
        )
    if at >= len(written):
        return InputError(f"上文之后写不下去：不合{wish.wishes.name}的格律。", "请改一改上文，或换一种体裁。")
    head = written[:at]
    line = sum(character in "，。？！；：、" for character in head) + 1
    place = at - max((head.rfind(mark) for mark in "，。？！；：、"), default=-1)
    character = written[at]
    if not wish.book.tone_classes(character):
        return InputError(f"韵书里没有「{character}」，不知它的平仄。", "请换一个字。")
    classes = "、".join(sorted(wish.book.tone_classes(character)))
    return InputError(
        f"上文第 {line} 句第 {place} 字「{character}」（{classes}）不合{wish.wishes.name}的格律。",
        "请改这个字，或选「自由」。",
    )
