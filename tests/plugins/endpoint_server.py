"""A small server that speaks the OpenAI protocol over real sockets, and misbehaves as told."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Plan:
    """How one request is answered.

    Attributes:
        pieces: texts, one event each.
        finish: the finish reason of the last event; None for none.
        done: whether ``[DONE]`` follows.
        status: other than 200, ``body`` is the whole answer.
        body: sent as it is instead of events.
        content_type: of the answer.
        location: a ``Location`` header.
        stall_after: say nothing more after so many pieces; -1 for not even a status line.
        break_after: drop the connection after so many pieces; -1 for before the status line.
        bytes_per_write: cut the stream into network chunks of so many bytes; 0 for one an event.
        pause: seconds between events.
        events: sent behind the pieces, before the finish.
        ascii: escape everything beyond ASCII.
    """

    pieces: tuple[str, ...] = ("江流", "天地外，", "山色有无中。")
    finish: str | None = "stop"
    done: bool = True
    status: int = 200
    body: bytes | None = None
    content_type: str = "text/event-stream"
    location: str = ""
    stall_after: int | None = None
    break_after: int | None = None
    bytes_per_write: int = 0
    pause: float = 0.0
    events: tuple[dict[str, Any], ...] = ()
    ascii: bool = False


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.text)
        return value


@dataclass
class EndpointServer:
    """Answers on a port of its own until closed.

    Attributes:
        plan: for every completion that ``plans`` has nothing for.
        plans: for single completions, by their order.
        models: names that are listed.
        models_plan: how the list is answered when not as it should be.
        serial: write one completion after another, as Ollama does.
        key: refuse requests without it.
        received: all requests so far.
        stalling: set when an answer begins to stall.
        hung_up: set when a client closes a connection on which the server stalls.
    """

    plan: Plan = field(default_factory=Plan)
    plans: list[Plan] = field(default_factory=list)
    models: list[str] = field(default_factory=lambda: ["qwen3:8b", "deepseek-r1:7b"])
    models_plan: Plan | None = None
    serial: bool = False
    key: str = ""
    received: list[Received] = field(default_factory=list)
    stalling: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self.turn = threading.Lock()
        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._http.owner = self
        self.port = int(self._http.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), name="endpoint-server")
        self._thread.start()

    def next_plan(self) -> Plan:
        with self.lock:
            return self.plans.pop(0) if self.plans else self.plan

    @property
    def completions(self) -> list[Received]:
        """The requests for text."""
        return [request for request in self.received if request.method == "POST"]

    def close(self) -> None:
        """End all connections and wait for their threads."""
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@contextlib.contextmanager
def endpoint_server() -> Iterator[EndpointServer]:
    server = EndpointServer()
    try:
        yield server
    finally:
        server.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 50
    owner: EndpointServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 5

    def log_message(self, format: str, *args: Any) -> None:
        """Tests say what they want to know."""

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # clients may hang up
            super().handle()

    def finish(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().finish()

    def do_GET(self) -> None:
        self._record()
        owner = self.server.owner
        if self.path != "/v1/models":
            self._answer(404, b"404 page not found", "text/plain")
        elif owner.models_plan is not None:
            self._follow(owner.models_plan)
        elif self._admitted():
            listed = [{"id": name, "object": "model"} for name in owner.models]
            self._answer(200, json.dumps({"object": "list", "data": listed}).encode(), "application/json")

    def do_POST(self) -> None:
        request = self._record()
        owner = self.server.owner
        if self.path not in ("/v1/chat/completions", "/v1/completions"):
            self._answer(404, b"404 page not found", "text/plain")
            return
        if not self._admitted():
            return
        plan = owner.next_plan()
        if plan.status == 200 and request.body["model"] not in owner.models:
            message = f"model '{request.body['model']}' not found"
            self._answer(404, json.dumps({"error": {"message": message}}).encode(), "application/json")
            return
        with owner.turn if owner.serial else contextlib.nullcontext():
            self._follow(plan)

    def _record(self) -> Received:
        length = int(self.headers.get("Content-Length", 0))
        text = self.rfile.read(length).decode("utf-8")
        request = Received(self.command, self.path, dict(self.headers.items()), text)
        with self.server.owner.lock:
            self.server.owner.received.append(request)
        return request

    def _admitted(self) -> bool:
        key = self.server.owner.key
        if not key or self.headers.get("Authorization") == f"Bearer {key}":
            return True
        sent = self.headers.get("Authorization", "")
        message = f"Incorrect API key provided: {sent.removeprefix('Bearer ')}"
        self._answer(401, json.dumps({"error": {"message": message}}).encode(), "application/json")
        return False

    def _answer(self, status: int, body: bytes, content_type: str, location: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def _follow(self, plan: Plan) -> None:
        if plan.break_after == -1:
            self._drop()
            return
        if plan.stall_after == -1:
            self._stall()
            return
        if plan.body is not None:
            self._answer(plan.status, plan.body, plan.content_type, plan.location)
            return
        self.send_response(plan.status)
        self.send_header("Content-Type", plan.content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, piece in enumerate(plan.pieces):
            if plan.stall_after == number:
                self._stall()
                return
            if plan.break_after == number:
                self._drop()
                return
            self._event(plan, self._choice(piece, None))
            time.sleep(plan.pause)
        for event in plan.events:
            self._event(plan, event)
        if plan.finish is not None:
            self._event(plan, self._choice("", plan.finish))
        if plan.done:
            self._write(plan, b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _choice(self, text: str, finish: str | None) -> dict[str, Any]:
        part = {"delta": {"content": text}} if "chat" in self.path else {"text": text}
        return {"id": "1", "choices": [{"index": 0, **part, "finish_reason": finish}]}

    def _event(self, plan: Plan, event: dict[str, Any]) -> None:
        data = json.dumps(event, ensure_ascii=plan.ascii).encode("utf-8", "surrogatepass")
        self._write(plan, b"data: " + data + b"\n\n")

    def _write(self, plan: Plan, data: bytes) -> None:
        step = plan.bytes_per_write or len(data)
        for start in range(0, len(data), step):
            part = data[start : start + step]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            self.wfile.flush()
            if plan.bytes_per_write:
                time.sleep(0.0005)  # a packet of its own

    def _drop(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _stall(self) -> None:
        """Say nothing until the client hangs up or the server closes."""
        self.close_connection = True
        self.server.owner.stalling.set()
        while not self.server.owner.closing.is_set():
            readable, _, _ = select.select([self.connection], [], [], 0.02)
            if readable:
                with contextlib.suppress(ConnectionError):
                    self.connection.recv(1)
                self.server.owner.hung_up.set()
                return
