"""Is it right? The checker of poems, 词 and couplets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from assistant.api.errors import InputError
from assistant.api.han import is_han
from assistant.prosody.ancient_check import check_ancient
from assistant.prosody.couplets import check_couplet_text, looks_like_couplet
from assistant.prosody.forms import FORM_NAMES, FORMS, LEAST_PAI_LINES, Form
from assistant.prosody.glyphs import Glyph, Reader, reading_issues, unknown_issues
from assistant.prosody.pattern_check import PatternVerdict, best_pattern
from assistant.prosody.recognise import Kind, recognise, tune_in_title
from assistant.prosody.regulated_check import RegulatedVerdict, check_regulated
from assistant.prosody.report import CheckedLine, Issue, Report, Severity
from assistant.prosody.rhyme_books import RHYME_BOOK_IDS, RhymeBook, rhyme_book
from assistant.prosody.script import is_traditional
from assistant.prosody.tunes import Tune, UnknownTuneError, tune, tunes_of_lengths
from assistant.prosody.verse import GAPS, Verse, VerseLine, parse_verse

_MOST_WRONG_PER_LINE = 0.5
"""Verse of 4 or 8 equal lines with more wrong characters and broken links a line is taken for ancient verse."""
_MOST_WRONG_IN_TUNE = 0.2
"""Verse whose tune is only guessed from its lengths may have so large a share of characters wrong."""


@dataclass(frozen=True)
class CheckSettings:
    """What a text is to be held against.

    Attributes:
        form: one of ``FORM_NAMES``; ``auto`` recognises it.
        tune: name of a 词牌, which implies the form 词.
        rhyme_book: id; empty for 平水韵, and 词林正韵 for 词.
        pins: (text of a line, position from 1) → 平 or 仄: the reading the person chose there.
        character_pins: character → 平 or 仄, wherever it stands.
        traditional: whether the text is in traditional characters; None to tell from the text.
    """

    form: str = "auto"
    tune: str = ""
    rhyme_book: str = ""
    pins: Mapping[tuple[str, int], str] = field(default_factory=dict)
    character_pins: Mapping[str, str] = field(default_factory=dict)
    traditional: bool | None = None

    def validate(self) -> None:
        """Raises:
        InputError: a form, tune or rhyme book does not exist; the nearest names are offered.
        """
        if self.form not in FORM_NAMES:
            near = get_close_matches(self.form, FORM_NAMES, n=3, cutoff=0.3) or FORM_NAMES[:5]
            raise InputError(f"没有「{self.form}」这种体裁。", f"可以选：{'、'.join(near)}。")
        if self.rhyme_book and self.rhyme_book not in RHYME_BOOK_IDS:
            raise InputError(f"没有「{self.rhyme_book}」这部韵书。", f"可以选：{'、'.join(RHYME_BOOK_IDS)}。")
        if self.tune:
            _tune(self.tune)


def check(text: str, settings: CheckSettings | None = None) -> Report:
    """The verdict on ``text``.

    Args:
        text: a poem, 词 or couplet, with or without a title.
        settings: what to hold it against; everything is recognised when None.

    Raises:
        InputError: there is no verse in the text, or the settings name something that does not exist.
    """
    settings = settings or CheckSettings()
    settings.validate()
    verse = parse_verse(text)
    if not any(is_han(character) or character in GAPS for character in verse.text):
        raise InputError("没有可以检查的诗句。", "请写下诗句再试。")
    return _Checker(text, verse, settings).report()


def _tune(name: str) -> Tune:
    try:
        return tune(name)
    except UnknownTuneError as error:
        raise InputError(str(error), "请换一个词牌。") from error


class _Checker:
    def __init__(self, text: str, verse: Verse, settings: CheckSettings) -> None:
        self.text, self.verse, self.settings = text, verse, settings
        self.traditional = settings.traditional if settings.traditional is not None else is_traditional(text)

    def report(self) -> Report:
        settings = self.settings
        if settings.tune:
            return self._check_tunes([_tune(settings.tune)])
        if settings.form == "对联":
            return self._check_couplet()
        if settings.form == "词":
            return self._check_unnamed_tune()
        if settings.form != "auto":
            return self._check_form(FORMS[settings.form])
        return self._check_recognised()

    def _book(self, default: str) -> RhymeBook:
        return rhyme_book(self.settings.rhyme_book or default, traditional=self.traditional)

    def _glyphs(self, book: RhymeBook, lines: Sequence[VerseLine]) -> list[tuple[Glyph, ...]]:
        reader = Reader(book, self.settings.pins, self.settings.character_pins)
        return [reader.line(line) for line in lines]

    def _check_recognised(self) -> Report:
        if looks_like_couplet(self.text):
            return self._check_couplet()
        kind = recognise(self.verse)
        guessed = self._guess_tune(kind)
        if guessed is not None:
            return guessed
        if kind.line_length:
            return self._check_equal_lines(kind)
        return self._unrecognised()

    def _guess_tune(self, kind: Kind) -> Report | None:
        if kind.form != "词":
            return None
        titled = tune_in_title(self.verse.title) in kind.tunes
        book = self._book("cilin")
        verdict, found = self._best_tune(kind.tunes, book)
        characters = len(self.verse.text)
        if titled or verdict.cost <= _MOST_WRONG_IN_TUNE * characters:
            return self._tune_report(verdict, found, book)
        return None

    def _check_equal_lines(self, kind: Kind) -> Report:
        lines = self._cut(self.verse.lines, kind.line_length)
        book = self._book("pingshui")
        glyphs = self._glyphs(book, lines)
        verdict = check_regulated(lines, glyphs, kind.line_length, book)
        name = kind.form
        if verdict.cost <= max(1.0, _MOST_WRONG_PER_LINE * len(lines)):
            return self._regulated_report(name, verdict, self._count_issues(name, len(lines)))
        if name in FORMS and FORMS[name].line_count == 4:
            name = "五言古绝" if kind.line_length == 5 else "七言古绝"
        else:
            name = "五古" if kind.line_length == 5 else "七古"
        ancient = check_ancient(lines, glyphs, book, length=kind.line_length, may_change="绝" not in name)
        regulated = kind.form if kind.form in FORMS else ""
        told = (
            f"平仄与{regulated}相差很远，按{name}只查押韵；若写的是{regulated}，请选定体裁。"
            if regulated
            else ""
        )
        issues = (Issue("体裁", told, Severity.NOTE),) if told else ()
        return self._report(name, book, ancient.lines, issues, rhyme=ancient.rhyme)

    def _check_form(self, form: Form) -> Report:
        lines = self._cut(self.verse.lines, form.line_length)
        book = self._book("pingshui")
        glyphs = self._glyphs(book, lines)
        issues = self._count_issues(form.name, len(lines))
        if form.regulated:
            return self._regulated_report(
                form.name, check_regulated(lines, glyphs, form.line_length, book), issues
            )
        ancient = check_ancient(
            lines, glyphs, book, length=form.line_length or None, may_change=form.line_count == 0
        )
        return self._report(form.name, book, ancient.lines, issues, rhyme=ancient.rhyme)

    def _regulated_report(self, name: str, verdict: RegulatedVerdict, issues: tuple[Issue, ...]) -> Report:
        return self._report(
            name, self._book("pingshui"), verdict.lines, issues, variant=verdict.variant, rhyme=verdict.rhyme
        )

    def _count_issues(self, name: str, count: int) -> tuple[Issue, ...]:
        form = FORMS.get(name)
        if form is None:
            return (Issue("未完", f"现有 {count} 句，尚不成一首。", Severity.NOTE),)
        if form.line_count and count != form.line_count:
            return (Issue("句数", f"{name}有 {form.line_count} 句，现有 {count} 句。"),)
        if form.regulated and not form.line_count and (count < LEAST_PAI_LINES or count % 2):
            return (Issue("句数", f"排律有十句或更多，须成双，现有 {count} 句。"),)
        return ()

    def _check_unnamed_tune(self) -> Report:
        named = tune_in_title(self.verse.title)
        found = [named] if named else [t for t, _ in tunes_of_lengths(self.verse.lengths)]
        if not found:
            raise InputError("认不出这是哪个词牌。", "请指明词牌，或把词牌写在题目里。")
        return self._check_tunes(list(dict.fromkeys(found)))

    def _check_tunes(self, tunes: Sequence[Tune]) -> Report:
        book = self._book("cilin")
        return self._tune_report(*self._best_tune(tunes, book), book)

    def _best_tune(self, tunes: Sequence[Tune], book: RhymeBook) -> tuple[PatternVerdict, Tune]:
        verdicts = []
        for found in tunes:
            lines = self.verse.lines
            if len(lines) == 1:
                lines = _cut_at(lines[0], found.patterns[0].line_lengths)
            verdicts.append((best_pattern(lines, self._glyphs(book, lines), found.patterns, book), found))
        return min(verdicts, key=lambda verdict: verdict[0].cost)

    def _tune_report(self, verdict: PatternVerdict, found: Tune, book: RhymeBook) -> Report:
        return self._report(
            "词",
            book,
            verdict.lines,
            verdict.issues,
            tune=found.name,
            variant=verdict.pattern.name,
            rhyme=verdict.rhyme,
        )

    def _check_couplet(self) -> Report:
        book = self._book("pingshui")
        return check_couplet_text(self.text, book, self.settings.pins, self.settings.character_pins)

    def _unrecognised(self) -> Report:
        book = self._book("pingshui")
        lines = []
        for line, own in zip(self.verse.lines, self._glyphs(book, self.verse.lines), strict=True):
            characters = tuple(glyph.checked() for glyph in own)
            issues = [*unknown_issues(own), *reading_issues(own, characters)]
            lines.append(CheckedLine(characters, line.mark, tuple(issues), line.stanza))
        lengths = "、".join(map(str, self.verse.lengths[:12]))
        issue = Issue(
            "体裁",
            f"认不出体裁：各句 {lengths} 字。",
            suggestion="请选定体裁或词牌",
        )
        return self._report("", book, tuple(lines), (issue,))

    def _report(
        self,
        form: str,
        book: RhymeBook,
        lines: tuple[CheckedLine, ...],
        issues: tuple[Issue, ...],
        *,
        tune: str = "",
        variant: str = "",
        rhyme: str = "",
    ) -> Report:
        return Report(form, book.id, lines, issues, tune, variant, rhyme, self.verse.title)

    @staticmethod
    def _cut(lines: tuple[VerseLine, ...], length: int) -> tuple[VerseLine, ...]:
        """A text without any mark or break is cut where the form has its line ends."""
        if len(lines) != 1 or not length or len(lines[0].text) <= length:
            return lines
        count, rest = divmod(len(lines[0].text), length)
        return _cut_at(lines[0], [length] * count + ([rest] if rest else []))


def _cut_at(line: VerseLine, lengths: Sequence[int]) -> tuple[VerseLine, ...]:
    """``line`` cut into lines of ``lengths``, what is left over as one more."""
    cut, at = [], 0
    for length in (*lengths, len(line.text)):
        if at < len(line.text):
            cut.append(VerseLine(line.text[at : at + length], line.offsets[at : at + length]))
        at += length
    return tuple(cut)
