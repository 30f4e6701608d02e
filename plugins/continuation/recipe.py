"""How a document of prose becomes training examples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from assistant.api import TrainingRecipe, TrainingText

TITLE_FORMAT = "《{title}》"
"""How a headline stands before the text; a line break would be lost in a BERT vocabulary."""
NEWS = "新闻"
PASSAGE_CHARACTERS = 220
"""About how long a passage is, its title counted: with a control token it fits into 256 tokens."""
MAX_TITLE_CHARACTERS = 40

_KINDS = {
    "news": NEWS,
    "article": "文章",
    "essay": "散文",
    "fiction": "小说",
    "report": "报告",
    "docs": "文档",
    "statute": "法规",
    "recipe": "菜谱",
}
_FICTION = frozenset({"呐喊", "彷徨", "故事新编"})
"""Books of stories; the other books of the corpus are essays."""
_SENTENCE = re.compile(r"[^。！？!?；;\n]*(?:[。！？!?；;]+[”’」』）)]*|\n|$)")


class ProseRecipe(TrainingRecipe):
    """Passages that end with a sentence; the kind of text may be told by a control token, and the title stands before
    the first passage.
    """

    id = "prose"
    name = "散文与新闻"
    title_format = TITLE_FORMAT

    def examples(self, record: Mapping[str, Any]) -> Iterable[TrainingText]:
        """Reads ``text`` and, where they are there, ``title``, ``kind`` and ``book`` (of 鲁迅: essays and stories)."""
        book = str(record.get("book", ""))
        by_book = "小说" if book in _FICTION else "散文" if book else ""
        kind = _KINDS.get(str(record.get("kind", "")), by_book)
        controls = (kind,) if kind else ()
        title = "".join(str(record.get("title", "")).split())
        prefix = TITLE_FORMAT.format(title=title) if 0 < len(title) <= MAX_TITLE_CHARACTERS else ""
        text = str(record.get("text", ""))
        for passage in passages(text, PASSAGE_CHARACTERS, first=PASSAGE_CHARACTERS - len(prefix)):
            yield TrainingText(passage, prefix, controls)
            prefix = ""


def passages(text: str, most: int, first: int | None = None) -> Iterator[str]:
    """Runs of whole sentences of at most ``most`` characters, the first of at most ``first``; a longer sentence is a
    passage of its own.

    Paragraphs are joined: a BERT vocabulary has no line break.

    >>> list(passages("一二三。四五。\\n六七八九。", 6))
    ['一二三。', '四五。', '六七八九。']
    """
    passage, room = "", most if first is None else first
    for match in _SENTENCE.finditer(text):
        sentence = match[0].strip()
        if passage and len(passage) + len(sentence) > room:
            yield passage
            passage, room = "", most
        passage += sentence
    if passage:
        yield passage
