"""TaskQueue: the verbs that every face uses."""

import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import anyio
import anyio.to_thread

from mcp_tasks.artifacts import Size
from mcp_tasks.clock import Clock, SystemClock
from mcp_tasks.errors import InvalidRequest, TaskNotFound
from mcp_tasks.functions import Registry, TaskFunction, new_task, registry, task_function, to_priority
from mcp_tasks.orphans import find_orphans, remove_orphans
from mcp_tasks.repair import nearest, shown
from mcp_tasks.sqlite.connection import Synchronous
from mcp_tasks.sqlite.hub import ARTIFACTS, Subscription
from mcp_tasks.sqlite.store import LEASE_SECONDS, SqliteStore
from mcp_tasks.task import (
    TERMINAL,
    Attempt,
    Finished,
    Limits,
    NewTask,
    Page,
    Pruned,
    Record,
    RecordQuery,
    Stats,
    Task,
    TaskPriority,
    TaskStatus,
)

_PRUNED_AT_ONCE = 500
_READ_AT_ONCE = 1_000
_LONGEST_PAGE = 1_000
KEEP_SECONDS = {
    TaskStatus.COMPLETED: 86_400.0,
    TaskStatus.CANCELLED: 86_400.0,
    TaskStatus.FAILED: 7 * 86_400.0,
}


