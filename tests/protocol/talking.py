"""How the tests talk with a server of tasks: a server in this process, and requests with bare hands."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import anyio
from mcp import Client, MCPError
from mcp.server.mcpserver import MCPServer
from mcp_types import CallToolResult, ErrorData, Result, TextContent

from mcp_tasks import TaskQueue
from mcp_tasks.client import TasksClientExtension
from mcp_tasks.server import TasksExtension
from mcp_tasks.wire import (
    EXTENSION,
    CancelTask,
    CreatedTask,
    DetailedTask,
    GetTask,
    TaskIdParams,
    UpdateTask,
    UpdateTaskParams,
    WireStatus,
)
from tests.interop.task_tools import add_task_tools
from tests.protocol.asking_tools import add_asking_tools

_REVISION = "2026-07-28"

DOOR = {"door": "the green door"}


@asynccontextmanager
async def _lifespan(server: MCPServer[dict[str, str]]) -> AsyncGenerator[dict[str, str]]:
    yield DOOR


def task_server(queue: TaskQueue, **options: Any) -> MCPServer[dict[str, str]]:
    """A server with all the tools of the tests."""
    tasks = TasksExtension(queue, **options)
    add_task_tools(tasks)
    add_asking_tools(tasks)
    return tasks.server("tasks of the tests", lifespan=_lifespan)


@asynccontextmanager
async def served(folder: Path, **options: Any) -> AsyncGenerator[MCPServer[dict[str, str]]]:
    """The same on a queue of its own."""
    async with TaskQueue(folder / "tasks.db") as queue:
        yield task_server(queue, **options)


def following(server: Any, **options: Any) -> Client:
    """A client that can follow tasks."""
    return Client(server, extensions=[TasksClientExtension()], **options)


async def create(client: Client, tool: str, **arguments: Any) -> CreatedTask:
    """Call a tool; the task that the call became."""
    answer = await client.session.call_tool(tool, arguments, allow_claimed=True)
    assert isinstance(answer, CreatedTask)
    return answer


async def get(client: Client, task_id: str) -> DetailedTask:
    """The task now."""
    return await client.session.send_request(GetTask(params=TaskIdParams(task_id=task_id)), DetailedTask)


async def update(client: Client, task_id: str, responses: Mapping[str, Mapping[str, Any]]) -> None:
    """Answer."""
    given = {key: dict(response) for key, response in responses.items()}
    params = UpdateTaskParams(task_id=task_id, input_responses=given)
    await client.session.send_request(UpdateTask(params=params), Result)


async def cancel(client: Client, task_id: str) -> None:
    """Cancel."""
    await client.session.send_request(CancelTask(params=TaskIdParams(task_id=task_id)), Result)


async def reached(client: Client, task_id: str, *statuses: WireStatus) -> DetailedTask:
    """The task when it has one of these statuses."""
    with anyio.fail_after(20):
        while True:
            task = await get(client, task_id)
            if task.status in statuses:
                return task
            await anyio.sleep(0.02)


def accept(**content: Any) -> dict[str, Any]:
    """The response of a user who fills in a form."""
    return {"action": "accept", "content": content}


def text(result: CallToolResult | Mapping[str, Any] | None) -> str:
    """What a result says."""
    if not isinstance(result, CallToolResult):
        result = CallToolResult.model_validate(result)
    (content,) = result.content
    return cast(TextContent, content).text


@asynccontextmanager
async def refusal() -> AsyncGenerator[list[ErrorData]]:
    """The block must be refused by the protocol; afterwards the error is in the list."""
    errors: list[ErrorData] = []
    try:
        yield errors
    except MCPError as error:
        errors.append(error.error)
    assert errors, "it was not refused"


# --- with bare hands ----------------------------------------------------------------------------------------------


def bare_message(method: str, params: dict[str, Any], *, declares: bool = True) -> dict[str, Any]:
    """A request of 2026-07-28, of a client that can follow tasks or of one that cannot."""
    meta: dict[str, Any] = {
        "io.modelcontextprotocol/protocolVersion": _REVISION,
        "io.modelcontextprotocol/clientInfo": {"name": "bare", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {"extensions": {EXTENSION: {}}} if declares else {},
    }
    return {"jsonrpc": "2.0", "id": 7, "method": method, "params": {**params, "_meta": meta}}


def bare_headers(message: Mapping[str, Any]) -> dict[str, str]:
    """What goes with it over HTTP."""
    params = message["params"]
    name = params.get("taskId") or params.get("name")
    return {
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": _REVISION,
        "mcp-method": message["method"],
        **({"mcp-name": name} if name else {}),
    }
