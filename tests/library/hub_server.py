"""A hub on the loopback interface, for the real client: enough of the protocol, and ways to misbehave."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import huggingface_hub
import pytest
from huggingface_hub import constants

from assistant.library import download

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPO = "writers/poems"

_LARGE = (".safetensors", ".bin", ".model", ".msgpack", ".h5", ".onnx", ".gguf")


@dataclass
class HubState:
    """What the hub holds, how it behaves, and what it was asked.

    Attributes:
        files: name → content in ``REPO``.
        served: name → content that is sent instead, the metadata staying as they were.
        break_after: bytes after which the next answers break off, one entry an answer.
        bytes_per_second: how fast a file is sent; 0 for as fast as it goes.
        stall_after: bytes after which an answer never goes on; None for no stall.
        missing: files that are listed but not there.
        gated: files are refused.
        private: everything is refused.
        broken_status: the status of all answers to requests for files; 0 for the right one.
        ignores_ranges: every answer begins at the beginning.
        requests: how often each method and path was asked for.
        ranges: ``Range`` headers, in order.
        tokens: ``Authorization`` headers, in order.
        stopping: ends all stalls.
        url: its address; below ``/website`` there is no hub.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    served: dict[str, bytes] = field(default_factory=dict)
    break_after: list[int] = field(default_factory=list)
    bytes_per_second: int = 0
    stall_after: int | None = None
    missing: set[str] = field(default_factory=set)
    gated: bool = False
    private: bool = False
    broken_status: int = 0
    ignores_ranges: bool = False
    requests: Counter[str] = field(default_factory=Counter)
    ranges: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def siblings(self) -> list[dict[str, object]]:
        return [_sibling(name, content) for name, content in self.files.items()]


@contextmanager
def running_hub() -> Iterator[HubState]:
    """A hub at ``state.url`` until the context ends."""
    state = HubState()

    class Handler(_Handler):
        hub = state

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    # Closing waits for the threads of all connections.
    server.daemon_threads = False
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        state.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def hub_for_client(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubState]:
    """The same, with the real client set up to use it: online, without the environment's hub, token and proxy, and
    trying again at once. No thread of a paused download is left.
    """
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(download, "RETRY_SECONDS", (0.01, 0.01, 0.01))
    monkeypatch.setattr(download, "FREE_MARGIN_BYTES", 1_000_000)
    for name in ("HF_ENDPOINT", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    huggingface_hub.close_session()
    with running_hub() as state:
        yield state
        state.stopping.set()
        huggingface_hub.close_session()
    # Pausing leaves a thread behind that waits for its connection.
    for thread in threading.enumerate():
        if thread.name == "download":
            thread.join(5)


def _sibling(name: str, content: bytes) -> dict[str, object]:
    sibling: dict[str, object] = {"rfilename": name, "size": len(content), "blobId": _blob_id(content)}
    if name.endswith(_LARGE):
        sha256 = hashlib.sha256(content).hexdigest()
        sibling["lfs"] = {"size": len(content), "sha256": sha256, "pointerSize": 134}
    return sibling


def _blob_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    hub: HubState
    protocol_version = "HTTP/1.1"
    timeout = 5

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _answer(self) -> None:
        url = urlsplit(self.path)
        path = unquote(url.path)
        self.hub.requests[f"{self.command} {path}"] += 1
        self.hub.tokens.append(self.headers.get("Authorization", ""))
        if self.hub.private:
            self._refuse(401, "", "Invalid username or password.")
        elif path.startswith(f"/api/models/{REPO}/revision/"):
            self._model(path.rsplit("/", 1)[1], "true" in parse_qs(url.query).get("blobs", [""])[0].lower())
        elif path.startswith((f"/{REPO}/resolve/{COMMIT}/", "/storage/")):
            self._file(path.rsplit("/", 1)[1], in_storage=path.startswith("/storage/"))
        elif path.startswith("/website/"):
            self._send(200, b"<html>Welcome</html>", {"Content-Type": "text/html"})
        else:
            self._refuse(404, "RepoNotFound", "Repository not found")

    def _model(self, revision: str, blobs: bool) -> None:
        if revision not in ("main", COMMIT):
            return self._refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        siblings = self.hub.siblings()
        if not blobs:
            siblings = [{"rfilename": sibling["rfilename"]} for sibling in siblings]
        answer = {"id": REPO, "sha": COMMIT, "private": False, "tags": [], "siblings": siblings}
        self._send(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _file(self, name: str, *, in_storage: bool) -> None:
        if self.hub.gated:
            return self._refuse(401, "GatedRepo", "Access to this model is restricted.")
        if name not in self.hub.files or name in self.hub.missing:
            return self._refuse(404, "EntryNotFound", "Entry not found")
        if self.hub.broken_status:
            return self._refuse(self.hub.broken_status, "", "Out of order")
        content = self.hub.served.get(name, self.hub.files[name])
        sibling = _sibling(name, self.hub.files[name])
        lfs = sibling.get("lfs")
        etag = lfs["sha256"] if isinstance(lfs, dict) else sibling["blobId"]
        headers = {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
        if lfs:
            headers |= {"X-Linked-ETag": f'"{etag}"', "X-Linked-Size": str(sibling["size"])}
            if not in_storage:
                return self._send(302, b"", {"Location": f"/storage/{name}", **headers})
        asked = self.headers.get("Range")
        if asked is None or self.hub.ignores_ranges:
            self._send(200, content, headers)
        else:
            self.hub.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                return self._refuse(416, "", "Range not satisfiable")
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self._send(206, content[start:], headers)

    def _refuse(self, status: int, code: str, message: str) -> None:
        headers = {"X-Error-Message": message, "Content-Type": "application/json"}
        if code:
            headers["X-Error-Code"] = code
        self._send(status, json.dumps({"error": message}).encode(), headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        is_file = status in (200, 206) and "ETag" in headers
        try:
            self._send_body(body, is_file)
        except OSError:
            # The client has gone, as it does when it is paused.
            self.close_connection = True

    def _send_body(self, body: bytes, is_file: bool) -> None:
        if not is_file:
            self.wfile.write(body)
            return
        # Small files arrive whole, so that a test decides what happens to the weights.
        breaks = self.hub.break_after.pop(0) if self.hub.break_after and len(body) > 10_000 else None
        stop = min(len(body), *(at for at in (breaks, self.hub.stall_after, len(body)) if at is not None))
        step = max(1, self.hub.bytes_per_second // 50) if self.hub.bytes_per_second else 1 << 16
        for start in range(0, stop, step):
            self.wfile.write(body[start : min(start + step, stop)])
            if self.hub.bytes_per_second:
                time.sleep(0.02)
            if self.hub.stopping.is_set():
                break
        if stop < len(body):
            self.close_connection = True
            if self.hub.stall_after is not None:
                self.hub.stopping.wait(20)
