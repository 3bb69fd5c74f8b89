"""The tasks protocol as an extension of the SDK's server, in both eras. Who makes the tasks derives from it."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from mcp.server.context import HandlerResult
from mcp.server.extension import Extension, MethodBinding
from mcp.server.mcpserver.server import require_client_extension
from mcp.shared.exceptions import MCPError
from mcp_types import METHOD_NOT_FOUND, CallToolResult, PaginatedRequestParams

from mcp_tasks.queue import TaskQueue
from mcp_tasks.server.extension_methods import ExtensionMethods
from mcp_tasks.server.legacy_tasks import RELATED_TASK, LegacyMethods
from mcp_tasks.server.protocol_task import CallAnswer, KeepSeconds, extension_task, legacy_task
from mcp_tasks.server.task_middleware import TaskMiddleware
from mcp_tasks.server.task_source import (
    LEGACY,
    MODERN,
    RequestContext,
    ToolMode,
    asks_for_legacy_task,
    follows_tasks,
    show,
)
from mcp_tasks.task import Task
from mcp_tasks.wire import EXTENSION, TaskIdParams, UpdateTaskParams

_Handler = Callable[[RequestContext, Any], Awaitable[HandlerResult]]


class ProtocolTasks(Extension):
    """Serves the tasks of a queue. A server needs it among its `extensions`, and its `middleware`."""

    identifier = EXTENSION

    def __init__(self, keep_seconds: KeepSeconds) -> None:
        self.keep_seconds = keep_seconds
        self.middleware = TaskMiddleware(self)

    @abstractmethod
    def queue_of(self, ctx: RequestContext) -> TaskQueue:
        """Where the tasks of this request are."""

    @abstractmethod
    async def answer(self, queue: TaskQueue, task: Task) -> CallAnswer:
        """What the call of a completed or failed task answers."""

    @abstractmethod
    async def take(self, queue: TaskQueue, task: Task, answers: Mapping[str, Any]) -> None:
        """Give answers to open questions of a task. Raises `InvalidRequest`, `TaskAlreadyFinished`."""

    @abstractmethod
    def mode(self, tool: str) -> ToolMode:
        """Whether calls of that tool become tasks."""

    def methods(self) -> Sequence[MethodBinding]:
        """What clients send, each in its era's way."""
        modern, legacy = ExtensionMethods(self), LegacyMethods(self)
        both, old = MODERN | {LEGACY}, frozenset({LEGACY})
        return [
            MethodBinding("tasks/get", TaskIdParams, _by_era(modern.get, legacy.get), both),
            MethodBinding("tasks/cancel", TaskIdParams, _by_era(modern.cancel, legacy.cancel), both),
            MethodBinding("tasks/update", UpdateTaskParams, modern.update, MODERN),
            MethodBinding("tasks/result", TaskIdParams, legacy.result, old),
            MethodBinding("tasks/list", PaginatedRequestParams, legacy.page, old),
        ]

    def refuse_where_needed(self, ctx: RequestContext, tool: str) -> None:
        """Refuse a task of a tool that makes none, and a plain call of a tool that makes only tasks."""
        mode = self.mode(tool)
        if mode == "forbidden" and asks_for_legacy_task(ctx):
            raise MCPError(code=METHOD_NOT_FOUND, message=f"{tool} cannot be called as a task; leave out params.task")
        if mode == "required" and not follows_tasks(ctx):
            if ctx.protocol_version != LEGACY:
                require_client_extension(ctx, EXTENSION)
            raise MCPError(code=METHOD_NOT_FOUND, message=f"{tool} is called as a task only; send params.task")

    async def created(self, ctx: RequestContext, task: Task) -> HandlerResult:
        """The answer to a call that became this task."""
        shown = await show(self, self.queue_of(ctx), task)
        if ctx.protocol_version == LEGACY:
            return CallToolResult(content=[], _meta={RELATED_TASK: legacy_task(shown)})
        return {"resultType": "task", **extension_task(shown)}


def _by_era(modern: _Handler, legacy: _Handler) -> _Handler:
    async def handle(ctx: RequestContext, params: Any) -> HandlerResult:
        return await (legacy if ctx.protocol_version == LEGACY else modern)(ctx, params)

    return handle
