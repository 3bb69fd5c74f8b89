"""TaskScheduler: enqueues the tasks of due schedules.

Any number of processes may run one: a firing is a compare-and-set in the store, so each happens once. What
was missed while nobody ran fires once, then the plan goes on. A run that is still active is not doubled.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, TypedDict, Unpack

import anyio
from anyio.abc import TaskGroup

from mcp_tasks.errors import InvalidRequest, StorageUnavailable
from mcp_tasks.functions import new_task
from mcp_tasks.queue import TaskQueue
from mcp_tasks.schedule import Schedule, Trigger, by_cron, daily, interval
from mcp_tasks.sqlite import schedules
from mcp_tasks.sqlite.hub import SCHEDULES
from mcp_tasks.task import Task, TaskPriority

_log = logging.getLogger(__name__)

# The wall clock may be set while we sleep; then we notice within this many seconds.
_LONGEST_SLEEP = 5.0


class ScheduleOptions(TypedDict, total=False):
    """What a schedule gives its tasks: `params` by name, `timeout` in seconds. What is left out is the function's."""

    params: Mapping[str, Any]
    priority: TaskPriority
    max_retries: int
    timeout: float


class TaskScheduler:
    """`async with TaskScheduler(queue):`, or `start()` and `stop()` in one task, or `run()` as a child of yours.

    Schedules are kept in the queue's file, so all verbs work whether this scheduler runs or not, and for the
    schedules of any process. An unknown name raises `InvalidRequest` with the nearest known one.
    """

    def __init__(self, queue: TaskQueue) -> None:
        self._queue = queue
        self._group: TaskGroup | None = None

    async def schedule_interval(
        self, name: str, function: str | Callable[..., Any], seconds: float, **options: Unpack[ScheduleOptions]
    ) -> None:
        """Run `function` every so many seconds, as the schedule `name`.

        A schedule of that name is changed: it keeps its next run if only its task changes, and stays off if it is.
        """
        await self._schedule(name, function, interval(seconds), **options)

    async def schedule_daily(
        self,
        name: str,
        function: str | Callable[..., Any],
        hour: int,
        minute: int = 0,
        *,
        timezone: str = "UTC",
        **options: Unpack[ScheduleOptions],
    ) -> None:
        """Run `function` every day at that time of the zone, an IANA name."""
        await self._schedule(name, function, daily(hour, minute, timezone), **options)

    async def schedule_cron(
        self,
        name: str,
        function: str | Callable[..., Any],
        expression: str,
        *,
        timezone: str = "UTC",
        **options: Unpack[ScheduleOptions],
    ) -> None:
        """Run `function` at the times of a cron expression: minute, hour, day, month, weekday."""
        await self._schedule(name, function, by_cron(expression, timezone), **options)

    async def _schedule(
        self,
        name: str,
        function: str | Callable[..., Any],
        trigger: Trigger,
        *,
        params: Mapping[str, Any] | None = None,
        priority: TaskPriority | None = None,
        max_retries: int | None = None,
        timeout: float | None = None,
    ) -> None:
        known = self._queue.function_of(function)
        task = new_task(known, (), params or {}, priority=priority, max_retries=max_retries, timeout=timeout)
        schedule = Schedule(name, task.name, task.params, trigger, task.priority, task.max_retries, task.timeout)
        next_run = trigger.after(self._queue.clock.now())
        await self._queue.store.write_schedule(lambda tx: schedules.put(tx, schedule, next_run))

    async def unschedule(self, name: str) -> None:
        """Forget a schedule; its tasks stay."""
        await self._queue.store.write_schedule(lambda tx: schedules.remove(tx, name))

    async def enable_task(self, name: str) -> None:
        """Switch a schedule on."""
        await self._queue.store.write_schedule(lambda tx: schedules.enable(tx, name))

    async def disable_task(self, name: str) -> None:
        """Switch a schedule off, until it is switched on again."""
        await self._queue.store.write_schedule(lambda tx: schedules.disable(tx, name))

    async def run_now(self, name: str) -> Task:
        """Enqueue a schedule's task at once; its plan stays as it is."""
        return await self._queue.store.write_schedule(lambda tx: schedules.run_now(tx, name))

    async def get_scheduled_tasks(self) -> list[Schedule]:
        """All schedules, by name."""
        return await self._queue.store.schedules()

    async def run(self) -> None:
        """Put the schedules that code declared into the store, then fire what is due, until cancelled."""
        await self._declare()
        await self._fire()

    async def _declare(self) -> None:
        for name, trigger in self._queue.functions.schedules().items():
            if trigger is not None:
                await self._schedule(name, name, trigger)
            else:
                with suppress(InvalidRequest):  # it was not there
                    await self.unschedule(name)

    async def _fire(self) -> None:
        with self._queue.store.subscribe(SCHEDULES) as changes:
            while True:
                with anyio.move_on_after(await self.fire_due()):
                    await changes.wait()

    async def fire_due(self) -> float:
        """Fire what is due now, once; returns in how many seconds to look again. `run` does it for ever."""
        sleep = _LONGEST_SLEEP
        try:
            now = self._queue.clock.now()
            for schedule in await self.get_scheduled_tasks():
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
        earliest = schedule.next_after(now)
        if next_run > earliest:
            await self._queue.store.write_schedule(lambda tx: schedules.replan(tx, schedule, earliest))
        return min(next_run, earliest)

    async def start(self) -> None:
        """Put the schedules that code declared into the store; then run in the background until `stop`."""
        if self._group is not None:
            raise InvalidRequest("this scheduler runs already")
        await self._declare()
        self._group = anyio.create_task_group()
        await self._group.__aenter__()
        self._group.start_soon(self._fire)

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
