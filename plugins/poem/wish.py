"""From a request to the rules of one poem: its patterns, what is written already, and what else it must hold."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from assistant.api import GenerationRequest, InputError
from assistant.api.han import is_han
from assistant.prosody.forms import LEAST_PAI_LINES, Form
from assistant.prosody.patterns import Pattern, PatternLine, Shape
from assistant.prosody.regulated import regulated_patterns
from assistant.prosody.rhyme_books import RhymeBook, rhyme_book
from assistant.prosody.settling import Wishes
from assistant.prosody.tones import EITHER
from assistant.prosody.tunes import UnknownTuneError, tune
from assistant.prosody.verse import GAPS, VerseLine, parse_verse
from plugins.poem.options import PoemOptions, poem_options
from plugins.poem.prompt import PoemSoFar, poem_so_far


@dataclass(frozen=True)
class PoemWish:
    """A poem that is to be written by rules.

    Attributes:
        wishes: patterns, settled characters, words, rhyme.
        book: rhyme book.
        title: empty when it has none.
        written: the text before the first gap, in the marks of the pattern: the model goes on behind it.
        has_gaps: true when characters behind ``written`` are given too.
        form: name that the checker knows the form by; empty for 词.
        tune: name of the tune; empty for other forms.
    """

    wishes: Wishes
    book: RhymeBook
    title: str
    written: str
    has_gaps: bool
    form: str = ""
    tune: str = ""
    lines: tuple[str, ...] = field(default=())

    @property
    def most_characters(self) -> int:
        """Characters and marks of the longest poem that may come out."""
        return max(sum(pattern.line_lengths) + len(pattern.lines) for pattern in self.wishes.patterns)

    @property
    def new_characters(self) -> int:
        """Those of them that stand behind ``written``."""
        return self.most_characters - len(self.written)


@lru_cache(maxsize=8)
def wish_of(request: GenerationRequest) -> PoemWish:
    """What the request asks for.

    Raises:
        InputError: no poem can be written so; says why.
    """
    options = poem_options(request)
    poem = poem_so_far(request.context.before)
    name, form_name, tune_name, patterns = _patterns(options)
    default = "cilin" if tune_name else "pingshui"
    book = rhyme_book(options.rhyme_book or default)
    rhyme = _rhyme(options.rhyme, book)
    lines = _lines(poem, patterns, name)
    patterns = tuple(pattern for pattern in patterns if _divides(lines, pattern))
    if not patterns:
        raise InputError(*_why_not(lines, _patterns(options)[3], name))
    given = {
        (number, column): character
        for number, line in enumerate(lines)
        for column, character in enumerate(line.text)
        if character not in GAPS
    }
    has_gaps = any(character in GAPS for line in lines for character in line.text)
    whole = any(tuple(len(line.text) for line in lines) == pattern.line_lengths for pattern in patterns)
    if whole and not has_gaps and lines[-1].mark:
        raise InputError(
            f"上文已有 {len(lines)} 句，一首{name}只有 {len(lines)} 句。", "空一行，再写新的一首。"
        )
    acrostic = "".join(filter(is_han, options.acrostic))
    if options.acrostic.strip() and not acrostic:
        raise InputError(f"嵌字「{options.acrostic}」里没有汉字。", "请写汉字，如 春夏秋冬。")
    words = tuple(dict.fromkeys(_words(options.words)))
    # Tunes say words again, and so does ancient verse.
    distinct = options.distinct and not tune_name and "古" not in form_name
    return PoemWish(
        Wishes(
            name, patterns, given, acrostic, options.acrostic_place, words, rhyme, bool(tune_name), distinct
        ),
        book,
        options.title.strip() or poem.title,
        _written(lines, patterns[0]),
        has_gaps,
        form_name,
        tune_name,
        tuple(line.text for line in lines),
    )


def _patterns(options: PoemOptions) -> tuple[str, str, str, tuple[Pattern, ...]]:
    """Name for messages, form, tune, and the patterns that may be followed."""
    if options.follows_tune:
        name = options.tune.strip()
        if not name:
            raise InputError("没有说是哪个词牌。", "请填词牌（命令行：--option tune=浣溪沙）。")
        try:
            found = tune(name)
        except UnknownTuneError as error:
            raise InputError(str(error), "请换一个词牌。") from error
        return found.name, "", found.name, found.patterns
    form = options.chosen_form
    if form is None:
        raise InputError("嵌字、韵部等要求要先选体裁。", "请选一种体裁（命令行：--option form=七绝）。")
    count = form.line_count or options.line_count
    least = LEAST_PAI_LINES if form.regulated and not form.line_count else 2
    if count % 2 or count < least:
        raise InputError(f"{form.name}写不成 {count} 句。", f"句数要成双，至少 {least} 句。")
    if not form.regulated:
        return form.name, form.name, "", (_ancient(form, count),)
    patterns = regulated_patterns(count, form.line_length)
    if options.opening:
        patterns = tuple(pattern for pattern in patterns if pattern.name == options.opening)
    return form.name, form.name, "", patterns


def _ancient(form: Form, count: int) -> Pattern:
    """Equal lines of any tones, the even ones rhyming."""
    shape = (Shape(EITHER * form.line_length),)
    lines = [
        PatternLine(
            shape, "。" if number % 2 else "，", "A" if number % 2 else "", EITHER if number % 2 else ""
        )
        for number in range(count)
    ]
    return Pattern(form.name, tuple(lines))


def _rhyme(name: str, book: RhymeBook) -> str:
    if not name.strip():
        return ""
    try:
        return book.find_rhyme(name)
    except ValueError as error:
        raise InputError(str(error), "请换一个韵部，或留空。") from error


def _lines(poem: PoemSoFar, patterns: tuple[Pattern, ...], name: str) -> tuple[VerseLine, ...]:
    lines = parse_verse(poem.text).lines if poem.text else ()
    for number, line in enumerate(lines, start=1):
        strange = next((c for c in line.text if not is_han(c) and c not in GAPS), None)
        if strange is not None:
            raise InputError(
                f"第 {number} 句里的「{strange}」不是汉字，写不成{name}。", "请改一改上文，或选「自由」。"
            )
    lengths = patterns[0].line_lengths if patterns else ()
    if len(lines) == 1 and not lines[0].mark and lengths and len(lines[0].text) > lengths[0]:
        # A run without any mark: cut where the form has its line ends.
        return _cut(lines[0], lengths)
    return lines


def _cut(line: VerseLine, lengths: tuple[int, ...]) -> tuple[VerseLine, ...]:
    pieces, at = [], 0
    for length in (*lengths, len(line.text)):
        piece = line.text[at : at + length]
        if piece:
            whole = at + len(piece) < len(line.text)
            pieces.append(VerseLine(piece, line.offsets[at : at + length], "，" if whole else ""))
        at += length
    return tuple(pieces)


def _divides(lines: tuple[VerseLine, ...], pattern: Pattern) -> bool:
    """True when ``lines`` can be the beginning of ``pattern``; the last may be unfinished."""
    lengths = pattern.line_lengths
    if len(lines) > len(lengths):
        return False
    for number, line in enumerate(lines):
        whole = bool(line.mark) or number + 1 < len(lines)
        if len(line.text) > lengths[number] or (whole and len(line.text) != lengths[number]):
            return False
    return True


def _why_not(lines: tuple[VerseLine, ...], patterns: tuple[Pattern, ...], name: str) -> tuple[str, str]:
    if not patterns:
        return f"{name}没有这种起式。", "请换一种起式，或不限。"
    most = max(len(pattern.lines) for pattern in patterns)
    if len(lines) > most:
        return f"上文已有 {len(lines)} 句，一首{name}只有 {most} 句。", "空一行，再写新的一首。"
    for end in range(1, len(lines) + 1):
        before = [pattern for pattern in patterns if _divides(lines[: end - 1], pattern)]
        if not any(_divides(lines[:end], pattern) for pattern in before):
            line = lines[end - 1]
            wanted = "或 ".join(dict.fromkeys(str(pattern.line_lengths[end - 1]) for pattern in before))
            return (
                f"「{line.text}」有 {len(line.text)} 字，而{name}第 {end} 句是 {wanted} 字。",
                "请改一改这一句，或换一种体裁。",
            )
    return f"上文不合{name}的句式。", "请改一改上文，或换一种体裁。"


def _written(lines: tuple[VerseLine, ...], pattern: Pattern) -> str:
    """Everything before the first gap, with the marks of the pattern."""
    text = ""
    for number, line in enumerate(lines):
        for character in line.text:
            if character in GAPS:
                return text
            text += character
        # A mark that the page does not have yet is for the model to write.
        if line.mark or number + 1 < len(lines):
            text += pattern.lines[number].mark
    return text


def _words(text: str) -> list[str]:
    words = [word for word in re.split(r"[\s,，、;；]+", text) if word]
    for word in words:
        if not all(map(is_han, word)):
            raise InputError(f"必用字词「{word}」里有不是汉字的。", "请只写汉字，用空格隔开。")
        if len(word) > 5:
            raise InputError(f"必用字词「{word}」太长。", "每个请不要超过五个字。")
    return words
