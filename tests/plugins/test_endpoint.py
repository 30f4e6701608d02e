"""The endpoint writer, with its real client against a real server on this machine."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from assistant.api import (
    BibanError,
    Cancellation,
    FinishReason,
    GenerationRequest,
    InputError,
    ModelError,
    SamplingOptions,
    TokenChunk,
    WritingContext,
)
from assistant.api.testing import check_writer
from plugins.endpoint import register_writers
from plugins.endpoint.client import Endpoint
from plugins.endpoint.options import DEFAULT_INSTRUCTION, KEY_VARIABLE, EndpointOptions
from plugins.endpoint.writer import EndpointWriter
from tests.plugins.endpoint_server import EndpointServer, Plan, endpoint_server

KEY = "sk-geheim-4711"
TEXT = "江流天地外，山色有无中。"


@pytest.fixture(autouse=True)
def no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


@pytest.fixture
def server() -> Iterator[EndpointServer]:
    with endpoint_server() as running:
        yield running


def request_of(
    options: EndpointOptions,
    *,
    before: str = "楚塞三湘接，荆门九派通。",
    after: str = "",
    count: int = 1,
    seed: int | None = None,
) -> GenerationRequest:
    return GenerationRequest(
        writer_id="endpoint",
        context=WritingContext(before=before, after=after),
        options=options,
        num_return_sequences=count,
        seed=seed,
    )


def write(
    request: GenerationRequest, *, silence: float = 2.0, cancellation: Cancellation | None = None
) -> list[TokenChunk]:
    writer = EndpointWriter(silence_seconds=silence)
    return list(writer.generate(request, None, cancellation or Cancellation()))


def texts_of(chunks: list[TokenChunk], count: int = 1) -> list[str]:
    return ["".join(chunk.text for chunk in chunks if chunk.index == index) for index in range(count)]


def reasons_of(chunks: list[TokenChunk]) -> dict[int, FinishReason]:
    return {chunk.index: chunk.finish_reason for chunk in chunks if chunk.finish_reason is not None}


def failure_of(options: EndpointOptions, *, silence: float = 2.0, count: int = 1) -> BibanError:
    with pytest.raises(BibanError) as raised:
        write(request_of(options, count=count), silence=silence)
    error = raised.value
    assert error.message.endswith("。"), error.message
    assert error.hint.endswith("。"), error.hint
    assert "\n" not in error.message + error.hint
    return error


def without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


# What is written


def test_the_plugin_registers_it() -> None:
    (writer,) = register_writers()
    assert (writer.id, writer.name, writer.needs_model) == ("endpoint", "远程模型", False)


@pytest.mark.parametrize("mode", ["对话", "补全"])
def test_the_writer_keeps_its_contract(server: EndpointServer, mode: str) -> None:
    server.plan = Plan(pause=0.002)
    options = EndpointOptions.parse({"base_url": server.url, "mode": mode})
    check_writer(EndpointWriter(), options=options)


def test_candidates_grow_side_by_side(server: EndpointServer) -> None:
    server.plan = Plan(pause=0.1)
    chunks = write(request_of(EndpointOptions(base_url=server.url), count=3))
    assert texts_of(chunks, 3) == [TEXT] * 3
    assert reasons_of(chunks) == dict.fromkeys(range(3), FinishReason.STOP)
    ends = [place for place, chunk in enumerate(chunks) if chunk.finish_reason]
    starts = [next(p for p, chunk in enumerate(chunks) if chunk.index == index) for index in range(3)]
    assert max(starts) < min(ends), "one candidate waited for the end of another"


def test_what_is_asked_in_a_conversation(server: EndpointServer) -> None:
    options = EndpointOptions(base_url=server.url, model="deepseek-r1:7b", instruction="写一句。")
    write(request_of(options, before="上面的字", after="下面的字", count=2, seed=7))
    first, second = sorted(server.completions, key=lambda request: int(request.body["seed"]))
    assert first.path == second.path == "/v1/chat/completions"
    (message,) = first.body.pop("messages")
    assert message == {
        "role": "user",
        "content": "写一句。\n\n【上文】\n上面的字\n\n【下文】（已经写好，不要重复）\n下面的字",
    }
    body = first.body
    del body["messages"]
    assert body == {
        "model": "deepseek-r1:7b",
        "stream": True,
        "max_tokens": 512,
        "temperature": 0.9,
        "top_p": 0.92,
        "seed": 7,
    }
    assert second.body["seed"] == 8
    assert not [request for request in server.received if request.method == "GET"]


def test_what_is_asked_for_a_completion(server: EndpointServer) -> None:
    options = EndpointOptions(
        base_url=server.url, mode="补全", top_k=40, repetition_penalty=1.2, max_new_tokens=9, temperature=0.0
    )
    write(request_of(options, before="上面的字", after="下面的字"))
    (request,) = server.completions
    assert request.path == "/v1/completions"
    assert request.body == {
        "model": "qwen3:8b",
        "prompt": "上面的字",
        "stream": True,
        "max_tokens": 9,
        "temperature": 0.0,
        "top_p": 0.92,
        "top_k": 40,
        "repetition_penalty": 1.2,
    }


def test_a_long_text_is_sent_from_its_end(server: EndpointServer) -> None:
    options = EndpointOptions(base_url=server.url, context_characters=100)
    write(request_of(options, before="远" * 500 + "近" * 100, after="近" * 25 + "远" * 500))
    content = server.completions[0].body["messages"][0]["content"]
    assert "远" not in content
    assert content.count("近") == 125


@pytest.mark.parametrize("ending", ["", "/", "/chat/completions", "/models", "/completions/"])
def test_an_address_may_be_a_full_path(server: EndpointServer, ending: str) -> None:
    assert texts_of(write(request_of(EndpointOptions(base_url=f" {server.url}{ending} ")))) == [TEXT]


def test_names_are_looked_up_and_no_thread_stays(server: EndpointServer) -> None:
    before = set(threading.enumerate())
    write(request_of(EndpointOptions(base_url=f"http://localhost:{server.port}/v1"), count=3))
    assert not [
        t for t in threading.enumerate() if t not in before and t.name.startswith("endpoint-resolver")
    ]


def test_a_proxy_is_not_asked_for_this_machine(
    server: EndpointServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert texts_of(write(request_of(EndpointOptions(base_url=server.url)))) == [TEXT]


def test_a_proxy_that_cannot_be_used_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks9://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    error = failure_of(EndpointOptions(base_url="http://models.invalid/v1", model="m"))
    assert "代理" in error.message


# What a stream may look like


@pytest.mark.parametrize("size", [1, 2, 5, 7])
def test_characters_split_over_network_chunks_stay_whole(server: EndpointServer, size: int) -> None:
    server.plan = Plan(pieces=("春𠮷", "👩‍🚀\u2028花"), bytes_per_write=size)
    options = EndpointOptions(base_url=server.url, model="qwen3:8b")
    assert texts_of(write(request_of(options))) == ["春𠮷👩‍🚀\u2028花"]


def test_characters_split_over_events_are_joined_or_dropped(server: EndpointServer) -> None:
    server.plan = Plan(pieces=("春\ud83d", "\ude80花", "\ufffd月\udc00", "夜\ud83d"), ascii=True)
    assert texts_of(write(request_of(EndpointOptions(base_url=server.url)))) == ["春🚀花月夜"]


@pytest.mark.parametrize(
    ("finish", "reason"),
    [("stop", FinishReason.STOP), ("length", FinishReason.LENGTH), ("content_filter", FinishReason.STOP)],
)
def test_why_a_candidate_ended(server: EndpointServer, finish: str, reason: FinishReason) -> None:
    server.plan = Plan(finish=finish)
    assert reasons_of(write(request_of(EndpointOptions(base_url=server.url)))) == {0: reason}


def test_done_without_a_reason_is_an_end(server: EndpointServer) -> None:
    server.plan = Plan(finish=None)
    assert reasons_of(write(request_of(EndpointOptions(base_url=server.url)))) == {0: FinishReason.STOP}


def test_a_stream_with_other_fields_and_comments(server: EndpointServer) -> None:
    lines = [
        b": ping",
        b"event: message",
        b'data: {"choices": []}',
        b'data: {"choices": [{"delta": {"role": "assistant", "content": null}}]}',
        b'data: {"choices": [{"delta": {"reasoning_content": "..."}}]}',
        'data:{"choices": [{"delta": {"content": "月"}, "finish_reason": null}]}'.encode(),
        'data: {"choices": [{"delta": {"content": "落"}, "finish_reason": "stop"}]}'.encode(),
    ]
    server.plan = Plan(body=b"\r\n\r\n".join(lines))
    chunks = write(request_of(EndpointOptions(base_url=server.url)))
    assert texts_of(chunks) == ["月落"]
    assert reasons_of(chunks) == {0: FinishReason.STOP}


def test_a_server_that_does_not_stream(server: EndpointServer) -> None:
    answer = {"choices": [{"message": {"content": "月落"}, "finish_reason": "length"}]}
    body = json.dumps(answer, ensure_ascii=False, indent=2).encode()
    server.plan = Plan(body=body, content_type="application/json")
    chunks = write(request_of(EndpointOptions(base_url=server.url)))
    assert texts_of(chunks) == ["月落"]
    assert reasons_of(chunks) == {0: FinishReason.LENGTH}


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (("<think>\n先想", "一想</thi", "nk>\n", "\n月落", "乌啼"), "月落乌啼"),
        (("<th", "ink></think>", "月落"), "月落"),
        (("<", "月落>"), "<月落>"),
        (("\n", "月落"), "\n月落"),
        (("月落<think>",), "月落<think>"),
    ],
)
def test_thoughts_are_left_out(server: EndpointServer, pieces: tuple[str, ...], text: str) -> None:
    server.plan = Plan(pieces=pieces)
    assert texts_of(write(request_of(EndpointOptions(base_url=server.url)))) == [text]


@pytest.mark.parametrize("pieces", [(), ("<think>想了又想",), (" \n",)])
def test_an_answer_without_text_is_said(server: EndpointServer, pieces: tuple[str, ...]) -> None:
    server.plan = Plan(pieces=pieces, finish="length")
    error = failure_of(EndpointOptions(base_url=server.url), count=2)
    assert isinstance(error, ModelError)
    assert "最多字数" in error.hint


# What may go wrong


def test_nothing_is_sent_without_an_address() -> None:
    error = failure_of(EndpointOptions())
    assert isinstance(error, InputError)
    assert "地址" in error.message


@pytest.mark.parametrize("mode", ["对话", "补全"])
def test_nothing_is_sent_without_a_text(server: EndpointServer, mode: str) -> None:
    options = EndpointOptions.parse({"base_url": server.url, "mode": mode})
    with pytest.raises(InputError, match="还没有可以续写的文字"):
        write(request_of(options, before=" \n"))
    assert server.received == []


def test_a_demand_needs_no_text(server: EndpointServer) -> None:
    write(request_of(EndpointOptions(base_url=server.url, instruction="写一首咏雪的诗。"), before=""))
    assert server.completions[0].body["messages"][0]["content"] == "写一首咏雪的诗。"


@pytest.mark.parametrize(
    "address",
    [
        "localhost:11434/v1",
        "ftp://localhost/v1",
        "http：//localhost/v1",
        "http://",
        "http://localhost:99999/v1",
        "http://[::1/v1",
        "http://a..b/v1",
        f"http://{'a' * 64}.org/v1",
        "http://local host/v1",
        "/v1",
        "http://localhost/v1?key=1",
        "http://localhost/v1#top",
        "http://\x00/",
    ],
)
def test_an_address_that_is_none(address: str) -> None:
    error = failure_of(EndpointOptions(base_url=address))
    assert isinstance(error, InputError)
    assert "http://" in error.hint


def test_an_address_with_a_password_is_not_repeated() -> None:
    error = failure_of(EndpointOptions(base_url=f"http://me:{KEY}@localhost/v1"))
    assert isinstance(error, InputError)
    assert KEY not in error.one_line


def test_no_server_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for host in ("127.0.0.1", "localhost"):
        error = failure_of(EndpointOptions(base_url=f"http://{host}:{port}/v1", model="m"), count=3)
        assert isinstance(error, ModelError)
        assert error.message == f"{host}:{port} 拒绝了连接。"
        assert failure_of(EndpointOptions(base_url=f"http://{host}:{port}/v1")).message == error.message


def test_no_such_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)  # no test asks a real name server
    without_proxy(monkeypatch)
    error = failure_of(EndpointOptions(base_url="http://models.invalid/v1", model="m"))
    assert isinstance(error, ModelError)
    assert error.message == "找不到服务器 models.invalid。"


def test_https_where_there_is_none(server: EndpointServer) -> None:
    address = server.url.replace("http://", "https://")
    error = failure_of(EndpointOptions(base_url=address, model="m"))
    assert isinstance(error, ModelError)
    assert "加密" in error.message


def test_connecting_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.endpoint.client.CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:
        port = deaf.getsockname()[1]
        # The backlog of a server that never accepts is full after a few connections.
        waiting = [socket.socket() for _ in range(8)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
        try:
            error = failure_of(EndpointOptions(base_url=f"http://127.0.0.1:{port}/v1", model="m"))
        finally:
            for client in waiting:
                client.close()
    assert isinstance(error, ModelError)
    assert "没有连上" in error.message


@pytest.mark.parametrize("key", ["", KEY])
def test_the_key_is_refused(server: EndpointServer, key: str) -> None:
    server.key = "another"
    for model in ("", "qwen3:8b"):
        error = failure_of(EndpointOptions.parse({"base_url": server.url, "key": key, "model": model}))
        assert isinstance(error, InputError)
        assert "密钥" in error.message
        assert "密钥" in error.hint


def test_the_model_is_not_there(server: EndpointServer) -> None:
    error = failure_of(EndpointOptions(base_url=server.url, model="gpt-9"), count=2)
    assert isinstance(error, InputError)
    assert "gpt-9" in error.message
    assert "qwen3:8b、deepseek-r1:7b" in error.hint


def test_no_model_is_there(server: EndpointServer) -> None:
    server.models = []
    assert "没有列出任何模型" in failure_of(EndpointOptions(base_url=server.url)).message
    assert "一个模型也没有" in failure_of(EndpointOptions(base_url=server.url, model="m")).hint


def test_the_path_is_not_there(server: EndpointServer) -> None:
    for model in ("", "qwen3:8b"):
        error = failure_of(EndpointOptions(base_url=server.url.removesuffix("/v1"), model=model))
        assert isinstance(error, InputError)
        assert "/v1" in error.hint


def test_the_server_has_no_such_service(server: EndpointServer) -> None:
    server.plan = Plan(status=404, body=b'{"detail": "Not Found"}')
    error = failure_of(EndpointOptions(base_url=server.url, model="qwen3:8b"))
    assert isinstance(error, InputError)
    assert "chat/completions" in error.message


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (307, ModelError, "307"),
        (400, InputError, "400"),
        (403, InputError, "密钥"),
        (422, InputError, "422"),
        (429, ModelError, "太多"),
        (500, ModelError, "500"),
        (503, ModelError, "503"),
    ],
)
def test_other_refusals(server: EndpointServer, status: int, kind: type[BibanError], words: str) -> None:
    body = {"error": {"message": "CUDA out of memory.\nTraceback: ..."}}
    server.plan = Plan(status=status, body=json.dumps(body).encode(), location="http://127.0.0.1:1/v1")
    error = failure_of(EndpointOptions(base_url=server.url), count=2)
    assert type(error) is kind
    assert words in error.message
    assert "Traceback" not in error.message
    if status not in (307, 403):
        assert "CUDA out of memory" in error.message


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": "busy"}', "：busy。"),
        (b'{"message": "busy"}', "：busy。"),
        (b'{"detail": "busy"}', "：busy。"),
        (b"busy\nmore", "：busy。"),
        (b"<html><body>Bad gateway</body></html>", "（502）。"),
        (b"", "（502）。"),
        (b'{"error": {"code": 1}}', "（502）。"),
        (b"x" * 5000, "…。"),
        (b"\x1b[31mred", "[31mred。"),
    ],
)
def test_how_a_server_says_it(server: EndpointServer, body: bytes, said: str) -> None:
    server.plan = Plan(status=502, body=body)
    error = failure_of(EndpointOptions(base_url=server.url))
    assert error.message.endswith(said)
    assert len(error.message) < 300


def test_an_error_within_the_stream(server: EndpointServer) -> None:
    trouble = {"error": {"message": "context overflow"}}
    server.plan = Plan(pieces=(), events=(trouble,), finish=None)
    error = failure_of(EndpointOptions(base_url=server.url))
    assert isinstance(error, ModelError)
    assert "context overflow" in error.message


@pytest.mark.parametrize(
    "body",
    [
        b"<html>hello</html>",
        b"hello",
        b"[1, 2]",
        b"data: {half\n\n",
        b"data: 7\n\n",
        b'data: {"choices": [7]}\n\n',
        b"\xff\xfe\x00",
        b"x" * (2 << 20),
        b"[" * 100_000,
    ],
)
def test_an_answer_that_is_not_the_protocol(server: EndpointServer, body: bytes) -> None:
    server.plan = Plan(body=body, content_type="text/html")
    error = failure_of(EndpointOptions(base_url=server.url, model="qwen3:8b"))
    assert isinstance(error, ModelError)
    assert "看不懂" in error.message


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"[]", b'{"data": 7}'])
def test_a_list_of_models_that_is_none(server: EndpointServer, body: bytes) -> None:
    server.models_plan = Plan(body=body)
    error = failure_of(EndpointOptions(base_url=server.url))
    assert isinstance(error, ModelError)
    assert "看不懂" in error.message


def test_a_server_that_speaks_no_http() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        error = failure_of(EndpointOptions(base_url=address, model="m"))
        thread.join()
    assert "看不懂" in error.message


@pytest.mark.parametrize(
    "plan",
    [Plan(break_after=0), Plan(break_after=-1), Plan(pieces=(), finish=None, done=False)],
)
def test_a_stream_that_breaks_without_text(server: EndpointServer, plan: Plan) -> None:
    server.plan = plan
    error = failure_of(EndpointOptions(base_url=server.url), count=2)
    assert isinstance(error, ModelError)
    assert "断开" in error.message


@pytest.mark.parametrize(
    "plan",
    [
        Plan(pieces=("江流", "天地外"), finish=None, done=False),
        Plan(break_after=2, pieces=("江流", "天地外", "，")),
        Plan(stall_after=2, pieces=("江流", "天地外", "，")),
        Plan(pieces=("江流", "天地外"), events=({"error": "broken"},)),
    ],
)
def test_a_stream_that_breaks_keeps_its_text(server: EndpointServer, plan: Plan) -> None:
    server.plan = plan
    chunks = write(request_of(EndpointOptions(base_url=server.url), count=2), silence=0.8)
    assert texts_of(chunks, 2) == ["江流天地外"] * 2
    assert reasons_of(chunks) == dict.fromkeys(range(2), FinishReason.LENGTH)


def test_one_candidate_may_fail_alone(server: EndpointServer) -> None:
    server.plans = [Plan(status=429, body=b"slow down")]
    chunks = write(request_of(EndpointOptions(base_url=server.url), count=3))
    assert sorted(texts_of(chunks, 3)) == ["", TEXT, TEXT]
    assert sorted(reasons_of(chunks).values()) == [FinishReason.ERROR, FinishReason.STOP, FinishReason.STOP]


@pytest.mark.parametrize("model", ["", "qwen3:8b"])
def test_a_silent_server(server: EndpointServer, model: str) -> None:
    server.plan = server.models_plan = Plan(stall_after=-1)
    error = failure_of(EndpointOptions(base_url=server.url, model=model), silence=0.3, count=2)
    assert isinstance(error, ModelError)
    assert "0.3 秒没有回应" in error.message
    assert server.hung_up.wait(1)


def test_waiting_for_ones_turn_is_no_silence(server: EndpointServer) -> None:
    server.serial = True
    server.plan = Plan(pause=0.1)
    chunks = write(request_of(EndpointOptions(base_url=server.url, model="qwen3:8b"), count=3), silence=0.5)
    assert texts_of(chunks, 3) == [TEXT] * 3


def test_a_consumer_that_dawdles_is_no_silence(server: EndpointServer) -> None:
    server.plan = Plan(pieces=("江", "流"), pause=0.01)
    writer = EndpointWriter(silence_seconds=0.5)
    text = ""
    for chunk in writer.generate(request_of(EndpointOptions(base_url=server.url)), None, Cancellation()):
        text += chunk.text
        time.sleep(0.6)
    assert text == "江流"


# Stopping


@contextlib.contextmanager
def cancelled_when(event: threading.Event) -> Iterator[Cancellation]:
    """A cancellation that comes soon after ``event``; what is in the block must end within a second of it."""
    cancellation = Cancellation()
    moments: list[float] = []

    def wait() -> None:
        assert event.wait(10)
        time.sleep(0.1)
        moments.append(time.monotonic())
        cancellation.cancel()

    thread = threading.Thread(target=wait)
    thread.start()
    yield cancellation
    ended = time.monotonic()
    thread.join()
    assert ended - moments[0] < 1


@pytest.mark.parametrize("stall_after", [-1, 0, 1])
def test_cancelling_a_stalled_server(server: EndpointServer, stall_after: int) -> None:
    server.plan = Plan(stall_after=stall_after)
    request = request_of(EndpointOptions(base_url=server.url, model="qwen3:8b"), count=3)
    with cancelled_when(server.stalling) as cancellation:
        chunks = write(request, silence=30, cancellation=cancellation)
    assert not reasons_of(chunks)
    assert server.hung_up.wait(1), "the connection stayed open"


def test_cancelling_while_the_models_are_asked_for(server: EndpointServer) -> None:
    server.models_plan = Plan(stall_after=-1)
    with cancelled_when(server.stalling) as cancellation:
        request = request_of(EndpointOptions(base_url=server.url))
        assert write(request, silence=30, cancellation=cancellation) == []
    assert server.hung_up.wait(1)
    assert server.completions == []


def test_cancelling_before_anything_is_sent(server: EndpointServer) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    for model in ("", "qwen3:8b"):
        options = EndpointOptions(base_url=server.url, model=model)
        assert write(request_of(options, count=2), cancellation=cancellation) == []
    assert server.received == []


def test_a_consumer_that_leaves_closes_the_streams(server: EndpointServer) -> None:
    server.plan = Plan(stall_after=1)
    before = set(threading.enumerate())
    request = request_of(EndpointOptions(base_url=f"http://localhost:{server.port}/v1"), count=3)
    chunks = EndpointWriter().generate(request, None, Cancellation())
    assert next(chunks).text == "江流"
    del chunks
    assert server.hung_up.wait(1), "the connection stayed open"
    assert not [
        t for t in threading.enumerate() if t not in before and t.name.startswith("endpoint-resolver")
    ]


def test_cancelling_while_a_name_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, released = threading.Event(), threading.Event()

    def slow(*_: object, **__: object) -> None:
        asked.set()
        released.wait(5)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    without_proxy(monkeypatch)
    options = EndpointOptions(base_url="http://models.invalid/v1", model="m")
    with cancelled_when(asked) as cancellation:
        assert write(request_of(options), cancellation=cancellation) == []
    released.set()
    for thread in threading.enumerate():
        if thread.name.startswith("endpoint-resolver"):
            thread.join(1)


# The key


@pytest.mark.parametrize("source", ["option", "environment"])
def test_the_key_is_in_one_header_only(
    server: EndpointServer, source: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.key = KEY
    if source == "environment":
        monkeypatch.setenv(KEY_VARIABLE, KEY)
        options = EndpointOptions(base_url=server.url)
    else:
        monkeypatch.setenv(KEY_VARIABLE, "not this one")
        options = EndpointOptions.parse({"base_url": server.url, "key": f" {KEY}\n"})
    request = request_of(options, count=2)
    assert texts_of(write(request), 2) == [TEXT] * 2
    assert len(server.received) == 3
    for received in server.received:
        assert received.headers.pop("Authorization") == f"Bearer {KEY}"
        assert KEY not in repr(received)
    assert KEY not in repr(request) + str(options) + options.model_dump_json()
    assert caplog.records, "nothing was logged, so nothing was seen"
    assert KEY not in caplog.text


def test_no_key_no_header(server: EndpointServer) -> None:
    write(request_of(EndpointOptions(base_url=server.url)))
    assert not [request for request in server.received if "Authorization" in request.headers]


def test_a_server_that_repeats_the_key_is_not_quoted(
    server: EndpointServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = json.dumps({"error": {"message": f"bad key {KEY} given"}}).encode()
    options = EndpointOptions.parse({"base_url": server.url, "key": KEY, "model": "qwen3:8b"})
    for status in (400, 401, 404, 429, 500):
        server.plan = Plan(status=status, body=body)
        error = failure_of(options)
        chain: BaseException | None = error
        while chain is not None:
            assert KEY not in repr(chain) + str(chain)
            chain = chain.__cause__ or chain.__context__
    assert KEY not in caplog.text


@pytest.mark.parametrize("key", ["私钥", "two\nlines", "sk-\x00", "ｓｋ"])
def test_a_key_that_fits_no_header(server: EndpointServer, key: str) -> None:
    error = failure_of(EndpointOptions.parse({"base_url": server.url, "key": key}))
    assert isinstance(error, InputError)
    assert key not in error.one_line
    assert server.received == []


def test_an_endpoint_does_not_show_its_key() -> None:
    assert KEY not in repr(Endpoint("http://localhost/v1", KEY))


# The options


def test_options_parse_from_text() -> None:
    defaults = EndpointOptions()
    for name in EndpointOptions.model_fields:
        assert EndpointOptions.parse({name: str(getattr(defaults, name))}) == defaults
    assert defaults.base_url == ""
    assert defaults.secret() == ""
    assert defaults.instruction == DEFAULT_INSTRUCTION
    extra = EndpointOptions.model_fields["key"].json_schema_extra
    assert extra == {"secret": True, "advanced": True}


def test_options_of_another_writer_are_a_mistake() -> None:
    request = replace(request_of(EndpointOptions()), options=SamplingOptions())
    with pytest.raises(TypeError, match="EndpointOptions"):
        list(EndpointWriter().generate(request, None, Cancellation()))
