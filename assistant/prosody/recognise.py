"""What kind of verse a text is, when nobody says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.prosody.forms import regulated_form
from assistant.prosody.tunes import Tune, find_tune, tunes_of_lengths
from assistant.prosody.verse import Verse

_TITLE_PARTS = re.compile(r"[·・•‧．.\s（(【\[—:：,，]")
_MOST_UNEVEN = 0.3
"""Up to this share of lines may have a wrong count in a poem of equal lines."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a text was taken for.

    Attributes:
        form: 五绝 …; 五言 or 七言 for lines that are no whole form yet; 词; empty for none of these.
        line_length: characters in a line, for forms of equal lines.
        tunes: that it may be, the likeliest first.
    """

    form: str
    line_length: int = 0
    tunes: tuple[Tune, ...] = ()


def recognise(verse: Verse) -> Kind:
    """The kind of ``verse``, by its title and the lengths of its lines; tones are not looked at."""
    lengths = verse.lengths
    titled = tune_in_title(verse.title)
    if titled is not None and _could_be(titled, lengths):
        return Kind("词", tunes=(titled,))
    length = _common_length(lengths)
    fitting = tuple(dict.fromkeys(tune for tune, _ in tunes_of_lengths(lengths)))
    even = bool(length) and set(lengths) == {length}
    # 浣溪沙 and its like have equal lines too, but not the number of lines of a regulated form.
    if fitting and not (even and regulated_form(length, len(lengths))):
        return Kind("词", line_length=length if even else 0, tunes=fitting)
    if length:
        form = regulated_form(length, len(lengths))
        return Kind(form or {5: "五言", 7: "七言"}[length], length)
    return Kind("")


def tune_in_title(title: str) -> Tune | None:
    """The 词牌 that a title such as 「水调歌头·明月几时有」 begins with."""
    for part in (title, _TITLE_PARTS.split(title.strip())[0]):
        found = find_tune(part.strip("《》 "))
        if found is not None:
            return found
    return None


def _could_be(tune: Tune, lengths: Sequence[int]) -> bool:
    """False for a poem whose title happens to be that of a tune: equal lines of which the tune has not so many."""
    if len(set(lengths)) > 1 or len(lengths) < 4:
        return True
    # 杨柳枝 and 竹枝 are sung to 七绝; a tune of one length that has just these lines is meant.
    return any(set(pattern.line_lengths) == set(lengths) for pattern in tune.patterns) or not regulated_form(
        lengths[0], len(lengths)
    )


def _common_length(lengths: Sequence[int]) -> int:
    """5 or 7 when nearly all lines have it, else 0."""
    if len(lengths) < 2:
        return 0
    (length, count), *_ = Counter(lengths).most_common(1)
    uneven = len(lengths) - count
    if length not in (5, 7) or (uneven and (len(lengths) < 4 or uneven > _MOST_UNEVEN * len(lengths))):
        return 0
    return length
