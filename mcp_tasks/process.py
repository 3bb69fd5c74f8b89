"""How a process ends: when it is told to, soon, with everything stored; and at once when it is told twice.

Exit code 0: it ended as it should. 1: a fault of ours ended it, and whoever supervises it may start it again. 128 and
the signal's number (143 for SIGTERM, 130 for Ctrl-C): the second signal ended it at once, so what it was doing counts
as lost, and other processes take it up.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType
from typing import NoReturn, TypeAlias

import anyio

from mcp_tasks.wake import current_wake

_log = logging.getLogger(__name__)

Hear: TypeAlias = Callable[[int, FrameType | None], None]

_FLUSH_SECONDS = 0.1
"""For what is on its way to a client when nothing else is left to do."""

# A pipe that is full and that nobody reads would hold us for ever.
_UNREAD_SECONDS = 0.5

_SIGNALS = [number for name in ("SIGTERM", "SIGINT", "SIGBREAK") if (number := getattr(signal, name, None))]


def run_and_exit(
    serve: Callable[[anyio.Event], Awaitable[None]],
    over: anyio.Event,
    failed: Callable[[], bool],
    seconds: float,
) -> NoReturn:
    """Run `serve` until it returns, and leave nothing of this process behind. It ends when its event is set.

    The first signal sets the event, and within `seconds` of it the process is gone, even if the loop hangs. When
    `over` is set, nothing is worth waiting for but what is on its way out, and `failed` says whether it was a fault
    that ended it. `os._exit` is on purpose: the SDK's reader of stdin and functions in threads cannot be cancelled,
    and an ordinary exit would wait for them.
    """

    async def main() -> None:
        told = anyio.Event()
        with _heard(_ends_soon_then_at_once(told, seconds)):
            async with anyio.create_task_group() as group:
                group.start_soon(_exit_when, over, failed)
                await serve(told)
                group.cancel_scope.cancel()

    try:
        anyio.run(main)
    except* (BrokenPipeError, ConnectionResetError):
        _log.info("the client left without reading its last answer")
    _exit()


@asynccontextmanager
async def cancelled_when(told: anyio.Event) -> AsyncGenerator[None]:
    """Cancel the block when the event is set, for those that have no better way to end."""
    async with anyio.create_task_group() as group:

        async def cancel() -> None:
            await told.wait()
            group.cancel_scope.cancel()

        group.start_soon(cancel)
        yield
        group.cancel_scope.cancel()


@contextmanager
def overheard(told: anyio.Event) -> Generator[None]:
    """Set the event at a signal that somebody else handles, who then gets it as before.

    Does nothing outside of the main thread, and for signals that nobody handles.
    """
    wake = current_wake()
    theirs = {number: signal.getsignal(number) for number in _SIGNALS}

    def hear(number: int, frame: FrameType | None) -> None:
        wake(told.set)
        handler = theirs[number]
        if callable(handler):
            handler(number, frame)

    if threading.current_thread() is threading.main_thread():
        with _heard(hear, [number for number, handler in theirs.items() if callable(handler)]):
            yield
    else:
        yield


def _ends_soon_then_at_once(told: anyio.Event, seconds: float) -> Hear:
    wake = current_wake()
    heard: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:
        if heard:
            os._exit(128 + number)
        heard.append(number)
        _exit_after(seconds)
        wake(told.set)

    return hear


@contextmanager
def _heard(hear: Hear, numbers: list[int] = _SIGNALS) -> Generator[None]:
    """Have the signals handled by `hear` for the length of the block. Plain handlers, for they exist everywhere."""
    before = {number: signal.signal(number, hear) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def _exit_when(over: anyio.Event, failed: Callable[[], bool]) -> None:
    await over.wait()
    await anyio.sleep(_FLUSH_SECONDS)
    _exit(1 if failed() else 0)


def _exit_after(seconds: float, code: int = 0) -> None:
    """End the process then, from a thread: the loop may be what hangs."""
    timer = threading.Timer(seconds, os._exit, [code])
    timer.daemon = True
    timer.start()


def _exit(code: int = 0) -> NoReturn:
    _exit_after(_UNREAD_SECONDS, code)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue  # nobody reads it any more
    os._exit(code)
