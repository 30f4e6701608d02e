"""Which characters answer each other (对仗)."""

from __future__ import annotations

import pytest

from assistant.prosody.counterparts import counterparts, likeness


def test_characters_of_one_class_answer_each_other() -> None:
    table = counterparts()
    for alike, other in (("红绿", "红去"), ("千万", "千飞"), ("山水", "山不"), ("紅綠", "紅去")):
        first, second = (table.likeness(*pair) for pair in (alike, other))
        assert first is not None
        assert second is not None
        assert first > 0.5 > second
    assert table.likeness("山", "𪚥") is None
    assert {"绿", "碧"} <= table.answers("红", 0.3)
    assert "去" not in table.answers("红", 0.3)
    assert len(table.answers("𪚥", 0.3)) > 3000
    assert (
        likeness("海阔凭鱼跃", "天高任鸟飞")
        > likeness("海阔凭鱼跃", "何必问前程")
        > likeness("，", "，")
        == 0
    )
    assert likeness("𪚥", "山") == pytest.approx(0.1)
