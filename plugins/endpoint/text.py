"""Text as servers send it."""

from __future__ import annotations


class WholeCharacters:
    """Joins the halves of a surrogate pair that a server split over two events, and drops what is no text.

    Some servers put the replacement character where a token ends within a character.
    """

    def __init__(self) -> None:
        self._held = ""

    def push(self, text: str) -> str:
        """``text`` without half characters."""
        text, self._held = self._held + text, ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._held = text[:-1], text[-1]
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\ufffd", "")


def first_line(text: str, length: int = 200) -> str:
    """The first line of ``text``, printable and not too long."""
    line = next(iter(text.strip().splitlines()), "")
    line = "".join(character for character in line if character.isprintable())
    return line if len(line) <= length else line[:length] + "…"
