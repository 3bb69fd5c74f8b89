"""TaskWorker: claim, run, finish, in a task group, so many at once."""

import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from types import TracebackType
from typing import Self

import anyio
import anyio.to_thread
from anyio import CancelScope
from anyio.abc import TaskGroup

from mcp_tasks.children import ChildPool
from mcp_tasks.errors import InvalidRequest, StorageUnavailable
from mcp_tasks.queue import TaskQueue
from mcp_tasks.run import Run, Stop
from mcp_tasks.slots import Slots
from mcp_tasks.sqlite.hub import CANCEL, READY
from mcp_tasks.task import Claim, Outcome, Released
from mcp_tasks.wake import Wake, current_wake

_log = logging.getLogger(__name__)

_PROGRESS_SECONDS = 0.25
_STORAGE_RETRY_SECONDS = 1.0


class TaskWorker:
    """Runs the tasks of a queue in this process.

    `async with TaskWorker(queue):` runs it for the length of the block; or `start()` runs until `stop()`.
    `grace` is how many seconds running tasks get to finish when the block ends; then they are released, which
    costs them nothing. `max_processes` bounds the child processes for process functions and rendering.
    """

    def __init__(
        self,
        queue: TaskQueue,
        max_concurrent_tasks: int = 5,
        *,
        max_processes: int = 2,
        grace: float = 30.0,
        draw: Callable[[], float] = random.random,
    ) -> None:
        if not 1 <= max_concurrent_tasks <= 10_000:
            raise InvalidRequest(
                "max_concurrent_tasks must be from 1 to 10000",
                field="max_concurrent_tasks",
                received=max_concurrent_tasks,
                example=5,
            )
        self._queue = queue
        self._store = queue.store
        self._total = max_concurrent_tasks
        self._max_processes = max_processes
        self._grace = grace
        self._draw = draw
        self._group: TaskGroup | None = None
        self._runs: dict[tuple[str, int], Run] = {}
        self._unstored: set[Run] = set()
        self._received: list[tuple[Claim, int]] = []  # with how often cancels had been looked for when they came
        self._looks = 0
        self._more = False  # whether the last look left ready tasks behind, as far as we know
        self._stopping = False
        self._closing = False  # nobody is left to repeat what fails
        self._repairs: list[Callable[[], Awaitable[None]]] = []
        self._to_mend = anyio.Event()
        self._failed: list[Callable[[], object]] = []
        self._to_repeat = anyio.Event()
        self._ended = anyio.Event()

    def is_running(self) -> bool:
        """Whether it takes tasks."""
        return self._group is not None and not self._stopping

    def get_active_task_count(self) -> int:
        """How many tasks it is running."""
        return len(self._runs)

    async def start(self) -> None:
        """Run until `stop`, once. Cancelling it releases the running tasks at once."""
        if self._group is not None or self._ended.is_set():
            raise InvalidRequest("a worker starts once; make another TaskWorker")
        if self._stopping:  # it was stopped before it came to run
            self._ended.set()
            return
        self.slots = Slots(self._total, {f.name: f.concurrency for f in self._queue.functions.functions().values()})
        self.wake: Wake = current_wake()
        self._children = ChildPool(self._max_processes)
        self._progress = anyio.Event()
        self._one_ended = anyio.Event()
        try:
            with self._store.subscribe(READY) as self._ready, self._store.subscribe(CANCEL) as self._cancels:
                async with anyio.create_task_group() as self._group:
                    self._group.start_soon(self._heed_cancels)
                    self._group.start_soon(self._store_progress)
                    self._group.start_soon(self._mend_what_went_wrong)
                    self._group.start_soon(self._repeat_what_failed)
                    await self._take_claims(self._group)
                    self._group.cancel_scope.cancel()
        finally:
            self._closing = True
            self._repeat_all()
            with CancelScope(shield=True):
                await self._all_ended()
                await self._children.aclose()
            self._group = None
            self._ended.set()

    async def stop(self, grace: float | None = None) -> None:
        """Take no more tasks, give the running ones `grace` seconds, then release them; return when all is stored."""
        self._stopping = True
        if self._group is None:
            return
        self.slots.close()
        self._ready.stir()
        with anyio.move_on_after(self._grace if grace is None else grace):
            await self._all_ended()
        for run in list(self._runs.values()):
            run.stop(Stop.RELEASE)
        await self._ended.wait()

    def receive(self, claims: Sequence[Claim]) -> None:
        """Start claims that the store made for us while we were idle; their slots are taken already."""
        self._received += [(claim, self._looks) for claim in claims]  # outside of any task: the loop below starts it
        self._ready.stir()

    async def _take_claims(self, group: TaskGroup) -> None:
        await self._store.attach(self)
        try:
            look = True
            while not self._stopping:
                if look:
                    looks = self._looks
                    with CancelScope(shield=True):  # a claim that was made must be started, or given back
                        self._received += [(claim, looks) for claim in await self._claim()]
                self._start_received(group)
                look = await self._ready.wait()
        finally:
            self._store.detach(self)
            self._stopping = True
            self._start_received(group)
        await self._all_ended()

    async def _all_ended(self) -> None:
        while self._runs:
            await self._one_ended.wait()

    def _start_received(self, group: TaskGroup) -> None:
        received, self._received = self._received, []
        for claim, looks in received:
            group.start_soon(self._carry_out, claim, looks)

    async def _claim(self) -> list[Claim]:
        """What is ready for our free slots. A store that fails for a while is asked again later."""
        for function in self._queue.functions.functions().values():
            self.slots.learn(function.name, function.concurrency)
        claims: list[Claim] = []
        try:
            self._more = True
            if self.slots.free:
                claims, self._more = await self._store.claim(self)
        except StorageUnavailable as error:
            _log.warning("no tasks can be claimed: %s", error)
            self._repeat(self._ready.notify)
        return claims

    async def _carry_out(self, claim: Claim, looks: int) -> None:
        """Run one claim and have its outcome stored, whatever happens to us."""
        function = self._queue.functions.get(claim.name)
        run = Run(claim, function, self._queue, self._children, reported=self._on_progress, draw=self._draw)
        self._runs[claim.key] = run
        if looks != self._looks:  # somebody looked for cancels while this claim was on its way, and did not see it
            self._cancels.notify()
        outcome: Outcome | None = Released()  # what it is when we are cancelled in the middle
        try:
            if not self._stopping:
                outcome = await run.outcome()
        finally:
            self._settle(run, outcome)
            try:
                await run.thread_returned()
            finally:
                self.slots.give(claim.name)
                if self._more:
                    self._ready.notify()

    def _settle(self, run: Run, outcome: Outcome | None) -> None:
        """Have the outcome stored; the run is over when it is. None: the claim is lost."""
        self._unstored.discard(run)
        if outcome is None:
            self._over(run)
            self._mend(partial(self._discard, run))
        else:
            stored = partial(self._settled, run, outcome)
            self._store.settle(run.claim, outcome, run.latest, self.wake, stored)

    def _settled(self, run: Run, outcome: Outcome, error: BaseException | None) -> None:
        """The outcome is stored, or what went wrong; on our loop, but in none of its tasks."""
        if isinstance(error, StorageUnavailable) and not self._closing:
            _log.warning("the outcome of task %s cannot be stored yet: %s", run.claim.id, error)
            self._repeat(partial(self._settle, run, outcome))
            return
        if error is not None:
            _log.warning("the outcome of task %s is not stored: %s", run.claim.id, error)
            if not isinstance(error, StorageUnavailable):  # a commit that failed may be found after a crash
                self._mend(partial(self._discard, run))
        self._over(run)

    def _over(self, run: Run) -> None:
        del self._runs[run.claim.key]
        if self._stopping:  # somebody may be waiting for the last one
            self._one_ended.set()
            self._one_ended = anyio.Event()

    def _mend(self, repair: Callable[[], Awaitable[None]]) -> None:
        self._repairs.append(repair)
        self._to_mend.set()

    async def _mend_what_went_wrong(self) -> None:
        while True:
            await self._to_mend.wait()
            self._to_mend = anyio.Event()
            repairs, self._repairs = self._repairs, []
            for repair in repairs:
                await repair()

    def _repeat(self, attempt: Callable[[], object]) -> None:
        """The store failed; make this attempt at it again, and again, until it is better."""
        self._failed.append(attempt)
        self._to_repeat.set()

    async def _repeat_what_failed(self) -> None:
        while True:
            await self._to_repeat.wait()
            await anyio.sleep(_STORAGE_RETRY_SECONDS)
            self._to_repeat = anyio.Event()
            self._repeat_all()

    def _repeat_all(self) -> None:
        failed, self._failed = self._failed, []
        for attempt in failed:
            attempt()

    async def _discard(self, run: Run) -> None:
        """Remove the files of an attempt that was not recorded."""
        await anyio.to_thread.run_sync(self._store.artifacts.discard, run.claim)

    async def _heed_cancels(self) -> None:
        """Stop the runs whose cancel was requested, in any process, and those whose claim is lost."""
        while True:
            await self._cancels.wait()
            self._looks += 1
            if self._runs:
                held = dict(self._runs)
                try:
                    asked, lost = await self._store.to_stop(list(held))
                except StorageUnavailable as error:
                    _log.warning("no cancel requests can be read: %s", error)
                    self._repeat(self._cancels.notify)
                    continue
                for key in asked:
                    held[key].stop(Stop.CANCEL)
                for key in lost:
                    held[key].stop(Stop.LOST)

    def _on_progress(self, run: Run) -> None:
        """From any thread: this run has progress to store."""
        if run not in self._unstored:
            self._unstored.add(run)
            self.wake(self._progress.set)

    async def _store_progress(self) -> None:
        """Store the newest progress of each run, at most four times a second."""
        while True:
            await self._progress.wait()
            self._progress = anyio.Event()
            for run in list(self._unstored):
                self._unstored.discard(run)
                if run.latest and run.claim.key in self._runs:
                    self._store.report(run.claim, run.latest)
            await anyio.sleep(_PROGRESS_SECONDS)

    async def __aenter__(self) -> Self:
        self._host = anyio.create_task_group()
        await self._host.__aenter__()
        self._host.start_soon(self.start)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        if error is None:
            await self.stop()
        else:
            self._host.cancel_scope.cancel()
        return await self._host.__aexit__(kind, error, trace)
