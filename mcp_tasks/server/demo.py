"""The demo's client: it does what an MCP host does, over stdio, with a server process of its own."""

import os
from base64 import b64decode
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, cast

import anyio
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import BlobResourceContents, TextContent, TextResourceContents

from mcp_tasks.errors import McpTasksError

_ANSWER_SECONDS = 60.0
_TASK_SECONDS = 120.0
_LOOK_SECONDS = 0.1
_ENDED = frozenset({"completed", "failed", "cancelled"})


class Heard(Protocol):
    """Hears how far a task is."""

    def __call__(self, *, done: float, total: float | None, message: str | None) -> None: ...


class DemoFailed(McpTasksError):
    """The server refused a call, a task did not complete, or the server is gone."""


class DemoClient:
    """A connected client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def protocol(self) -> str:
        """The version of MCP that both speak."""
        return self._client.protocol_version

    async def tools(self) -> list[str]:
        """The names of the server's tools."""
        return [tool.name for tool in (await self._client.list_tools()).tools]

    async def submit(self, tool: str, arguments: Mapping[str, Any], heard: Heard) -> dict[str, Any]:
        """Call a submit tool and follow its task until it is completed; its view. Raises `DemoFailed`."""
        view = await self._call(tool, {**arguments, "wait_seconds": _LOOK_SECONDS})
        follow = {"task_id": view["task_id"], "wait_seconds": _LOOK_SECONDS}
        last: object = None
        with anyio.move_on_after(_TASK_SECONDS):
            while True:
                if view["progress"] not in (None, last):
                    last = view["progress"]
                    heard(**view["progress"])
                if view["status"] in _ENDED:
                    break
                view = await self._call("task_status", follow)
        if view["status"] != "completed":
            error: dict[str, Any] | None = view["error"]
            why = error["message"] if error else f"it is {view['status']} after {_TASK_SECONDS:.0f} s"
            raise DemoFailed(f"task {view['task_id']} of {tool} did not complete: {why}")
        return view

    async def read(self, uri: str) -> bytes:
        """The content of a resource."""
        (content,) = (await self._client.read_resource(uri)).contents
        match content:
            case BlobResourceContents():
                return b64decode(content.blob)
            case TextResourceContents():
                return content.text.encode()

    async def _call(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The task's view, also of a task that failed."""
        answer = await self._client.call_tool(tool, arguments)
        view = answer.structured_content
        if view is None or "task_id" not in view:
            said = " ".join(part.text for part in answer.content if isinstance(part, TextContent))
            raise DemoFailed(f"{tool} was refused: {said}")
        return view


@asynccontextmanager
async def connected(command: Sequence[str], log: Path) -> AsyncGenerator[DemoClient]:
    """Start a server process and connect to it; it ends with the block. Its stderr goes into `log`."""
    server = StdioServerParameters(command=command[0], args=list(command[1:]), env=dict(os.environ))
    try:
        with log.open("w", encoding="utf-8") as errors:
            transport = stdio_client(server, errlog=errors)
            async with Client(transport, read_timeout_seconds=_ANSWER_SECONDS) as client:
                yield DemoClient(client)
    except (MCPError, BaseExceptionGroup) as error:
        match _innermost(error):
            case MCPError():
                raise DemoFailed(f"the server did not answer; what it said is in {log}") from error
            case McpTasksError() | SystemExit() as ended:  # SystemExit: whoever read our output has left
                raise ended from error
            case _:
                raise


def _innermost(error: BaseException) -> BaseException:
    """The first exception in the groups that task groups put around it."""
    found: BaseException = error
    while isinstance(found, BaseExceptionGroup):
        found = cast(BaseExceptionGroup[BaseException], found).exceptions[0]
    return found
