"""Slow work of the network in another thread, so that stopping never waits for a socket."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

from assistant.api import Cancellation

TICK_SECONDS = 0.1
"""How long to wait for an item before looking at the cancellation again."""

_WAITING_ITEMS = 64
"""So many items may wait to be used before the thread stops making more."""

T = TypeVar("T")


class Paused(Exception):  # noqa: N818 - not an error: what was asked for
    """The cancellation was raised; whoever started the work catches this."""


@dataclass(frozen=True)
class _End:
    error: BaseException | None


def in_background(
    produce: Callable[[], Generator[T, None, None]], cancellation: Cancellation
) -> Generator[T | None, None, None]:
    """The items of ``produce()``, which runs in a thread of its own; None whenever nothing came for a tick.

    A thread that waits for a dead connection is left behind; it ends by itself when the connection times
    out, and nothing it still receives is used.

    Raises:
        Paused: within two ticks after ``cancellation`` was raised.
        Exception: whatever ``produce()`` raised.
    """
    items: queue.Queue[T | _End] = queue.Queue(_WAITING_ITEMS)
    abandoned = threading.Event()

    def hand_over(item: T | _End) -> None:
        while not abandoned.is_set():
            try:
                return items.put(item, timeout=TICK_SECONDS)
            except queue.Full:
                continue

    def work() -> None:
        error: BaseException | None = None
        source = produce()
        try:
            for item in source:
                hand_over(item)
                if abandoned.is_set():
                    break
        except BaseException as caught:
            error = caught
        finally:
            source.close()
        hand_over(_End(error))

    threading.Thread(target=work, name="download", daemon=True).start()
    try:
        while True:
            if cancellation.cancelled:
                raise Paused
            try:
                item = items.get(timeout=TICK_SECONDS)
            except queue.Empty:
                yield None
                continue
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        abandoned.set()


def wait(seconds: float, cancellation: Cancellation) -> None:
    """Sleep for a while.

    Raises:
        Paused: within a tick after ``cancellation`` was raised.
    """
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if cancellation.cancelled:
            raise Paused
        time.sleep(min(left, TICK_SECONDS))
