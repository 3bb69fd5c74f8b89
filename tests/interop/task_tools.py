"""The tools that the official suite's `tasks-*` scenarios call, made with the project's own extension."""

import anyio
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    ElicitRequest,
    ElicitRequestedSchema,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequests,
    InputRequiredResult,
)

from mcp_tasks.server import TasksExtension, become_task, current_task


def add_task_tools(tasks: TasksExtension) -> None:
    """Define them. Call it before the server is made of `tasks`, or after `tasks.server(...)`."""
    tasks.tool("forbidden")(greet)
    tasks.tool("optional")(slow_compute)
    tasks.tool("required")(failing_job)
    tasks.tool("optional")(protocol_error_job)
    tasks.tool("required")(confirm_delete)
    tasks.tool("required")(multi_input)
    tasks.tool("required", asks_first=True)(test_tool_with_task)


def greet(name: str) -> str:
    """Greet somebody, at once."""
    return f"Hello, {name}!"


async def slow_compute(seconds: float = 1, label: str = "") -> str:
    """Take so many seconds, telling how far it is."""
    task = current_task()
    for second in range(int(seconds)):
        if task:
            task.progress(second, seconds, f"{label}: second {second} of {seconds:g}")
        await anyio.sleep(1)
    await anyio.sleep(seconds % 1)
    return f"{label}: done after {seconds:g} s"


async def failing_job() -> str:
    """Fail, as a tool does."""
    await anyio.sleep(0.1)
    raise ToolError("this job always fails")


async def protocol_error_job() -> str:
    """Fail, as a protocol does."""
    await anyio.sleep(0.1)
    raise MCPError(code=INTERNAL_ERROR, message="the job broke down", data={"part": "gearbox"})


async def confirm_delete(filename: str, ctx: Context) -> str | InputRequiredResult:
    """Delete nothing, after asking whether it should."""
    if not ctx.input_responses:
        return InputRequiredResult(input_requests={"confirm": _form(f"Delete {filename}?", "confirm", "boolean")})
    return f"{filename}: {_said(ctx, 'confirm', 'confirm')}"


async def multi_input(ctx: Context) -> str | InputRequiredResult:
    """Ask two things at once."""
    if not ctx.input_responses:
        asked: InputRequests = {
            "name": _form("Your name?", "name", "string"),
            "sure": _form("Sure?", "confirm", "boolean"),
        }
        return InputRequiredResult(input_requests=asked)
    return f"{_said(ctx, 'name', 'name')}: {_said(ctx, 'sure', 'confirm')}"


async def test_tool_with_task(ctx: Context) -> str | InputRequiredResult:
    """Ask for a name while the caller waits; greeting is a task."""
    if not ctx.input_responses:
        return InputRequiredResult(
            input_requests={"user_name": _form("Your name?", "name", "string")}, request_state="asked"
        )
    become_task()
    await anyio.sleep(0.1)
    return f"Hello, {_said(ctx, 'user_name', 'name')}!"


def _form(message: str, field: str, kind: str) -> ElicitRequest:
    schema: ElicitRequestedSchema = {"type": "object", "properties": {field: {"type": kind}}, "required": [field]}
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def _said(ctx: Context, key: str, field: str) -> object:
    """The answer, or the word that stands for none."""
    answer = (ctx.input_responses or {})[key]
    assert isinstance(answer, ElicitResult)
    return (answer.content or {}).get(field, answer.action)
