"""What clients of the extension (2026-07-28) send about a task: `tasks/get`, `tasks/update`, `tasks/cancel`."""

from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from mcp.server.context import HandlerResult
from mcp.server.mcpserver.server import require_client_extension
from mcp.shared.exceptions import MCPError
from mcp.shared.inbound import MCP_NAME_HEADER, decode_header_value
from mcp_types import (
    HEADER_MISMATCH,
    INVALID_PARAMS,
    CreateMessageResult,
    CreateMessageResultWithTools,
    ElicitResult,
    ListRootsResult,
)
from pydantic import TypeAdapter, ValidationError

from mcp_tasks.errors import InvalidRequest, TaskAlreadyFinished
from mcp_tasks.server.owner import owner_of_request
from mcp_tasks.server.protocol_task import detailed_task, input_request, is_request, wire_key
from mcp_tasks.server.task_session import StoredResponse
from mcp_tasks.server.task_source import RequestContext, TaskSource, find, protocol_errors, show
from mcp_tasks.task import Question, Task
from mcp_tasks.wire import EXTENSION, TaskIdParams, UpdateTaskParams

_RESPONSES: Mapping[str, Any] = {
    "elicitation/create": ElicitResult,
    "sampling/createMessage": CreateMessageResult | CreateMessageResultWithTools,
    "roots/list": ListRootsResult,
}
_SHAPES = {"elicitation/create": '; send {"action": "accept" | "decline" | "cancel", "content": {...}}'}


class ExtensionMethods:
    """The three methods. A client that did not declare the extension is refused with -32021."""

    def __init__(self, source: TaskSource) -> None:
        self._source = source

    async def get(self, ctx: RequestContext, params: TaskIdParams) -> HandlerResult:
        """The task as it is now, with its result, its error, or what it asks."""
        task = await self._admit(ctx, params)
        with protocol_errors():
            return detailed_task(await show(self._source, self._source.queue_of(ctx), task))

    async def update(self, ctx: RequestContext, params: UpdateTaskParams) -> HandlerResult:
        """Take the answers to open questions. As the specification wants it, answers to others are ignored."""
        task = await self._admit(ctx, params)
        answers = _answers(task, params.input_responses)
        while answers:
            with protocol_errors():
                try:
                    await self._source.take(self._source.queue_of(ctx), task, answers)
                    break
                except (InvalidRequest, TaskAlreadyFinished):
                    task = await find(self._source, ctx, task.id)
                    left = _answers(task, params.input_responses)
                    if left == answers:
                        raise
                    answers = left  # somebody else has answered the others in the meantime
        return {}

    async def cancel(self, ctx: RequestContext, params: TaskIdParams) -> HandlerResult:
        """Ask that it ends. A task that has ended already is none the worse for it."""
        task = await self._admit(ctx, params)
        with protocol_errors(), suppress(TaskAlreadyFinished):
            await self._source.queue_of(ctx).cancel(task.id, owner=owner_of_request())
        return {}

    async def _admit(self, ctx: RequestContext, params: TaskIdParams) -> Task:
        """The task, for a caller that declared the extension and whose routing header says the same as its body.

        A header that is missing is forgiven: clients are about that do not send it.
        """
        require_client_extension(ctx, EXTENSION)
        headers: Mapping[str, str] = getattr(ctx.request, "headers", None) or {}
        name = headers.get(MCP_NAME_HEADER)
        if name is not None and decode_header_value(name) != params.task_id:
            raise MCPError(code=HEADER_MISMATCH, message="the Mcp-Name header is not params.taskId")
        return await find(self._source, ctx, params.task_id)


def _answers(task: Task, responses: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The responses to questions that are open, as the answers that are stored."""
    answers: dict[str, Any] = {}
    for question in task.questions:
        response = responses.get(wire_key(task, question))
        if response is not None:
            answers |= to_answer(task, question, response)
    return answers


def to_answer(task: Task, question: Question, response: Mapping[str, Any]) -> dict[str, Any]:
    """What to store for a client's response, by the question's field; a response that cannot be one is refused.

    A tool's own request gets the response whole, with what the tool wants back beside it. A question in words gets
    the value; where the user declined to give one it stays open, and nothing is stored.
    """
    key, method = wire_key(task, question), input_request(question)["method"]
    try:
        said = _response_to(method).validate_python(response)
    except ValidationError as error:
        raise _unusable(key, f"it is no response to {method}{_SHAPES.get(method, '')}") from error
    if is_request(question):
        return {question.field: _stored(task, question, response)}
    assert isinstance(said, ElicitResult)
    if said.action != "accept":
        return {}
    if question.field not in (said.content or {}):
        raise _unusable(key, f'its content needs "{question.field}"')
    return {question.field: (said.content or {})[question.field]}


@cache
def _response_to(method: str) -> TypeAdapter[Any]:
    """What a client answers to a request; made when it is needed, which takes a while."""
    return TypeAdapter(_RESPONSES[method])


def _stored(task: Task, question: Question, response: Mapping[str, Any]) -> StoredResponse:
    stored: StoredResponse = {"response": dict(response)}
    match question.form:
        case {"requestState": str() | None as state}:
            return {**stored, "round": task.attempt, "state": state}
        case _:
            return stored


def _unusable(key: str, what: str) -> MCPError:
    return MCPError(code=INVALID_PARAMS, message=f"inputResponses[{key!r}] cannot be taken: {what}")
