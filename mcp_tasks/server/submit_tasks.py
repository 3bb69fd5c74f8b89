"""The tasks of the submit tools as the protocol's tasks: the same rows, with no task around the task."""

from collections.abc import Collection, Mapping
from typing import Any

from mcp.server.context import CallNext, HandlerResult
from mcp_types import CallToolRequestParams

from mcp_tasks.queue import TaskQueue
from mcp_tasks.server.answering import Answering
from mcp_tasks.server.answers import Answers
from mcp_tasks.server.protocol_task import CallAnswer, KeepSeconds
from mcp_tasks.server.protocol_tasks import ProtocolTasks
from mcp_tasks.server.task_source import RequestContext, TaskHandle, ToolMode
from mcp_tasks.task import Task


class SubmitTasks(ProtocolTasks):
    """Whoever can follow a task gets it at once from a submit tool, and later the answer that the tool would give."""

    def __init__(
        self, tools: Collection[str], answers: Answers, answering: Answering, keep_seconds: KeepSeconds
    ) -> None:
        super().__init__(keep_seconds)
        self._tools = tools
        self._answers = answers
        self._answering = answering

    async def intercept_tool_call(
        self, params: CallToolRequestParams, ctx: RequestContext, call_next: CallNext
    ) -> HandlerResult:
        """A submit tool says itself that its call is a task: it has checked the arguments, and stored it."""
        self.refuse_where_needed(ctx, params.name)
        result = await call_next(ctx)
        return await self.created(ctx, result.task) if isinstance(result, TaskHandle) else result

    def queue_of(self, ctx: RequestContext) -> TaskQueue:
        """The queue that the server's lifespan opened."""
        queue: TaskQueue = ctx.lifespan_context
        return queue

    def mode(self, tool: str) -> ToolMode:
        """Every submit tool, and no other."""
        return "optional" if tool in self._tools else "forbidden"

    async def answer(self, queue: TaskQueue, task: Task) -> CallAnswer:
        """What the submit tool answers when its task has ended: an error of the tool when it failed."""
        return await self._answers.submitted(queue, task)

    async def take(self, queue: TaskQueue, task: Task, answers: Mapping[str, Any]) -> None:
        """Give answers to a task that asks, if it would take them."""
        await self._answering.answer(queue, task.id, answers, task.owner)
