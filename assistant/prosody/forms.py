"""Forms of verse, and what is asked of each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """A form of equal lines.

    Attributes:
        name: as it is called, such as 七绝.
        line_count: lines in a poem; 0 for any even number of at least ten (排律) or any at all (古风).
        line_length: characters in a line, or 0 for any.
        regulated: true when tones, 对 and 粘 count, false when only the rhyme does.
    """

    name: str
    line_count: int
    line_length: int
    regulated: bool = True

    @property
    def length(self) -> int:
        """Characters of a whole poem with one mark behind each line; 0 when the form does not fix it."""
        return self.line_count * (self.line_length + 1)


FORMS = {
    form.name: form
    for form in (
        Form("五绝", 4, 5),
        Form("七绝", 4, 7),
        Form("五律", 8, 5),
        Form("七律", 8, 7),
        Form("五排", 0, 5),
        Form("七排", 0, 7),
        Form("五言古绝", 4, 5, regulated=False),
        Form("七言古绝", 4, 7, regulated=False),
        Form("五古", 0, 5, regulated=False),
        Form("七古", 0, 7, regulated=False),
        Form("古风", 0, 0, regulated=False),
    )
}
"""By name."""
LEAST_PAI_LINES = 10
"""A regulated poem of so many lines or more is a 排律."""
FORM_NAMES = ("auto", *FORMS, "词", "对联")
"""What a person can ask the checker for."""


def regulated_form(line_length: int, line_count: int) -> str:
    """The name of the regulated form with these lines; empty when there is none (yet)."""
    for form in FORMS.values():
        if form.regulated and form.line_length == line_length and form.line_count == line_count:
            return form.name
    if line_count >= LEAST_PAI_LINES and line_count % 2 == 0:
        return {5: "五排", 7: "七排"}.get(line_length, "")
    return ""
