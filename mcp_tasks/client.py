"""The client half of the tasks extension: `call_tool` as ever, also when the server makes a task of the call.

It is no part of `mcp_tasks.server`, for a client has no queue and no worker; what both know is in `wire.py`.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp import Client, MCPError
from mcp.client.context import ClientRequestContext
from mcp.client.extension import ClaimContext, ClientExtension, NotificationBinding, ResultClaim
from mcp.client.session import ClientSession
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    CallToolResult,
    ElicitResult,
    ErrorData,
    InputRequest,
    Result,
    SubscriptionFilter,
    SubscriptionsListenRequest,
    SubscriptionsListenRequestParams,
)
from pydantic import TypeAdapter

from mcp_tasks.wire import (
    EXTENSION,
    CancelTask,
    CreatedTask,
    DetailedTask,
    GetTask,
    TaskIdParams,
    TaskNotificationParams,
    UpdateTask,
    UpdateTaskParams,
)

_POLL_SECONDS = 1.0
_MOST_UNREAD = 256
_INPUT_REQUEST: TypeAdapter[InputRequest] = TypeAdapter(InputRequest)


class TaskWasCancelled(MCPError):
    """The task was cancelled, here or elsewhere: there is no result."""

    def __init__(self, task_id: str) -> None:
        super().__init__(code=INTERNAL_ERROR, message=f"task {task_id} was cancelled")
        self.task_id = task_id


class TaskWaitsForAnswers(MCPError):
    """The task asks what this client has no answer to. It goes on when it is answered: see `resume`."""

    def __init__(self, task_id: str, why: ErrorData) -> None:
        super().__init__(code=why.code, message=f"task {task_id} waits for an answer: {why.message}", data=why.data)
        self.task_id = task_id


class TasksClientExtension(ClientExtension):
    """Makes tasks of a server look like calls.

    ::

        tasks = TasksClientExtension(created=remember)
        async with Client(server, extensions=[tasks], elicitation_callback=ask) as client:
            result = await client.call_tool("slow", {"seconds": 60})

    The call returns when the task is finished; an error of the task is raised as `MCPError`. What it asks goes to
    the client's callbacks (elicitation, sampling, roots). `created` hears of each task at once: keep the id, and
    after a restart `await tasks.resume(client, task_id)` is the call again. Giving up waiting cancels nothing.
    """

    identifier = EXTENSION

    def __init__(self, *, created: Callable[[CreatedTask], Awaitable[None]] | None = None) -> None:
        self._created = created
        self._listeners: list[MemoryObjectSendStream[DetailedTask]] = []

    def claims(self) -> Sequence[ResultClaim[Any]]:
        """The answers that are tasks."""
        return [ResultClaim(result_type="task", model=CreatedTask, resolve=self._resolve)]

    def notifications(self) -> Sequence[NotificationBinding[Any]]:
        """What the server tells of tasks that were listened to."""
        return [
            NotificationBinding(method="notifications/tasks", params_type=TaskNotificationParams, handler=self._heard)
        ]

    async def resume(self, client: Client, task_id: str) -> CallToolResult:
        """The result of the call that became this task, as soon as there is one. Also after a restart of this program.

        Raises `TaskWasCancelled`, `TaskWaitsForAnswers`, and `MCPError` when the task failed or there is none.
        """
        return await self._follow(client.session, task_id)

    async def get(self, client: Client, task_id: str) -> DetailedTask:
        """The task as it is now. Raises `MCPError` when there is none."""
        return await _get(client.session, task_id)

    async def cancel(self, client: Client, task_id: str) -> None:
        """Ask that the task ends. It may still complete."""
        await client.session.send_request(CancelTask(params=TaskIdParams(task_id=task_id)), Result)

    @asynccontextmanager
    async def listen(
        self, client: Client, task_ids: Collection[str]
    ) -> AsyncGenerator[MemoryObjectReceiveStream[DetailedTask]]:
        """The tasks as they are now, and after each change, as the server tells of them; nobody polls."""
        wanted = SubscriptionFilter.model_validate({"taskIds": list(task_ids)})
        request = SubscriptionsListenRequest(params=SubscriptionsListenRequestParams(notifications=wanted))
        send, receive = anyio.create_memory_object_stream[DetailedTask](_MOST_UNREAD)
        self._listeners.append(send)
        try:
            async with anyio.create_task_group() as group, receive:
                group.start_soon(client.session.send_request, request, Result)
                yield receive
                group.cancel_scope.cancel()
        finally:
            self._listeners.remove(send)
            send.close()

    async def _resolve(self, created: CreatedTask, context: ClaimContext) -> CallToolResult:
        if self._created:
            await self._created(created)
        await anyio.sleep(_seconds(created.poll_interval_ms))
        return await self._follow(context.session, created.task_id)

    async def _follow(self, session: ClientSession, task_id: str) -> CallToolResult:
        """Ask as often as the server wants to be asked, until it is over."""
        answered: dict[str, bool] = {}
        while True:
            task = await _get(session, task_id)
            match task.status:
                case "completed":
                    return CallToolResult.model_validate(task.result)
                case "failed":
                    raise MCPError.from_error_data(ErrorData.model_validate(task.error))
                case "cancelled":
                    raise TaskWasCancelled(task_id)
                case "input_required":
                    await _answer(session, task, answered)
                case "working":
                    pass
            await anyio.sleep(_seconds(task.poll_interval_ms))

    async def _heard(self, params: TaskNotificationParams) -> None:
        task = DetailedTask.model_validate(params.model_dump(by_alias=True))
        for listener in self._listeners:
            listener.send_nowait(task)


async def _get(session: ClientSession, task_id: str) -> DetailedTask:
    return await session.send_request(GetTask(params=TaskIdParams(task_id=task_id)), DetailedTask)


async def _answer(session: ClientSession, task: DetailedTask, answered: dict[str, bool]) -> None:
    """Put what the task asks to the client's callbacks, each request once, and send what they say.

    `answered` has the keys of the requests that were put, and whether they got more than a refusal.
    """
    responses: dict[str, dict[str, Any]] = {}
    asked = task.input_requests or {}
    for key, request in asked.items():
        if key not in answered:
            context = ClientRequestContext(session=session, request_id=key)
            said = await session.dispatch_input_request(context, _INPUT_REQUEST.validate_python(request))
            if isinstance(said, ErrorData):
                raise TaskWaitsForAnswers(task.task_id, said)
            responses[key] = said.model_dump(by_alias=True, mode="json", exclude_none=True)
            answered[key] = not isinstance(said, ElicitResult) or said.action == "accept"
    if responses:
        params = UpdateTaskParams(task_id=task.task_id, input_responses=responses)
        await session.send_request(UpdateTask(params=params), Result)
    elif not any(answered[key] for key in asked):
        raise TaskWaitsForAnswers(task.task_id, ErrorData(code=INVALID_REQUEST, message="the user gave none"))


def _seconds(poll_interval_ms: int | None) -> float:
    return _POLL_SECONDS if poll_interval_ms is None else poll_interval_ms / 1000
