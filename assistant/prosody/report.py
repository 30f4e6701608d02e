"""What the checker found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from assistant.prosody.readings import Reading


class Severity(StrEnum):
    """How much an issue weighs."""

    ERROR = "error"
    """Breaks a rule."""
    WARNING = "warning"
    """Poets disagree, or advise against it; the text still counts as right."""
    NOTE = "note"
    """Worth knowing: which reading was assumed, what was rescued."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One remark.

    Attributes:
        rule: its name as poets know it, such as 失粘, 孤平, 失韵.
        message: one sentence: what is wrong or was assumed, and why.
        severity: error, warning or note.
        position: the character it is about, counted from 1 in its line; None for the whole line or poem.
        suggestion: what would fit, such as 「此处宜平声」 or a few characters; may be empty.
    """

    rule: str
    message: str
    severity: Severity = Severity.ERROR
    position: int | None = None
    suggestion: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain data for ``--json``."""
        return {
            "rule": self.rule,
            "position": self.position,
            "message": self.message,
            "severity": self.severity.value,
            "suggestion": self.suggestion,
        }


@dataclass(frozen=True, slots=True)
class CheckedCharacter:
    """A character of the text and how it was read.

    Attributes:
        character: itself.
        offset: its place in the checked text, in code points from 0.
        readings: all it can have; empty when the tables do not know it.
        reading: the one assumed; None when unknown.
        wanted: 平, 仄 or 中 by the pattern; empty without one.
        rhymes: true when it stands at a rhyme.
        pinned: true when the person chose the reading.
    """

    character: str
    offset: int
    readings: tuple[Reading, ...]
    reading: Reading | None
    wanted: str = ""
    rhymes: bool = False
    pinned: bool = False

    @property
    def mark(self) -> str:
        """平, 仄, 入, or ？ when the tables do not know the character."""
        return self.reading.tone.mark if self.reading else "？"


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """A line of verse.

    Attributes:
        characters: without the mark behind it.
        mark: that mark; empty when there is none.
        issues: about this line.
        stanza: which 片, from 0.
    """

    characters: tuple[CheckedCharacter, ...]
    mark: str = ""
    issues: tuple[Issue, ...] = ()
    stanza: int = 0

    @property
    def text(self) -> str:
        """Its characters."""
        return "".join(character.character for character in self.characters)

    @property
    def tones(self) -> str:
        """平仄入？ of each character."""
        return "".join(character.mark for character in self.characters)

    @property
    def pattern(self) -> str:
        """平仄中 asked of each character; empty without a pattern."""
        return "".join(character.wanted for character in self.characters)


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on a poem or couplet.

    Attributes:
        form: such as 七绝, 古风, 词, 对联; empty when nothing was recognised.
        tune: name of the 词牌; empty for other forms.
        variant: the opening pattern or the variant of the tune that fits best, such as 「仄起首句入韵」.
        rhyme_book: id of the book.
        rhyme: the rhyme group, or several joined by 「、」 where the rhyme changes; empty when unknown.
        lines: in order.
        issues: about the poem as a whole.
        title: empty when it has none.
    """

    form: str
    rhyme_book: str
    lines: tuple[CheckedLine, ...] = ()
    issues: tuple[Issue, ...] = ()
    tune: str = ""
    variant: str = ""
    rhyme: str = ""
    title: str = ""

    @property
    def ok(self) -> bool:
        """True when no rule is broken; warnings and notes do not count."""
        return not self.errors

    @property
    def errors(self) -> tuple[Issue, ...]:
        """All issues that break a rule, of the poem first."""
        everything = [*self.issues, *(issue for line in self.lines for issue in line.issues)]
        return tuple(issue for issue in everything if issue.severity is Severity.ERROR)

    @property
    def name(self) -> str:
        """What the poem was taken for: 「词·浣溪沙」, 「七绝」."""
        return f"{self.form}·{self.tune}" if self.tune else self.form

    def as_json(self) -> dict[str, Any]:
        """The document that ``biban check --json`` prints."""
        return {
            "form": self.form,
            "tune": self.tune,
            "variant": self.variant,
            "title": self.title,
            "rhyme_book": self.rhyme_book,
            "rhyme": self.rhyme,
            "ok": self.ok,
            "lines": [
                {
                    "text": line.text,
                    "tones": line.tones,
                    "pattern": line.pattern,
                    "issues": [issue.as_json() for issue in line.issues],
                }
                for line in self.lines
            ],
            "issues": [issue.as_json() for issue in self.issues],
        }
