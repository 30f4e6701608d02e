"""The best first, and no two alike."""

from assistant.prosody.variety import best_first


def test_the_best_come_first_and_no_two_alike() -> None:
    texts = ["天高", "天阔", "水深"]
    assert best_first(texts, [0.0, -0.1, -0.5]) == [0, 2, 1]
    assert best_first(texts, [0.0, 3.0, -1.0]) == [1, 0, 2]
    assert best_first([], []) == []


def test_marks_are_no_likeness() -> None:
    texts = ["江上清风，山间明月。", "江水初平，云物皆春。", "不知江月待何人"]
    assert best_first(texts, [0.0, -0.3, -0.3]) == [0, 2, 1]
    assert best_first(["江上，清风", "江上清，风"], [0.0, 0.1]) == [1, 0]
    assert best_first(["江上，清风", "江上清。风", "别有天地"], [0.0, -0.1, -0.5]) == [0, 2, 1]


def test_texts_of_different_lengths_are_compared_as_far_as_both_go() -> None:
    assert best_first(["江上", "江上清风", "山间", ""], [0.0, -0.1, -0.2, -2.0]) == [0, 2, 1, 3]
