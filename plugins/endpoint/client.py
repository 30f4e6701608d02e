"""Asking an OpenAI-compatible server: requests, streams of events, and all that can go wrong with them.

Everything runs on the calling thread: an event loop of its own reads all streams at once, and is stepped
for as long as the consumer waits for the next piece. So there is no thread to leave behind, and a stream can
be closed at any moment, also while it connects or while the server says nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
from collections.abc import (
    AsyncGenerator,
    Callable,
    Generator,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from assistant.api import BibanError, Cancellation, FinishReason, InputError, ModelError
from plugins.endpoint.address import EXAMPLE, is_loopback, parse_address
from plugins.endpoint.stepping import Inbox, SilenceError, cancel, step
from plugins.endpoint.text import WholeCharacters, first_line

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")

CONNECT_SECONDS = 5.0
"""For finding the server, connecting and TLS together."""
SILENCE_SECONDS = 120.0
"""Without a byte on any stream. Generous: a server may first read its model from disk. It is not counted for
each stream, because servers that write one candidate after another let the others wait."""
_MAX_EVENT_BYTES = 1 << 20
_MAX_ANSWER_BYTES = 1 << 16
_NAMES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Piece:
    """What came of one stream.

    Attributes:
        index: which stream.
        text: the new text; may be empty.
        finish_reason: set on the last piece of a stream that ended as it should.
        error: set on the last piece of a stream that did not.
    """

    index: int
    text: str = ""
    finish_reason: FinishReason | None = None
    error: BibanError | None = None


class Endpoint:
    """One server, at an address that a person typed.

    Args:
        base_url: up to and including ``/v1``; a full path such as ``/v1/chat/completions`` is understood.
        key: sent in the ``Authorization`` header only; empty for none.
        silence_seconds: how long nothing at all may come.

    Raises:
        InputError: the address or the key cannot be used.
    """

    def __init__(self, base_url: str, key: str = "", *, silence_seconds: float = SILENCE_SECONDS) -> None:
        if not (key.isascii() and key.isprintable()):
            raise InputError("密钥里有不能用的字符。", "请重新复制密钥，不要带上空行或中文符号。")
        self._url = parse_address(base_url)
        self._host = self._url.netloc.decode("ascii")
        self._key = key
        self._silence_seconds = silence_seconds

    def models(self, cancellation: Cancellation) -> list[str]:
        """Names of the models that the server offers; none when cancelled.

        Raises:
            BibanError: the server cannot be reached or does not tell.
        """

        async def work(inbox: Inbox[list[str]]) -> None:
            with self._explained():
                async with self._client() as client:
                    inbox.put(await self._list_models(client))

        try:
            with contextlib.closing(step(work, cancellation, self._silence_seconds)) as answers:
                return next(answers, [])
        except SilenceError as error:
            raise self._silence() from error

    def stream(
        self, path: str, payloads: Sequence[Mapping[str, Any]], cancellation: Cancellation
    ) -> Generator[Piece, None, None]:
        """Send all ``payloads`` at once and yield what comes, in the order in which it comes.

        Every stream ends with exactly one piece that has a finish reason or an error, unless cancelled.

        Args:
            path: below the address, such as ``chat/completions``.
            payloads: bodies of the requests; their places are the indices of the pieces.
            cancellation: looked at every 0.05 s.
        """

        async def work(inbox: Inbox[Piece]) -> None:
            async with self._client() as client:
                reading = [
                    asyncio.ensure_future(self._read(client, path, index, payload, inbox))
                    for index, payload in enumerate(payloads)
                ]
                try:
                    await asyncio.gather(*reading)
                finally:
                    await cancel(reading)

        unfinished = set(range(len(payloads)))
        try:
            with contextlib.closing(step(work, cancellation, self._silence_seconds)) as pieces:
                for piece in pieces:
                    if piece.finish_reason or piece.error:
                        unfinished.discard(piece.index)
                    yield piece
        except SilenceError:
            for index in sorted(unfinished):
                yield Piece(index, error=self._silence())

    def _client(self) -> httpx2.AsyncClient:
        import httpx2

        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        try:
            return httpx2.AsyncClient(
                headers=headers,
                timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),
                limits=httpx2.Limits(max_connections=None),
                verify=httpx2.create_ssl_context(),
                # A proxy cannot reach the server on this very machine.
                trust_env=not is_loopback(self._url.host),
                # A redirect could carry the text to where the person did not send it.
                follow_redirects=False,
            )
        except (ImportError, ValueError, httpx2.InvalidURL) as error:  # such as a SOCKS proxy
            raise ModelError(
                "环境里设定的代理不能用。", "请改用 http:// 开头的代理，或去掉环境变量 ALL_PROXY。"
            ) from error

    def _at(self, path: str) -> httpx2.URL:
        return self._url.copy_with(path=f"{self._url.path}/{path}")

    async def _list_models(self, client: httpx2.AsyncClient) -> list[str]:
        async with client.stream("GET", self._at("models")) as response:
            body = await _body(response)
        if response.status_code != 200:
            raise self._refusal(response.status_code, body)
        answer = self._json(body)
        entries = answer.get("data")
        if not isinstance(entries, list):
            raise self._not_a_model_server()
        return [
            entry["id"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), str)
        ]

    async def _read(
        self,
        client: httpx2.AsyncClient,
        path: str,
        index: int,
        payload: Mapping[str, Any],
        inbox: Inbox[Piece],
    ) -> None:
        try:
            with self._explained():
                request = client.stream(
                    "POST",
                    self._at(path),
                    content=json.dumps(payload).encode(),
                    headers={"Content-Type": "application/json"},
                )
                async with request as response:
                    if response.status_code == 404:
                        raise await self._not_found(
                            client, path, str(payload["model"]), await _body(response)
                        )
                    if response.status_code != 200:
                        raise self._refusal(response.status_code, await _body(response))
                    inbox.put(await self._follow(response, index, inbox))
        except BibanError as error:
            inbox.put(Piece(index, error=error))

    async def _follow(self, response: httpx2.Response, index: int, inbox: Inbox[Piece]) -> Piece:
        """Put the text of one stream down as it comes; returns the last piece."""
        characters = WholeCharacters()
        async with contextlib.aclosing(self._events(response, inbox.touch)) as events:
            async for event in events:
                if event is None:
                    return Piece(index, finish_reason=FinishReason.STOP)
                text, reason = self._text_of(event)
                text = characters.push(text)
                if reason:
                    length = reason in ("length", "max_tokens")
                    return Piece(index, text, FinishReason.LENGTH if length else FinishReason.STOP)
                if text:
                    inbox.put(Piece(index, text))
        raise self._broken()

    async def _events(
        self, response: httpx2.Response, touch: Callable[[], None]
    ) -> AsyncGenerator[dict[str, Any] | None, None]:
        """The JSON objects of an event stream, None for ``[DONE]``; a plain JSON answer is one object.

        Lines are cut as bytes: whole before they are decoded, so no character is torn, and U+2028 ends none.
        """
        pending, other, started = bytearray(), bytearray(), False
        async for received in response.aiter_bytes():
            touch()
            pending += received
            *lines, rest = pending.split(b"\n")
            pending = bytearray(rest)
            for line in lines:
                if (data := _data_of(line)) is not None:
                    started = True
                    yield None if data == b"[DONE]" else self._json(data)
                elif not started:
                    other += line
            if len(pending) + len(other) > _MAX_EVENT_BYTES:
                raise self._not_a_model_server()
        if (data := _data_of(pending)) is not None:
            yield None if data == b"[DONE]" else self._json(data)
        elif not started and (other + pending).strip():
            yield self._json(other + pending)

    def _text_of(self, event: dict[str, Any]) -> tuple[str, str]:
        """The new text and the finish reason, both empty when there is none.

        Raises:
            ModelError: the server reports an error in its stream.
        """
        if event.get("error"):
            raise self._refusal(200, json.dumps(event).encode())
        choices = event.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else {}
        if not isinstance(choice, dict):
            raise self._not_a_model_server()
        message = choice.get("delta") or choice.get("message")
        text = message.get("content") if isinstance(message, dict) else choice.get("text")
        return text if isinstance(text, str) else "", str(choice.get("finish_reason") or "")

    def _json(self, data: bytes | bytearray) -> dict[str, Any]:
        try:
            value = json.loads(data.decode("utf-8", "replace"))
        except (ValueError, RecursionError) as error:
            raise self._not_a_model_server() from error
        if not isinstance(value, dict):
            raise self._not_a_model_server()
        return value

    async def _not_found(self, client: httpx2.AsyncClient, path: str, model: str, body: bytes) -> BibanError:
        """Either the model or the address is wrong; the names that the server offers tell which."""
        import httpx2

        try:
            names = await self._list_models(client)
        except (BibanError, httpx2.HTTPError):
            return InputError(
                f"{self._host} 的这个地址上没有模型服务。", f"请检查地址，多半以 /v1 结尾，{EXAMPLE}。"
            )
        if model in names:
            said = self._said(body)
            return InputError(
                f"{self._host} 没有 {path} 这项服务{f'：{said}' if said else ''}。", "请换一种「方式」再试。"
            )
        shown = "、".join(first_line(name) for name in names[:_NAMES_SHOWN])
        more = "等" if len(names) > _NAMES_SHOWN else ""
        hint = f"它提供：{shown}{more}。" if names else "它一个模型也没有，请先在服务器上装好模型。"
        return InputError(f"{self._host} 上没有名为 {model} 的模型。", hint)

    def _refusal(self, status: int, body: bytes) -> BibanError:
        """What an answer other than success means."""
        said = self._said(body)
        because = f"：{said}" if said else ""
        match status:
            case 401 | 403:
                what = "不认这个密钥" if self._key else "需要密钥"
                return InputError(f"{self._host} {what}。", "请检查选项里的「密钥」，以及它能否用这个模型。")
            case 404:
                return InputError(
                    f"{self._host} 的这个地址上没有模型服务。", f"请检查地址，多半以 /v1 结尾，{EXAMPLE}。"
                )
            case 429:
                return ModelError(
                    f"{self._host} 说请求太多{because}。", "请过一会儿再试，减少候选数目，或检查账户的额度。"
                )
            case 200:
                return ModelError(f"{self._host} 写作时出错{because}。", "请再试一次，或查看服务器的日志。")
            case _ if status >= 500:
                return ModelError(
                    f"{self._host} 自己出了错（{status}）{because}。", "请过一会儿再试，或查看服务器的日志。"
                )
            case _ if status >= 400:
                return InputError(
                    f"{self._host} 不接受这个请求（{status}）{because}。",
                    "请检查模型名与选项；若嫌上文太长，请调小「发送字数」。",
                )
        return ModelError(
            f"{self._host} 没有直接作答（{status}）。", "请填写最终的地址，例如把 http 改成 https。"
        )

    def _said(self, body: bytes) -> str:
        """The server's own words on one line, without the key that some servers repeat."""
        text = body.decode("utf-8", "replace")
        with contextlib.suppress(ValueError, RecursionError):
            value = json.loads(text)
            while isinstance(value, dict):
                value = value.get("error") or value.get("message") or value.get("detail")
            text = value if isinstance(value, str) else ""
        if text.lstrip().startswith("<"):
            return ""
        if self._key:
            text = text.replace(self._key, "＊＊＊")
        return first_line(text).rstrip("。.")

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Turns the errors of the HTTP client into sentences."""
        import httpx2

        try:
            yield
        except httpx2.HTTPError as error:
            raise self._explain(error) from error

    def _explain(self, error: httpx2.HTTPError) -> ModelError:
        import httpx2

        causes = list(_causes(error))
        if isinstance(error, httpx2.ProxyError):
            return ModelError(f"代理没有接通 {self._host}。", "请检查代理设置，或把这个地址加入 NO_PROXY。")
        if isinstance(error, httpx2.ConnectTimeout):
            return ModelError(
                f"{CONNECT_SECONDS:g} 秒之内没有连上 {self._host}。", "请检查地址与网络，并确认服务器开着。"
            )
        if any(isinstance(cause, socket.gaierror) for cause in causes):
            return ModelError(f"找不到服务器 {self._url.host}。", "请检查地址有没有写错，网络是否连通。")
        if any(isinstance(cause, ssl.SSLError) for cause in causes):
            return ModelError(
                f"与 {self._host} 的加密连接没有建成。",
                "服务器若没有证书，地址应以 http:// 开头；否则请检查它的证书。",
            )
        if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
            return ModelError(
                f"{self._host} 拒绝了连接。", "请确认模型服务已经启动（例如 ollama serve），端口也没有写错。"
            )
        if isinstance(error, httpx2.ConnectError):
            return ModelError(f"连不上 {self._host}。", "请检查地址与网络，并确认服务器开着。")
        closed = any(words in str(error) for words in ("disconnected", "peer closed"))
        if isinstance(error, httpx2.NetworkError) or closed:
            return self._broken()
        return self._not_a_model_server()

    def _broken(self) -> ModelError:
        return ModelError(f"{self._host} 没有写完就断开了。", "请再试一次；若仍如此，请查看服务器的日志。")

    def _silence(self) -> ModelError:
        return ModelError(
            f"{self._host} 有 {self._silence_seconds:g} 秒没有回应。",
            "它也许正忙或正在载入模型，请过一会儿再试。",
        )

    def _not_a_model_server(self) -> ModelError:
        return ModelError(
            f"{self._host} 的回答看不懂，那里大概不是模型服务。", f"请检查地址，多半以 /v1 结尾，{EXAMPLE}。"
        )


async def _body(response: httpx2.Response) -> bytes:
    """The beginning of an answer, as much as is ever looked at."""
    body = bytearray()
    async for received in response.aiter_bytes():
        body += received
        if len(body) > _MAX_ANSWER_BYTES:
            break
    return bytes(body)


def _data_of(line: bytes | bytearray) -> bytes | None:
    """What a line of an event stream carries, or None when it carries nothing."""
    line = bytes(line).strip()
    return line[len(b"data:") :].strip() if line.startswith(b"data:") else None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """``error`` and everything that led to it."""
    yield error
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _causes(inner)
    cause = error.__cause__ or error.__context__
    if cause is not None:
        yield from _causes(cause)
