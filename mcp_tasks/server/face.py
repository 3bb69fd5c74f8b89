"""The MCP face of the queue: an MCPServer with our tools, our errors and our files.

Every touch of what the SDK calls provisional or keeps to itself is in this file and in `strict_tool.py`.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, cast

import anyio
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError, ToolError, UnexpectedToolError
from mcp.server.subscriptions import ListenHandler
from mcp_types import CallToolResult, InputRequiredResult, Tool
from pydantic import AnyUrl, ValidationError

from mcp_tasks.errors import RequestError, TaskNotFound
from mcp_tasks.queue import TaskQueue
from mcp_tasks.repair import fields_of, invalid_request
from mcp_tasks.server.answers import Answers, refusal
from mcp_tasks.server.strict_tool import QueueContext, StrictTool
from mcp_tasks.server.submit_tools import submit_tool
from mcp_tasks.server.task_tools import TaskTools
from mcp_tasks.server.words import WORDS
from mcp_tasks.settings import Language
from mcp_tasks.toolspec import ToolSpec

OWNER = "local"
"""Whose tasks these are while there is one user: whoever can start the server."""


def build_face(
    *,
    version: str,
    instructions: str,
    language: Language,
    specs: Sequence[ToolSpec],
    queue: Callable[[], AbstractAsyncContextManager[TaskQueue]],
) -> "TaskServer":
    """The server with a submit tool for each of `specs`, the task tools and the files; `queue` opens what runs it."""

    def lifespan(server: MCPServer[TaskQueue]) -> AbstractAsyncContextManager[TaskQueue]:
        return queue()

    words = WORDS[language]
    answers = Answers(words, {spec.task: spec.summarise for spec in specs})
    return TaskServer(
        "mcp-tasks",
        version=version,
        instructions=instructions,
        tools=[*(submit_tool(spec, answers, OWNER) for spec in specs), *TaskTools(words, answers, OWNER).tools()],
        lifespan=lifespan,
        artifact_title=words.artifact,
    )


class TaskServer(MCPServer[TaskQueue]):
    """Answers refused calls with the facts that repair them, and each file with its own media type."""

    def __init__(self, name: str, *, tools: Sequence[StrictTool], artifact_title: str, **options: Any) -> None:
        super().__init__(name, tools=list(tools), log_level="WARNING", **options)
        self._strict_tools = {tool.name: tool for tool in tools}
        self._lowlevel_server.get_tool_input_schema = self._input_schema
        self.resource(
            "artifact://{task_id}/{name}",
            name="artifact",
            title=artifact_title,
            description="A file that a completed task made; the task's artifacts and links have the address.",
            mime_type="application/octet-stream",
        )(_read_artifact)

    def _input_schema(self, name: str) -> dict[str, Any] | None:
        """For the SDK, which compares a call's headers with the schema: over HTTP it would list all tools each time."""
        tool = self._strict_tools.get(name)
        if tool is None:
            return None
        tool.describe()
        return tool.parameters

    def end_listening(self) -> None:
        """End every `subscriptions/listen` stream with its last answer. Streams are open as long as clients like."""
        listening = self._lowlevel_server.get_request_handler("subscriptions/listen")
        if listening is not None:
            cast(ListenHandler, listening.handler).close()

    async def list_tools(self) -> list[Tool]:
        """The tools with their schemas."""
        for tool in self._strict_tools.values():
            tool.describe()
        return await super().list_tools()

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: QueueContext | None = None
    ) -> CallToolResult | InputRequiredResult:
        """The tool's answer. What the caller can repair is an error result with its code; the rest is the SDK's."""
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            match error.__cause__:
                case RequestError() as refused:
                    return refusal(refused)
                case ValidationError() as findings if not isinstance(error, UnexpectedToolError):
                    return refusal(invalid_request(findings, fields_of(self._strict_tools[name].fn_metadata.arg_model)))
                case _:
                    raise

    async def read_resource(
        self, uri: AnyUrl | str, context: QueueContext | None = None
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        """The file; its media type is the artifact's, not the one that the template must name for all."""
        contents = await super().read_resource(uri, context)
        if isinstance(contents, InputRequiredResult):
            return contents
        return [replace(c, mime_type=c.content.media_type) if isinstance(c.content, _File) else c for c in contents]


class _File(bytes):
    """A file's content, which the SDK hands through untouched."""

    media_type: str


async def _read_artifact(task_id: str, name: str, context: QueueContext) -> bytes:
    queue = context.request_context.lifespan_context
    try:
        media_type, path = await queue.artifact(task_id, name, owner=OWNER)
        content = _File(await anyio.Path(path).read_bytes())
    except TaskNotFound as error:
        raise ResourceNotFoundError(error.message) from error
    except FileNotFoundError as error:
        raise ResourceNotFoundError(f"task {task_id} no longer has its files") from error
    except RequestError as error:
        raise ResourceError(error.message) from error
    content.media_type = media_type
    return content
