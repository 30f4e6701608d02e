"""An event loop that runs only while somebody waits for it: no thread, and nothing left when it ends."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import time
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterable
from typing import Any, Generic, TypeVar

from assistant.api import Cancellation

T = TypeVar("T")

_STEP_SECONDS = 0.05
"""How often a cancellation is looked at."""
_RESOLVER_SECONDS = 0.5
"""How long the end waits for a name look-up, which no program can interrupt."""


class Inbox(Generic[T]):
    """What the streams have brought and the consumer has not taken. Used by one thread."""

    def __init__(self) -> None:
        self.items: deque[T] = deque()
        self.touched = asyncio.Event()

    def put(self, item: T) -> None:
        self.items.append(item)
        self.touched.set()

    def touch(self) -> None:
        """Something came, though there is nothing to take: the server lives."""
        self.touched.set()


class SilenceError(Exception):
    """Nothing came for too long."""


def step(
    work: Callable[[Inbox[T]], Coroutine[Any, Any, None]],
    cancellation: Cancellation,
    silence_seconds: float,
) -> Generator[T, None, None]:
    """Run ``work`` while the consumer waits, and yield what it puts down; stops when cancelled.

    Only the time in which the consumer waits counts as silence.

    Raises:
        SilenceError: nothing came for ``silence_seconds``.
    """
    loop = asyncio.new_event_loop()
    resolver = _Resolver(thread_name_prefix="endpoint-resolver")
    loop.set_default_executor(resolver)
    inbox: Inbox[T] = Inbox()
    task = loop.create_task(work(inbox))
    task.add_done_callback(lambda _: inbox.touch())
    silent = 0.0
    try:
        while not cancellation.cancelled:
            if inbox.items:
                yield inbox.items.popleft()
                continue
            if task.done():
                task.result()
                return
            started = time.monotonic()
            loop.run_until_complete(_touched_or(inbox.touched, _STEP_SECONDS))
            silent = 0.0 if inbox.touched.is_set() else silent + time.monotonic() - started
            inbox.touched.clear()
            if silent >= silence_seconds:
                raise SilenceError
    finally:
        loop.run_until_complete(_end(task))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        resolver.close()


async def _touched_or(touched: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(touched.wait(), seconds)


async def cancel(tasks: Iterable[asyncio.Future[Any]]) -> None:
    """End ``tasks``; their connections close as they unwind."""
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _end(work: asyncio.Task[None]) -> None:
    """End ``work``, and then what an interrupt from the keyboard may have left."""
    await cancel([work])
    await cancel(asyncio.all_tasks() - {asyncio.current_task()})


class _Resolver(concurrent.futures.ThreadPoolExecutor):
    """Looks names up for the event loop, which leaves the end of its threads to chance."""

    def close(self) -> None:
        """End the threads, except one that is still held by a look-up after a moment.

        That one cannot be interrupted; it ends by itself when the system's resolver gives up.
        """
        self.shutdown(wait=False, cancel_futures=True)
        deadline = time.monotonic() + _RESOLVER_SECONDS
        for thread in list(self._threads):
            thread.join(max(0.0, deadline - time.monotonic()))
