"""The client half of the tasks extension: `call_tool` as ever, also when the server makes a task of the call.

It is no part of `mcp_tasks.server`, for a client has no queue and no worker; what both know is in `wire.py`.
"""

import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

import anyio
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

from mcp_tasks.beside import beside
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
    WireStatus,
)

_POLL_SECONDS = 1.0
_AT_WORK: frozenset[WireStatus] = frozenset({"working", "input_required"})
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
        self._listeners: list[TaskChanges] = []

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
    async def listen(self, client: Client, task_ids: Collection[str]) -> AsyncGenerator["TaskChanges"]:
        """The tasks as they are now, and after each change, as the server tells of them; nobody polls."""
        changes = TaskChanges(task_ids)
        self._listeners.append(changes)
        try:
            async with beside() as children:
                children.start_soon(changes.listen, client.session)
                yield changes
        finally:
            self._listeners.remove(changes)

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
            listener.hear(task)


class TaskChanges:
    """What a server tells of some tasks, to be iterated over. Changes that are not read in time are read as one.

    The iteration ends when the server ends the subscription: `get` knows how the tasks are then. It raises `MCPError`
    when the server refuses, or the connection is lost.
    """

    def __init__(self, task_ids: Collection[str]) -> None:
        self._task_ids = frozenset(task_ids)
        self._unread: dict[str, DetailedTask] = {}
        self._stirred = anyio.Event()
        self._ended = False
        self._error: MCPError | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> DetailedTask:
        while not self._unread:
            if self._error is not None:
                raise self._error
            if self._ended:
                raise StopAsyncIteration
            self._stirred = anyio.Event()
            await self._stirred.wait()
        return self._unread.pop(next(iter(self._unread)))

    async def listen(self, session: ClientSession) -> None:
        """Keep up the subscription. Its answer comes when it ends, so no time is too long for that."""
        wanted = SubscriptionFilter.model_validate({"taskIds": list(self._task_ids)})
        request = SubscriptionsListenRequest(params=SubscriptionsListenRequestParams(notifications=wanted))
        try:
            await session.send_request(request, Result, request_read_timeout_seconds=math.inf)
        except MCPError as error:
            self._error = error
        self._ended = True
        self._stirred.set()

    def hear(self, task: DetailedTask) -> None:
        """Note a change, if it is of one of these tasks. Its end stays: transports may mix up what is told at once."""
        unread = self._unread.get(task.task_id)
        if task.task_id in self._task_ids and (unread is None or unread.status in _AT_WORK):
            self._unread[task.task_id] = task
            self._stirred.set()


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
