"""The MCP face of the queue: an MCPServer with our tools, our errors and our files.

What the SDK calls provisional or keeps to itself is touched in five places: the server under the server here, its
tools in `strict_tool.py` and `tasks_extension.py`, its middleware in `task_middleware.py`, its session in
`task_session.py`; what is left is in `private.py`.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol, cast

from mcp.server.lowlevel import Server
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.subscriptions import ListenHandler
from mcp_types import CallToolResult, InputRequiredResult, Tool
from pydantic import ValidationError

from mcp_tasks.errors import KnowledgeError, RequestError, StorageUnavailable
from mcp_tasks.pagespec import EMPTY, Library
from mcp_tasks.queue import KEEP_SECONDS, TaskQueue
from mcp_tasks.repair import fields_of, invalid_request
from mcp_tasks.server.answering import Answering
from mcp_tasks.server.answers import Answers, refusal
from mcp_tasks.server.changes import Changes
from mcp_tasks.server.completing import Completions
from mcp_tasks.server.cursors import refuse_cursors
from mcp_tasks.server.prompting import Prompts
from mcp_tasks.server.protocol_task import KeepSeconds
from mcp_tasks.server.read_tools import read_tool
from mcp_tasks.server.resources import Resources
from mcp_tasks.server.strict_tool import QueueContext, StrictTool
from mcp_tasks.server.submit_tasks import SubmitTasks
from mcp_tasks.server.submit_tools import submit_tool
from mcp_tasks.server.task_tools import TaskTools
from mcp_tasks.server.waiting import Waiting
from mcp_tasks.server.words import WORDS
from mcp_tasks.settings import Language
from mcp_tasks.toolspec import ReadSpec, ToolSpec


def build_face(
    *,
    version: str,
    instructions: str,
    language: Language,
    specs: Sequence[ToolSpec],
    reads: Sequence[ReadSpec] = (),
    library: Library = EMPTY,
    queue: Callable[[], AbstractAsyncContextManager[TaskQueue]],
    keep_seconds: KeepSeconds = KEEP_SECONDS,
) -> "TaskServer":
    """The server with a submit tool for each of `specs`, a tool that looks up for each of `reads`, the task tools,
    what there is to read, and the prompts.

    `queue` opens what runs the tasks; `keep_seconds` says how long finished ones are kept.
    """
    words = WORDS[language]
    resources = Resources(library.pages, words)
    prompts = Prompts(library.prompts)
    changes = Changes(resources)

    @asynccontextmanager
    async def lifespan(server: MCPServer[TaskQueue]) -> AsyncGenerator[TaskQueue]:
        async with queue() as opened, changes.carried():
            yield opened

    answers = Answers(words, {spec.task: spec.summarise for spec in specs})
    answering = Answering({spec.task: spec.check_answers for spec in specs if spec.check_answers})
    waiting = Waiting(answering)
    tasks = SubmitTasks({spec.name for spec in specs}, answers, answering, keep_seconds)
    return TaskServer(
        "mcp-tasks",
        version=version,
        instructions=instructions,
        tools=[
            *(submit_tool(spec, answers, waiting) for spec in specs),
            *map(read_tool, reads),
            *TaskTools(words, answers, waiting, answering).tools(),
        ],
        extensions=[tasks],
        middleware=[tasks.middleware],
        lifespan=lifespan,
        parts=[resources, prompts, changes, Completions(library, prompts)],
    )


class Part(Protocol):
    """Something that answers methods of the protocol."""

    def install(self, server: Server[TaskQueue]) -> None:
        """Bind the methods."""
        ...


class TaskServer(MCPServer[TaskQueue]):
    """Answers refused calls with the facts that repair them; `parts` answer what is not about tools."""

    def __init__(self, name: str, *, tools: Sequence[StrictTool], parts: Sequence[Part], **options: Any) -> None:
        super().__init__(name, tools=list(tools), log_level="WARNING", **options)
        self._strict_tools = {tool.name: tool for tool in tools}
        for part in parts:
            part.install(self._lowlevel_server)
        refuse_cursors(self._lowlevel_server)
        self._lowlevel_server.get_tool_input_schema = self._input_schema

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
                case KnowledgeError() as broken:  # a person at the server can mend it
                    return refusal(StorageUnavailable(str(broken)))
                case ValidationError() as findings if not isinstance(error, UnexpectedToolError):
                    return refusal(invalid_request(findings, fields_of(self._strict_tools[name].fn_metadata.arg_model)))
                case _:
                    raise
