"""Equal sets of characters become one object."""

from __future__ import annotations

import weakref
from pathlib import Path

import pytest

from assistant.api import CharacterSet
from assistant.engine.byte_vocabulary import ByteVocabulary
from assistant.engine.interning import SetInterner
from assistant.engine.vocabulary import BertVocabulary, EngineVocabulary
from tests.engine.twins import write_twin
from tests.model_twins.systems import TinyTwins

LARGE = frozenset(map(chr, range(0x4E00, 0x4E80)))


def again(characters: frozenset[str]) -> frozenset[str]:
    """An equal set that is another object."""
    return frozenset(list(characters))


def test_equal_sets_become_one_object() -> None:
    interner = SetInterner()
    assert interner.intern(LARGE) is LARGE
    assert interner.intern(again(LARGE)) is LARGE
    other = LARGE - {"一"}
    assert interner.intern(other) is other


def test_a_full_interner_forgets_when_it_is_told_to() -> None:
    interner = SetInterner()
    early = LARGE - {"一"}
    alive = weakref.ref(early)
    interner.intern(early)
    del early
    kept = []
    while not interner.is_full:
        kept.append(again(LARGE))
        interner.intern(kept[-1])
    interner.clear()
    assert not interner.is_full
    assert alive() is None
    assert interner.intern(kept[-1]) is kept[-1]


@pytest.fixture(params=["characters", "bytes"])
def vocab(request: pytest.FixtureRequest, tmp_path: Path) -> EngineVocabulary:
    if request.param == "characters":
        return BertVocabulary.read(write_twin(tmp_path / "twin"))
    found = TinyTwins(tmp_path).model("wenzhong-110m", "int8").vocabulary
    assert isinstance(found, ByteVocabulary)
    return found


def test_masks_and_sets_do_not_pile_up_however_many_sets_are_asked_for(vocab: EngineVocabulary) -> None:
    expected = vocab.mask_after(b"", CharacterSet(LARGE)).copy()
    alive: list[weakref.ref[frozenset[str]]] = []
    for number in range(2500):
        asked = LARGE | {chr(0x6000 + number)}
        alive.append(weakref.ref(asked))
        vocab.mask_after(b"", CharacterSet(asked, without=frozenset("一")))
    del asked
    assert sum(ref() is not None for ref in alive) <= 1024
    assert (vocab.mask_after(b"", CharacterSet(again(LARGE))) == expected).all()
