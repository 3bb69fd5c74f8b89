"""The tools that look after submitted tasks."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from mcp_types import CallToolResult, ToolAnnotations
from pydantic import BaseModel, BeforeValidator, Field

from mcp_tasks.scheduler import TaskScheduler
from mcp_tasks.server.answering import Answering
from mcp_tasks.server.answers import Answers
from mcp_tasks.server.owner import owner_of_request
from mcp_tasks.server.read_tools import LOOKS
from mcp_tasks.server.strict_tool import Arguments, QueueContext, StrictTool, strict_tool
from mcp_tasks.server.submit_tools import any_case
from mcp_tasks.server.views import LookedAfter, StatsView, TaskHistory, TaskPage, stats_view
from mcp_tasks.server.waiting import Waiting, progress_to
from mcp_tasks.server.words import Words
from mcp_tasks.task import TaskStatus

_ANSWERED_SECONDS = 10.0


class NoArguments(Arguments):
    """Nothing to say."""


class TaskId(Arguments):
    """Which task."""

    task_id: str = Field(max_length=100, description="As a submit tool returned it, or task_list")


class StatusArguments(TaskId):
    """Which task, and how long to wait for it."""

    wait_seconds: Annotated[float, Field(ge=0, le=30)] = Field(
        default=0, description="Wait so long for the end of the task, 0 to 30, instead of asking again and again"
    )
    include_attempts: bool = Field(default=False, description="Also list every ended start of the task")


class AnswerArguments(TaskId):
    """Which task, and what it asked."""

    answers: Annotated[dict[str, Any], Field(min_length=1, max_length=100)] = Field(
        description="Answers by the field of their questions; those left out stay open"
    )


class ListArguments(Arguments):
    """Which tasks, and how many."""

    status: Annotated[TaskStatus, BeforeValidator(any_case)] | None = Field(
        default=None, description="Only tasks in this status"
    )
    name: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="Only tasks of this function, for example calculate_bom"
    )
    limit: Annotated[int, Field(ge=1, le=100)] = Field(default=20, description="How many, 1 to 100")
    cursor: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="next_cursor of the page before"
    )


# All of them stay on this machine. A cancel throws work away, and a second one changes
# nothing more. An answer is taken once. A retry runs the task again each time it is accepted.
_CANCELS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False)
_GOES_ON = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)


class TaskTools:
    """task_status, task_answer, task_list, task_cancel, task_retry and task_stats, for the tasks of the caller."""

    def __init__(self, words: Words, answers: Answers, waiting: Waiting, answering: Answering) -> None:
        self._words = words
        self._answers = answers
        self._waiting = waiting
        self._answering = answering

    def tools(self) -> Iterable[StrictTool]:
        """All six."""
        yield self._tool(
            self.status,
            "task_status",
            "Status, progress, result, error and files of one task. With wait_seconds it returns as soon as the task "
            "is finished: prefer that to asking repeatedly. A failed task is an answer here, not an error.",
            LOOKS,
            StatusArguments,
            lambda: TaskHistory,
        )
        yield self._tool(
            self.answer,
            "task_answer",
            "Answer the open questions of a task, with what the user said, never with a guess. It goes on when all "
            "are answered; this returns it finished, or after 10 s as it is.",
            _GOES_ON,
            AnswerArguments,
            lambda: LookedAfter,
        )
        yield self._tool(
            self.page,
            "task_list",
            "The tasks there are, newest first, a page at a time and without their results. Use it to find a task_id.",
            LOOKS,
            ListArguments,
            lambda: TaskPage,
        )
        yield self._tool(
            self.cancel,
            "task_cancel",
            "Cancel a task that is not finished. A waiting one is cancelled at once; a running one is asked to stop, "
            "and may still complete if it was about to.",
            _CANCELS,
            TaskId,
            lambda: LookedAfter,
        )
        yield self._tool(
            self.retry,
            "task_retry",
            "Put a failed or cancelled task back into the queue, with the same arguments and all its retries.",
            _GOES_ON,
            TaskId,
            lambda: LookedAfter,
        )
        yield self._tool(
            self.stats,
            "task_stats",
            "How the queue is doing: tasks by status and name, waiting and running times, workers and schedules.",
            LOOKS,
            NoArguments,
            lambda: StatsView,
        )

    async def status(self, arguments: StatusArguments, context: QueueContext) -> CallToolResult:
        """One task, now or when it is finished."""
        queue = context.request_context.lifespan_context
        owner = owner_of_request()
        task = await self._waiting.until_settled(queue, arguments.task_id, arguments.wait_seconds, owner, context)
        attempts = await queue.attempts(task.id, owner=owner) if arguments.include_attempts else None
        return await self._answers.task(queue, task, attempts)

    async def answer(self, arguments: AnswerArguments, context: QueueContext) -> CallToolResult:
        """Let a task go on that asked something."""
        queue = context.request_context.lifespan_context
        owner = owner_of_request()
        task = await self._answering.answer(queue, arguments.task_id, arguments.answers, owner)
        settled = await queue.wait(task.id, _ANSWERED_SECONDS, owner=owner, seen=progress_to(context))
        return await self._answers.task(queue, settled)

    async def page(self, arguments: ListArguments, context: QueueContext) -> CallToolResult:
        """Some tasks."""
        queue = context.request_context.lifespan_context
        page = await queue.list_tasks(
            owner=owner_of_request(),
            status=arguments.status,
            name=arguments.name,
            limit=arguments.limit,
            cursor=arguments.cursor,
        )
        return await self._answers.page(queue, page)

    async def cancel(self, arguments: TaskId, context: QueueContext) -> CallToolResult:
        """End a task early."""
        queue = context.request_context.lifespan_context
        return await self._answers.task(queue, await queue.cancel(arguments.task_id, owner=owner_of_request()))

    async def retry(self, arguments: TaskId, context: QueueContext) -> CallToolResult:
        """Start a finished task over."""
        queue = context.request_context.lifespan_context
        return await self._answers.task(queue, await queue.retry(arguments.task_id, owner=owner_of_request()))

    async def stats(self, arguments: NoArguments, context: QueueContext) -> CallToolResult:
        """Numbers."""
        queue = context.request_context.lifespan_context
        view = stats_view(await queue.stats(owner=owner_of_request()), await TaskScheduler(queue).get_scheduled_tasks())
        return self._answers.stats(view)

    def _tool(
        self,
        call: Any,
        name: str,
        description: str,
        annotations: ToolAnnotations,
        arguments: type[Arguments],
        answer: Callable[[], type[BaseModel]],
    ) -> StrictTool:
        return strict_tool(
            call,
            name=name,
            title=self._words.titles[name],
            description=description,
            annotations=annotations,
            arguments=arguments,
            answer=answer,
        )
