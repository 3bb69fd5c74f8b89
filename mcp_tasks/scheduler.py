"""TaskScheduler: enqueues the tasks of due schedules.

Any number of processes may run one: a firing is a compare-and-set in the store, so each happens once. What
was missed while nobody ran fires once, then the plan goes on. A run that is still active is not doubled.
"""

import logging
from types import TracebackType
from typing import Self

import anyio
from anyio.abc import TaskGroup

from mcp_tasks.errors import InvalidRequest, StorageUnavailable
from mcp_tasks.queue import TaskQueue
from mcp_tasks.schedule import Schedule
from mcp_tasks.sqlite import schedules
from mcp_tasks.sqlite.hub import SCHEDULES

_log = logging.getLogger(__name__)

# The wall clock may be set while we sleep; then we notice within this many seconds.
_LONGEST_SLEEP = 5.0


class TaskScheduler:
    """`async with TaskScheduler(queue):`, or `start()` and `stop()` in one task, or `run()` as a child of yours."""

    def __init__(self, queue: TaskQueue) -> None:
        self._queue = queue
        self._group: TaskGroup | None = None

    async def run(self) -> None:
        """Put the schedules that code declared into the store, then fire what is due, until cancelled."""
        for name, declared in self._queue.functions.schedules().items():
            function = declared.function
            await self._queue.schedule(
                Schedule(
                    name=name,
                    task=function.name,
                    params=function.dump_params((), {}),
                    trigger=declared.trigger,
                    priority=function.priority,
                    max_retries=function.max_retries,
                    timeout=function.timeout,
                )
            )
        with self._queue.store.subscribe(SCHEDULES) as changes:
            while True:
                with anyio.move_on_after(await self._fire_due()):
                    await changes.wait()

    async def _fire_due(self) -> float:
        """Fire what is due; returns how many seconds to sleep."""
        sleep = _LONGEST_SLEEP
        try:
            now = self._queue.clock.now()
            for schedule in await self._queue.schedules():
                if schedule.enabled and schedule.next_run is not None:
                    planned = await self._fire_or_plan(schedule, schedule.next_run, now)
                    sleep = min(sleep, planned - now)
        except StorageUnavailable as error:
            _log.warning("schedules cannot be looked at: %s", error)
        return max(0.0, sleep)

    async def _fire_or_plan(self, schedule: Schedule, next_run: float, now: float) -> float:
        if next_run <= now:
            following = schedule.trigger.after(now, next_run)
            await self._queue.store.write_schedule(lambda tx: schedules.fire(tx, schedule, following))
            return following
        earliest = schedule.trigger.after(now)
        if next_run > earliest:
            await self._queue.store.write_schedule(lambda tx: schedules.replan(tx, schedule, earliest))
        return min(next_run, earliest)

    async def start(self) -> None:
        """Run in the background until `stop`."""
        if self._group is not None:
            raise InvalidRequest("this scheduler runs already")
        self._group = anyio.create_task_group()
        await self._group.__aenter__()
        self._group.start_soon(self.run)

    async def stop(self) -> None:
        """Stop; call it in the task that called `start`."""
        if self._group is not None:
            group, self._group = self._group, None
            group.cancel_scope.cancel()
            await group.__aexit__(None, None, None)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
