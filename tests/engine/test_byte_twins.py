"""Byte-level vocabularies, where a character may take several tokens: masks, constraints, text, conversations."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, normalizers

from assistant.api import (
    HAN,
    CharacterSet,
    ChatMessage,
    FinishReason,
    GenerationRequest,
    WritingContext,
)
from assistant.api.han import HAN_CLASS, is_han
from assistant.api.sentences import SentenceConstraint, ends_sentence
from assistant.engine.byte_vocabulary import ByteVocabulary
from assistant.engine.tokenizer_files import TokenizerFiles
from assistant.prosody.checker import CheckSettings, check
from plugins.poem.constraints import VerseConstraint
from plugins.poem.options import PoemOptions
from plugins.poem.writer import PoemWriter
from tests.model_twins.byte_bpe import byte_tokens
from tests.model_twins.files import write_json
from tests.model_twins.reference import reference_tokenizer
from tests.model_twins.systems import BYTE_LEVEL, SYSTEMS, TinyTwins, generate, text_of

QUATRAIN = re.compile(rf"([{HAN_CLASS}]{{5}}，[{HAN_CLASS}]{{5}}。){{2}}")
VERSE = re.compile(rf"[，。？！；：、]?([{HAN_CLASS}]+[，。？！；：、])*[{HAN_CLASS}]*")
WORDS = "明月几时有，把酒问青天。the cat 7 é😀𠮷〇豈"


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyTwins]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # they would wait for one another longer than they compute
    yield TinyTwins(tmp_path_factory.mktemp("twins"))
    torch.set_num_threads(threads)


def spelled_by(vocabulary: ByteVocabulary) -> list[bytes]:
    """What each token spells by the twin's own account; nothing for special and unused ones."""
    return padded_tokens(vocabulary.size)


@cache
def padded_tokens(size: int) -> list[bytes]:
    tokens = byte_tokens(900)[0]
    return [*tokens, *[b""] * (size - len(tokens))]


@given(seed=st.integers(0, 2**31), written=st.integers(0, 23), name=st.sampled_from(BYTE_LEVEL))
@settings(max_examples=25, deadline=None)
def test_a_regulated_form_holds(twins: TinyTwins, seed: int, written: int, name: str) -> None:
    model = twins.model(name, "int8")
    opening = "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"[:written]
    request = GenerationRequest("poem", WritingContext(opening), PoemOptions(form="五绝"), seed=seed)
    rules = PoemWriter().constraints(request, model.vocabulary)
    [chunks] = generate(
        model,
        model.vocabulary.prompt(opening),
        seed=seed,
        constraints=rules,
        max_new_tokens=100,
        temperature=1.5,
        top_p=1.0,
    )
    poem = opening + text_of(chunks)
    assert QUATRAIN.fullmatch(poem)
    assert check(poem, CheckSettings(form="五绝", traditional=False)).ok
    assert chunks[-1].finish_reason is FinishReason.STOP


@given(
    seed=st.integers(0, 2**31), sentences=st.integers(0, 3), before=st.sampled_from(("", "明月", "明月，"))
)
@settings(max_examples=15, deadline=None)
@pytest.mark.parametrize("name", ["wenzhong-110m", "qwen3"])
def test_free_verse_holds(twins: TinyTwins, name: str, seed: int, sentences: int, before: str) -> None:
    model = twins.model(name, "int8")
    rule = VerseConstraint(model.vocabulary, before, sentences)
    candidates = generate(
        model,
        model.vocabulary.prompt(before),
        count=2,
        seed=seed,
        constraints=[rule],
        max_new_tokens=50,
        temperature=1.5,
        top_p=1.0,
    )
    for chunks in candidates:
        text = text_of(chunks)
        assert VERSE.fullmatch(text)
        assert is_han(before[-1:] or "，") or not text or is_han(text[0])
        ended = len(re.findall("[。？！]", text))
        if chunks[-1].finish_reason is FinishReason.STOP:
            assert text[-1] in "。？！"
            assert 1 <= ended <= (sentences or ended)  # the model may end earlier than it must
        elif sentences:
            assert ended < sentences or len(chunks) == 50


@cache
def beginnings(characters: CharacterSet) -> frozenset[bytes]:
    """The bytes of every character of the set, whole and cut off, by trying all there are."""
    wanted = {*characters.characters, *(ALL_HAN if characters.han else ())}
    spelled = [character.encode() for character in wanted]
    return frozenset(bytes_[:end] for bytes_ in spelled for end in range(1, len(bytes_) + 1))


