"""The tasks in the core of 2025-11-25: a second face of the same rows, for clients that speak only those."""

from collections.abc import Mapping
from contextlib import aclosing, suppress
from typing import Any

from mcp.server.context import HandlerResult
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    ElicitRequest,
    ElicitResult,
    ErrorData,
    PaginatedRequestParams,
)
from pydantic import ValidationError

from mcp_tasks.errors import InvalidRequest, TaskAlreadyFinished
from mcp_tasks.queue import TaskQueue
from mcp_tasks.server.eliciting import can_elicit, while_it_asks
from mcp_tasks.server.extension_methods import to_answer
from mcp_tasks.server.owner import is_authenticated, owner_of_request
from mcp_tasks.server.protocol_task import answer_json, input_request, legacy_task
from mcp_tasks.server.task_source import RequestContext, TaskSource, find, protocol_errors, show
from mcp_tasks.task import Task
from mcp_tasks.wire import TaskIdParams

RELATED_TASK = "io.modelcontextprotocol/related-task"

_PAGE = 50
_CANCEL_SECONDS = 2.0


class LegacyMethods:
    """`tasks/get`, `tasks/result`, `tasks/list` and `tasks/cancel` as they were."""

    def __init__(self, source: TaskSource) -> None:
        self._source = source

    async def get(self, ctx: RequestContext, params: TaskIdParams) -> HandlerResult:
        """The task as it is now."""
        return await self._told(ctx, await find(self._source, ctx, params.task_id))

    async def cancel(self, ctx: RequestContext, params: TaskIdParams) -> HandlerResult:
        """End it, and tell how it ended; a task that will not stop at once may still be at work then."""
        queue, owner = self._source.queue_of(ctx), owner_of_request()
        task = await find(self._source, ctx, params.task_id)
        with protocol_errors():
            try:
                await queue.cancel(task.id, owner=owner)
            except TaskAlreadyFinished as error:
                raise MCPError(code=INVALID_PARAMS, message=f"Cannot cancel task: {error.message}") from error
            return await self._told(ctx, await _ended(queue, task.id, owner))

    async def page(self, ctx: RequestContext, params: PaginatedRequestParams) -> HandlerResult:
        """The caller's tasks, newest first. Refused where callers cannot be told apart."""
        if not lists_tasks(ctx):
            raise MCPError(code=METHOD_NOT_FOUND, message="Method not found", data="tasks/list")
        queue = self._source.queue_of(ctx)
        with protocol_errors():
            page = await queue.list_tasks(owner=owner_of_request(), limit=_PAGE, cursor=params.cursor)
        told: dict[str, Any] = {"tasks": [await self._told(ctx, task) for task in page.tasks]}
        return told | ({"nextCursor": page.next_cursor} if page.next_cursor else {})

    async def result(self, ctx: RequestContext, params: TaskIdParams) -> HandlerResult:
        """Wait for the end and answer what the call would have: its result, or its error.

        What the task asks in the meantime is asked of this client, where it can be.
        """
        queue, owner = self._source.queue_of(ctx), owner_of_request()
        task = await find(self._source, ctx, params.task_id)
        with protocol_errors():
            async with aclosing(queue.watch(task.id, owner=owner)) as changes:
                async for task in changes:
                    if task.questions:
                        await self._ask(ctx, queue, task)
        answer = (await show(self._source, queue, task)).answer
        match answer:
            case None:
                raise MCPError(code=INTERNAL_ERROR, message=f"task {task.id} was cancelled")
            case ErrorData():
                raise MCPError.from_error_data(answer)
            case _:
                result = answer_json(answer)
                return result | {"_meta": {**result.get("_meta", {}), RELATED_TASK: {"taskId": task.id}}}

    async def _told(self, ctx: RequestContext, task: Task) -> dict[str, Any]:
        return legacy_task(await show(self._source, self._source.queue_of(ctx), task))

    async def _ask(self, ctx: RequestContext, queue: TaskQueue, task: Task) -> None:
        """Put the open questions to the client, one after the other, until somebody else is faster."""
        related = ServerMessageMetadata(related_request_id=ctx.request_id)
        for question in task.questions:
            asked = input_request(question)
            if not _can_ask(ctx, asked):
                continue
            params = {**asked["params"], "_meta": {RELATED_TASK: {"taskId": task.id}}}
            request = ElicitRequest.model_validate({"method": asked["method"], "params": params})
            said: ElicitResult | None = None
            with suppress(MCPError, ValidationError):  # a client that cannot ask it after all
                async with while_it_asks(queue, task, [question]):
                    said = await ctx.session.send_request(request, ElicitResult, metadata=related)
            if said is None:
                return
            answers = to_answer(task, question, said.model_dump(by_alias=True, mode="json", exclude_none=True))
            try:
                if answers:
                    await self._source.take(queue, task, answers)
            except (InvalidRequest, TaskAlreadyFinished):
                return  # somebody else was faster, or it is not what the task can use; another may know better


def lists_tasks(ctx: RequestContext) -> bool:
    """Whether the tasks that the caller may see are its own: known by its token, or alone on its pipe."""
    return is_authenticated() or ctx.request is None


def _can_ask(ctx: RequestContext, asked: Mapping[str, Any]) -> bool:
    """Whether the request reaches a person through this client."""
    return asked["method"] == "elicitation/create" and can_elicit(ctx.session, asked["params"].get("mode", "form"))


async def _ended(queue: TaskQueue, task_id: str, owner: str) -> Task:
    """The task when it has ended, or after a while."""
    return await queue.wait(task_id, _CANCEL_SECONDS, owner=owner)
