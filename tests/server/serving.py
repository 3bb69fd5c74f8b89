"""How the tests start servers, and what they ask of them."""

import os
import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp_types import CallToolResult, TextContent

from mcp_tasks import Task, TaskQueue
from mcp_tasks.app import build_server
from mcp_tasks.functions import Registry
from mcp_tasks.settings import Settings

COMMAND = [sys.executable, "-P", str(Path(__file__).with_name("slow_server.py"))]
ERAS = ["2026-07-28", "legacy"]
"""The modes of the SDK's client."""

Options: TypeAlias = Mapping[str, Any]
NONE: Options = {}

ROOF: dict[str, Any] = {
    "product_family": "ISODEC",
    "core_type": "EPS",
    "thickness_mm": 100,
    "usage": "techo",
    "length_m": 5,
    "width_m": 11,
}


def environment(folder: Path, **settings: object) -> dict[str, str]:
    """The environment of a server on that data folder; settings by their names."""
    given = {"data_dir": folder, **settings}
    return {**os.environ, **{f"MCP_TASKS_{name.upper()}": str(value) for name, value in given.items()}}


@asynccontextmanager
async def connected(folder: Path, options: Options = NONE, **settings: object) -> AsyncGenerator[Client]:
    """A client (`options` are its own) with a server process of its own on that data folder."""
    server = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env=environment(folder, **settings))
    with Path(os.devnull).open("w") as log:
        async with Client(stdio_client(server, errlog=log), **options) as client:
            yield client


@asynccontextmanager
async def in_this_process(folder: Path, options: Options = NONE, **settings: object) -> AsyncGenerator[Client]:
    """A client of the same server without a process around it, which starts sooner."""
    async with Client(build_server(Settings.read(data_dir=folder, **settings)), **options) as client:
        yield client


async def ask(client: Client, tool: str, /, **arguments: Any) -> dict[str, Any]:
    """The structured content of a call that must not be an error."""
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, text_of(answer)
    assert answer.structured_content is not None
    return answer.structured_content


async def refused(client: Client, tool: str, /, **arguments: Any) -> dict[str, Any]:
    """The structured error of a call that must be refused; its message is the text, too."""
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error
    assert answer.structured_content is not None
    assert text_of(answer) == answer.structured_content["message"]
    return answer.structured_content


def text_of(answer: CallToolResult) -> str:
    """What the answer says to people."""
    return "\n".join(part.text for part in answer.content if isinstance(part, TextContent))


def opened(folder: Path) -> TaskQueue:
    """The queue of a data folder, with no functions but those that the test enqueues."""
    return TaskQueue(folder / "tasks.db", functions=Registry())


async def until(queue: TaskQueue, ids: Sequence[str], reached: Callable[[Task], bool]) -> list[Task]:
    """Wait, without polling, until all of these tasks have reached something; they."""
    with queue.store.subscribe(*ids) as changes:
        while True:
            tasks = [await queue.get_task(id_) for id_ in ids]
            if all(reached(task) for task in tasks):
                return tasks
            await changes.wait()
