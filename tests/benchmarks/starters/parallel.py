"""对仗 in 律诗: whether the middle couplets of what a model writes answer each other as those of poets do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from assistant.prosody.rhyme_books import rhyme_book
from tests.benchmarks.quality.inputs import lines_of, poems
from tests.benchmarks.quality.store import Store
from tests.benchmarks.quality.tables import percent, table
from tests.benchmarks.starters.diversity import poems_under
from tests.benchmarks.starters.models import Starter
from tests.benchmarks.starters.opposition import Couplet, Opposition, equal_error, shuffled
from tests.benchmarks.starters.verse import heldout, text_of, titled

FORMS = {5: "五律", 7: "七律"}
"""By characters of a line."""
PLACES = ("首联", "颔联", "颈联", "尾联")
_TESTED = "couplets.heldout.jsonl.xz"
_LEARNT = "couplets.train.jsonl.xz"


def section(starters: Sequence[Starter], corpus: Path, count: int, store: Store) -> str:
    """Two tables: how well the measure tells couplets apart, and what it says of models and of poets."""
    opposition = Opposition(_couplets(corpus / _LEARNT))
    real, mixed = shuffled(_couplets(corpus / _TESTED), tones_of)
    thresholds, rows = {}, []
    for length in FORMS:
        scores = [
            [opposition.score(*couplet) for couplet in couplets if len(couplet[0]) == length]
            for couplets in (real, mixed)
        ]
        thresholds[length], error = equal_error(*scores)
        rows.append(
            [f"{length} 言", str(len(scores[0])), f"{thresholds[length]:.3f}", f"{100 * error:.1f} %"]
        )
    judged = [
        _row(name, texts, opposition, thresholds) for name, texts in _texts(starters, corpus, count, store)
    ]
    return (
        f"{table(['对句', '副', '门槛', '错判'], rows)}\n\n"
        f"{table(['律诗', '首', *PLACES, '颔联与颈联', '平均分'], judged)}\n\n"
        "每个位置上下两字在训练集的对句里相对的点互信息（PMI，纳特），取平均。门槛是真对句与打乱的对句错判一样多的地方；"
        "打乱：同样字数、同样平仄的下句互换，所以平仄帮不上忙，能分辨的只有字面。"
        f"下表是过了门槛的份额，按题写的是写作器默认设置的第一候选，各 {count} 题；"
        "平均分只算颔联与颈联。首联、尾联可以不对，列出来作比较。它看的是单字的类别，不看词性与句法。"
    )


def tones_of(line: str) -> str:
    """平 or 仄 of each character as verse usually reads it; ? where the book does not have it."""
    book = rhyme_book("pingshui")
    readings = [book.readings(character) for character in line]
    return "".join(found[0].tone.tone_class if found else "?" for found in readings)


def couplets_of(text: str) -> list[Couplet]:
    """The couplets of a poem, those of unequal lines left out."""
    lines = lines_of(text)
    pairs = zip(lines[::2], lines[1::2], strict=False)
    return [(upper, lower) for upper, lower in pairs if len(upper) == len(lower)]


def _texts(
    starters: Sequence[Starter], corpus: Path, count: int, store: Store
) -> list[tuple[str, list[str]]]:
    rows = []
    for form in FORMS.values():
        titles = titled(corpus, form, count)
        for starter in starters:
            rows.append((f"{form}，{starter.name}", poems_under(starter, form, titles, store)))
        texts = [text_of(poem) for poem in heldout(corpus) if poem["kind"] == form and poem.get("reg")]
        rows.append((f"{form}，古人（留出集）", texts))
    return rows


def _row(
    name: str, texts: Sequence[str], opposition: Opposition, thresholds: Mapping[int, float]
) -> list[str]:
    whole = [couplets for couplets in map(couplets_of, texts) if len(couplets) == len(PLACES)]
    scores = [[opposition.score(*couplet) for couplet in couplets] for couplets in whole]
    passed = [
        [score >= thresholds[len(couplet[0])] for score, couplet in zip(own, couplets, strict=True)]
        for own, couplets in zip(scores, whole, strict=True)
    ]
    shares = [percent(sum(row[place] for row in passed), len(passed)) for place in range(len(PLACES))]
    middle = percent(sum(row[1] + row[2] for row in passed), 2 * len(passed))
    mean = sum(own[1] + own[2] for own in scores) / max(2 * len(scores), 1)
    return [name, str(len(whole)), *shares, middle, f"{mean:.3f}"]


def _couplets(path: Path) -> list[Couplet]:
    return [(entry["upper"], entry["lower"]) for entry in poems(path)]
