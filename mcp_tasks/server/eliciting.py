"""Questions to the person, where the client can ask: elicitation on a session of the handshake era."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any

import anyio
from mcp import MCPError
from mcp.server.session import ServerSession
from mcp_types import ElicitRequestFormParams, ElicitResult
from pydantic import ValidationError

from mcp_tasks.beside import beside
from mcp_tasks.errors import RequestError
from mcp_tasks.queue import TaskQueue
from mcp_tasks.server.strict_tool import QueueContext
from mcp_tasks.task import Json, Question, Task

_PERSON_SECONDS = 300.0
_PRIMITIVES = {"string", "number", "integer", "boolean"}
_TEXT: dict[str, Json] = {"type": "string"}


def can_elicit(session: ServerSession, mode: str = "form") -> bool:
    """Whether a form, or a "url", reaches a person now: the client said so, and this request can carry ours to it."""
    declared = session.client_capabilities and session.client_capabilities.elicitation
    if not declared or not session.can_send_request:
        return False
    if mode == "url":
        return declared.url is not None
    return declared.form is not None or declared.url is None  # neither named means forms, as in 2025-06-18


@asynccontextmanager
async def while_it_asks(queue: TaskQueue, task: Task, questions: Sequence[Question]) -> AsyncGenerator[None]:
    """Cut the block short when one of these questions of the task is answered another way, or the task ends."""
    async with beside() as children:
        children.start_soon(_until_answered, queue, task, questions, children.cancel_scope)
        yield


async def elicited(queue: TaskQueue, task: Task, context: QueueContext, reason: str | None) -> Mapping[str, Any] | None:
    """What the person answers to the task's questions; None: nothing, or it is no longer asked.

    `reason` tells what was wrong with the last answer. The form is withdrawn when the task is answered another
    way or ends, and after five minutes.
    """
    fields = _fields(task.questions)
    if fields is None:
        return None
    texts = dict.fromkeys(question.text for question in task.questions)
    form = ElicitRequestFormParams(
        message="\n".join([reason, *texts] if reason else texts),
        requested_schema={"type": "object", "properties": fields, "required": list(fields)},
    )
    reply: ElicitResult | None = None
    with anyio.move_on_after(_PERSON_SECONDS):
        async with while_it_asks(queue, task, task.questions):
            reply = await _asked(context, form)
    if reply is None or reply.action != "accept" or not reply.content:
        return None
    return {field: answer for field, answer in reply.content.items() if field in fields and answer is not None}


async def _asked(context: QueueContext, form: ElicitRequestFormParams) -> ElicitResult | None:
    try:
        return await context.session.elicit_form(form.message, form.requested_schema, context.request_id)
    except (MCPError, ValidationError):  # a client that cannot show the form after all has declined it
        return None


async def _until_answered(
    queue: TaskQueue, task: Task, questions: Sequence[Question], scope: anyio.CancelScope
) -> None:
    with suppress(RequestError):  # who waits for the task meets it, too
        async with aclosing(queue.watch(task.id)) as changes:
            async for now in changes:
                if now.attempt != task.attempt or any(question not in now.questions for question in questions):
                    break
    scope.cancel()


def _fields(questions: Sequence[Question]) -> dict[str, Any] | None:
    """The fields of a form, each with its question; None when one of them asks for more than a form can hold."""
    fields: dict[str, Any] = {}
    for question in questions:
        match question.form or _TEXT:
            case {"type": str(kind), **rest} if kind in _PRIMITIVES:
                fields[question.field] = {"type": kind, **rest, "description": question.text}
            case _:
                return None
    return fields
