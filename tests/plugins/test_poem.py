"""The poem writer, on random models and on the shipped starter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.api import Candidate, GenerationRequest, InputError, WritingContext
from assistant.api.testing import CharacterVocabulary, RandomModel, check_writer
from assistant.generation.events import Failed, Finished
from assistant.prosody.forms import FORMS
from plugins.poem.constraints import VerseConstraint, uniform_line_length
from plugins.poem.layout import LineLayout, lay_out
from plugins.poem.options import PoemOptions
from plugins.poem.prompt import PoemSoFar, poem_so_far
from plugins.poem.recipe import PoemRecipe
from plugins.poem.telling import prompt_parts
from plugins.poem.writer import PoemWriter
from tests.fakes import ScriptedModel, runner_of
from tests.generation.test_runner import run


def test_the_writer_keeps_its_contract() -> None:
    check_writer(PoemWriter())
    check_writer(PoemWriter(), before="明月几时有，", options=PoemOptions(form="五绝"))


@pytest.mark.parametrize(
    ("page", "title", "text"),
    [
        ("明月几时有，", "", "明月几时有，"),
        ("  明月几时有， \n把酒问青天。\n", "", "明月几时有，把酒问青天。"),
        ("旧的一段。\n\n明月几时有，", "", "明月几时有，"),
        ("旧的一段。\n　\n明月几时有，", "", "明月几时有，"),
        ("静夜思\n床前明月光，", "静夜思", "床前明月光，"),
        ("# 静夜思\n床前明月光", "静夜思", "床前明月光"),
        ("《静夜思》\n", "静夜思", ""),
        ("静夜思\n", "静夜思", ""),
        ("床前明月光\n", "", "床前明月光，"),
        ("床前明月光\n疑是地上霜\n举头", "", "床前明月光，疑是地上霜。举头"),
        ("床前明月光", "", "床前明月光"),
        ("𠮷", "", "𠮷"),
        ("", "", ""),
        (" \n \n", "", ""),
    ],
)
def test_which_part_of_the_page_is_the_poem(page: str, title: str, text: str) -> None:
    assert poem_so_far(page) == PoemSoFar(title, text)


def test_layout_is_one_sentence_a_line_whole_and_in_pieces() -> None:
    text = "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"
    laid_out = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。"
    assert lay_out(text) == laid_out
    layout = LineLayout()
    assert "".join(layout.push(character) for character in text) == laid_out
    assert LineLayout(before="黄河入海流。").push("欲穷") == "\n欲穷"
    assert LineLayout(before="黄河入海流。", breaks=True).push("欲穷") == "欲穷"
    assert LineLayout(before="白日依山尽，").push("黄河") == "黄河"


def poem(text: str, **options: object) -> GenerationRequest:
    return GenerationRequest(
        "poem", WritingContext(before=text), PoemOptions(**options), num_return_sequences=3
    )  # type: ignore[arg-type]


FIXED = ["五绝", "七绝", "五律", "七律"]
OPENINGS = ["", "白", "白日依山尽", "白日依山尽，", "白日依山尽，黄河入海流。", "白日依山尽\n黄河入海流\n"]


@settings(max_examples=40, deadline=None)
@given(
    form=st.sampled_from(FIXED),
    opening=st.sampled_from(OPENINGS),
    seed=st.integers(0, 2**32),
    temperature=st.floats(0.1, 2.0),
)
def test_a_form_always_has_its_lines(form: str, opening: str, seed: int, temperature: float) -> None:
    """Whatever the model wants (here: anything at all), lines, characters and tones are those of the form."""
    if FORMS[form].line_length == 7:
        opening = opening.replace("白", "山中白").replace("黄", "天际黄").replace("山中白", "门前白", 1)
        opening = opening.replace("门前白日依", "山城白日依")
    request = GenerationRequest(
        "poem",
        WritingContext(before=opening),
        PoemOptions(form=form, temperature=temperature, drafts=4),  # type: ignore[arg-type]
        seed=seed,
    )
    [*_, finished] = run(runner_of(RandomModel(), PoemWriter()), request)
    assert isinstance(finished, Finished), finished
    assert finished.candidates
    written = "".join(opening.split())
    for candidate in finished.candidates:
        lines = re.findall(rf"[\u4e00-\u9fff]{{{FORMS[form].line_length}}}[，。]", candidate.text)
        assert len(lines) == FORMS[form].line_count
        assert "".join(lines) == candidate.text.replace("\n", "")
        assert candidate.text.count("\n") == FORMS[form].line_count // 2 - 1
        assert re.sub("[，。\n]", "", candidate.text).startswith(re.sub("[，。]", "", written))
        assert candidate.report is not None
        assert candidate.report["ok"]


@pytest.mark.parametrize(
    ("text", "form", "message"),
    [
        ("明月几时有人，", "五绝", "「明月几时有人」有 6 字，而五绝第 1 句是 5 字。"),
        ("明月，", "七绝", "「明月」有 2 字，而七绝第 1 句是 7 字。"),
        ("白日依山尽，黄河入海流。欲穷千里目，更上一层楼。", "五绝", "上文已有 4 句，一首五绝只有 4 句。"),
        ("明月几时有，把酒问青天。", "五绝", "第 2 句第 2 字「酒」（仄）不合五绝的平仄。"),
        ("明月abc", "五绝", "第 1 句里的「a」不是汉字，写不成五绝。"),
    ],
)
def test_an_opening_that_does_not_fit_is_refused_with_the_reason(text: str, form: str, message: str) -> None:
    [*_, failed] = run(runner_of(RandomModel(), PoemWriter()), poem(text, form=form))
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, InputError)
    assert failed.error.message == message
    assert failed.error.hint


def test_a_form_shows_the_opening_and_inserts_only_the_rest() -> None:
    model = ScriptedModel(["黄河入海流。欲穷千里目，更上一层楼。"])
    model.vocabulary = CharacterVocabulary()
    [*_, finished] = run(runner_of(model, PoemWriter()), poem("白日依山尽，", form="五绝"))
    assert isinstance(finished, Finished)
    [candidate] = finished.candidates
    assert candidate.opening == "白日依山尽，"
    assert candidate.continuation == "黄河入海流。\n欲穷千里目，更上一层楼。"
    assert candidate.report is not None
    assert (candidate.report["form"], candidate.report["rhyme"]) == ("五绝", "十一尤")


def test_free_verse_gives_the_continuation_alone() -> None:
    model = ScriptedModel(["把酒问青天。不知天上宫阙，今夕是何年。"])
    [*_, finished] = run(runner_of(model, PoemWriter()), poem("明月几时有，"))
    assert isinstance(finished, Finished)
    assert finished.candidates[0].text == "把酒问青天。\n不知天上宫阙，今夕是何年。"
    assert not finished.candidates[0].opening


def test_free_verse_writes_drafts_and_shows_the_best() -> None:
    """Said again, or like one shown already: later; cut off: last."""
    drafts = ["明月几时有。", "把酒问青天。", "把酒问苍天。", "今夕是何年。", "乘风归，玉宇寒"]
    request = replace(poem("明月几时有，", max_new_tokens=7), num_return_sequences=5)
    [*_, finished] = run(runner_of(ScriptedModel(drafts), PoemWriter()), request)
    assert isinstance(finished, Finished)
    assert [candidate.text for candidate in finished.candidates] == [
        "把酒问青天。",
        "今夕是何年。",
        "把酒问苍天。",
        "明月几时有。",
        "乘风归，玉宇寒",
    ]


def test_what_the_page_says_is_said_in_either_script() -> None:
    drafts = ["時有飛花落。", "把酒問青天。"]
    for page, continuations in (("明月幾時有，", drafts), ("明月几时有，", ["时有飞花落。", "把酒问青天。"])):
        request = replace(poem(page), traditional=page[2] == "幾")
        [*_, finished] = run(
            runner_of(ScriptedModel(["时有飞花落。", "把酒问青天。"]), PoemWriter()), request
        )
        assert isinstance(finished, Finished)
        assert [candidate.text for candidate in finished.candidates] == continuations[::-1]


def test_free_verse_without_drafts_stays_in_the_order_it_was_seen_in() -> None:
    drafts = ["明月几时有。", "把酒问青天。", "把酒问苍天。"]
    [*_, finished] = run(runner_of(ScriptedModel(drafts), PoemWriter()), poem("明月几时有，", drafts=1))
    assert isinstance(finished, Finished)
    assert [candidate.text for candidate in finished.candidates] == drafts


@pytest.mark.parametrize("seed", range(20))
def test_free_verse_ends_where_it_should(seed: int) -> None:
    request = GenerationRequest(
        "poem",
        WritingContext(before="明月几时有，"),
        PoemOptions(sentences=2, max_new_tokens=1000),
        seed=seed,
    )
    # Few characters, so that marks come up often enough.
    model = RandomModel(CharacterVocabulary("明月几时有把酒问青天，。？！；：、"))
    [*_, finished] = run(runner_of(model, PoemWriter()), request)
    assert isinstance(finished, Finished)
    for candidate in finished.candidates:
        assert re.fullmatch(r"([\u4e00-\u9fff]+[，。？！；：、]\n?)+", candidate.text)
        assert len(re.findall("[。？！]", candidate.text)) == 2
        assert candidate.text[-1] in "。？！"


@pytest.mark.parametrize(
    ("page", "length"),
    [
        ("明月几时有，", 5),
        ("朝辞白帝彩云间，千里", 7),
        ("静夜思\n床前明月光，疑是地上霜。\n举头望明月", 5),
        ("南浦别\n明月几时有，", 5),
        ("床前明月光，疑是地上霜。”\n", 5),
        ("朝辞白帝彩云间，千里“江陵”", 7),
        ("水调歌头\n\n明月几时有，", 0),
        ("《水调歌头·中秋》\n明月几时有，", 0),
        ("百字令\n明月几时有，", 0),
        ("明月几时有", 0),
    ],
)
def test_free_verse_keeps_the_length_of_the_lines(page: str, length: int) -> None:
    """A title that names a tune, by whatever name, leaves the lengths open."""
    request = GenerationRequest(
        "poem", WritingContext(before=page), PoemOptions(sentences=3, max_new_tokens=300), seed=1
    )
    model = RandomModel(CharacterVocabulary("明月几时有把酒问青天，。？！；：、水调歌头《》"))
    [*_, finished] = run(runner_of(model, PoemWriter()), request)
    assert isinstance(finished, Finished)
    for candidate in finished.candidates:
        text = poem_so_far(page + candidate.text).text
        lengths = {len(line) for line in re.split("[，。？！；：、]", re.sub("[“”]", "", text)) if line}
        assert lengths == {length} if length else len(lengths) > 1, text


@pytest.mark.parametrize(
    ("verse", "length"),
    [
        ("床前明月光，", 5),
        ("床前明月光,疑是", 5),
        ("床前明月光，疑是地上霜霜", 0),
        ("大江东去，浪淘尽，", 0),
        ("君不见，", 0),
        ("明月几时有", 0),
        ("", 0),
    ],
)
def test_lines_of_one_length_are_those_of_5_or_7(verse: str, length: int) -> None:
    assert uniform_line_length(verse) == length


def test_no_mark_follows_a_sentence_and_its_quote() -> None:
    rules = VerseConstraint(CharacterVocabulary(), "明月几时有。”", 2)
    assert "月" in rules.next("").characters
    assert "，" not in rules.next("").characters


def test_what_is_prepared_is_not_read_again_by_the_first_request() -> None:
    asked: list[str] = []

    class Counting(CharacterVocabulary):
        def can_write(self, character: str) -> bool:
            asked.append(character)
            return super().can_write(character)

    vocabulary, writer = Counting(), PoemWriter()
    writer.prepare(vocabulary)
    assert len(asked) > 10_000
    asked.clear()
    writer.constraints(poem("", form="七律"), vocabulary)
    writer.constraints(poem("", tune="浣溪沙"), vocabulary)
    assert asked == []


def test_constraints_do_not_change_with_use() -> None:
    vocabulary = CharacterVocabulary()
    [rules] = PoemWriter().constraints(poem("白日依山尽，", form="五绝"), vocabulary)
    for constraint in (rules, VerseConstraint(vocabulary, "明月", 2)):
        generated = [[], vocabulary.encode("黄河入海流。"), vocabulary.encode("黄")]
        constraint.reset(3)
        first = constraint.allowed(generated).copy()
        mask = constraint.allowed(generated)
        mask[:] = False
        np.testing.assert_array_equal(constraint.allowed(generated), first)
        assert first.shape == (3, vocabulary.size)


def test_constraints_name_bad_values() -> None:
    vocabulary = CharacterVocabulary()
    with pytest.raises(ValueError, match="sentences must not be negative, got -1"):
        VerseConstraint(vocabulary, "", -1)
    with pytest.raises(ValueError, match="line_length must not be negative, got -5"):
        VerseConstraint(vocabulary, "", 2, -5)


def test_the_title_reaches_a_model_that_knows_titles() -> None:
    model = ScriptedModel(["《静夜思》床前明月光，疑是地上霜。"])
    model.card = model.card.model_copy(update={"title_format": "《{title}》"})
    runner = runner_of(model, PoemWriter())
    catalogue = runner._catalogue()
    catalogue.cards = (catalogue.cards[0].model_copy(update={"title_format": "《{title}》"}),)  # type: ignore[attr-defined]
    run(runner, poem("床前明月光，", title="静夜思"))
    run(runner, poem("静夜思\n床前明月光，"))
    run(runner, poem("床前明月光，"))
    assert model.prompts == ["《静夜思》床前明月光，"] * 2 + ["床前明月光，"]


def test_recipe_and_writer_speak_of_titles_alike() -> None:
    recipe = PoemRecipe()
    [example] = recipe.examples({"title": "静夜 思", "text": "床前明月光，\n疑是地上霜。"})
    assert (example.prefix, example.text) == ("《静夜思》", "床前明月光，疑是地上霜。")
    [untitled] = recipe.examples({"title": "题" * 21, "text": "床前明月光。"})
    assert untitled.prefix == ""
    assert [*recipe.examples({"text": " "})] == []


@pytest.mark.parametrize(
    ("record", "controls"),
    [
        (
            {"kind": "五绝", "reg": True, "dynasty": "唐", "text": "白日依山尽，黄河入海流。" * 2},
            ("五绝", "唐"),
        ),
        (
            {"kind": "五绝", "reg": False, "dynasty": "宋", "text": "白日依山尽，黄河入海流。" * 2},
            ("五言古绝", "宋"),
        ),
        ({"kind": "排律", "reg": True, "text": "白日依山尽，黄河入海流。" * 6}, ("五排",)),
        ({"kind": "七律", "reg": False, "dynasty": "五代", "text": "朝辞白帝彩云间，" * 8}, ("七古", "唐")),
        ({"kind": "词", "tune": "凤栖梧", "dynasty": "清", "text": "庭院深深深几许。"}, ("蝶恋花",)),
        ({"kind": "词", "tune": "无此词牌", "text": "庭院深深深几许。"}, ()),
        ({"kind": "other", "reg": None, "text": "白日依山尽，更上一层。"}, ()),
        ({"upper": "白日依山尽", "lower": "黄河入海流"}, ("对联",)),
    ],
)
def test_the_form_of_a_record_is_told(record: dict[str, object], controls: tuple[str, ...]) -> None:
    [example] = PoemRecipe().examples(record)
    assert example.controls == controls


def test_without_its_title_a_poem_keeps_its_tune() -> None:
    card = ScriptedModel([""]).card.model_copy(
        update={"title_format": "《{title}》", "controls": ("浣溪沙",)}
    )
    by_title = prompt_parts(poem("", tune="卜算子", title="春晓"), card)
    assert (by_title.heading, by_title.untitled) == ("《卜算子·春晓》", "《卜算子》")
    by_token = prompt_parts(poem("", tune="浣溪沙", title="春晓"), card)
    assert (by_token.controls, by_token.heading, by_token.untitled) == ("[浣溪沙]", "《春晓》", "")


def test_a_model_is_told_what_it_knows() -> None:
    plain = ScriptedModel([""]).card
    knowing = plain.model_copy(update={"title_format": "《{title}》", "controls": ("七绝", "浣溪沙", "唐")})
    writer = PoemWriter()
    asked = {
        "七绝": poem("", form="七绝", title="春晓", era="唐"),
        "浣溪沙": poem("", tune="浣溪沙", title="春晓"),
        "卜算子": poem("", tune="卜算子", title="春晓"),
        "自由": poem("明月几时有，", era="唐"),
        "五绝": poem("", form="五绝", era="宋"),
    }
    assert {name: writer.prompt(request, knowing) for name, request in asked.items()} == {
        "七绝": "[七绝][唐]《春晓》",
        "浣溪沙": "[浣溪沙]《春晓》",
        "卜算子": "《卜算子·春晓》",
        "自由": "[唐]明月几时有，",
        "五绝": "",
    }
    assert writer.prompt(asked["自由"], plain) == "明月几时有，"


def test_a_context_too_small_for_the_form_is_refused(tmp_path: Path) -> None:
    model = RandomModel()
    model.context_length = 40
    [*_, failed] = run(runner_of(model, PoemWriter()), poem("", form="七律"))
    assert isinstance(failed, Failed)
    assert "写不完一首七律" in failed.error.message


def test_a_draft_that_owes_more_to_its_title_comes_first() -> None:
    """Two drafts that the model finds equally likely; only one is likelier for the title."""

    class Knowing(ScriptedModel):
        def score(self, prompt: Sequence[int], continuations: Sequence[Sequence[int]]) -> list[float]:
            told = self.vocabulary.decode(prompt)
            texts = [self.vocabulary.decode(continuation) for continuation in continuations]
            scored.append(told)
            return [-1.0 if "《春》" in told and "花" in text else -2.0 for text in texts]

    scored: list[str] = []
    drafts = ["白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"]
    drafts.append(drafts[0].replace("更", "花"))
    model = Knowing([*drafts, "《春》"])
    model.card = model.card.model_copy(update={"title_format": "《{title}》"})
    request = replace(poem("", form="五绝", title="春"), num_return_sequences=2)
    candidates = [Candidate(index, continuation=draft, logprob=-40.0) for index, draft in enumerate(drafts)]
    ranked = PoemWriter().rank(request, candidates, model)
    assert [candidate.index for candidate in ranked] == [1, 0]
    assert scored == ["《春》", ""]
    # Without a title there is nothing to owe.
    ranked = PoemWriter().rank(poem("", form="五绝"), candidates, model)
    assert [candidate.index for candidate in ranked] == [0, 1]