class TaskQueue:
    """A durable queue in one file. Nothing is opened before the first use, and no event loop is needed to build it.

    `synchronous="NORMAL"` is faster and loses the last commits at a power cut. `max_unfinished` and
    `max_unfinished_per_owner` refuse more tasks than that with `QueueFull`. `worker_id` (letters, digits, ._-)
    begins the name of this process in attempts. Verbs with an `owner` see only that owner's tasks; None sees all.
    """

    def __init__(
        self,
        path: str | Path = "mcp_tasks.db",
        *,
        functions: Registry | None = None,
        synchronous: Synchronous = "FULL",
        max_unfinished: int | None = None,
        max_unfinished_per_owner: int | None = None,
        lease_seconds: float = LEASE_SECONDS,
        worker_id: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.clock = clock or SystemClock()
        self.functions = functions if functions is not None else Registry(registry)
        self.store = SqliteStore(
            Path(path).expanduser(),
            self.clock,
            synchronous=synchronous,
            lease_seconds=lease_seconds,
            limits=Limits(max_unfinished, max_unfinished_per_owner),
            worker_id=worker_id,
        )

    async def enqueue(
        self,
        function: str | Callable[..., Any],
        /,
        *args: Any,
        name: str | None = None,
        owner: str = "local",
        priority: TaskPriority | None = None,
        max_retries: int | None = None,
        timeout: float | None = None,
        delay: float = 0.0,
        idempotency_key: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Task:
        """Store a task that calls `function` (a registered name, or a callable) and return it.

        When this returns, the task survives the death of the process, and of the machine's power. `delay` and
        `timeout` are in seconds. The same `owner` and `idempotency_key` give the same task again. A parameter
        that is called like one of these options goes into `params`. Raises `InvalidRequest`, `QueueFull`,
        `IdempotencyConflict`, `StorageUnavailable`; then nothing is stored.
        """
        known = self.function_of(function, name)
        new = new_task(
            known,
            args,
            {**kwargs, **(params or {})},
            owner=owner,
            priority=priority,
            max_retries=max_retries,
            timeout=timeout,
            delay=delay,
            idempotency_key=idempotency_key,
            metadata=metadata,
        )
        return await self.store.submit(new)

    async def enqueue_many(
        self,
        function: str | Callable[..., Any],
        calls: Iterable[Mapping[str, Any]],
        *,
        name: str | None = None,
        owner: str = "local",
        priority: TaskPriority | None = None,
        max_retries: int | None = None,
        timeout: float | None = None,
        delay: float = 0.0,
    ) -> list[Task]:
        """Store a task for each of `calls`, which give its parameters by name, in one commit: all of them or none.

        The options are those of `enqueue`, for all. The tasks come back in the order of the calls.
        """
        known = self.function_of(function, name)
        options: dict[str, Any] = {"max_retries": max_retries, "timeout": timeout, "delay": delay}
        news = [new_task(known, (), call, owner=owner, priority=priority, **options) for call in calls]
        return await self.store.submit_all(news) if news else []

    async def submit(self, new: NewTask) -> Task:
        """Store a task that is already validated."""
        return await self.store.submit(new)

    def function_of(self, function: str | Callable[..., Any], name: str | None = None) -> TaskFunction:
        """The task function of that name, or of that callable, which is registered if it was not (as `name`)."""
        if isinstance(function, str):
            return self.functions.get(function)
        decorated = getattr(function, "function", None)
        if isinstance(decorated, TaskFunction):
            return decorated
        known = self.functions.find(name or getattr(function, "__name__", ""))
        return known if known and known.call is function else self.functions.add(task_function(function, name=name))

    async def get_task(self, task_id: str, *, owner: str | None = None) -> Task:
        """The task as it is now. Raises `TaskNotFound`."""
        return await self.store.get(task_id, owner)

    async def wait(
        self,
        task_id: str,
        timeout: float | None = None,
        *,
        owner: str | None = None,
        seen: Callable[[Task], Awaitable[None]] | None = None,
    ) -> Task:
        """Wait until the task is finished, asks something, or cannot finish within `timeout` seconds; return it.

        It waits for changes, in this process and in others, and does not poll. `seen` is awaited with the task as
        it is at first and after each change.
        """
        deadline = math.inf if timeout is None else self.clock.monotonic() + timeout
        with self.store.subscribe(task_id) as changes:
            while True:
                task = await self.store.get(task_id, owner)
                if seen:
                    await seen(task)
                left = deadline - self.clock.monotonic()
                if task.is_finished or task.questions or left <= 0 or task.run_at - self.clock.now() > left:
                    return task
                with anyio.move_on_after(left):
                    await changes.wait()

    async def watch(self, task_id: str, *, owner: str | None = None) -> AsyncGenerator[Task]:
        """The task as it is now, and again after each change, in whatever process, until it is finished.

        Changes that follow each other closely may be seen as one.
        """
        last: Task | None = None
        with self.store.subscribe(task_id) as changes:
            while last is None or not last.is_finished:
                task = await self.store.get(task_id, owner)
                if task != last:
                    yield task
                    last = task
                else:
                    await changes.wait()

    def changes_of(self, task_id: str) -> Subscription:
        """Wakes after each change of the task, in whatever process, also beyond its end: enter it, read, then wait."""
        return self.store.subscribe(task_id)

    def changes_of_files(self) -> Subscription:
        """The same for tasks that complete with artifacts, and for those that are deleted, whichever they are."""
        return self.store.subscribe(ARTIFACTS)

    async def list_tasks(
        self,
        *,
        owner: str | None = None,
        status: TaskStatus | str | None = None,
        name: str | None = None,
        limit: int = 20,
        cursor: str | None = None,
    ) -> Page:
        """A page of tasks, newest first; `cursor` is the `next_cursor` of the page before."""
        if not 1 <= limit <= _LONGEST_PAGE:
            raise InvalidRequest(f"limit must be from 1 to {_LONGEST_PAGE}", field="limit", received=limit, example=20)
        return await self.store.list_tasks(owner, to_status(status) if status else None, name, limit, cursor)

    async def get_tasks_by_status(self, status: TaskStatus | str, *, owner: str | None = None) -> list[Task]:
        """All tasks of that status, newest first. `list_tasks` gives them by the page."""
        page = await self.list_tasks(owner=owner, status=status, limit=_LONGEST_PAGE)
        tasks = page.tasks
        while page.next_cursor:
            page = await self.list_tasks(owner=owner, status=status, limit=_LONGEST_PAGE, cursor=page.next_cursor)
            tasks += page.tasks
        return tasks

    async def attempts(self, task_id: str, *, owner: str | None = None) -> list[Attempt]:
        """The ended attempts of a task, oldest first."""
        return await self.store.attempts(task_id, owner)

    async def position(self, task: Task) -> int | None:
        """How many tasks go before this one; None when it cannot start yet or there are more than 1,000."""
        if task.status in {TaskStatus.PENDING, TaskStatus.RETRYING}:
            return await self.store.position(task)
        return None

    async def artifact(self, task_id: str, name: str, *, owner: str | None = None) -> tuple[str, Path]:
        """The media type and the path of a completed task's artifact. Raises `TaskNotFound`."""
        task = await self.store.get(task_id, owner)
        for artifact in task.artifacts:
            if artifact.name == name:
                return artifact.media_type, self.store.artifacts.path_of(artifact)
        names = [a.name for a in task.artifacts]
        raise TaskNotFound(
            f"task {task_id} has no artifact {shown(name)!r}", field="name", received=shown(name), allowed=names
        )

    async def cancel(self, task_id: str, *, owner: str | None = None) -> Task:
        """Cancel a waiting task, or ask a running one to stop. Raises `TaskAlreadyFinished`."""
        return await self.store.cancel(task_id, owner)

    async def retry(self, task_id: str, *, owner: str | None = None) -> Task:
        """Put a failed or cancelled task back, with its whole budget. Raises `TaskNotRetryable`."""
        return await self.store.retry(task_id, owner)

    async def set_priority(self, task_id: str, priority: TaskPriority, *, owner: str | None = None) -> Task:
        """Let a waiting task go earlier or later. Raises `TaskAlreadyFinished`, or `InvalidRequest` when it runs."""
        return await self.store.set_priority(task_id, to_priority(priority), owner)

    async def answer(self, task_id: str, answers: Mapping[str, Any], *, owner: str | None = None) -> Task:
        """Answer open questions of a task; when none is left it runs again. Other fields raise `InvalidRequest`."""
        return await self.store.answer(task_id, answers, owner)

    async def stats(self, *, owner: str | None = None) -> Stats:
        """Counts by name and status, and the times of the last 1,000 finished tasks."""
        return await self.store.stats(owner)

    async def finished(self, since: float, until: float) -> AsyncGenerator[Finished]:
        """How each task went that finished from `since` on and before `until` (Unix seconds), in that order.

        It takes a time that grows with their number alone, and lets others read in between.
        """
        after: tuple[float, int] | None = (since, -1)
        while after is not None:
            found, after = await self.store.finished(after, until, _READ_AT_ONCE)
            for one in found:
                yield one

    async def get_task_stats(self, *, owner: str | None = None) -> dict[str, int]:
        """How many tasks have each status, and the `total`."""
        counts = (await self.stats(owner=owner)).counts
        return {**{str(status): n for status, n in counts.items()}, "total": sum(counts.values())}

    async def size(self, *, owner: str | None = None) -> int:
        """How many tasks wait: for a worker, for their time, for an answer."""
        counts = (await self.stats(owner=owner)).counts
        return counts[TaskStatus.PENDING] + counts[TaskStatus.RETRYING]

    async def clear_completed(self, older_than_hours: float = 24) -> Pruned:
        """Delete what finished longer ago, however it ended. `cleanup` keeps each status for its own time."""
        return await self.cleanup(_all_for(older_than_hours))

    async def clearable(self, older_than_hours: float = 24) -> Pruned:
        """What `clear_completed` would delete now; nothing changes."""
        return await self.removable(_all_for(older_than_hours))

    async def cleanup(self, keep_seconds: Mapping[TaskStatus, float] = KEEP_SECONDS) -> Pruned:
        """Delete finished tasks and their files, each status after its own time; what is recorded stays.

        By default completed and cancelled tasks are kept for a day, failed ones for a week.
        """
        tasks, size = 0, Size()
        while removed := await self.store.prune(keep_seconds, _PRUNED_AT_ONCE):
            tasks += len(removed)
            for id_ in removed:
                size += await anyio.to_thread.run_sync(self.store.artifacts.remove, id_)
        left = await remove_orphans(self.store, await find_orphans(self.store))
        return Pruned(tasks, size.files, size.bytes, left.files, left.bytes)

    async def removable(self, keep_seconds: Mapping[TaskStatus, float] = KEEP_SECONDS) -> Pruned:
        """What `cleanup` would remove now; nothing changes."""
        ids = await self.store.expired(keep_seconds)
        size = await anyio.to_thread.run_sync(lambda: sum(map(self.store.artifacts.size, ids), Size()))
        orphans = await find_orphans(self.store)
        left = await anyio.to_thread.run_sync(lambda: sum(map(self.store.artifacts.attempt_size, orphans), Size()))
        return Pruned(len(ids), size.files, size.bytes, left.files, left.bytes)

    async def records(
        self,
        kind: str,
        *,
        key: str | None = None,
        revision: int | None = None,
        task_id: str | None = None,
        owner: str | None = None,
        since: float | None = None,
        until: float | None = None,
        after: Record | None = None,
        latest: bool = False,
        limit: int = 20,
    ) -> list[Record]:
        """What `TaskContext.record` kept of that kind, newest first; of what is given all must hold.

        `since` (included) and `until` (not) are Unix seconds. `after` is the record that ended the page before;
        `latest` leaves out what has a later revision.
        """
        return await self.store.records(
            RecordQuery(kind, key, revision, task_id, owner, since, until, after, latest, limit)
        )

    async def forget_records(self, kind: str, older_than_seconds: float) -> int:
        """Delete records of that kind that are older; returns how many."""
        return await self.store.forget_records(kind, older_than_seconds)

    async def forget(self, records: Iterable[Record]) -> None:
        """Delete these records."""
        await self.store.forget(list(records))

    async def check_storage(self) -> None:
        """Raises `StorageUnavailable` unless tasks can be stored and read; it changes nothing."""
        await self.store.check()

    async def close(self) -> None:
        """Write what waits and close the file. The queue cannot be used afterwards."""
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self.store.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _all_for(hours: float) -> Mapping[TaskStatus, float]:
    if not hours >= 0:
        raise InvalidRequest("older_than_hours must be 0 or more", field="older_than_hours", received=hours, example=24)
    return dict.fromkeys(TERMINAL, hours * 3_600)


def to_status(status: TaskStatus | str) -> TaskStatus:
    """A status from its word. Raises `InvalidRequest` with the known ones."""
    try:
        return TaskStatus(status)
    except ValueError as error:
        raise InvalidRequest(
            f"{shown(status)!r} is not a status",
            field="status",
            received=shown(status),
            allowed=[str(s) for s in TaskStatus],
            nearest=nearest(str(status), TaskStatus),
        ) from error
