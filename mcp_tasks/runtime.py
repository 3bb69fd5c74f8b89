"""What runs the tasks of this process: a queue, a worker and a scheduler, once, however many clients there are."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial

import anyio
from anyio import CancelScope

from mcp_tasks.queue import TaskQueue
from mcp_tasks.scheduler import TaskScheduler
from mcp_tasks.settings import Settings
from mcp_tasks.shared import Shared
from mcp_tasks.supervise import Supervised
from mcp_tasks.worker import TaskWorker

_log = logging.getLogger(__name__)

# Beyond the grace, for storing what was released. Then the process ends anyhow: its tasks are reclaimed.
DRAIN_SECONDS = 0.8


class Work:
    """A worker, if there is to be one, and `others` on a queue, for `running`.

    A fault in one of `children` is logged and it starts anew; it never ends the others or the process.
    """

    def __init__(
        self,
        queue: TaskQueue,
        worker: Callable[[], TaskWorker] | None,
        others: Mapping[str, Callable[[], Awaitable[None]]],
        grace_seconds: float,
    ) -> None:
        self.queue = queue
        self._new_worker = worker
        self._grace_seconds = grace_seconds
        self._worker: TaskWorker | None = None
        self._running = CancelScope()
        runs = ({"worker": self._run_worker} if worker else {}) | dict(others)
        self.children = [Supervised(name, run, queue.clock) for name, run in runs.items()]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Work for the length of the block, or until `stop`."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._run)
            try:
                yield
            finally:
                await self.stop()

    async def stop(self) -> None:
        """Start no more tasks, give the running ones `grace_seconds`, then release them; it cannot be cancelled."""
        with anyio.move_on_after(self._grace_seconds + DRAIN_SECONDS, shield=True):
            if self._worker is not None:
                await self._worker.stop(self._grace_seconds)
        self._running.cancel()

    async def _run(self) -> None:
        with self._running:
            async with anyio.create_task_group() as group:
                for child in self.children:
                    group.start_soon(child.keep_alive)

    async def _run_worker(self) -> None:
        assert self._new_worker is not None
        self._worker = self._new_worker()
        await self._worker.start()


class Runtime:
    """The open queue of this process and the work on it, for all its users."""

    def __init__(self, open_queue: Callable[[], TaskQueue], settings: Settings) -> None:
        self._open_queue = open_queue
        self._settings = settings
        self._shared = Shared(self._running)
        self.over = anyio.Event()
        """Set when it was entered and everything has ended."""
        self.failed = False
        """Whether its last user ended of a fault, and so everything did."""

    @property
    def work(self) -> Work | None:
        """The worker and the scheduler, while anybody uses them."""
        return self._shared.value

    @asynccontextmanager
    async def entered(self) -> AsyncGenerator[TaskQueue]:
        """The queue, with its tasks running."""
        async with self._shared.used(self._new_work) as work:
            fault = False
            try:
                yield work.queue
            except* (BrokenPipeError, ConnectionResetError):
                raise  # the client has left
            except* Exception:
                _log.exception("a user of the queue ended of a fault")
                fault = True
                raise
            finally:
                self.failed = fault  # who leaves last says so last

    async def stop_work(self) -> None:
        """Let running tasks finish within the grace, release the others, start no more. The queue still answers."""
        if self.work is not None:
            await self.work.stop()

    def _new_work(self) -> Work:
        """A worker and a scheduler on a queue, unless the settings leave them to other processes."""
        settings, queue = self._settings, self._open_queue()
        worker = partial(TaskWorker, queue, settings.max_concurrent_tasks, max_processes=settings.max_processes)
        others = {"scheduler": TaskScheduler(queue).run} if settings.run_scheduler else {}
        return Work(queue, worker if settings.run_worker else None, others, settings.grace_seconds)

    @asynccontextmanager
    async def _running(self, work: Work) -> AsyncGenerator[None]:
        async with work.queue, work.running():
            yield
        self.over.set()