ALL_HAN = [chr(point) for point in range(0x40000) if is_han(chr(point))]
PENDING = (b"", b"\xe4", b"\xe4\xb8", b"\xe6\x98", b"\xef", b"\xef\xbc", b"\xe3\x80", b"\xf0", b"\xf0\xa0")
SETS = (
    HAN,
    CharacterSet(frozenset("，。")),
    HAN | CharacterSet(frozenset("，。？！；：、")),
    CharacterSet(frozenset("明é😀a ")),
    CharacterSet(),
)


@pytest.mark.parametrize("name", BYTE_LEVEL)
def test_the_tokens_for_a_character_are_those_that_lead_to_it(twins: TinyTwins, name: str) -> None:
    vocabulary = twins.model(name).vocabulary
    for pending, characters in product(PENDING, SETS):
        wanted = beginnings(characters)
        expected = {
            token_id
            for token_id, spelled in enumerate(spelled_by(vocabulary))
            if spelled and pending + spelled in wanted
        }
        mask = vocabulary.mask_after(pending, characters)
        assert set(np.flatnonzero(mask)) == expected, (pending, characters)


@pytest.mark.parametrize("name", BYTE_LEVEL)
def test_no_half_character_is_a_dead_end(twins: TinyTwins, name: str) -> None:
    vocabulary = twins.model(name).vocabulary
    for characters in SETS[:4]:
        for pending in beginnings(characters):
            try:
                pending.decode()
            except UnicodeDecodeError:
                if len(pending) < 3:  # all of the last bytes would take long
                    assert vocabulary.mask_after(pending, characters).any(), pending


def begins_text(data: bytes) -> bool:
    """True for UTF-8 that is at most cut off in its last character."""
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(data)
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("name", BYTE_LEVEL)
def test_what_may_be_written_keeps_text_whole(twins: TinyTwins, name: str) -> None:
    vocabulary = twins.model(name).vocabulary
    # No text is cut off behind these four and these seconds: no character is spelled so.
    more = (b"\xe0", b"\xed", b"\xf4", b"\xf0\x9f\x98", b"\xc3", b"\xf3", b"\xe0\xa0", b"\xed\x9f")
    for pending in (*PENDING, *more):
        expected = {
            token_id
            for token_id, spelled in enumerate(spelled_by(vocabulary))
            if spelled and begins_text(pending + spelled)
        }
        assert set(np.flatnonzero(vocabulary.writable_after(pending))) == expected, pending


@pytest.mark.parametrize("name", BYTE_LEVEL)
def test_every_token_is_seen(twins: TinyTwins, name: str) -> None:
    """Without constraints too: no candidate spends tokens on bytes that are no part of a character."""
    model = twins.model(name)
    for seed in range(6):
        [chunks] = generate(
            model, model.vocabulary.prompt("明"), seed=seed, max_new_tokens=40, temperature=2.0, top_p=1.0
        )
        silent = 0
        for chunk in chunks[:-1]:
            silent = 0 if chunk.text else silent + 1
            assert silent < 4  # bytes of a character before its last one


