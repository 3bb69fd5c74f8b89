"""TasksExtension: durable tasks for any MCPServer. A call of a tool becomes a row; a worker here calls the tool."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial, wraps
from inspect import iscoroutinefunction
from typing import Any

import anyio
import anyio.to_thread
from mcp.server.context import CallNext, HandlerResult
from mcp.server.extension import Extension, ToolBinding
from mcp.server.mcpserver import MCPServer
from mcp_types import CallToolRequestParams, CallToolResult, ClientCapabilities, TextContent
from pydantic import ValidationError
from typing_extensions import TypeVar

from mcp_tasks.context import TaskContext
from mcp_tasks.errors import RequestError
from mcp_tasks.functions import task_function
from mcp_tasks.queue import KEEP_SECONDS, TaskQueue
from mcp_tasks.runtime import Work
from mcp_tasks.server.answers import refusal
from mcp_tasks.server.owner import owner_of_request
from mcp_tasks.server.protocol_task import CallAnswer, KeepSeconds, answer_json
from mcp_tasks.server.protocol_tasks import ProtocolTasks
from mcp_tasks.server.task_source import RequestContext, ToolMode, follows_tasks
from mcp_tasks.server.tool_task import BecomesTask, may_become_task, protocol_error, run_tool, with_answers
from mcp_tasks.shared import Shared
from mcp_tasks.task import Task, TaskStatus
from mcp_tasks.worker import TaskWorker

_PRUNE_SECONDS = 3_600.0

F = TypeVar("F", bound=Callable[..., Any])
L = TypeVar("L", default=dict[str, Any])
Lifespan = Callable[[MCPServer[L]], AbstractAsyncContextManager[L]]


@dataclass(frozen=True, slots=True)
class TaskTool:
    """How a tool's calls become tasks."""

    mode: ToolMode
    asks_first: bool


