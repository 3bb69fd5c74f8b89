"""Mark functions as task functions: calling one then enqueues a task."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Generic, ParamSpec

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.functions import (
    RunIn,
    Submitter,
    TaskFunction,
    new_task,
    registry,
    task_function,
)
from mcp_tasks.schedule import trigger_from
from mcp_tasks.task import Backoff, Task, TaskPriority

P = ParamSpec("P")

_global_queue: list[Submitter] = []


def set_global_queue(queue: Submitter) -> None:
    """Name the queue that calling a decorated function enqueues into."""
    _global_queue[:] = [queue]


def global_queue(caller: str) -> Submitter:
    """The queue that was named. Without one it raises `InvalidRequest`, which tells the caller what to write."""
    if not _global_queue:
        raise InvalidRequest(f"call set_global_queue(queue) before {caller}(...), as in set_global_queue(TaskQueue())")
    return _global_queue[0]


class BackgroundTask(Generic[P]):
    """A decorated function. Calling it enqueues a task and returns it; `function.call` is what it wraps."""

    def __init__(self, function: TaskFunction) -> None:
        self.function = function
        update_wrapper(self, function.call)

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Task:
        """Enqueue a task with these parameters, into the global queue."""
        queue = global_queue(self.function.name)
        return await queue.submit(new_task(self.function, args, kwargs))


def background_task(
    *,
    name: str | None = None,
    priority: TaskPriority = TaskPriority.NORMAL,
    max_retries: int = 3,
    timeout: float | None = None,
    run_in: RunIn | None = None,
    concurrency: int | None = None,
    backoff: Backoff | None = None,
) -> Callable[[Callable[P, Any]], BackgroundTask[P]]:
    """Register a function under its name (or `name`) with these defaults; `timeout` is in seconds.

    See `TaskFunction` for `run_in` and `concurrency`.
    """

    def decorate(call: Callable[P, Any]) -> BackgroundTask[P]:
        options: dict[str, Any] = {"priority": priority, "max_retries": max_retries, "timeout": timeout}
        if concurrency is not None:
            options["concurrency"] = concurrency
        if backoff is not None:
            options["backoff"] = backoff
        return BackgroundTask(registry.add(task_function(call, name=name, run_in=run_in, **options)))

    return decorate


def scheduled_task(
    *,
    interval_seconds: float | None = None,
    daily_at: tuple[int, int] | None = None,
    cron: str | None = None,
    timezone: str = "UTC",
    name: str | None = None,
    priority: TaskPriority = TaskPriority.NORMAL,
    max_retries: int = 3,
    timeout: float | None = None,
    run_in: RunIn | None = None,
) -> Callable[[Callable[P, Any]], BackgroundTask[P]]:
    """Register a function and when to run it: exactly one of `interval_seconds`, `daily_at=(hour, minute)`, `cron`."""
    trigger = trigger_from(interval_seconds, daily_at, cron, timezone)
    register = background_task(name=name, priority=priority, max_retries=max_retries, timeout=timeout, run_in=run_in)

    def decorate(call: Callable[P, Any]) -> BackgroundTask[P]:
        task = register(call)
        registry.schedule(task.function.name, trigger)
        return task

    return decorate
