"""The contract test kit: a third party's whole test of a writer is one call.

::

    from assistant.api.testing import check_writer

    def test_my_writer():
        check_writer(MyWriter())
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from assistant.api.cancellation import Cancellation
from assistant.api.constraints import Vocabulary, intersect
from assistant.api.errors import BibanError, InputError
from assistant.api.example import WriterExample
from assistant.api.han import is_han
from assistant.api.language_model import GenerationConfig, LanguageModel
from assistant.api.model_card import ModelCard
from assistant.api.options import WriterOptions
from assistant.api.requests import GenerationRequest, WritingContext
from assistant.api.results import FinishReason, TokenChunk
from assistant.api.writer import Writer

if TYPE_CHECKING:
    from assistant.api.constraints import Mask

# The 3,755 characters of the first level of GB 2312, which lie in 40 rows of 94 places.
_LEVEL_1 = bytes(byte for row in range(0xB0, 0xD8) for place in range(0xA1, 0xFF) for byte in (row, place))
_CHARACTERS = "，。？！；：、《》" + _LEVEL_1.decode("gb2312", "ignore")


class CharacterVocabulary(Vocabulary):
    """One token a character, behind an unknown, a start and an end token.

    Args:
        characters: those that have a token.
    """

    def __init__(self, characters: str = _CHARACTERS) -> None:
        self.tokens = ["[UNK]", "[CLS]", "[SEP]", *dict.fromkeys(characters)]
        self.size = len(self.tokens)
        self.bos_token_id, self.eos_token_id = 1, 2
        self._ids = {token: index for index, token in enumerate(self.tokens)}
        self._han_mask = np.array([len(t) == 1 and is_han(t) for t in self.tokens], dtype=np.bool_)
        self._han_mask.setflags(write=False)

    def encode(self, text: str) -> list[int]:
        return [self._ids.get(character, 0) for character in text if not character.isspace()]

    def prompt(self, text: str) -> list[int]:
        return [self.bos_token_id, *self.encode(text)]

    def decode(self, token_ids: Sequence[int]) -> str:
        return "".join(self.tokens[token_id] for token_id in token_ids if token_id > 2)

    def mask_of(self, characters: Iterable[str]) -> Mask:
        mask = np.zeros(self.size, dtype=np.bool_)
        mask[[self._ids[character] for character in characters if character in self._ids]] = True
        return mask

    @property
    def han_mask(self) -> Mask:
        return self._han_mask

    @property
    def writable_mask(self) -> Mask:
        return np.arange(self.size) > 2


class RandomModel(LanguageModel):
    """Draws every allowed token with the same chance; keeps all promises of ``LanguageModel``.

    Args:
        vocabulary: what it writes with.
        writers: ids of the writers its card serves.
    """

    def __init__(self, vocabulary: CharacterVocabulary | None = None, writers: Sequence[str] = ()) -> None:
        self.vocabulary: CharacterVocabulary = vocabulary or CharacterVocabulary()
        self.context_length = 256
        self.device = "cpu"
        self.memory_bytes = 0
        self.card = ModelCard(
            id="random",
            name="随机",
            architecture="random",
            parameters=0,
            context_length=self.context_length,
            licence="Apache-2.0",
            source="assistant.api.testing",
            writers=tuple(writers),
        )

    def generate(
        self, prompt: Sequence[int], config: GenerationConfig, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        if not prompt or len(prompt) >= self.context_length:
            raise ValueError(f"prompt of {len(prompt)} tokens in a context of {self.context_length}")
        draw = random.Random(config.seed)
        base = np.array(self.vocabulary.writable_mask)
        base[self.vocabulary.eos_token_id] = True
        running = {index: list[int]() for index in range(config.num_return_sequences)}
        for constraint in config.constraints:
            constraint.reset(len(running))
        while running:
            allowed = intersect(config.constraints, list(running.values()), base)
            before = list(running)
            for row, (index, tokens) in enumerate(list(running.items())):
                if cancellation.cancelled:
                    return
                token = draw.choice(np.flatnonzero(allowed[row]).tolist())
                tokens.append(token)
                full = len(tokens) >= min(config.sampling.max_new_tokens, self.room(prompt))
                ended = token == self.vocabulary.eos_token_id
                reason = FinishReason.STOP if ended else FinishReason.LENGTH if full else None
                text = self.vocabulary.decode([token])
                logprob = -float(np.log(self.vocabulary.size))
                yield TokenChunk(index, text, logprob=logprob, finish_reason=reason)
                if reason is not None:
                    del running[index]
            if len(running) < len(before):
                for constraint in config.constraints:
                    constraint.keep([row for row, index in enumerate(before) if index in running])

    def score(self, prompt: Sequence[int], continuations: Sequence[Sequence[int]]) -> list[float]:
        return [-float(np.log(self.vocabulary.size))] * len(continuations)


def check_writer(
    writer: Writer, *, before: str = "明月几时有，", options: WriterOptions | None = None
) -> None:
    """Hold ``writer`` to its contract.

    Args:
        writer: the writer, as its plugin registers it.
        before: a text it can continue.
        options: what to write with; the defaults of ``options_model`` when None.

    Raises:
        AssertionError: says which promise is broken.
    """
    _check_declaration(writer)
    _check_examples(writer)
    chosen = options if options is not None else writer.options_model()

    def wish(text: str, count: int) -> GenerationRequest:
        return GenerationRequest(
            writer_id=writer.id,
            context=WritingContext(before=text),
            options=chosen,
            num_return_sequences=count,
            seed=11,
        )

    def write(text: str, count: int, cancellation: Cancellation | None = None) -> Iterator[TokenChunk]:
        request = wish(text, count)
        model = RandomModel(writers=(writer.id,)) if writer.needs_model else None
        return writer.generate(request, model, cancellation or Cancellation())

    def check_written(text: str, count: int) -> None:
        drafts = writer.drafts(wish(text, count))
        assert drafts >= count, f"{drafts} drafts for {count} candidates"
        _check_chunks(list(write(text, count)), drafts)

    for count in (1, 3):
        check_written(before, count)
    if options is None:  # a text far longer than the context; chosen options may forbid it
        check_written("明" * 5000 + "，" + before, 1)
    for text in (
        "",
        "𠮷" + before[1:],
    ):  # 𠮷: two UTF-16 units, one code point; rules of verse may not know it
        try:
            check_written(text, 2)
        except BibanError as error:
            what = f"the error for the text {text!r} must say what to do next: {error.message!r}"
            assert error.hint, what  # noqa: PT017 - this is no test, but what tests call

    cancellation = Cancellation()
    seen = 0
    for seen, _ in enumerate(write(before, 2, cancellation), start=1):
        cancellation.cancel()
        assert seen <= 3, "after a cancellation at most one more token a candidate may come"
    assert seen, "nothing was written"


def _check_declaration(writer: Writer) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_-]*", writer.id), f"id must be a lower-case ASCII name: {writer.id!r}"
    assert writer.name, "name must not be empty"
    assert issubclass(writer.options_model, WriterOptions), "options_model must derive from WriterOptions"
    defaults = writer.options_model()  # every option needs a default
    for name, field in writer.options_model.model_fields.items():
        assert field.title, f"option {name} needs a title for the form"
        assert field.description, f"option {name} needs a description"
        value = getattr(defaults, name)
        assert writer.options_model.parse({name: str(value)}) == defaults, (
            f"option {name} must parse from text"
        )
    try:
        writer.options_model.parse({"no_such_option": 1})
    except InputError:
        pass
    else:
        raise AssertionError("unknown options must be refused")


def _check_examples(writer: Writer) -> None:
    for example in writer.examples:
        assert isinstance(example, WriterExample), f"examples must be WriterExample, got {example!r}"
        assert example.title, f"an example without a title: {example!r}"
        assert example.note, f"the example {example.title!r} needs a note"
        try:
            request = GenerationRequest(
                writer_id=writer.id,
                context=WritingContext(before=example.before, after=example.after),
                options=writer.options_model.parse(example.options),
            )
            if writer.needs_model:
                writer.prompt(request, RandomModel(writers=(writer.id,)).card)
        except BibanError as error:
            raise AssertionError(f"the example {example.title!r} does not work: {error.one_line}") from error


def _check_chunks(chunks: Sequence[TokenChunk], count: int) -> None:
    ended: set[int] = set()
    texts = [""] * count
    for chunk in chunks:
        assert 0 <= chunk.index < count, f"chunk for candidate {chunk.index} of {count}"
        assert chunk.index not in ended, f"candidate {chunk.index} goes on after its end"
        texts[chunk.index] += chunk.text
        if chunk.finish_reason is not None:
            ended.add(chunk.index)
    assert ended == set(range(count)), f"candidates without an end: {set(range(count)) - ended}"
    for text in texts:
        assert "\ufffd" not in text, "the replacement character � must never be shown"
        assert not re.search(r"\[(UNK|CLS|SEP|PAD|MASK)\]", text), f"special tokens in {text!r}"