class TasksExtension(ProtocolTasks):
    """Durable tasks for the tools of an MCPServer.

    ::

        tasks = TasksExtension(TaskQueue("tasks.db"))
        mcp = tasks.server("demo")

        @tasks.tool()
        async def slow(seconds: float) -> str: ...

    A client that declares the extension gets a task for each call of such a tool; every other client the tool's
    result, as ever. The server's lifespan runs the tasks, `max_concurrent_tasks` at a time. At its end they get
    `grace_seconds` to finish; then they are released, and run again when the server is back. Finished tasks are
    deleted after `keep_seconds`. The queue is left open for whoever made it.

    A tool that is a plain function runs in a thread, which nothing can end: when its task is cancelled or released,
    the thread runs on to the function's end, or until the function sees `current_task().cancelled`.
    """

    def __init__(
        self,
        queue: TaskQueue,
        *,
        max_concurrent_tasks: int = 5,
        keep_seconds: KeepSeconds = KEEP_SECONDS,
        grace_seconds: float = 1.0,
    ) -> None:
        super().__init__(keep_seconds)
        self.queue = queue
        self._max_concurrent_tasks = max_concurrent_tasks
        self._grace_seconds = grace_seconds
        self._work = Shared(Work.running)
        self._tools: dict[str, TaskTool] = {}
        self._bindings: list[ToolBinding] = []
        self._server: MCPServer[Any] | None = None
        self._state: object = {}

    # --- for the author of a server ---------------------------------------------------------------------------

    def server(
        self,
        name: str,
        *,
        extensions: Sequence[Extension] = (),
        middleware: Sequence[Any] = (),
        lifespan: "Lifespan[L] | None" = None,
        **options: Any,
    ) -> MCPServer[L]:
        """An MCPServer with these tasks, and otherwise as `MCPServer(name, ...)` would be."""
        self._server = MCPServer(
            name,
            extensions=[self, *extensions],
            middleware=[self.middleware, *middleware],
            lifespan=self.lifespan(lifespan),
            **options,
        )
        return self._server

    def lifespan(self, inner: "Lifespan[Any] | None" = None) -> "Lifespan[Any]":
        """A server's lifespan that runs the tasks, around `inner`, whose value the tools get as they do without."""

        @asynccontextmanager
        async def running(server: MCPServer[Any]) -> AsyncGenerator[Any]:
            self._server = server
            async with (inner or _without_state)(server) as state, self._work.used(partial(self._new_work, state)):
                yield state

        return running

    def tool(self, mode: ToolMode = "optional", *, asks_first: bool = False, **options: Any) -> Callable[[F], F]:
        """Define a tool whose calls become tasks; `options` are those of `MCPServer.tool`.

        "required": only for clients that can follow a task, others are refused with -32021. With `asks_first` the
        tool runs in the caller's request until it calls `become_task`, so that it can ask before.
        """

        def add(function: F) -> F:
            self.mark(options.get("name") or function.__name__, mode, asks_first=asks_first)
            called = function if _is_async(function) else _left_behind(function)
            if self._server is not None:
                self._server.add_tool(called, **options)
            else:
                self._bindings.append(ToolBinding(fn=called, kwargs=options))
            return function

        return add

    def mark(self, tool: str, mode: ToolMode = "optional", *, asks_first: bool = False) -> None:
        """Let calls of a tool that the server has otherwise become tasks."""
        if mode != "forbidden":
            self._tools[tool] = TaskTool(mode, asks_first)
            self.queue.functions.add(task_function(self._function(tool), name=tool, run_in="loop"))

    # --- for the SDK ------------------------------------------------------------------------------------------

    def tools(self) -> Sequence[ToolBinding]:
        """The tools that were defined before the server."""
        return self._bindings

    async def intercept_tool_call(
        self, params: CallToolRequestParams, ctx: RequestContext, call_next: CallNext
    ) -> HandlerResult:
        """Make a task of the call where the tool may be one and the caller can follow it."""
        self.refuse_where_needed(ctx, params.name)
        tool = self._tools.get(params.name)
        if tool is None or not follows_tasks(ctx) or not self._fits(params):
            return await call_next(ctx)
        if tool.asks_first:
            try:
                with may_become_task():
                    return await call_next(ctx)
            except BecomesTask:
                pass
        try:
            task = await self.queue.enqueue(
                params.name, owner=owner_of_request(), params=_call_of(params, ctx.session.client_capabilities)
            )
        except RequestError as error:
            return refusal(error)
        return await self.created(ctx, task)

    # --- for the protocol -------------------------------------------------------------------------------------

    def queue_of(self, ctx: RequestContext) -> TaskQueue:
        """The one queue."""
        return self.queue

    def mode(self, tool: str) -> ToolMode:
        """As the tool was marked."""
        marked = self._tools.get(tool)
        return marked.mode if marked else "forbidden"

    async def answer(self, queue: TaskQueue, task: Task) -> CallAnswer:
        """The tool's answer as it was stored; a task of another function answers its result as text."""
        if task.status is TaskStatus.FAILED:
            return protocol_error(task.error)
        if task.name in self._tools:
            return CallToolResult.model_validate(task.result)
        return CallToolResult(content=[TextContent(type="text", text=str(task.result))])

    async def take(self, queue: TaskQueue, task: Task, answers: Mapping[str, Any]) -> None:
        """The tool sees for itself what it is told."""
        await queue.answer(task.id, answers, owner=task.owner)

    # --- inside -----------------------------------------------------------------------------------------------

    def _new_work(self, state: object) -> Work:
        """What runs the tasks, for whoever hosts it, whose state stays as long, whoever else comes and goes."""
        self._state = state
        worker = partial(TaskWorker, self.queue, self._max_concurrent_tasks)
        return Work(self.queue, worker, {"cleanup": self._prune}, self._grace_seconds)

    async def _prune(self) -> None:
        while self.keep_seconds:
            await self.queue.cleanup(self.keep_seconds)
            await anyio.sleep(_PRUNE_SECONDS)

    def _fits(self, params: CallToolRequestParams) -> bool:
        """Whether the arguments are what the tool takes; if not, the SDK says so at once, and nothing is stored."""
        assert self._server is not None
        tool = self._server._tool_manager.get_tool(params.name)  # pyright: ignore[reportPrivateUsage]
        if tool is None:
            return False
        try:
            tool.fn_metadata.validate_arguments(params.arguments or {})
        except ValidationError:
            return False
        return True

    def _function(self, tool: str) -> Callable[..., Any]:
        """The task function that calls the tool."""

        async def call(
            task: TaskContext,
            arguments: dict[str, Any],
            caller: dict[str, Any],
            responses: dict[str, Any] | None = None,
            state: str | None = None,
        ) -> dict[str, Any]:
            assert self._server is not None
            asked = CallToolRequestParams.model_validate(
                {"name": tool, "arguments": arguments, "inputResponses": responses, "requestState": state}
            )
            capabilities = ClientCapabilities.model_validate(caller)
            answer = await run_tool(self._server, self._state, with_answers(asked, task.answers), capabilities, task)
            return answer_json(answer)

        return call


@asynccontextmanager
async def _without_state(server: MCPServer[Any]) -> AsyncGenerator[dict[str, Any]]:
    """The lifespan of a server that has none."""
    yield {}


def _is_async(function: Callable[..., Any]) -> bool:
    """Whether calling it gives something to await; an object may be callable so, too."""
    return iscoroutinefunction(function) or iscoroutinefunction(type(function).__call__)


def _left_behind(function: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """A plain function in a thread, as the SDK would call it, but whoever is cancelled does not wait for the thread."""

    @wraps(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        return await anyio.to_thread.run_sync(partial(function, *args, **kwargs), abandon_on_cancel=True)

    return call


def _call_of(params: CallToolRequestParams, caller: ClientCapabilities | None) -> dict[str, Any]:
    """A call as the parameters of its task, with the answers that the caller gave while it was a request."""
    told = params.model_dump(by_alias=True, mode="json", exclude_none=True)
    capabilities = caller.model_dump(by_alias=True, mode="json", exclude_none=True) if caller else {}
    call: dict[str, Any] = {"arguments": told.get("arguments", {}), "caller": capabilities}
    if "inputResponses" in told or "requestState" in told:
        call |= {"responses": told.get("inputResponses"), "state": told.get("requestState")}
    return call
