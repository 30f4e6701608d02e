"""Couplets: whatever is asked of whatever model, what is shown keeps the rules."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from random import Random
from typing import Any

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assistant.api import (
    Cancellation,
    Candidate,
    FinishReason,
    GenerationRequest,
    InputError,
    LanguageModel,
    SamplingOptions,
    TokenChunk,
    WritingContext,
)
from assistant.api.testing import CharacterVocabulary, RandomModel, check_writer
from assistant.generation.events import DraftsGrew, Failed, Finished
from assistant.generation.runner import Runner
from assistant.generation.script import script_of
from assistant.prosody.couplet_tones import rhythm_points
from assistant.prosody.couplets import check_couplet, check_couplet_text
from assistant.prosody.glyphs import Reader
from assistant.prosody.rhyme_books import RhymeBook, rhyme_book
from plugins.couplet.anchors import anchored
from plugins.couplet.choices import choices_of
from plugins.couplet.composing import CLAUSES
from plugins.couplet.constraints import LineConstraint
from plugins.couplet.given import given_line
from plugins.couplet.occasions import find_occasion, occasion_in, occasion_names
from plugins.couplet.options import CoupletOptions
from plugins.couplet.plan import LinePlan, answering_plan, free_plan
from plugins.couplet.ranking import Pair, merits
from plugins.couplet.wording import wording
from plugins.couplet.writer import CoupletWriter
from tests.cli.test_cli import STARTER, biban
from tests.fakes import card, catalogue_of, runner_of
from tests.model_twins.systems import BYTE_LEVEL, TinyTwins

PINGSHUI = rhyme_book("pingshui")


def run(
    before: str, model: RandomModel | None = None, *, count: int = 3, seed: int | None = 3, **options: object
) -> list[Candidate]:
    """The candidates that a real runner shows.

    Raises:
        BibanError: as the request failed.
    """
    request = GenerationRequest(
        "couplet",
        WritingContext(before),
        CoupletOptions.parse(options),
        num_return_sequences=count,
        seed=seed,
    )
    *_, last = runner(model or RandomModel()).run(request, Cancellation())
    if isinstance(last, Failed):
        raise last.error
    assert isinstance(last, Finished)
    return list(last.candidates)


def runner(model: RandomModel) -> Runner:
    cards = [card(model.card.id, writers=["couplet"])]
    return runner_of(model, catalogue=catalogue_of(CoupletWriter(), cards=cards))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"direction": "对上联", "banner": True},
        {"direction": "成联"},
        {"direction": "成联", "banner": True},
    ],
)
def test_the_writer_keeps_its_contract(options: dict[str, object]) -> None:
    check_writer(CoupletWriter(), options=CoupletOptions.parse({"drafts": 4, **options}))


CHARACTERS = "海阔凭鱼跃天高任鸟飞春满乾坤福门长重看之而山水家事声书"


@settings(max_examples=40, deadline=None)
@given(
    line=st.text(alphabet=CHARACTERS, min_size=1, max_size=14),
    pause=st.integers(0, 14),
    seed=st.integers(0, 2**32),
    traditional=st.booleans(),
    options=st.fixed_dictionaries(
        {
            "direction": st.sampled_from(["对下联", "对上联", "成联"]),
            "theme": st.sampled_from(["", "春节", "祝寿", "山水", "明月"]),
            "length": st.integers(5, 11),
            "banner": st.booleans(),
            "rhyme_book": st.sampled_from(["pingshui", "xinyun"]),
            "drafts": st.integers(1, 9),
            "temperature": st.sampled_from([0.0, 1.0, 2.0]),
            "top_p": st.sampled_from([0.3, 1.0]),
        }
    ),
)
@example(  # 乾 alone is taken for traditional text: it is level, but the 干 that the model reads may be oblique
    line="乾",
    pause=0,
    seed=0,
    traditional=False,
    options={
        "direction": "对下联",
        "theme": "",
        "length": 5,
        "banner": False,
        "rhyme_book": "pingshui",
        "drafts": 1,
        "temperature": 0.0,
        "top_p": 0.3,
    },
)
@example(  # 之 tells no script, so 虫 is the simplified one, not the 虫 (虺) of traditional text
    line="之",
    pause=0,
    seed=8,
    traditional=True,
    options={
        "direction": "成联",
        "theme": "",
        "length": 9,
        "banner": False,
        "rhyme_book": "pingshui",
        "drafts": 1,
        "temperature": 0.0,
        "top_p": 0.3,
    },
)
def test_the_checker_finds_no_fault_in_what_comes_out(
    line: str, pause: int, seed: int, traditional: bool, options: dict[str, object]
) -> None:
    if 0 < pause < len(line):
        line = f"{line[:pause]}，{line[pause:]}"
    theme = str(options["theme"])
    if traditional:
        line, theme = line.translate(TO_TRADITIONAL), theme.replace("节", "節").replace("寿", "壽")
    candidates = run(line, seed=seed, **{**options, "theme": theme})
    assert candidates
    assert len({candidate.text for candidate in candidates}) == len(candidates)
    # A line that is written alike in both is taken for simplified.
    book = rhyme_book(str(options["rhyme_book"]), traditional=script_of(line) == "traditional")
    for candidate in candidates:
        assert candidate.report is not None
        assert candidate.report["ok"], candidate
        written, *rest = candidate.text.split("\n")
        if options["direction"] == "成联":
            lower, *rest = rest
            assert sum(map(len, written.split("，"))) == options["length"]
            assert check_couplet(written, lower, book).ok
        else:
            assert keeps(written, line, book) or keeps(line, written, book)
        assert [text[1:3] for text in rest] == ["批："] * bool(options["banner"])
        assert all(len(text) == 7 for text in rest)


TO_TRADITIONAL = str.maketrans("阔凭鱼跃鸟飞满门长声书", "闊憑魚躍鳥飛滿門長聲書")


def keeps(upper: str, lower: str, book: RhymeBook) -> bool:
    """True when the two lines are a couplet without fault; looked at without the help of the checker too."""
    if not check_couplet(upper, lower, book).ok:
        return False
    for first, second in zip(upper.split("，"), lower.split("，"), strict=True):
        for place in rhythm_points(len(first)):
            classes = book.tone_classes(first[place]), book.tone_classes(second[place])
            assert len(classes[0] | classes[1]) == 2, (first, second)
    assert "仄" in book.tone_classes(upper[-1])
    assert "平" in book.tone_classes(lower[-1])
    for i in range(len(upper)):
        for j in range(i):
            assert (upper[i] == upper[j]) == (lower[i] == lower[j])
    return not set(upper.replace("，", "")) & set(lower)


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyTwins]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # they would wait for one another longer than they compute
    yield TinyTwins(tmp_path_factory.mktemp("twins"))
    torch.set_num_threads(threads)


@pytest.mark.parametrize("name", [*BYTE_LEVEL[::2], "zero-nlp"])
@given(seed=st.integers(0, 2**31), direction=st.sampled_from(["对下联", "对上联", "成联"]))
@settings(max_examples=6, deadline=None)
def test_the_rules_hold_on_every_kind_of_vocabulary(
    twins: TinyTwins, name: str, seed: int, direction: str
) -> None:
    model: LanguageModel = twins.model(name)
    options = CoupletOptions.parse({"direction": direction, "drafts": 4, "temperature": 1.5, "length": 8})
    request = GenerationRequest(
        "couplet", WritingContext("春江潮水"), options, num_return_sequences=2, seed=seed
    )
    writer = CoupletWriter()
    texts = [""] * writer.drafts(request)
    for chunk in writer.generate(request, model, Cancellation()):
        texts[chunk.index] += chunk.text
    for text in texts:
        couplet = text if direction == "成联" else f"春江潮水\n{text}"
        assert check_couplet_text(couplet, PINGSHUI).ok, couplet
    ranked = writer.rank(
        request, [Candidate(n, continuation=t) for n, t in enumerate(dict.fromkeys(texts))], model
    )
    assert {candidate.continuation for candidate in ranked} == set(texts)


def test_a_line_is_answered_in_the_order_of_merit() -> None:
    candidates = run("海阔凭鱼跃")
    assert len(candidates) == 3
    pairs = [Pair("海阔凭鱼跃", c.text, c.score, c.text) for c in candidates]
    worth = merits(pairs, RandomModel(), wording(card()), find_occasion(""))
    assert worth[0] == max(worth)


def test_the_given_line_may_be_the_other_side() -> None:
    for direction, line, end in (("对下联", "天高任鸟飞", "仄"), ("对上联", "海阔凭鱼跃", "平")):
        for candidate in run(line, direction=direction):
            assert end in PINGSHUI.tone_classes(candidate.text[-1])
            assert candidate.report is not None
            [note] = [issue for issue in candidate.report["issues"] if issue["severity"] == "note"]
            assert "所给的一句" in note["message"]


def test_faults_of_the_given_line_are_no_reason_to_refuse() -> None:
    # No alternation, 三仄尾, a character again and again, and one that no table knows where its tone is no matter.
    for line in ("风光山川雨", "鸟鸟鱼鱼鸟", "𪚥阔凭鱼跃", "跃"):
        for candidate in run(line):
            assert len(candidate.text) == len(line)
            assert not set(candidate.text) & set(line)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("", "还没有上联"),
        ("hello", "还没有上联"),
        ("明月A", "A"),
        ("月" * 41, "太长"),
        ("海𪚥凭鱼跃", "𪚥"),
        ("海阔凭鱼𪚥", "𪚥"),
    ],
)
def test_a_line_that_cannot_be_answered(before: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        run(before)
    assert caught.value.hint


def test_the_missing_line_is_called_by_its_name() -> None:
    with pytest.raises(InputError, match="还没有下联"):
        run("", direction="对上联")


def test_the_last_line_is_given_without_label_spaces_and_mark() -> None:
    assert given_line("题目\n\n 上联：风声雨声，读书声，\n") == "风声雨声，读书声"
    for candidate in run("题目\n\n 风声雨声，读书声，\n"):
        lower = candidate.text
        assert [lower.index("，"), len(lower)] == [4, 8]
        assert lower[1] == lower[3] == lower[7]


def test_the_prompt_is_as_the_card_says() -> None:
    writer, model = CoupletWriter(), RandomModel()
    request = GenerationRequest("couplet", WritingContext("海阔凭鱼跃"), CoupletOptions())
    assert writer.prompt(request, model.card) == "海阔凭鱼跃，"
    assert writer.lead(request) == "\n"
    known = model.card.model_copy(update={"prompt_formats": {"couplet": "{text}-"}})
    assert writer.prompt(request, known) == "海阔凭鱼跃-"
    prose = model.card.model_copy(update={"tokenizer": "byte_bpe"})
    assert writer.prompt(request, prose) == "上联：海阔凭鱼跃\n下联："
    level = GenerationRequest("couplet", WritingContext("天高任鸟飞\n"), CoupletOptions())
    assert writer.prompt(level, model.card) == "天高任鸟飞。"
    assert writer.prompt(level, known) == "天高任鸟飞-"
    assert writer.prompt(level, prose) == "下联：天高任鸟飞\n上联："
    assert writer.lead(level) == ""
    both = GenerationRequest("couplet", WritingContext("春节"), CoupletOptions(direction="成联"))
    titled = known.model_copy(update={"title_format": "《{title}》"})
    assert writer.prompt(both, titled) == "《元日》"
    assert writer.prompt(both, prose) == "题目：元日\n上联："
    assert writer.lead(GenerationRequest("couplet", WritingContext(), CoupletOptions())) == ""


class Recording(RandomModel):
    """Remembers what it was asked to continue."""

    def __init__(self) -> None:
        super().__init__()
        self.prompts: list[str] = []

    def generate(self, prompt: Sequence[int], *arguments: object) -> Iterator[TokenChunk]:
        self.prompts.append(self.vocabulary.decode(prompt))
        return super().generate(prompt, *arguments)  # type: ignore[arg-type]


def test_a_couplet_is_written_side_by_side() -> None:
    model = Recording()
    [candidate] = run("", model, count=1, direction="成联", length=9)
    upper, lower = candidate.text.split("\n")
    assert [len(clause) for clause in upper.split("，")] == [4, 5]
    assert model.prompts[0] == ""
    assert f"{upper}，" in model.prompts
    assert candidate.token_count == len(upper) + len(lower) + 2  # an end each


def test_each_couplet_has_a_banner_of_its_own() -> None:
    banners = [candidate.text.split("：")[1] for candidate in run("海阔凭鱼跃", banner=True, count=5)]
    assert len(set(banners)) == len(banners) == 5
    assert all(PINGSHUI.tone_classes(banner[3]) for banner in banners)


def test_more_drafts_are_written_than_shown() -> None:
    request = GenerationRequest("couplet", WritingContext("海阔凭鱼跃"), CoupletOptions(drafts=20), seed=1)
    events = list(runner(RandomModel()).run(request, Cancellation()))
    grown = [event for event in events if isinstance(event, DraftsGrew)]
    assert [event.characters for event in grown] == [1, 2, 3, 4, 5]
    assert {event.drafts for event in grown} == {20}
    writer = CoupletWriter()
    assert writer.drafts(request) == 20
    both = GenerationRequest(
        "couplet", WritingContext(), CoupletOptions(direction="成联", drafts=1), num_return_sequences=12
    )
    assert writer.drafts(both) == 12


@pytest.mark.parametrize("options", [{}, {"direction": "对上联"}, {"direction": "成联"}, {"banner": True}])
def test_stopping_takes_one_step_wherever_it_comes(options: dict[str, object]) -> None:
    request = GenerationRequest(
        "couplet",
        WritingContext("海阔凭鱼跃"),
        CoupletOptions.parse({"drafts": 8, **options}),
        num_return_sequences=2,
        seed=1,
    )
    whole = list(CoupletWriter().generate(request, RandomModel(), Cancellation()))
    for stop in range(1, len(whole), 7):
        cancellation = Cancellation()
        chunks = CoupletWriter().generate(request, RandomModel(), cancellation)
        for number, _ in enumerate(chunks, start=1):
            if number == stop:
                cancellation.cancel()
        assert number <= stop + 1


def test_a_model_that_reads_too_little_says_so() -> None:
    model = RandomModel()
    model.context_length = 16
    with pytest.raises(InputError, match="一次最多读 16 个字"):
        run("海阔凭鱼跃", model)
    model.context_length, model.vocabulary.tokens_a_character = 36, 3
    with pytest.raises(InputError, match="一次最多读 12 个字"):
        run("海阔凭鱼跃", model)


class Small(RandomModel):
    """Knows hardly more characters than it needs."""

    def __init__(self) -> None:
        super().__init__(CharacterVocabulary("海阔凭鱼跃山川天高日月光寒清水草木雨雪"))


def test_a_small_vocabulary_is_enough_for_the_rules_if_not_for_taste() -> None:
    for candidate in run("海阔凭鱼跃", Small(), theme="春节"):
        assert check_couplet("海阔凭鱼跃", candidate.text, PINGSHUI).ok


def test_what_would_lack_characters_is_refused_with_the_reason() -> None:
    with pytest.raises(Exception, match="对联的字数、平仄和不重字"):
        run("海阔凭鱼跃天高任鸟飞去", Small())


def test_plans_answer_tones_and_repetition() -> None:
    reader = Reader(PINGSHUI)

    def tones(line: str, *, upper: bool) -> str:
        return "".join(slot.mark or slot.tone for slot in answering_plan(line, reader, upper=upper).slots)

    assert tones("海阔凭鱼跃", upper=True) == "中平中仄平"
    assert tones("天高任鸟飞", upper=False) == "中仄中平仄"
    assert tones("两岸猿声啼不住", upper=True) == "中平中仄仄平平"  # no 三平尾
    assert tones("风声雨声读书声，声声入耳", upper=True) == "中仄中仄平仄仄，仄仄中平"
    plan = answering_plan("家家事事", reader, upper=False)
    assert [slot.same_as for slot in plan.slots] == [None, 0, None, 2]
    vocabulary = CharacterVocabulary()
    with pytest.raises(ValueError, match="plan"):
        LineConstraint(vocabulary, [LinePlan(())], choices_of(vocabulary, PINGSHUI, traditional=False))


@pytest.mark.parametrize("length", CLAUSES)
@pytest.mark.parametrize("first", ["平", "仄"])
def test_free_plans_follow_the_pattern_of_couplets(length: int, first: str) -> None:
    tones = "".join(slot.mark or slot.tone for slot in free_plan(CLAUSES[length], first).slots)
    assert tones[-1] == "仄"
    assert [len(clause) for clause in tones.split("，")] == list(CLAUSES[length])
    for clause in tones.split("，"):
        even = clause[1::2]
        assert all(a != b for a, b in pairwise(even))
    if "，" in tones:
        assert tones.split("，")[0][-1] == "平"


def test_every_word_of_an_occasion_fits_somewhere() -> None:
    """A pair whose words do not oppose each other could never be used."""
    for name in ("春节", "新居", "开业", "婚庆", "祝寿", "书房", "山水", "中秋", "元宵", "梅花"):
        occasion = find_occasion(name)
        assert len(occasion.banners) >= 8
        assert len(occasion.pairs) >= 14
        for first, second in occasion.pairs:
            assert len(first) == len(second) in (2, 3, 4)
            classes = PINGSHUI.tone_classes(first[-1]), PINGSHUI.tone_classes(second[-1])
            assert any(a != b for a in classes[0] for b in classes[1]), (first, second)
            assert not set(first) & set(second), (first, second)
    assert "结婚" in occasion_names()
    assert CoupletOptions.completions("theme") == occasion_names()
    assert CoupletOptions.completions("length") == ()


def test_words_of_the_occasion_are_put_where_they_fit() -> None:
    occasion, random, vocabulary = find_occasion("春节"), Random(1), CharacterVocabulary()
    seen: set[str] = set()
    for number in range(200):
        length = 5 + number % 7
        plan = anchored(
            free_plan(CLAUSES[length], "平仄"[number % 2]), occasion, PINGSHUI, vocabulary, random
        )
        fixed = "".join(slot.fixed for slot in plan.plan.slots)
        assert len(fixed) <= length - 2
        for anchor in plan.anchors:
            seen |= {anchor.upper, anchor.lower}
            for character, slot in zip(anchor.upper, plan.plan.slots[anchor.place :], strict=False):
                assert slot.fixed == character
                assert slot.tone == "中" or slot.tone in PINGSHUI.tone_classes(character)
    assert len(seen) > 60


def test_a_theme_is_known_by_its_names_or_taken_as_it_is() -> None:
    assert find_occasion("庆祝新年快乐").name == "春节"
    assert find_occasion("年").name == "春节"
    assert find_occasion("少年").name == "少年"
    assert find_occasion("西湖").pairs == (("西湖", ""),)
    assert find_occasion("  ").name == ""
    assert occasion_in("爆竹一声除旧").name == "春节"
    assert occasion_in("海阔凭鱼跃").avoid == frozenset()
    assert "愁" in occasion_in("福如东海长流水").avoid
    for candidate in run("福如东海长流水"):
        assert not set(candidate.text) & occasion_in("福如东海长流水").avoid
    for candidate in run("西湖", direction="成联"):
        assert candidate.report is not None


def test_traditional_text_gets_only_characters_that_keep_their_tone() -> None:
    simplified, shown = (
        choices_of(CharacterVocabulary(), PINGSHUI, traditional=traditional) for traditional in (False, True)
    )
    assert "胜" in simplified.of_tone("仄")
    assert "胜" not in shown.of_tone("仄")  # 勝 can be oblique, 胜 itself cannot
    assert {"天", "东", "云"} <= shown.of_tone("平") <= shown.of_tone("中")
    assert shown.of_tone("平") is shown.of_tone("平")
    candidates = run("海闊憑魚躍", count=6)
    book = rhyme_book("pingshui", traditional=True)
    assert all(check_couplet("海闊憑魚躍", candidate.text, book).ok for candidate in candidates)


def test_what_is_not_whole_is_not_shown() -> None:
    request = GenerationRequest("couplet", WritingContext("海阔凭鱼跃"), CoupletOptions())
    broken = [
        Candidate(number, continuation=text, finish_reason=FinishReason.LENGTH)
        for number, text in enumerate(["天高任", "", "天高任鸟去", "天高任鸟飞"])
    ]
    ranked = CoupletWriter().rank(request, broken, None)
    assert [candidate.index for candidate in ranked] == [3]


def test_the_options_of_another_writer_are_refused() -> None:
    request = GenerationRequest("couplet", WritingContext("海阔凭鱼跃"), SamplingOptions())
    with pytest.raises(TypeError, match="CoupletOptions"):
        CoupletWriter().drafts(request)


def compose(*arguments: str) -> list[str]:
    """The texts that the program writes with the shipped starter; all have a score and a report without fault."""
    document = json.loads(biban("compose", "couplet", *arguments, "--seed", "5", "--json").stdout)
    assert document["model"] == STARTER
    candidates: list[dict[str, Any]] = document["candidates"]
    assert len(candidates) == 3
    assert all(candidate["report"]["ok"] for candidate in candidates)
    assert all(-12 < candidate["score"] < 0 for candidate in candidates)
    return [candidate["text"] for candidate in candidates]


def test_a_lower_line_on_the_command_line() -> None:
    assert all(keeps("海阔凭鱼跃", text, PINGSHUI) for text in compose("海阔凭鱼跃"))


def test_an_upper_line_in_traditional_characters_on_the_command_line() -> None:
    book = rhyme_book("pingshui", traditional=True)
    assert all(
        keeps(text, "天高任鳥飛", book) for text in compose("天高任鳥飛", "--option", "direction=对上联")
    )


def test_a_whole_couplet_on_the_command_line() -> None:
    options = ("direction=成联", "theme=春节", "length=11", "banner=true")
    for text in compose(*(part for option in options for part in ("--option", option))):
        upper, lower, banner = text.split("\n")
        assert [len(clause) for clause in upper.split("，")] == [4, 7]
        assert check_couplet(upper, lower, PINGSHUI, banner=banner).ok
        assert banner.startswith("横批：")
        assert not set(banner[3:]) & set(upper + lower)


@pytest.mark.parametrize(
    ("line", "direction", "upper"),
    [
        ("雨後青山墨未乾", "对上联", False),
        ("雨後青山墨未乾", "对下联", False),
        ("滿徑落花深淺後", "对下联", True),
    ],
)
def test_a_traditional_line_is_held_to_its_own_readings(line: str, direction: str, upper: bool) -> None:
    """干 may be 干, 乾 or 幹; the person wrote 乾, which is 平 alone, so the line is a 下联 whatever was asked."""
    book = rhyme_book("pingshui", traditional=True)
    candidates = run(line, direction=direction)
    assert candidates
    for candidate in candidates:
        sides = (line, candidate.continuation) if upper else (candidate.continuation, line)
        assert check_couplet(*sides, book).ok


def test_characters_that_are_one_in_the_other_script_are_answered_by_two() -> None:
    """干 and 乾, 髮 and 發: the model reads one character twice, the person wrote two."""
    for line in ("干戈未息淚先乾", "髮短心長恨未發"):
        candidates = run(line, count=5, drafts=16)
        assert candidates
        for candidate in candidates:
            assert len(set(candidate.continuation)) == len(line)
            assert not set(candidate.continuation) & set(line)


@pytest.mark.parametrize("seed", range(12))
def test_a_theme_with_a_doubled_character_breaks_no_rule(seed: int) -> None:
    for candidate in run("", direction="成联", theme="依依惜别", seed=seed, drafts=16):
        upper, lower = candidate.continuation.split("\n")
        assert check_couplet(upper, lower, PINGSHUI).ok
