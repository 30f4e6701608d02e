"""The endpoint writer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from assistant.api import (
    BibanError,
    Cancellation,
    FinishReason,
    GenerationRequest,
    InputError,
    LanguageModel,
    ModelError,
    TokenChunk,
    Writer,
)
from assistant.api.writer import Reads
from plugins.endpoint.client import SILENCE_SECONDS, Endpoint, Piece
from plugins.endpoint.options import DEFAULT_INSTRUCTION, EndpointOptions


class EndpointWriter(Writer):
    """Asks a server at the address that the person typed; without one, nothing is sent.

    Args:
        silence_seconds: how long the server may say nothing at all.
    """

    id = "endpoint"
    name = "远程模型"
    description = "请一个兼容 OpenAI 接口的服务续写，例如 Ollama、vLLM、llama.cpp；上文会发送到所填的地址。"
    icon = "endpoint"
    order = 60
    options_model = EndpointOptions
    reads = frozenset({Reads.BEFORE, Reads.AFTER})
    needs_model = False

    def __init__(self, *, silence_seconds: float = SILENCE_SECONDS) -> None:
        self._silence_seconds = silence_seconds

    def generate(
        self, request: GenerationRequest, model: LanguageModel | None, cancellation: Cancellation
    ) -> Iterator[TokenChunk]:
        options = _options(request)
        if not options.base_url.strip():
            raise InputError(
                "还没有填写模型服务的地址。",
                "请在选项「地址」里填写（命令行：--option base_url=http://localhost:11434/v1）。",
            )
        asked = _asked(request, options)
        endpoint = Endpoint(options.base_url, options.secret(), silence_seconds=self._silence_seconds)
        name = options.model.strip() or _first_model(endpoint, cancellation)
        if cancellation.cancelled:
            return
        payloads = [
            {"model": name, **asked, **_sampling(options), **_seed(request, index)}
            for index in range(request.num_return_sequences)
        ]
        path = "chat/completions" if options.mode == "对话" else "completions"
        with contextlib.closing(endpoint.stream(path, payloads, cancellation)) as pieces:
            yield from _as_chunks(pieces, len(payloads))


def _as_chunks(pieces: Iterator[Piece], count: int) -> Iterator[TokenChunk]:
    """The pieces as chunks of candidates.

    A stream that breaks off keeps the text it brought, as a candidate that ran out of length. One without
    any fails alone as long as another brought some: a server may refuse a second request at a time.

    Raises:
        BibanError: all streams ended and none brought text; says why the first one did not.
    """
    answers = [_WithoutThoughts() for _ in range(count)]
    written = [False] * count
    ended = 0
    failures: dict[int, BibanError] = {}
    for piece in pieces:
        index = piece.index
        text = answers[index].push(piece.text)
        last = piece.finish_reason is not None or piece.error is not None
        if last:
            ended += 1
            text += answers[index].end()
        written[index] = written[index] or bool(text.strip())
        if piece.error is not None and not written[index]:
            failures[index] = piece.error
            continue
        reason = FinishReason.LENGTH if piece.error is not None else piece.finish_reason
        if text or last:
            yield TokenChunk(index, text, finish_reason=reason)
    if ended < count:
        return  # cancelled
    if any(written):
        yield from (TokenChunk(index, "", finish_reason=FinishReason.ERROR) for index in failures)
        return
    if failures:
        raise next(iter(failures.values()))
    raise ModelError(
        "服务器没有写出文字。", "会思考的模型可能在思考时就用完了字数，请调大「最多字数」后再试。"
    )


class _WithoutThoughts:
    """Leaves out what a reasoning model thinks before it answers, ``<think>…</think>`` at the beginning.

    Most servers keep thoughts apart by themselves; some leave them in the text.
    """

    _OPEN, _CLOSE = "<think>", "</think>"

    def __init__(self) -> None:
        self._held = ""
        self._answering = False

    def push(self, text: str) -> str:
        """The part of the answer that ``text`` adds."""
        if self._answering:
            return text
        self._held += text
        start = self._held.lstrip()
        if start.startswith(self._OPEN):
            answer = start.partition(self._CLOSE)[2].lstrip()  # without the empty lines behind the thoughts
            return self._answer(answer) if answer else ""
        return "" if self._OPEN.startswith(start) else self._answer(self._held)

    def end(self) -> str:
        """What was held back and turned out to be no thought."""
        held, self._held = self._held, ""
        return "" if held.lstrip().startswith(self._OPEN) else held

    def _answer(self, text: str) -> str:
        self._answering, self._held = True, ""
        return text


def _asked(request: GenerationRequest, options: EndpointOptions) -> dict[str, Any]:
    """The part of the request that carries the text.

    Raises:
        InputError: there is nothing to continue and nothing else to do.
    """
    before = request.context.before[-options.context_characters :]
    after = request.context.after[: options.context_characters // 4]
    if options.mode == "补全":
        if not before.strip():
            raise InputError("还没有可以续写的文字。", "请先写下一句，或改用「对话」方式并写明要求。")
        return {"prompt": before}
    instruction = options.instruction.strip()
    if not (before + after).strip() and instruction in ("", DEFAULT_INSTRUCTION):
        raise InputError("还没有可以续写的文字。", "请先写下一句，或在「要求」里写明要写什么。")
    parts = [instruction]
    if before.strip():
        parts.append(f"【上文】\n{before}")
    if after.strip():
        parts.append(f"【下文】（已经写好，不要重复）\n{after}")
    # One message of the user's: some chat templates know no role "system".
    return {"messages": [{"role": "user", "content": "\n\n".join(part for part in parts if part)}]}


def _sampling(options: EndpointOptions) -> dict[str, Any]:
    sampling: dict[str, Any] = {
        "stream": True,
        "max_tokens": options.max_new_tokens,
        "temperature": options.temperature,
        "top_p": options.top_p,
    }
    if options.top_k:
        sampling["top_k"] = options.top_k
    if options.repetition_penalty > 1.0:
        sampling["repetition_penalty"] = options.repetition_penalty
    return sampling


def _seed(request: GenerationRequest, index: int) -> dict[str, int]:
    return {} if request.seed is None else {"seed": request.seed + index}


def _first_model(endpoint: Endpoint, cancellation: Cancellation) -> str:
    """The first model that the server lists; empty when cancelled.

    Raises:
        BibanError: there is none, or the server does not tell.
    """
    names = endpoint.models(cancellation)
    if not names and not cancellation.cancelled:
        raise InputError("服务器没有列出任何模型。", "请先在服务器上装好模型，或在选项「模型」里填写名字。")
    return names[0] if names else ""


def _options(request: GenerationRequest) -> EndpointOptions:
    if not isinstance(request.options, EndpointOptions):
        raise TypeError(f"expected EndpointOptions, got {type(request.options).__name__}")
    return request.options
