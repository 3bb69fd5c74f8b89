"""A thread that owns one connection, and the way from an event loop into it and back.

Calls wait in an inbox; the thread takes all that wait (at most `cap`), executes them together, and wakes
each event loop once. Any loop, asyncio or trio, any number of them, and other threads may call.
"""

import atexit
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeAlias, TypeVar, cast

import anyio

from mcp_tasks.errors import StorageUnavailable
from mcp_tasks.sqlite.database import Database
from mcp_tasks.wake import Wake, current_wake

T = TypeVar("T")


class Call(Generic[T]):
    """One operation on its way through the thread: what to run, and who waits for what it came to."""

    __slots__ = ("error", "operation", "result", "then", "wake")

    def __init__(
        self,
        operation: Callable[[Any], T],
        wake: Wake | None = None,
        then: "Callable[[BaseException | None], object] | None" = None,
    ) -> None:
        self.operation = operation
        self.wake = wake
        self.then = then
        self.result: T | None = None
        self.error: BaseException | None = None

    def deliver(self) -> None:
        """On the caller's loop: tell who waits."""
        if self.then:
            self.then(self.error)


Deliveries: TypeAlias = dict[Wake, list[Callable[[], object]]]
Execute: TypeAlias = Callable[[Database, list[Call[Any]]], Deliveries]


class ConnectionThread:
    """Starts at the first call, opens its own connection, ends at `close` after draining what waits."""

    def __init__(
        self,
        name: str,
        connect: Callable[[], Database],
        execute: Execute,
        *,
        tick: Callable[[Database], None] | None = None,
        tick_seconds: float = 0.05,
        cap: int = 256,
    ) -> None:
        self._name = name
        self._connect = connect
        self._execute = execute
        self._tick = tick
        self._tick_seconds = tick_seconds
        self._cap = cap
        self._inbox: queue.SimpleQueue[Call[Any] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    async def call(self, operation: Callable[[Any], T]) -> T:
        """Run `operation` in the thread; returns when its batch is executed, so after its commit."""
        answered = anyio.Event()
        call = Call(operation, current_wake(), lambda _: answered.set())
        self._put(call)
        await answered.wait()
        if call.error is not None:
            raise call.error
        return cast(T, call.result)

    def post(
        self,
        operation: Callable[[Any], object],
        wake: Wake | None = None,
        then: Callable[[BaseException | None], object] | None = None,
    ) -> None:
        """Run `operation` in the thread. Nobody waits; `then` runs on the loop of `wake`, with what went wrong."""
        self._put(Call(operation, wake, then))

    def close(self) -> None:
        """Execute what waits, then close the connection. Blocks until that is done; a second call does nothing."""
        with self._lock:
            self._closed = True
            thread = self._thread
            if thread:
                self._inbox.put(None)
        if thread and thread is not threading.current_thread():
            thread.join()
        atexit.unregister(self.close)

    def _put(self, call: Call[Any]) -> None:
        with self._lock:
            if self._closed:
                raise StorageUnavailable("the queue is closed; open a new TaskQueue")
            if self._thread is None:
                # A daemon: a program that forgets to close must still be able to end; atexit drains.
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
                atexit.register(self.close)
            self._inbox.put(call)

    def _run(self) -> None:
        try:
            db = self._connect()
        except BaseException as error:
            self._refuse_all(error)
            return
        try:
            self._serve(db)
        finally:
            db.close()

    def _refuse_all(self, error: BaseException) -> None:
        """The file could not be opened: tell those who wait. The next call tries again."""
        with self._lock:
            self._thread = None
            calls: list[Call[Any]] = []
            while not self._inbox.empty():
                call = self._inbox.get()
                if call:
                    calls.append(call)
        deliver(answers(calls, error))

    def _serve(self, db: Database) -> None:
        next_tick = time.monotonic()
        open_ended = self._tick is None
        while True:
            calls, ending = self._take(None if open_ended else max(0.0, next_tick - time.monotonic()))
            if calls:
                deliver(self._execute(db, calls))
            if ending:
                return
            if self._tick and time.monotonic() >= next_tick:
                self._tick(db)
                next_tick = time.monotonic() + self._tick_seconds

    def _take(self, timeout: float | None) -> tuple[list[Call[Any]], bool]:
        """All calls that wait, at most `cap`; and whether the end was asked for."""
        calls: list[Call[Any]] = []
        try:
            call = self._inbox.get(timeout=timeout)
            while call is not None:
                calls.append(call)
                if len(calls) == self._cap:
                    return calls, False
                call = self._inbox.get_nowait()
        except queue.Empty:
            return calls, False
        return calls, True


def answers(calls: list[Call[Any]], error: BaseException | None = None) -> Deliveries:
    """The calls grouped by the loop that waits for them; with `error`, all of them failed with it."""
    deliveries: Deliveries = {}
    for call in calls:
        if error is not None:
            call.error = error
        if call.wake:
            deliveries.setdefault(call.wake, []).append(call.deliver)
    return deliveries


def deliver(deliveries: Deliveries) -> None:
    """Wake each loop once. A loop that is gone has nobody waiting."""
    for wake, functions in deliveries.items():

        def run(functions: list[Callable[[], object]] = functions) -> None:
            for function in functions:
                function()

        try:
            wake(run)
        except RuntimeError:
            continue
