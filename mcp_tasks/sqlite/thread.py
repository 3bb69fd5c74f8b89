"""A thread that owns one connection, and the way from an event loop into it and back.

What the tasks of an event loop ask for in one turn of it goes through as one batch. The thread takes all batches
that wait (at most `cap` calls), executes them together, and wakes each loop once. Any loop, asyncio or trio, any
number of them, and other threads may call.
"""

import atexit
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Generic, TypeAlias, TypeVar, cast

import anyio

from mcp_tasks.errors import QueueClosed
from mcp_tasks.sqlite.database import Database
from mcp_tasks.wake import Wake, current_wake

T = TypeVar("T")
_log = logging.getLogger(__name__)
Then: TypeAlias = Callable[[BaseException | None], object]


class Call(Generic[T]):
    """One operation on its way through the thread: what to run, what it came to, and who wants to hear of it."""

    __slots__ = ("error", "operation", "result", "then")

    def __init__(self, operation: Callable[[Any], T], then: Then | None = None) -> None:
        self.operation = operation
        self.then = then
        self.result: T | None = None
        self.error: BaseException | None = None


class Batch:
    """The calls of one event loop that go through together, with one notice for all; without a loop nobody waits."""

    __slots__ = ("answered", "calls", "wake")

    def __init__(self, wake: Wake | None) -> None:
        self.wake = wake
        self.calls: list[Call[Any]] = []
        self.answered = anyio.Event() if wake else None

    def deliver(self) -> None:
        """On the loop: tell those who wait."""
        for call in self.calls:
            if call.then:
                call.then(call.error)
        if self.answered:
            self.answered.set()


Deliveries: TypeAlias = dict[Wake, list[Callable[[], object]]]
Execute: TypeAlias = Callable[[Database, list[Call[Any]]], Deliveries]
"""Runs the calls, leaves in each what it came to, and returns what else is to be told to whom."""


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
        self._inbox: queue.SimpleQueue[Batch | None] = queue.SimpleQueue()
        self._open: Batch | None = None  # the last one in the inbox, as long as the thread has not taken it
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    async def call(self, operation: Callable[[Any], T]) -> T:
        """Run `operation` in the thread; returns when its batch is executed, so after its commit."""
        call = Call(operation)
        answered = self._put(call, current_wake()).answered
        assert answered is not None
        await answered.wait()
        if call.error is not None:
            raise call.error
        return cast(T, call.result)

    def post(self, operation: Callable[[Any], object], wake: Wake | None = None, then: Then | None = None) -> None:
        """Run `operation` in the thread. Nobody waits; `then` runs on the loop of `wake`, with what went wrong.

        Called on that loop; without `wake`, from anywhere.
        """
        self._put(Call(operation, then), wake)

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

    def _put(self, call: Call[Any], wake: Wake | None) -> Batch:
        with self._lock:
            if self._closed:
                raise QueueClosed("the queue is closed; open a new TaskQueue")
            if self._thread is None:
                # A daemon: a program that forgets to close must still be able to end; atexit drains.
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
                atexit.register(self.close)
            batch = self._open
            if batch is None or len(batch.calls) >= self._cap or wake not in (None, batch.wake):
                batch = self._open = Batch(wake)
                self._inbox.put(batch)
            batch.calls.append(call)
            return batch

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
            self._thread = self._open = None
            batches: list[Batch] = []
            while not self._inbox.empty():
                batch = self._inbox.get()
                if batch:
                    batches.append(batch)
        fail([call for batch in batches for call in batch.calls], error)
        deliver(_answers(batches))

    def _serve(self, db: Database) -> None:
        next_tick = time.monotonic()
        open_ended = self._tick is None
        while True:
            batches, ending = self._take(None if open_ended else max(0.0, next_tick - time.monotonic()))
            if batches:
                told = self._carry_out(db, [call for batch in batches for call in batch.calls])
                deliver(_answers(batches), told)
            if ending:
                return
            if self._tick and time.monotonic() >= next_tick:
                run_all([partial(self._tick, db)])
                next_tick = time.monotonic() + self._tick_seconds

    def _carry_out(self, db: Database, calls: list[Call[Any]]) -> Deliveries:
        """Whatever goes wrong is told to those who wait; the thread goes on, for without it nothing does."""
        try:
            return self._execute(db, calls)
        except Exception as error:
            _log.exception("a fault of ours in %s", self._name)
            if db.in_transaction:
                db.execute("ROLLBACK")
            fail(calls, error)
            return {}

    def _take(self, timeout: float | None) -> tuple[list[Batch], bool]:
        """The batches that wait, until they have `cap` calls; and whether the end was asked for."""
        batches: list[Batch] = []
        calls = 0
        try:
            batch = self._inbox.get(timeout=timeout)
            while batch is not None:
                with self._lock:  # from now on nothing is added to it
                    if self._open is batch:
                        self._open = None
                batches.append(batch)
                calls += len(batch.calls)
                if calls >= self._cap:
                    return batches, False
                batch = self._inbox.get_nowait()
        except queue.Empty:
            return batches, False
        return batches, True


def run_all(functions: Iterable[Callable[[], object]]) -> None:
    """Run each of them; what goes wrong in one is logged, and keeps no other from running."""
    for function in functions:
        try:
            function()
        except Exception:
            _log.exception("a fault of ours beside the calls")


def fail(calls: Iterable[Call[Any]], error: BaseException) -> None:
    """All of these calls came to that error."""
    for call in calls:
        call.error = error


def _answers(batches: Iterable[Batch]) -> Deliveries:
    deliveries: Deliveries = {}
    for batch in batches:
        if batch.wake:
            deliveries.setdefault(batch.wake, []).append(batch.deliver)
    return deliveries


def deliver(*deliveries: Deliveries) -> None:
    """Wake each loop once. A loop that is gone has nobody waiting."""
    for wake in {wake: None for each in deliveries for wake in each}:
        functions = [function for each in deliveries for function in each.get(wake, ())]

        def run(functions: list[Callable[[], object]] = functions) -> None:
            for function in functions:
                function()

        try:
            wake(run)
        except RuntimeError:
            continue
