"""Turns of a conversation in a text."""

from __future__ import annotations

import re

from assistant.api import ChatMessage

_TURN = re.compile(r"^(问|答)[：:]", re.MULTILINE)


def parse_turns(text: str) -> list[ChatMessage]:
    """The turns of ``text``: paragraphs that begin with 「问：」 and 「答：」; empty when it has none.

    An empty 「答：」 at the end, where the answer is to come, is no turn.

    >>> [turn.role for turn in parse_turns("问：何为月？\\n答：")]
    ['user']
    """
    marks = list(_TURN.finditer(text))
    turns = []
    for place, mark in enumerate(marks):
        end = marks[place + 1].start() if place + 1 < len(marks) else len(text)
        content = text[mark.end() : end].strip()
        if content:
            turns.append(ChatMessage("user" if mark[1] == "问" else "assistant", content))
    return turns
