"""The words of MCP tasks that a server and a client share: names, and the shapes of the requests."""

from typing import Any, ClassVar, Literal, TypeAlias

from mcp_types import NotificationParams, Request, RequestParams, Result
from pydantic import ConfigDict

EXTENSION = "io.modelcontextprotocol/tasks"
"""What a client declares that can follow tasks (SEP-2663)."""

WireStatus: TypeAlias = Literal["working", "input_required", "completed", "failed", "cancelled"]
"""Where a task stands, in the protocol's words. The last three are final."""


_LATER = ConfigDict(defer_build=True)  # most processes use few of these


class TaskIdParams(RequestParams):
    """Which task."""

    model_config = _LATER

    task_id: str


class UpdateTaskParams(TaskIdParams):
    """Answers to what a task asks, by the keys of its `inputRequests`."""

    input_responses: dict[str, dict[str, Any]]


class GetTask(Request[TaskIdParams, Literal["tasks/get"]]):
    """How is this task?"""

    model_config = _LATER
    name_param: ClassVar[str | None] = "taskId"
    method: Literal["tasks/get"] = "tasks/get"
    params: TaskIdParams


class CancelTask(Request[TaskIdParams, Literal["tasks/cancel"]]):
    """Nobody needs this task any more."""

    model_config = _LATER
    name_param: ClassVar[str | None] = "taskId"
    method: Literal["tasks/cancel"] = "tasks/cancel"
    params: TaskIdParams


class UpdateTask(Request[UpdateTaskParams, Literal["tasks/update"]]):
    """Here is what the task asked for."""

    model_config = _LATER
    name_param: ClassVar[str | None] = "taskId"
    method: Literal["tasks/update"] = "tasks/update"
    params: UpdateTaskParams


class ToldTask(Result):
    """A task as a server tells of it. Times are ISO 8601 in UTC; `ttl_ms` counts from `created_at`, None: no end."""

    model_config = _LATER

    task_id: str
    status: WireStatus
    status_message: str | None = None
    created_at: str
    last_updated_at: str
    ttl_ms: int | None = None
    poll_interval_ms: int | None = None


class CreatedTask(ToldTask):
    """The answer to a call that became a task."""

    result_type: Literal["task"] = "task"


class DetailedTask(ToldTask):
    """A task with what its status brings: the result, the error, or what it asks."""

    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    input_requests: dict[str, dict[str, Any]] | None = None


class TaskNotificationParams(NotificationParams):
    """A `DetailedTask` that a server sends unasked."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    task_id: str
    status: WireStatus
