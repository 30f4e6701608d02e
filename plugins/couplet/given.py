"""The line that a person gives, and which side of the couplet it is."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.api import GenerationRequest, InputError
from assistant.api.han import is_han
from assistant.prosody.couplet_tones import rhythm_points
from assistant.prosody.glyphs import Reader
from assistant.prosody.rhyme_books import RhymeBook, rhyme_book
from assistant.prosody.tables import stands_for
from assistant.prosody.tones import LEVEL, OBLIQUE
from plugins.couplet.occasions import Occasion, find_occasion, occasion_in
from plugins.couplet.options import BOTH, LOWER, UPPER, CoupletOptions
from plugins.couplet.plan import clauses_of

MOST_CHARACTERS = 40
_MARKS = "，。；：、！？,.;:!?"
_LONGEST_TITLE = 4
"""A line of more characters above the cursor is verse rather than the title of a couplet to be written."""


@dataclass(frozen=True)
class Given:
    """A line to be answered.

    Attributes:
        text: the line as the model reads it, without spaces and without the mark at its end.
        own: the same as the person wrote it, of as many characters: its readings count, and which of them are alike.
            The 乾 of a traditional text is level; the 干 that the model reads may be oblique too.
        is_upper: it is the 上联: it is answered by a 下联.
        turned: its tone says it is the other side than the person asked for.
    """

    text: str
    own: str
    is_upper: bool
    turned: bool

    @property
    def taken(self) -> frozenset[str]:
        """Characters that the answer must not have, in either script: those of the line, and what may become one."""
        characters = frozenset(self.text + self.own)
        return characters.union(
            short for short, long in stands_for().items() if not characters.isdisjoint(long)
        )


def options_of(request: GenerationRequest) -> CoupletOptions:
    """The options of ``request``.

    Raises:
        TypeError: they are those of another writer.
    """
    if not isinstance(request.options, CoupletOptions):
        raise TypeError(f"expected CoupletOptions, got {type(request.options).__name__}")
    return request.options


def book_of(request: GenerationRequest) -> RhymeBook:
    """The rhyme book asked for, as simplified text reads it: models write simplified characters."""
    return rhyme_book(options_of(request).rhyme_book)


def shown_book_of(request: GenerationRequest) -> RhymeBook:
    """The rhyme book asked for, as the person's own text reads it."""
    return rhyme_book(options_of(request).rhyme_book, traditional=request.traditional)


def writes_both(request: GenerationRequest) -> bool:
    """True when a whole couplet is asked for."""
    return options_of(request).direction == BOTH


def given_of(request: GenerationRequest) -> Given:
    """The line before the cursor. A line that ends level is a 下联, one that ends oblique a 上联, whatever was asked.

    Raises:
        InputError: there is none, or it cannot be answered; says why.
    """
    wanted = options_of(request).direction
    book = shown_book_of(request)
    own = given_line((request.as_written or request.context).before, wanted)
    text = given_line(request.context.before, wanted)
    if len(own) != len(text):
        own = text  # a phrase that is longer in the other script: their places cannot be matched
    _refuse_unknown(own, book)
    classes = book.tone_classes(own[-1])
    asked_upper = wanted != UPPER
    is_upper = OBLIQUE in classes if asked_upper else LEVEL not in classes
    return Given(text, own, is_upper, is_upper != asked_upper)


def given_line(before: str, direction: str = LOWER) -> str:
    """The last line of ``before`` that has text, without spaces and without the mark at its end.

    Raises:
        InputError: there is none, it has no 汉字 or characters that cannot be answered, or it is too long.
    """
    side = "下联" if direction == UPPER else "上联"
    line = _last_line(before)
    for label in ("上联：", "下联：", "上联:", "下联:"):
        line = line.removeprefix(label)
    line = line.rstrip(_MARKS)
    if not any(map(is_han, line)):
        raise InputError(f"还没有{side}。", f"请先写出{side}，光标放在它后面。")
    strange = next((c for c in line if not is_han(c) and c not in _MARKS), None)
    if strange is not None:
        raise InputError(f"{side}里的「{strange}」不是汉字，没法对。", "请改成汉字再试。")
    if len(line) > MOST_CHARACTERS:
        raise InputError(f"{side}有 {len(line)} 字，太长了。", f"请不要超过 {MOST_CHARACTERS} 字。")
    return line


def occasion_of(request: GenerationRequest) -> Occasion:
    """What the couplet is about: the theme in the options, else the title or the words on the page."""
    theme = options_of(request).theme
    if theme.strip():
        return find_occasion(theme)
    if not writes_both(request):
        return occasion_in(_last_line(request.context.before))
    line = _last_line(request.context.before)
    heading = line.startswith(("#", "《"))
    return find_occasion(line if heading or len(line) <= _LONGEST_TITLE else "")


def _last_line(before: str) -> str:
    lines = ["".join(line.split()) for line in before.replace("\u2029", "\n").split("\n")]
    return next((line for line in reversed(lines) if line), "")


def _refuse_unknown(line: str, book: RhymeBook) -> None:
    """Raises:
    InputError: a character whose tone decides what may answer it is in no table.
    """
    reader = Reader(book)
    for _, text in clauses_of(line):
        for point in rhythm_points(len(text)):
            if not reader.book.tone_classes(text[point]):
                raise InputError(
                    f"{book.name}里没有「{text[point]}」，不知它的平仄，没法相对。", "请换一个字再试。"
                )
