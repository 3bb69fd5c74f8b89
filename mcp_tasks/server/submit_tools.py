"""The submit tools: check, store, wait a little, answer. The task itself never runs in here.

Who can follow a task is not made to wait: it gets the task.
"""

from typing import Annotated, Any, Literal

from mcp_types import CallToolResult, ToolAnnotations
from pydantic import BeforeValidator, Field, create_model

from mcp_tasks.queue import TaskQueue
from mcp_tasks.server.answers import Answers
from mcp_tasks.server.owner import owner_of_request
from mcp_tasks.server.strict_tool import Arguments, QueueContext, StrictTool, strict_tool
from mcp_tasks.server.task_source import TaskHandle, follows_tasks
from mcp_tasks.server.views import TaskView
from mcp_tasks.server.waiting import Waiting
from mcp_tasks.task import Task, TaskPriority
from mcp_tasks.toolspec import ToolSpec


def any_case(value: object) -> object:
    """Case and outer spaces of a word do not matter."""
    return value.strip().lower() if isinstance(value, str) else value


class SubmitOptions(Arguments):
    """What every submit tool takes besides its own arguments."""

    priority: Annotated[Literal["low", "normal", "high", "critical"], BeforeValidator(any_case)] | None = Field(
        default=None, description="Default normal; higher ones are started first"
    )
    wait_seconds: Annotated[float, Field(ge=0, le=30)] = Field(
        default=10, description="How long to wait for the result, 0 to 30; after that ask task_status"
    )
    idempotency_key: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="The same key with the same arguments gives the same task instead of a second one"
    )
    max_retries: Annotated[int, Field(ge=0, le=100)] | None = Field(
        default=None, description="How many failures are forgiven"
    )
    timeout_seconds: Annotated[float, Field(gt=0, le=7 * 86_400)] | None = Field(
        default=None, description="How long one attempt may take"
    )
    delay_seconds: Annotated[float, Field(ge=0, le=366 * 86_400)] = Field(
        default=0, description="How long to wait before the task may start"
    )


# It stores a task, so it is not read-only; it destroys nothing; each call makes a task of its own; and it reaches
# nothing outside this machine.
_SUBMITS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)


def submit_tool(spec: ToolSpec, answers: Answers, waiting: Waiting) -> StrictTool:
    """The tool that submits a task of `spec` for its caller."""

    async def submit(arguments: SubmitOptions, context: QueueContext) -> CallToolResult:
        queue, owner = context.request_context.lifespan_context, owner_of_request()
        task = await _stored(spec, arguments, queue, owner)
        if follows_tasks(context.request_context):
            return TaskHandle.of(task)
        if arguments.wait_seconds:
            task = await waiting.until_settled(queue, task.id, arguments.wait_seconds, owner, context)
        return await answers.submitted(queue, task)

    bases: Any = (SubmitOptions, spec.arguments)
    arguments: Any = create_model(f"{spec.name}_arguments", __base__=bases)
    return strict_tool(
        submit,
        name=spec.name,
        title=spec.title,
        description=spec.description,
        annotations=_SUBMITS,
        arguments=arguments,
        answer=lambda: TaskView[spec.result],
    )


async def _stored(spec: ToolSpec, arguments: SubmitOptions, queue: TaskQueue, owner: str) -> Task:
    """The task of a call that was found to be in order."""
    return await queue.enqueue(
        spec.task,
        params=await spec.prepare(arguments, queue, owner),
        owner=owner,
        priority=TaskPriority[arguments.priority.upper()] if arguments.priority else None,
        max_retries=arguments.max_retries,
        timeout=arguments.timeout_seconds,
        delay=arguments.delay_seconds,
        idempotency_key=arguments.idempotency_key,
    )
