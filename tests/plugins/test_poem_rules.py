"""Random wishes on random weights: the checker finds no fault in anything that comes out, or the wish is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assistant.api import Candidate, FinishReason, GenerationRequest, InputError, WritingContext
from assistant.api.testing import CharacterVocabulary, RandomModel
from assistant.generation.events import Failed, Finished
from assistant.prosody.checker import CheckSettings, check
from assistant.prosody.rhyme_books import RHYME_BOOK_IDS, rhyme_book
from assistant.prosody.tunes import tune_names
from assistant.prosody.verse import parse_verse
from plugins.poem.options import PoemOptions
from plugins.poem.writer import PoemWriter
from tests.fakes import runner_of
from tests.generation.test_runner import run
from tests.model_twins.systems import TinyTwins

CHARACTERS = "春风秋月山水花鸟江河日夜人心云雨天地东西南北白青红绿"
FORM_NAMES = ["五绝", "七绝", "五律", "七律", "五排", "七排", "五言古绝", "七言古绝", "五古", "七古"]
OPENINGS = [
    "",
    "白日依山尽，",
    "白日依山尽，黄河入海流。",
    "朝辞白帝彩云间，",
    "明月几时有，把酒问青天。",
    "□□□□□，黄河入海流。",
    "春风□□□□□，□□□□□□□。",
]


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyTwins]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # they would wait for one another longer than they compute
    yield TinyTwins(tmp_path_factory.mktemp("twins"))
    torch.set_num_threads(threads)


@st.composite
def wishes(draw: st.DrawFn) -> tuple[str, PoemOptions]:
    """A text before the cursor, and options as a person could combine them."""
    words = st.text(alphabet=CHARACTERS, min_size=1, max_size=3)
    book = draw(st.sampled_from(["", *RHYME_BOOK_IDS]))
    follows_tune = draw(st.booleans())
    rhymes = rhyme_book(book or ("cilin" if follows_tune else "pingshui")).rhymes
    options = {
        "form": draw(st.sampled_from(FORM_NAMES)),
        "tune": draw(st.sampled_from(tune_names()[:60])) if follows_tune else "",
        "rhyme_book": book,
        "rhyme": draw(st.sampled_from(["", "", *rhymes])),
        "opening": draw(st.sampled_from(["", "", "平起首句入韵", "仄起首句不入韵"])),
        "acrostic": draw(st.one_of(st.just(""), st.text(alphabet=CHARACTERS, min_size=1, max_size=8))),
        "acrostic_place": draw(st.sampled_from(["藏头", "藏尾", "藏中"])),
        "words": " ".join(draw(st.lists(words, max_size=2))),
        "distinct": draw(st.booleans()),
        "line_count": draw(st.sampled_from([10, 12, 16])),
        "drafts": draw(st.integers(1, 4)),
        "temperature": draw(st.floats(0.1, 2.0)),
    }
    return draw(st.sampled_from(OPENINGS)), PoemOptions(**options)


def write(model: object, text: str, options: PoemOptions, seed: int) -> tuple[Candidate, ...]:
    """The candidates, or none when the wish was refused with a reason and what to do."""
    request = GenerationRequest("poem", WritingContext(text), options, num_return_sequences=2, seed=seed)
    [*_, last] = run(runner_of(model, PoemWriter()), request)  # type: ignore[arg-type]
    if isinstance(last, Failed):
        assert isinstance(last.error, InputError), last.error
        assert last.error.message
        assert last.error.hint
        return ()
    assert isinstance(last, Finished)
    assert last.candidates, "everything was written, and nothing of it was right"
    return last.candidates


def hold_to(candidate: Candidate, text: str, options: PoemOptions) -> None:
    """Everything that was asked for is there."""
    tune = options.tune
    report = check(
        candidate.text,
        CheckSettings(
            form="auto" if tune else options.form,
            tune=tune,
            rhyme_book=options.rhyme_book,
            traditional=False,
        ),
    )
    assert report.ok, (candidate.text, report.errors)
    assert candidate.report is not None
    assert candidate.report["ok"]
    lines = [line.text for line in parse_verse(candidate.text).lines]
    whole = "".join(lines)
    assert all(any(word in line for line in lines) for word in options.words.split())
    if options.acrostic:
        step = 2 if not tune and len(options.acrostic) * 2 == len(lines) else 1
        places = {"藏头": lambda n: 0, "藏尾": lambda n: n - 1, "藏中": lambda n: (n - 1) // 2}
        place = places[options.acrostic_place]
        found = "".join(line[place(len(line))] for line in lines[::step])
        assert found.startswith(options.acrostic)
    given_text = "".join(line.text for line in parse_verse(text).lines)
    assert all(want in ("□", got) for want, got in zip(given_text, whole, strict=False))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(wish=wishes(), seed=st.integers(0, 1 << 30))
def test_on_a_model_that_would_write_anything(wish: tuple[str, PoemOptions], seed: int) -> None:
    text, options = wish
    for candidate in write(RandomModel(), text, options, seed):
        hold_to(candidate, text, options)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@pytest.mark.parametrize("name", ["gpt2-chinese-poem", "wenzhong-110m"])
@given(wish=wishes(), seed=st.integers(0, 1 << 30))
# 128 characters and marks, three tokens each in a byte-level vocabulary, in a context of 256.
@example(wish=("", PoemOptions(form="七排", line_count=16, temperature=0.5, drafts=1)), seed=0)
def test_on_random_weights_of_both_kinds_of_vocabulary(
    twins: TinyTwins, name: str, wish: tuple[str, PoemOptions], seed: int
) -> None:
    text, options = wish
    for candidate in write(twins.model(name, "int8"), text, options, seed):
        hold_to(candidate, text, options)


@pytest.mark.parametrize("text", ["朝辞白帝彩云间，", "朝辞白帝彩云间，□□□□□□□。两岸猿声啼不住，□□□□□□□。"])
def test_a_first_line_that_rhymes_as_it_is_read_is_rhymed_with(text: str) -> None:
    for candidate in write(RandomModel(), text, PoemOptions(form="七绝", drafts=12), 1):
        report = candidate.report
        assert report is not None
        assert report["variant"] == "平起首句入韵", candidate.text
    # Where the person asks for the other opening, the rare reading is what is left.
    other = PoemOptions(form="七绝", opening="平起首句不入韵", drafts=12)
    assert write(RandomModel(), text, other, 1)


def test_a_poem_must_find_room_in_the_context(twins: TinyTwins) -> None:
    assert twins.model("wenzhong-110m", "int8").vocabulary.tokens_a_character == 3
    model = RandomModel()
    model.context_length = 129
    request = GenerationRequest("poem", WritingContext(), PoemOptions(form="七排", line_count=16, drafts=1))

    def answer() -> Failed | Finished:
        [*_, last] = run(runner_of(model, PoemWriter()), request)
        assert isinstance(last, Failed | Finished)
        return last

    failed = answer()
    assert isinstance(failed, Failed)
    assert failed.error.message == "这个模型一次最多写 127 个字，写不完一首七排：连标点还要 128 个。"
    model.context_length = 130
    assert isinstance(answer(), Finished)
    model.vocabulary.tokens_a_character = 3
    failed = answer()
    assert isinstance(failed, Failed)
    assert "一次最多写 42 个字" in failed.error.message


def test_poems_that_all_broke_off_are_no_silent_nothing() -> None:
    request = GenerationRequest("poem", WritingContext(), PoemOptions(form="五绝"))
    broken = Candidate(0, continuation="白日依山尽，黄河", finish_reason=FinishReason.LENGTH)
    whole = Candidate(1, continuation="白日依山尽，黄河入海流。欲穷千里目，更上一层楼。")
    writer = PoemWriter()
    assert [each.index for each in writer.rank(request, [broken, whole], None)] == [1]
    with pytest.raises(InputError, match="没能写完一首五绝"):
        writer.rank(request, [broken], None)


def test_few_characters_are_refused_or_enough() -> None:
    model = RandomModel(CharacterVocabulary("春风秋月山水花鸟江河日夜人心云雨天地东西南北白青红绿，。"))
    assert write(model, "", PoemOptions(form="七律"), 1) == ()
