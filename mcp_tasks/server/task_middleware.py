"""What the tasks protocol needs that an extension of the SDK cannot say: it is said around the handlers.

The SDK calls its middleware provisional; only this file is one. A subscription's session is replaced in here, too.
"""

from collections.abc import Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any, cast

import anyio
from mcp.server.context import CallNext, HandlerResult
from mcp.server.mcpserver.server import require_client_extension
from mcp.server.session import ServerSession
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import SUBSCRIPTION_ID_META_KEY
from mcp_types import INVALID_PARAMS, Notification, RequestId, ServerNotification, SubscriptionsAcknowledgedNotification
from pydantic import ConfigDict

from mcp_tasks.beside import beside
from mcp_tasks.errors import TaskNotFound
from mcp_tasks.queue import TaskQueue
from mcp_tasks.server.following import check_number, through_faults
from mcp_tasks.server.legacy_tasks import RELATED_TASK, lists_tasks
from mcp_tasks.server.owner import owner_of_request
from mcp_tasks.server.protocol_task import detailed_task
from mcp_tasks.server.task_source import LEGACY, RequestContext, TaskSource, asks_for_legacy_task, show
from mcp_tasks.task import Task
from mcp_tasks.wire import EXTENSION, TaskNotificationParams


class TaskNotification(Notification[TaskNotificationParams, str]):
    """A task has changed."""

    model_config = ConfigDict(defer_build=True)
    method: str = "notifications/tasks"
    params: TaskNotificationParams


class TaskMiddleware:
    """Subscriptions to tasks, and what clients of 2025-11-25 are told and given."""

    def __init__(self, source: TaskSource) -> None:
        self._source = source

    async def __call__(self, ctx: RequestContext, call_next: CallNext) -> HandlerResult:
        """Around each message that the server receives."""
        match ctx.method:
            case "subscriptions/listen":
                return await self._listen(ctx, call_next)
            case "initialize":
                return _with_capability(await call_next(ctx), ctx)
            case "tools/list" if ctx.protocol_version == LEGACY:
                return self._with_support(await call_next(ctx))
            case "tools/call" if asks_for_legacy_task(ctx):
                return _created(await call_next(ctx))
            case _:
                return await call_next(ctx)

    async def _listen(self, ctx: RequestContext, call_next: CallNext) -> HandlerResult:
        """Send `notifications/tasks` for the caller's tasks among `taskIds`, as long as the subscription lasts."""
        wanted = _task_ids(ctx.params or {})
        if not wanted:
            return await call_next(ctx)
        require_client_extension(ctx, EXTENSION)
        check_number(len(wanted), "tasks")
        queue, owner = self._source.queue_of(ctx), owner_of_request()
        watched = [task for id_ in wanted if (task := await _own(queue, id_, owner))]
        session = _AcknowledgingSession(ctx.session, [task.id for task in watched])
        async with beside() as children:
            for task in watched:
                children.start_soon(self._tell, task, queue, session, ctx.request_id)
            return await call_next(replace(ctx, session=cast(ServerSession, session)))

    async def _tell(
        self, task: Task, queue: TaskQueue, session: "_AcknowledgingSession", subscription: RequestId | None
    ) -> None:
        """Tell of the task as it is now, and after each change, until it is finished or deleted."""
        await session.acknowledged.wait()
        last: Task | None = None

        async def follow() -> None:
            nonlocal last
            async with aclosing(queue.watch(task.id, owner=task.owner)) as changes:
                async for now in changes:
                    if now != last:
                        told = detailed_task(await show(self._source, queue, now))
                        told["_meta"] = {SUBSCRIPTION_ID_META_KEY: subscription}
                        await session.notify(TaskNotification(params=TaskNotificationParams.model_validate(told)))
                        last = now

        with suppress(TaskNotFound):
            await through_faults(follow)

    def _with_support(self, result: HandlerResult) -> HandlerResult:
        """Which of the listed tools can be tasks."""
        assert isinstance(result, dict)
        for tool in result.get("tools", []):
            mode = self._source.mode(tool["name"])
            if mode != "forbidden":
                tool["execution"] = {"taskSupport": mode}
        return result


def _with_capability(result: HandlerResult, ctx: RequestContext) -> HandlerResult:
    """That there are tasks, told to those whose core has them."""
    if isinstance(result, dict) and result.get("protocolVersion") == LEGACY:
        tasks: dict[str, Any] = {"cancel": {}, "requests": {"tools": {"call": {}}}}
        if lists_tasks(ctx):
            tasks["list"] = {}
        return {**result, "capabilities": {**result["capabilities"], "tasks": tasks}}
    return result


def _created(result: HandlerResult) -> HandlerResult:
    """The task that a call became. Only `_meta` passes the SDK's check of what a call may answer.

    A refused call is a protocol error: who asked for a task reads nothing else.
    """
    assert isinstance(result, dict)
    meta: dict[str, Any] = result.get("_meta") or {}
    if RELATED_TASK in meta:
        return {"task": meta[RELATED_TASK]}
    if result.get("isError"):
        said = "\n".join(part["text"] for part in result["content"] if part["type"] == "text")
        raise MCPError(code=INVALID_PARAMS, message=said, data=result.get("structuredContent"))
    return result


def _task_ids(params: Mapping[str, Any]) -> list[str]:
    """The tasks that a subscription names, each once."""
    notifications: Mapping[str, Any] = params.get("notifications") or {}
    ids: list[object] = notifications.get("taskIds") or []
    return list(dict.fromkeys(id_ for id_ in ids if isinstance(id_, str)))


async def _own(queue: TaskQueue, task_id: str, owner: str) -> Task | None:
    try:
        return await queue.get_task(task_id, owner=owner)
    except TaskNotFound:
        return None


class _AcknowledgingSession:
    """A session whose acknowledgement of a subscription also names the tasks; all else is the session's own."""

    def __init__(self, session: ServerSession, task_ids: Sequence[str]) -> None:
        self._session = session
        self._task_ids = list(task_ids)
        self.acknowledged = anyio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    async def send_notification(
        self, notification: ServerNotification, related_request_id: RequestId | None = None
    ) -> None:
        """Send it; the acknowledgement with the tasks."""
        if isinstance(notification, SubscriptionsAcknowledgedNotification):
            honoured: Any = notification.params.notifications  # a model that keeps the keys of extensions
            honoured.taskIds = self._task_ids
            self._request_id = related_request_id
        await self._session.send_notification(notification, related_request_id)
        if isinstance(notification, SubscriptionsAcknowledgedNotification):
            self.acknowledged.set()

    async def notify(self, notification: TaskNotification) -> None:
        """Tell of a task, on the subscription's own stream."""
        await self._session.send_notification(cast(ServerNotification, notification), self._request_id)
