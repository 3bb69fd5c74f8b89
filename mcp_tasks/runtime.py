"""What runs the tasks of this process: a queue, a worker and a scheduler, once, however many clients there are."""

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import anyio
from anyio import CancelScope

from mcp_tasks.queue import TaskQueue
from mcp_tasks.scheduler import TaskScheduler
from mcp_tasks.settings import Settings
from mcp_tasks.supervise import Supervised
from mcp_tasks.worker import TaskWorker

_log = logging.getLogger(__name__)

# Beyond the grace, for storing what was released. Then the process ends anyhow: its tasks are reclaimed.
DRAIN_SECONDS = 0.8


class Work:
    """A worker and a scheduler on an open queue, unless the settings leave them to other processes.

    A fault in one of `children` is logged and it starts anew; it never ends the others or the process.
    """

    def __init__(self, queue: TaskQueue, settings: Settings) -> None:
        self._queue = queue
        self._settings = settings
        self._worker: TaskWorker | None = None
        self._running = CancelScope()
        self.children: list[Supervised] = []
        if settings.run_worker:
            self.children.append(Supervised("worker", self._run_worker, queue.clock))
        if settings.run_scheduler:
            self.children.append(Supervised("scheduler", TaskScheduler(queue).run, queue.clock))

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
        with anyio.move_on_after(self._settings.grace_seconds + DRAIN_SECONDS, shield=True):
            if self._worker is not None:
                await self._worker.stop()
        self._running.cancel()

    async def _run(self) -> None:
        with self._running:
            async with anyio.create_task_group() as group:
                for child in self.children:
                    group.start_soon(child.keep_alive)

    async def _run_worker(self) -> None:
        self._worker = TaskWorker(
            self._queue,
            self._settings.max_concurrent_tasks,
            max_processes=self._settings.max_processes,
            grace=self._settings.grace_seconds,
        )
        await self._worker.start()


class Runtime:
    """The open queue of this process and the work on it, counted by its users.

    The transports enter it as the server's lifespan: stdio and Streamable HTTP once, SSE once per connection. It
    starts with the first and ends with the last; until then the first one's exit waits, even when it is cancelled.
    """

    def __init__(self, open_queue: Callable[[], TaskQueue], settings: Settings) -> None:
        self._open_queue = open_queue
        self._settings = settings
        self._users = 0
        self._unused = anyio.Event()
        self.queue: TaskQueue | None = None
        """The queue, while anybody uses it."""
        self.work: Work | None = None
        """The worker and the scheduler on it."""
        self.over = anyio.Event()
        """Set when it was entered and everything has ended."""
        self.failed = False
        """Whether its last user ended of a fault, and so everything did."""

    @asynccontextmanager
    async def entered(self) -> AsyncGenerator[TaskQueue]:
        """The queue, with its tasks running."""
        async with anyio.create_task_group() as group:
            if self.queue is None:
                self.queue, self._unused = self._open_queue(), anyio.Event()
                self.work = Work(self.queue, self._settings)
                group.start_soon(self._run, self.queue, self.work, self._unused)
            self._users += 1
            fault = False
            try:
                yield self.queue
            except* (BrokenPipeError, ConnectionResetError):
                raise  # the client has left
            except* Exception:
                _log.exception("a user of the queue ended of a fault")
                fault = True
                raise
            finally:
                self._users -= 1
                if not self._users:
                    self.failed = fault
                    self.queue = self.work = None
                    self._unused.set()

    async def stop_work(self) -> None:
        """Let running tasks finish within the grace, release the others, start no more. The queue still answers."""
        if self.work is not None:
            await self.work.stop()

    async def _run(self, queue: TaskQueue, work: Work, unused: anyio.Event) -> None:
        with CancelScope(shield=True):  # whoever came first may be cut off while others go on
            async with queue, work.running():
                await unused.wait()
        self.over.set()
