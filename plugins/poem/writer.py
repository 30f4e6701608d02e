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
from assistant.prosody.plan import DeadEndError, RhymeGroups, VersePlan
from assistant.prosody.rhyme_books import RhymeBook
from assistant.prosody.settling import place_words, settle
from assistant.prosody.tones import EITHER
from assistant.prosody.verse import GAPS, SENTENCE_ENDS
from plugins.poem.constraints import PlanConstraint, VerseConstraint
from plugins.poem.layout import LineLayout, lay_out
from plugins.poem.one_gap import characters_for, only_gap
from plugins.poem.options import PoemOptions
from plugins.poem.prompt import poem_so_far
from plugins.poem.ranking import merit
from plugins.poem.wish import PoemWish, wish_of


class PoemWriter(Writer):
    """Continues the poem before the cursor, freely or to the end of a form, and fills the gaps (□) of one."""

    id = "poem"
    name = "诗词"
    description = "顺着上文续写古典诗词，或按体裁、词牌写成一首，字数、平仄、押韵必定合律。"
    example = "明月几时有，"
    icon = "poem"
    order = 10
    options_model = PoemOptions

    def __init__(self) -> None:
        self._groups: WeakKeyDictionary[Vocabulary, dict[RhymeBook, RhymeGroups]] = WeakKeyDictionary()

    def prompt(self, request: GenerationRequest, card: ModelCard) -> str:
        options = _options(request)
        if options.is_free:
            _refuse_rules(options)
            poem = poem_so_far(request.context.before)
            title, text = options.title.strip() or poem.title, poem.text
            if any(character in GAPS for character in text):
                raise InputError(
                    "填空（□）要先选体裁或词牌。", "请选一种体裁（命令行：--option form=七绝）。"
                )
        else:
            wish = wish_of(request)
            title, text = _heading(wish), wish.written
        if not (text or title) and options.is_free:
            raise InputError(
                "还没有可以续写的文字。", "请先写下一句，或选一种体裁（命令行：--option form=七绝）从头写起。"
            )
        heading = card.title_format.format(title=title) if title and card.title_format else ""
        return heading + text

    def constraints(self, request: GenerationRequest, vocabulary: Vocabulary) -> list[Constraint]:
        options = _options(request)
        if options.is_free:
            text = poem_so_far(request.context.before).text
            return [VerseConstraint(vocabulary, text, options.sentences)]
        return [self._rules(request, vocabulary)]

    def _rules(self, request: GenerationRequest, vocabulary: Vocabulary) -> PlanConstraint:
        wish = wish_of(request)
        groups = self._rhyme_groups(wish.book, vocabulary)
        tracks = settle(wish.wishes, groups)
        random = Random(request.seed)

        def make_plan() -> VersePlan:
            placed = place_words(tracks, wish.wishes, groups, random)
            return VersePlan(
                placed, groups, rhyme=wish.wishes.rhyme, distinct=wish.distinct, opening=wish.written
            )

        try:
            make_plan()
        except DeadEndError as error:
            raise _objection(wish, error.at) from error
        return PlanConstraint(vocabulary, wish.wishes.name, make_plan)

    def sampling(self, request: GenerationRequest) -> SamplingOptions:
        options = _options(request)
        if options.is_free:
            return options
        # The form alone says how long the poem gets: at most four tokens a character, one more for the end.
        length = 4 * wish_of(request).most_characters + 1
        return options.model_copy(update={"max_new_tokens": length})

    def opening(self, request: GenerationRequest) -> str:
        if _options(request).is_free:
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
        if _options(request).is_free or not wish_of(request).has_gaps:
            return 0
        # The gaps of this poem, not of one that stands above it.
        start = len(before) - len(poem_text(before))
        return len(before) - min(before.index(gap, start) for gap in GAPS if gap in before[start:])

    def drafts(self, request: GenerationRequest) -> int:
        options = _options(request)
        count = request.num_return_sequences
        if options.is_free or only_gap(wish_of(request)) is not None:
            return count
        return max(count, options.drafts)

    def generate(
        self, request: GenerationRequest, model: LanguageModel | None, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        options = _options(request)
        before = request.context.before
        broken = before.endswith("\n")
        chunks: Iterator[TokenChunk] | None = None
        patterns: Sequence[Pattern] = ()
        if options.is_free:
            start = poem_so_far(before).text
        else:
            wish = wish_of(request)
            if model is not None and model.context_length < wish.most_characters + 2:
                raise InputError(
                    f"这个模型一次最多写 {model.context_length} 个字，写不完一首{wish.wishes.name}。",
                    "请换一种体裁或换一个模型。",
                )
            start = wish.written
            if wish.tune:
                patterns = wish.wishes.patterns
            if model is not None and only_gap(wish) is not None:
                prompt = model.fit(self.prompt_tokens(request, model), wish.most_characters)
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
        options = _options(request)
        if options.is_free:
            return list(candidates)
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
        if only_gap(wish) is not None:
            return ranked
        repeats = sum(repeat.count - 1 for repeat in wish.wishes.patterns[0].repeats)
        return sorted(ranked, key=lambda candidate: -merit(candidate, repeats_allowed=repeats))

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


def _options(request: GenerationRequest) -> PoemOptions:
    if not isinstance(request.options, PoemOptions):
        raise TypeError(f"expected PoemOptions, got {type(request.options).__name__}")
    return request.options


def _refuse_rules(options: PoemOptions) -> None:
    """Rules need a form: they are never dropped in silence."""
    asked = [
        title
        for title, value in (
            ("韵部", options.rhyme),
            ("起式", options.opening),
            ("嵌字", options.acrostic),
            ("必用字词", options.words),
        )
        if value.strip()
    ]
    if asked:
        raise InputError(
            f"{'、'.join(asked)}要先选体裁。", "请选一种体裁或词牌（命令行：--option form=七绝）。"
        )


def _heading(wish: PoemWish) -> str:
    """The title that the model is told: models of 词 know the tune by it."""
    title = wish.title or "".join(wish.wishes.words)
    if not wish.tune or title.startswith(wish.tune):
        return title
    return f"{wish.tune}·{title}" if title else wish.tune


def _objection(wish: PoemWish, at: int) -> InputError:
    """Why the text that is there already cannot be the beginning."""
    written = wish.written
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
