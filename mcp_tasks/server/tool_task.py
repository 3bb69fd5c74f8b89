"""A tool's call as a task: run outside of any request, again with each answer, on any machine that has the file.

What the tool asks of a client (by returning an `InputRequiredResult`, by `ctx.elicit`, by raising `NeedsAnswers`)
ends the attempt with open questions. When they are answered the tool runs again from its start and finds the
answers; what it did before it asked, it does again.
"""

import json
import logging
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

import anyio
from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    CallToolRequestParams,
    CallToolResult,
    ClientCapabilities,
    ErrorData,
    InputRequiredResult,
    TextContent,
)
from mcp_types.version import LATEST_MODERN_VERSION

from mcp_tasks.context import NeedsAnswers, TaskContext
from mcp_tasks.errors import PermanentError
from mcp_tasks.server.private import bus_of
from mcp_tasks.server.task_session import StoredResponse, TaskSession, question_of
from mcp_tasks.task import TaskError
from mcp_tasks.wire import EXTENSION

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.25

_task: ContextVar[TaskContext | None] = ContextVar("task", default=None)
_may_become_task: ContextVar[bool] = ContextVar("may_become_task", default=False)


def current_task() -> TaskContext | None:
    """The task that the calling tool runs in: for its progress, its answers, its files. None in a plain call."""
    return _task.get()


def become_task() -> None:
    """End a request here, in a tool that `asks_first`: the rest of the call is a task, which the caller gets.

    The task runs the tool again from its start, with the answers that the caller has given, and passes this line;
    so does a plain call, of a client that knows no tasks.
    """
    if _may_become_task.get():
        raise BecomesTask


@contextmanager
def may_become_task() -> Generator[None]:
    """In the block, `become_task` ends the request by raising `BecomesTask`."""
    token = _may_become_task.set(True)
    try:
        yield
    finally:
        _may_become_task.reset(token)


class BecomesTask(MCPError):
    """A tool has asked all it must ask before its work: the call is to be a task."""

    def __init__(self) -> None:
        super().__init__(code=MISSING_REQUIRED_CLIENT_CAPABILITY, message=f"the call becomes a task of {EXTENSION}")


class JsonRpcError(PermanentError):
    """A tool answered with an error of the protocol. Its text is the error as JSON: `{code, message, data?}`."""

    def __init__(self, error: ErrorData) -> None:
        super().__init__(json.dumps(error.model_dump(mode="json", exclude_none=True), ensure_ascii=False))


def protocol_error(error: TaskError | None) -> ErrorData:
    """The error of a failed task as the protocol's."""
    if error is None:
        return ErrorData(code=INTERNAL_ERROR, message="the task failed")
    if error.type == JsonRpcError.__name__:
        return ErrorData.model_validate_json(error.message)
    return ErrorData(code=INTERNAL_ERROR, message=f"{error.type}: {error.message}")


async def run_tool(
    server: MCPServer[Any], state: object, params: CallToolRequestParams, caller: ClientCapabilities, task: TaskContext
) -> CallToolResult:
    """One attempt at a call. `state` is what the server's lifespan gave, `caller` what its client can do.

    An error of the tool is a result with `isError`. Raises `JsonRpcError`, and `NeedsAnswers` when the tool asks.
    """
    token = _task.set(task)
    try:
        while True:
            context = _context(server, state, params, caller, task)
            answer = await _call(server, params, context)
            if isinstance(answer, CallToolResult):
                return answer
            if answer.input_requests:
                asked = answer.input_requests.items()
                raise NeedsAnswers(*(question_of(key, request, answer.request_state) for key, request in asked))
            params = params.model_copy(update={"input_responses": None, "request_state": answer.request_state})
            await anyio.sleep(_PAUSE_SECONDS)  # it only wants to be called again
    finally:
        _task.reset(token)


def with_answers(params: CallToolRequestParams, answers: Mapping[str, Any]) -> CallToolRequestParams:
    """The call as a client repeats it: with the responses to the latest round of questions, and its state."""
    stored = cast(Mapping[str, StoredResponse | None], answers)
    rounds = {key: answer for key, answer in stored.items() if isinstance(answer, dict) and "round" in answer}
    if not rounds:
        return params
    latest = max(answer.get("round", 0) for answer in rounds.values())
    given = {key: answer["response"] for key, answer in rounds.items() if answer.get("round") == latest}
    state = next(answer.get("state") for answer in rounds.values() if answer.get("round") == latest)
    told = params.model_dump(by_alias=True, exclude_none=True) | {"inputResponses": given, "requestState": state}
    return CallToolRequestParams.model_validate(told)


async def _call(
    server: MCPServer[Any], params: CallToolRequestParams, context: Context[Any, Any]
) -> CallToolResult | InputRequiredResult:
    try:
        return await server.call_tool(params.name, params.arguments or {}, context)
    except MCPError as error:
        raise JsonRpcError(error.error) from error
    except ToolError as error:
        if asked := _needs_answers(error):
            raise asked from error
        if isinstance(error, UnexpectedToolError):
            _log.exception("tool %r raised an unexpected exception in a task", params.name)
        return CallToolResult(content=[TextContent(type="text", text=str(error))], is_error=True)


def _needs_answers(error: BaseException) -> NeedsAnswers | None:
    """The questions that the SDK has wrapped into an error of the tool."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, NeedsAnswers):
        cause = cause.__cause__
    return cause


def _context(
    server: MCPServer[Any], state: object, params: CallToolRequestParams, caller: ClientCapabilities, task: TaskContext
) -> Context[Any, Any]:
    """The context that the SDK would make for a request, around a session that is the task."""
    request: ServerRequestContext[Any, Any] = ServerRequestContext(
        session=TaskSession(task, caller),
        lifespan_context=state,
        protocol_version=LATEST_MODERN_VERSION,
        method="tools/call",
    )
    bus = bus_of(server)  # so that ctx.notify_* works in tasks, too
    return Context(request_context=request, mcp_server=server, input_params=params, subscriptions=bus)
