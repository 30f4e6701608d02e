"""Equal sets of characters become one object."""

from __future__ import annotations

import weakref

from assistant.engine.interning import SetInterner


def test_equal_sets_become_one_object() -> None:
    interner = SetInterner()
    first, again, other = (frozenset(characters) for characters in ("东风同", "同风东", "东风"))
    assert interner.intern(first) is first
    assert interner.intern(again) is first
    assert interner.intern(other) is other


def test_sets_made_anew_all_the_time_are_not_kept_for_ever() -> None:
    interner = SetInterner()
    early = frozenset("东风")
    alive = weakref.ref(early)
    interner.intern(early)
    del early
    for number in range(5000):
        made = frozenset({"东", chr(0x4E00 + number)})
        assert interner.intern(made) == made
    assert alive() is None
