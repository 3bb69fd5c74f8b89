"""One worker for all who use a server in this process, however often its lifespan is entered."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
from anyio import CancelScope

from mcp_tasks.queue import TaskQueue
from mcp_tasks.server.protocol_task import KeepSeconds
from mcp_tasks.supervise import Supervised
from mcp_tasks.worker import TaskWorker

_PRUNE_SECONDS = 3_600.0


class SharedWorker:
    """Runs the tasks of a queue, and deletes old ones, from the first entry to the last exit.

    A server over SSE enters its lifespan once per connection. Whoever came first hosts the worker, so its exit
    waits for the others'. The queue stays open: it is another's.
    """

    def __init__(
        self, queue: TaskQueue, *, max_concurrent_tasks: int, keep_seconds: KeepSeconds, grace_seconds: float
    ) -> None:
        self._queue = queue
        self._max_concurrent_tasks = max_concurrent_tasks
        self._keep_seconds = keep_seconds
        self._grace_seconds = grace_seconds
        self._users = 0
        self._unused = anyio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[bool]:
        """Tasks run for the length of the block. The value: whether this entry is the host."""
        async with anyio.create_task_group() as group:
            self._users += 1
            hosts_it = self._users == 1
            if hosts_it:
                self._unused = anyio.Event()
                group.start_soon(self._run, self._unused)
            try:
                yield hosts_it
            finally:
                self._users -= 1
                if not self._users:
                    self._unused.set()

    async def _run(self, unused: anyio.Event) -> None:
        workers: list[TaskWorker] = []

        async def work() -> None:
            workers[:] = [TaskWorker(self._queue, self._max_concurrent_tasks)]
            await workers[0].start()

        clock = self._queue.clock
        with CancelScope(shield=True):  # whoever came first may be cut off while others go on
            async with anyio.create_task_group() as group:
                group.start_soon(Supervised("worker", work, clock).keep_alive)
                group.start_soon(Supervised("cleanup", self._prune, clock).keep_alive)
                await unused.wait()
                for worker in workers:
                    await worker.stop(self._grace_seconds)
                group.cancel_scope.cancel()

    async def _prune(self) -> None:
        while self._keep_seconds:
            await self._queue.cleanup(self._keep_seconds)
            await anyio.sleep(_PRUNE_SECONDS)
