"""The couplet writer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.api import (
    Cancellation,
    Candidate,
    GenerationRequest,
    InputError,
    LanguageModel,
    ModelCard,
    Reads,
    TokenChunk,
    Vocabulary,
    Writer,
    WriterExample,
)
from assistant.prosody.counterparts import counterparts
from assistant.prosody.couplets import check_couplet
from assistant.prosody.report import Issue, Report, Severity
from assistant.prosody.rhyme_books import rhyme_book
from assistant.prosody.variety import best_first
from plugins.couplet.banners import LABELS
from plugins.couplet.choices import choices_of
from plugins.couplet.composing import Composer, numbers_of
from plugins.couplet.given import Given, given_of, occasion_of, options_of, shown_book_of, writes_both
from plugins.couplet.options import BOTH, CoupletOptions
from plugins.couplet.ranking import Pair, merits
from plugins.couplet.wording import wording


class CoupletWriter(Writer):
    """A line is answered by one of the same build and opposite tones, or a whole couplet is written on a theme.

    Everything that is shown keeps the rules of couplets (``assistant.prosody.couplet_check``), in itself and against
    the given line; where the given line itself breaks one, the report says so.
    """

    id = "couplet"
    name = "对联"
    description = "给出上联对下联、给出下联对上联，或据题目写一副；字数、断句、平仄必定相对。"
    verb = "对对联"
    example = "海阔凭鱼跃"
    examples = (
        WriterExample("对下联", "上联：春风拂柳千门绿", before="春风拂柳千门绿"),
        WriterExample(
            "写春联",
            "据题目写一副，带横批",
            options={"direction": BOTH, "theme": "春节", "banner": True},
        ),
    )
    icon = "couplet"
    order = 20
    options_model = CoupletOptions
    reads = frozenset({Reads.BEFORE})
    no_model_hint = "对联要用对联模型，或用诗词模型代替。"

    def prepare(self, vocabulary: Vocabulary) -> None:
        counterparts()
        choices_of(vocabulary, rhyme_book(CoupletOptions().rhyme_book), traditional=False)

    def prompt(self, request: GenerationRequest, card: ModelCard) -> str:
        titles = occasion_of(request).titles
        words = wording(card, titles[0] if titles else "")
        if writes_both(request):
            return words.heading + words.before
        given = given_of(request)
        return words.couplet(given.text) if given.is_upper else words.turned(given.text)

    def lead(self, request: GenerationRequest) -> str:
        before = request.context.before
        return "" if not before or before.endswith("\n") else "\n"

    def drafts(self, request: GenerationRequest) -> int:
        if writes_both(request):
            kept, each = numbers_of(request)
            return kept * each
        return max(request.num_return_sequences, options_of(request).drafts)

    def generate(
        self, request: GenerationRequest, model: LanguageModel | None, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        if model is None:
            raise TypeError(f"writer {self.id!r} needs a model")
        given = None if writes_both(request) else given_of(request)
        side = options_of(request).length + 1 if given is None else len(given.text)
        # The model reads both sides, a theme and a 横批 when it weighs them. In a byte-level vocabulary a character
        # takes three tokens, a rare one that the model itself writes four.
        each = model.vocabulary.tokens_a_character
        if model.context_length < 2 * (each + 1) * side:
            raise InputError(
                f"这个模型一次最多读 {model.context_length // each} 个字，写不完这副对联。",
                "请缩短上联，或换一个模型。",
            )
        composer = Composer(request, model, cancellation)
        if given is None:
            yield from composer.couplets(*numbers_of(request))
        else:
            yield from composer.answer(given, self.drafts(request))

    def rank(
        self, request: GenerationRequest, candidates: Sequence[Candidate], model: LanguageModel | None
    ) -> list[Candidate]:
        given = None if writes_both(request) else given_of(request)
        book = shown_book_of(request)
        shown, pairs = [], []
        for candidate in candidates:
            upper, lower, banner = _parts(candidate.continuation, given)
            if not upper or not lower or (options_of(request).banner and not banner):
                continue
            report = check_couplet(upper, lower, book, banner=banner)
            # Taken to traditional characters, one that stood for several may be another than the one it was written as.
            if _is_faultless(report, given):
                shown.append(replace(candidate, report=_with_note(report, given).as_json()))
                written = upper + lower if given is None else lower if given.is_upper else upper
                pairs.append(Pair(upper, lower, candidate.score, written))
        words = wording(model.card) if model is not None else None
        worth = (
            merits(pairs, model, words, occasion_of(request))
            if words is not None
            else [pair.score for pair in pairs]
        )
        return [shown[at] for at in best_first([pair.written for pair in pairs], worth)]


def _parts(text: str, given: Given | None) -> tuple[str, str, str]:
    """上联, 下联 and 横批 of a candidate; empty where it has none."""
    lines = text.split("\n")
    banner = lines.pop()[len(LABELS[0]) :] if lines[-1].startswith(LABELS) else ""
    if given is None:
        return (lines[0], lines[1], banner) if len(lines) == 2 else ("", "", "")
    return (given.own, lines[0], banner) if given.is_upper else (lines[0], given.own, banner)


def _is_faultless(report: Report, given: Given | None) -> bool:
    """True when nothing is wrong but characters of the given line that no table knows and whose tone is no matter."""
    own = -1 if given is None else 0 if given.is_upper else 1
    unknown = [
        issue
        for line in report.lines
        if line.stanza == own
        for issue in line.issues
        if issue.rule == "未收字"
    ]
    return all(any(issue is known for known in unknown) for issue in report.errors)


def _with_note(report: Report, given: Given | None) -> Report:
    if given is None or not given.turned:
        return report
    ends, is_, written = ("仄", "上联", "下联") if given.is_upper else ("平", "下联", "上联")
    note = Issue("仄起平落", f"所给的一句以{ends}声收尾，按例是{is_}，所以对的是{written}。", Severity.NOTE)
    return replace(report, issues=(*report.issues, note))
