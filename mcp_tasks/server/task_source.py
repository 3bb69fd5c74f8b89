"""Where the protocol's tasks come from, and how one is found and shown, whatever the era."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, Protocol, TypeAlias

from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, CallToolResult
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import PrivateAttr

from mcp_tasks.errors import RequestError, StorageUnavailable, TaskNotFound
from mcp_tasks.queue import TaskQueue
from mcp_tasks.server.owner import owner_of_request
from mcp_tasks.server.protocol_task import CallAnswer, KeepSeconds, ProtocolTask
from mcp_tasks.task import Task, TaskStatus
from mcp_tasks.wire import EXTENSION

RequestContext: TypeAlias = ServerRequestContext[Any, Any]

MODERN = frozenset(MODERN_PROTOCOL_VERSIONS)
LEGACY = "2025-11-25"
"""The one version whose core has tasks."""

ToolMode: TypeAlias = Literal["forbidden", "optional", "required"]
"""Whether a call of a tool becomes a task: never; for clients that can follow it; or only for those."""

_NOT_FOUND = "Failed to retrieve task: Task not found"


class TaskSource(Protocol):
    """Whoever makes tasks of calls."""

    @property
    def keep_seconds(self) -> KeepSeconds:
        """How long finished tasks are kept."""
        ...

    def queue_of(self, ctx: RequestContext) -> TaskQueue:
        """Where the tasks of this request are."""
        ...

    async def answer(self, queue: TaskQueue, task: Task) -> CallAnswer:
        """What the call of a completed or failed task answers."""
        ...

    async def take(self, queue: TaskQueue, task: Task, answers: Mapping[str, Any]) -> None:
        """Give answers to open questions of a task."""
        ...

    def mode(self, tool: str) -> ToolMode:
        """Whether calls of that tool become tasks."""
        ...


class TaskHandle(CallToolResult):
    """What a tool answers, in place of a result, when its work is a task that the caller can follow."""

    _task: Task = PrivateAttr()

    @classmethod
    def of(cls, task: Task) -> "TaskHandle":
        """The handle of that task."""
        handle = cls(content=[])
        handle._task = task
        return handle

    @property
    def task(self) -> Task:
        """The task."""
        return self._task


def follows_tasks(ctx: RequestContext) -> bool:
    """Whether the caller of this request gets a task in place of a result: by what it declares, or asks for."""
    if ctx.protocol_version in MODERN:
        capabilities = ctx.session.client_capabilities
        return bool(capabilities and capabilities.extensions and EXTENSION in capabilities.extensions)
    return asks_for_legacy_task(ctx)


def asks_for_legacy_task(ctx: RequestContext) -> bool:
    """Whether a client of 2025-11-25 wants this call as a task."""
    return ctx.protocol_version == LEGACY and isinstance((ctx.params or {}).get("task"), Mapping)


async def find(source: TaskSource, ctx: RequestContext, task_id: str) -> Task:
    """The caller's task. An unknown one and another owner's are refused in the same words."""
    with protocol_errors():
        return await source.queue_of(ctx).get_task(task_id, owner=owner_of_request())


async def show(source: TaskSource, queue: TaskQueue, task: Task) -> ProtocolTask:
    """The task with what the protocol tells of it."""
    ended = task.status in {TaskStatus.COMPLETED, TaskStatus.FAILED}
    return ProtocolTask(
        task=task,
        answer=await source.answer(queue, task) if ended else None,
        updated_at=await _updated_at(queue, task),
        now=queue.clock.now(),
        ahead=await queue.position(task) if task.status is TaskStatus.PENDING else None,
        keep_seconds=source.keep_seconds,
    )


@contextmanager
def protocol_errors() -> Generator[None]:
    """Our refusals as errors of the protocol."""
    try:
        yield
    except TaskNotFound as error:
        raise MCPError(code=INVALID_PARAMS, message=_NOT_FOUND) from error
    except StorageUnavailable as error:
        raise MCPError(code=INTERNAL_ERROR, message=error.message) from error
    except RequestError as error:
        raise MCPError(code=INVALID_PARAMS, message=error.message, data=error.to_dict()) from error


async def _updated_at(queue: TaskQueue, task: Task) -> float:
    """The latest moment that the row knows of; its progress has none.

    A task that waits again last changed when its attempt ended, or when it was answered or put back (its `run_at`,
    unless that lies ahead).
    """
    moments = [task.created_at, task.started_at or 0.0, task.finished_at or 0.0]
    if task.attempt and task.status in {TaskStatus.PENDING, TaskStatus.RETRYING}:
        moments += [attempt.ended_at for attempt in await queue.attempts(task.id)]
        moments += [task.run_at] if task.run_at <= queue.clock.now() else []
    return max(moments)
