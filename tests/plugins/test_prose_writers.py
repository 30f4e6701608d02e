"""News, prose and gaps, on models that write at random but keep their promises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from assistant.api import (
    Cancellation,
    Candidate,
    ChatMessage,
    GenerationConfig,
    GenerationRequest,
    InputError,
    TokenChunk,
    Writer,
    WriterOptions,
    WritingContext,
)
from assistant.api.sentences import SentenceConstraint, ends_sentence
from assistant.api.testing import CharacterVocabulary, RandomModel, check_writer
from assistant.generation.events import Finished
from plugins.continuation.turns import parse_turns
from plugins.continuation.writer import ContinuationWriter
from plugins.fill.writer import FillWriter
from plugins.news.writer import NewsWriter
from tests.fakes import card, catalogue_of, runner_of

CHARACTERS = "".join(map(chr, range(0x4E00, 0x4E60))) + "明月几时有把酒问青天风声雨读书，。！？"


def texts(
    writer: Writer, before: str, *, after: str = "", model: RandomModel | None = None, **options: object
) -> list[str]:
    request = GenerationRequest(
        writer.id, WritingContext(before, after), writer.options_model.parse(options), seed=3
    )
    written = [""] * writer.drafts(request)
    chosen = model or RandomModel(CharacterVocabulary(CHARACTERS))
    for chunk in writer.generate(request, chosen, Cancellation()):
        written[chunk.index] += chunk.text
    return written


@pytest.mark.parametrize("writer", [NewsWriter(), ContinuationWriter()])
def test_writers_keep_their_contract(writer: Writer) -> None:
    check_writer(writer, before="明月几时有。")


@pytest.mark.parametrize(
    ("writer", "options", "prompt"),
    [
        (NewsWriter(), {"title": "开馆"}, "[新闻]《开馆》明月。"),
        (NewsWriter(), {}, "[新闻]明月。"),
        (ContinuationWriter(), {"genre": "散文"}, "[散文]明月。"),
        (ContinuationWriter(), {"genre": "小说"}, "明月。"),  # not among the controls of the card
        (ContinuationWriter(), {}, "明月。"),
    ],
)
def test_a_model_that_knows_kinds_of_text_is_told_the_kind(
    writer: Writer, options: dict[str, str], prompt: str
) -> None:
    trained = card(writers=[writer.id]).model_copy(
        update={"title_format": "《{title}》", "controls": ("新闻", "散文")}
    )
    request = GenerationRequest(writer.id, WritingContext("明月。"), writer.options_model.parse(options))
    assert writer.prompt(request, trained) == prompt


@pytest.mark.parametrize(
    ("writer", "options"),
    [(NewsWriter(), {"title": "明月有酒", "length": 600}), (ContinuationWriter(), {"length": 600})],
)
def test_behind_a_long_text_a_small_context_keeps_the_headline_and_ends_with_a_sentence(
    writer: Writer, options: dict[str, object]
) -> None:
    class Listening(RandomModel):
        """Remembers what it was asked to continue."""

        asked: str = ""

        def generate(
            self, prompt: Sequence[int], config: GenerationConfig, cancellation: Cancellation
        ) -> Iterator[TokenChunk]:
            self.asked = self.vocabulary.decode(prompt)
            return super().generate(prompt, config, cancellation)

    model = Listening(CharacterVocabulary(CHARACTERS + "《》"))
    model.card = model.card.model_copy(update={"title_format": "《{title}》"})
    before = "明月几时有。" * 60 + "把酒问"
    for text in texts(writer, before, model=model, **options):
        assert ends_sentence(text)
        assert len(text) > 60
    heading = "《明月有酒》" if "title" in options else ""
    assert model.asked.startswith(heading)
    assert before.endswith(model.asked.removeprefix(heading))
    assert model.context_length // 2 - 2 <= len(model.asked) <= model.context_length // 2


@pytest.mark.parametrize("length", [20, 60, 200])
def test_news_ends_with_a_sentence_near_its_length(length: int) -> None:
    for text in texts(NewsWriter(), "", title="明月有酒", length=length):
        assert ends_sentence(text)
        assert length // 2 <= len(text) <= length + length // 3 + 21


def test_a_text_without_any_full_stop_is_ended_too() -> None:
    class NoStop(RandomModel):
        """Never ends a sentence of its own accord."""

    vocabulary = CharacterVocabulary(CHARACTERS)
    constraint = SentenceConstraint(vocabulary, least=5, target=10, most=20)
    assert not constraint.next("明" * 19).end
    assert "明" in constraint.next("明" * 19).characters
    assert "明" not in constraint.next("明" * 20).characters
    assert "。" in constraint.next("明" * 20).characters
    assert constraint.next("明" * 20 + "。").end
    assert "明" not in constraint.next("明" * 20 + "。").characters
    assert constraint.next("明明明明明。").end
    assert not constraint.next("明。").end


def test_news_wants_a_headline_or_a_lead() -> None:
    with pytest.raises(InputError, match="标题"):
        texts(NewsWriter(), " ")


def test_the_headline_stands_above_the_lead() -> None:
    writer = NewsWriter()
    request = GenerationRequest(
        "news", WritingContext("今日，"), writer.options_model.parse({"title": "好天"})
    )
    card = RandomModel().card
    assert writer.prompt(request, card) == "好天\n今日，"
    titled = card.model_copy(update={"title_format": "标题：{title}。正文："})
    assert writer.prompt(request, titled) == "标题：好天。正文：今日，"


class ChatVocabulary(CharacterVocabulary):
    has_chat_template = True

    def __init__(self) -> None:
        super().__init__(CHARACTERS)
        self.conversations: list[list[ChatMessage]] = []

    def chat_prompt(self, messages: Sequence[ChatMessage]) -> list[int]:
        self.conversations.append(list(messages))
        return [1]


def test_turns_are_answered_by_a_model_that_can_talk() -> None:
    vocabulary = ChatVocabulary()
    written = texts(
        ContinuationWriter(),
        "问：何为月？\n答：天上的灯。\n问：何为酒？",
        model=RandomModel(vocabulary),
        length=20,
    )
    assert vocabulary.conversations == [
        [
            ChatMessage("user", "何为月？"),
            ChatMessage("assistant", "天上的灯。"),
            ChatMessage("user", "何为酒？"),
        ]
    ]
    assert all(ends_sentence(text) or text == "" for text in written)


def test_prose_is_continued_with_an_instruction() -> None:
    vocabulary = ChatVocabulary()
    texts(ContinuationWriter(), "明月", model=RandomModel(vocabulary), instruction="用古文写")
    assert vocabulary.conversations == [[ChatMessage("system", "用古文写"), ChatMessage("user", "明月")]]
    vocabulary.conversations.clear()
    texts(ContinuationWriter(), "明月", model=RandomModel(vocabulary), mode="续写")
    assert vocabulary.conversations == []


def test_a_model_without_a_template_cannot_talk() -> None:
    with pytest.raises(InputError, match="不会对话"):
        texts(ContinuationWriter(), "明月", mode="对话")


def test_turns_are_told_from_prose() -> None:
    assert parse_turns("他问：何为月？") == []
    assert [turn.content for turn in parse_turns("问：甲\n乙\n答: 丙\n问：")] == ["甲\n乙", "丙"]


class Preferring(RandomModel):
    """Finds the text behind the gap likelier the more the text before it says 月."""

    def score(self, prompt: Sequence[int], continuations: Sequence[Sequence[int]]) -> list[float]:
        return [float(self.vocabulary.decode(prompt).count("月")) for _ in continuations]


def fill_request(**options: object) -> GenerationRequest:
    parsed: WriterOptions = FillWriter.options_model.parse(options)
    return GenerationRequest("fill", WritingContext("明月几时有。", "把酒问青天。"), parsed)


def test_a_gap_is_filled_with_one_sentence() -> None:
    for text in texts(FillWriter(), "明月几时有。", after="把酒问青天。", length=12):
        assert ends_sentence(text)
        assert sum(character in "。！？" for character in text) == 1 or len(text) <= 3
        assert 2 <= len(text) <= 12
    for before, after in (("", "月。"), ("月。", "")):
        with pytest.raises(InputError, match="前后"):
            texts(FillWriter(), before, after=after)


def test_candidates_that_lead_to_what_follows_come_first() -> None:
    model = Preferring(CharacterVocabulary(CHARACTERS))
    candidates = [
        Candidate(index, continuation=text) for index, text in enumerate(["风。", "月月。", "月。"])
    ]
    ranked = FillWriter().rank(fill_request(), candidates, model)
    assert [candidate.continuation for candidate in ranked] == ["月月。", "月。", "风。"]
    assert ranked[0].report == {"following_logprob": 3.0}


def test_traditional_candidates_are_judged_as_the_model_writes() -> None:
    vocabulary = CharacterVocabulary(CHARACTERS)
    assert not vocabulary.can_write("問")
    model = Preferring(vocabulary)
    candidates = [Candidate(index, continuation=text) for index, text in enumerate(["風。", "問月。"])]
    ranked = FillWriter().rank(fill_request(), candidates, model)
    assert [candidate.continuation for candidate in ranked] == ["問月。", "風。"]


def test_the_best_of_several_drafts_are_shown() -> None:
    assert FillWriter().drafts(fill_request()) == 8
    assert FillWriter().drafts(fill_request(drafts=1)) == 3
    model = Preferring(CharacterVocabulary(CHARACTERS))
    runner = runner_of(model, catalogue=catalogue_of(FillWriter(), cards=[card(writers=["fill"])]))
    [*_, finished] = runner.run(replace(fill_request(length=12), seed=3), Cancellation())
    assert isinstance(finished, Finished)
    assert [candidate.index for candidate in finished.candidates] == [0, 1, 2]
    scores = [candidate.report["following_logprob"] for candidate in finished.candidates]  # type: ignore[index]
    # The best of all eight, not of the three that were drawn first.
    drawn = texts(FillWriter(), "明月几时有。", after="把酒问青天。", length=12)
    best = sorted((text.count("月") + 1.0 for text in drawn), reverse=True)[:3]
    assert scores == best


def test_a_model_of_both_scripts_judges_candidates_as_they_are() -> None:
    model = Preferring(CharacterVocabulary(CHARACTERS + "問"))
    model.card = card(writers=["fill"]).model_copy(update={"script": "both"})
    read: list[str] = []

    def score(prompt: Sequence[int], continuations: Sequence[Sequence[int]]) -> list[float]:
        read.append(model.vocabulary.decode(prompt))
        return [0.0]

    model.score = score  # type: ignore[method-assign]
    FillWriter().rank(fill_request(), [Candidate(0, continuation="問月。")], model)
    assert read == ["明月几时有。問月。"]


def test_a_model_for_gaps_sees_both_sides_and_the_likeliest_comes_first() -> None:
    model = RandomModel(CharacterVocabulary(CHARACTERS + "[MASK]"))
    model.fills_gaps = True
    prompt = FillWriter().prompt_tokens(fill_request(), model)
    assert model.vocabulary.decode(prompt) == "明月几时有。[MASK]把酒问青天。"
    rare, usual = (
        Candidate(index, continuation="风。", logprob=logprob, token_count=2)
        for index, logprob in enumerate([-9.0, -3.0])
    )
    assert FillWriter().rank(fill_request(), [rare, usual], model) == [usual, rare]


class TwoContexts(RandomModel):
    """Source and target have a context each, as in Pegasus."""

    fills_gaps = True
    read: Sequence[int] = ()

    def generate(
        self, prompt: Sequence[int], config: GenerationConfig, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        self.read = prompt
        return super().generate(prompt, config, cancellation)

    def fit(self, prompt: Sequence[int], max_new_tokens: int, keep: int = 1) -> list[int]:
        return list(prompt)

    def room(self, prompt: Sequence[int]) -> int:
        return self.context_length - 1


def test_in_the_program_too_a_model_for_gaps_says_itself_how_much_room_it_has() -> None:
    """A source that nearly fills its context is read whole and takes nothing from the sentence."""
    model = TwoContexts(CharacterVocabulary(CHARACTERS + "[MASK]"))
    model.context_length = 64
    runner = runner_of(model, catalogue=catalogue_of(FillWriter(), cards=[card(writers=["fill"])]))
    context = WritingContext("明月几时有。" * 8, "把酒问青天。")
    [*_, finished] = runner.run(replace(fill_request(length=40), context=context, seed=1), Cancellation())
    assert isinstance(finished, Finished)
    assert max(len(candidate.text) for candidate in finished.candidates) > 3
    assert model.read[-2:] == model.vocabulary.encode("天。")
    assert len(model.read) > 50