def test_a_vocabulary_of_sentencepiece_may_hold_a_letter_of_gpt2s_alphabet(tmp_path: Path) -> None:
    """Ġ stands for a space in GPT-2's files, and for itself in large vocabularies of SentencePiece."""
    tokens = ["<pad>", "<s>", "</s>", "<unk>", *(f"<0x{byte:02X}>" for byte in range(256)), *"▁明月Ġa", "▁a"]
    tokenizer = Tokenizer(
        models.BPE(
            {token: token_id for token_id, token in enumerate(tokens)},
            [("▁", "a")],
            unk_token="<unk>",
            byte_fallback=True,
        )
    )
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    tokenizer.add_special_tokens(["<pad>", "<s>", "</s>", "<unk>"])
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    write_json(
        tmp_path / "tokenizer_config.json", {"bos_token": "<s>", "eos_token": "</s>", "add_bos_token": True}
    )
    vocabulary = ByteVocabulary(TokenizerFiles(tmp_path), len(tokens))
    prompt = vocabulary.prompt("明月 a几Ġ")
    assert [tokens[token] for token in prompt] == [
        *("<s>", "明", "月", "▁a", "<0xE5>", "<0x87>", "<0xA0>", "Ġ")
    ]
    assert vocabulary.decode(prompt) == "明月 a几Ġ"
    assert {tokens[token] for token in np.flatnonzero(vocabulary.han_mask)} == {"明", "月"}
    assert vocabulary.eos_token_id == 2


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=12), cuts=st.lists(st.integers(0, 60)), name=st.sampled_from(BYTE_LEVEL))
def test_text_comes_out_however_its_bytes_are_cut(
    twins: TinyTwins, text: str, cuts: list[int], name: str
) -> None:
    """Streamed and spelled; the tokens of all bytes alone are in every vocabulary."""
    vocabulary = twins.model(name).vocabulary
    single = {spelled: token_id for token_id, spelled in enumerate(spelled_by(vocabulary)) if spelled}
    bytes_ = text.encode()
    borders = sorted({0, len(bytes_), *(cut for cut in cuts if cut < len(bytes_))})
    tokens: list[int] = []
    for start, end in pairwise(borders):
        piece = bytes_[start:end]
        tokens += [single[piece]] if piece in single else [single[bytes([byte])] for byte in piece]
    stream, shown, read = vocabulary.new_stream(), "", b""
    for number, token in enumerate(tokens, start=1):
        shown += stream.push(token)
        read += spelled_by(vocabulary)[token]
        spelling = vocabulary.spell(tokens[:number])
        assert spelling.text == shown
        assert spelling.text.encode() + spelling.pending == read
        assert vocabulary.pending(tokens[:number]) == spelling.pending
    assert shown == text


@pytest.mark.parametrize("name", BYTE_LEVEL)
def test_every_cut_of_some_words(twins: TinyTwins, name: str) -> None:
    vocabulary = twins.model(name).vocabulary
    single = {spelled: token_id for token_id, spelled in enumerate(spelled_by(vocabulary)) if spelled}
    bytes_ = WORDS.encode()
    tokens = [single[bytes([byte])] for byte in bytes_]
    for end in range(len(bytes_) + 1):
        text, pending = vocabulary.spell(tokens[:end])
        assert text.encode() + pending == bytes_[:end]
        assert WORDS.startswith(text)
        assert len(pending) < 4
        assert vocabulary.pending(tokens[:end]) == pending
        assert vocabulary.decode(tokens[:end]) == text
    encoded: Any = vocabulary.encode(WORDS)
    assert vocabulary.decode(encoded) == WORDS
    assert b"".join(spelled_by(vocabulary)[token] for token in encoded) == bytes_


def test_a_conversation_is_put_as_transformers_puts_it(twins: TinyTwins) -> None:
    vocabulary = twins.model("qwen3").vocabulary
    reference = reference_tokenizer(twins.folder("qwen3"), SYSTEMS["qwen3"].tokenizer)
    messages = [
        ChatMessage("system", "你会写诗。"),
        ChatMessage("user", "写一首 poem，\n题为《明月》。"),
        ChatMessage("assistant", "明月几时有。"),
        ChatMessage("user", "再来"),
    ]
    for count in (1, 2, 4):
        expected = reference.apply_chat_template(
            [message._asdict() for message in messages[:count]],
            add_generation_prompt=True,
            tokenize=True,
            enable_thinking=False,
            return_dict=False,
        )
        assert vocabulary.has_chat_template
        assert vocabulary.chat_prompt(messages[:count]) == expected
    # The marks of a turn are one token each, and no text.
    assert expected[0] == 901
    assert "<|" not in vocabulary.decode(expected)
    for name in ("wenzhong-110m", "wenzhong-3.5b"):
        plain = twins.model(name).vocabulary
        assert not plain.has_chat_template
        with pytest.raises(ValueError, match="chat template"):
            plain.chat_prompt(messages)


@given(seed=st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("name", ["wenzhong-110m", "qwen3"])
def test_prose_ends_with_a_sentence_whatever_the_tokens_spell(twins: TinyTwins, name: str, seed: int) -> None:
    """Some tokens end one character and begin the next; the end of a sentence may lie within such a token."""
    model = twins.model(name, "int8")
    rule = SentenceConstraint(model.vocabulary, least=0, target=3, most=6)
    prompt = model.vocabulary.prompt("明月")
    options = {"max_new_tokens": 120, "temperature": 1.5, "top_p": 1.0}
    for chunks in generate(model, prompt, count=2, seed=seed, constraints=[rule], **options):
        assert chunks[-1].finish_reason is FinishReason.STOP
        text = text_of(chunks)
        assert text == "" or ends_sentence(text)
