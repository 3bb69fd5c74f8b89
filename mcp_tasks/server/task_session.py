"""What a tool that runs as a task has in place of a client's session: nobody is listening, but much still works.

Progress becomes the task's progress, log messages go to the log, and a request to the client (`ctx.elicit`,
sampling, roots) becomes an open question of the task.
"""

import logging
from typing import Any, NotRequired, TypedDict, TypeVar, cast

import mcp_types as types
from mcp.server.session import ServerSession
from mcp.shared.message import ServerMessageMetadata
from mcp_types.version import LATEST_MODERN_VERSION
from pydantic import BaseModel

from mcp_tasks.context import NeedsAnswers, TaskContext
from mcp_tasks.task import Json, Question

R = TypeVar("R", bound=BaseModel)
_log = logging.getLogger(__name__)

_WARNINGS: tuple[types.LoggingLevel, ...] = ("warning", "error", "critical", "alert", "emergency")


class StoredResponse(TypedDict):
    """A client's response to a request of a tool, as the answer that the task keeps.

    Where a tool returned its questions there are also `round`, the attempt that asked, and `state`, what the tool
    wants to have back.
    """

    response: dict[str, Any]
    round: NotRequired[int]
    state: NotRequired[str | None]


class TaskSession(ServerSession):
    """A session without a connection, for one attempt of `task`. `caller`: what the client that called can do."""

    def __init__(self, task: TaskContext, caller: types.ClientCapabilities) -> None:
        # Not `super().__init__`: it wants a connection. Whatever would use one is overridden here.
        self._task = task
        self._caller = caller
        self._requests = 0

    @property
    def client_params(self) -> types.InitializeRequestParams | None:
        """Nobody has introduced itself."""
        return None

    @property
    def client_capabilities(self) -> types.ClientCapabilities:
        """What the client that made the call said it can do."""
        return self._caller

    @property
    def can_send_request(self) -> bool:
        """Yes: as questions of the task."""
        return True

    @property
    def protocol_version(self) -> str:
        """The one in which tools ask by returning their questions."""
        return LATEST_MODERN_VERSION

    def check_client_capability(self, capability: types.ClientCapabilities) -> bool:
        """Whether the client that made the call declared all of it."""
        wanted = capability.model_dump(exclude_none=True)
        return _contains(self._caller.model_dump(exclude_none=True), wanted)

    async def send_request(
        self,
        request: types.ServerRequest,
        result_type: type[R],
        request_read_timeout_seconds: float | None = None,
        metadata: ServerMessageMetadata | None = None,
        progress_callback: Any = None,
    ) -> R:
        """The client's response, or `NeedsAnswers` when it is not there yet. The n-th request is the n-th question."""
        self._requests += 1
        field = f"request-{self._requests}"
        answer = cast(StoredResponse | None, self._task.answers.get(field))
        if answer is None:
            raise NeedsAnswers(_question(field, request.model_dump(by_alias=True, mode="json", exclude_none=True)))
        return result_type.model_validate(answer["response"])

    async def send_notification(
        self, notification: types.ServerNotification, related_request_id: types.RequestId | None = None
    ) -> None:
        """Nobody hears it."""

    async def send_log_message(
        self,
        level: types.LoggingLevel,
        data: Any,
        logger: str | None = None,
        related_request_id: types.RequestId | None = None,
    ) -> None:
        """To our own log."""
        _log.log(logging.WARNING if level in _WARNINGS else logging.INFO, "%s: %s", logger or self._task.name, data)

    async def report_progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        """The task's progress."""
        self._task.progress(progress, total, message)


def question_of(key: str, request: types.InputRequest, state: str | None) -> Question:
    """A request that a tool returned, as a question of its task; `state` is what the tool wants to have back."""
    return _question(key, {**request.model_dump(by_alias=True, mode="json", exclude_none=True), "requestState": state})


def _question(field: str, request: dict[str, Json]) -> Question:
    params = request.get("params")
    message = params.get("message") if isinstance(params, dict) else None
    return Question(field, str(message or request["method"]), request)


def _contains(declared: Json, wanted: Json) -> bool:
    """Whether all that is wanted is declared, too."""
    if not isinstance(wanted, dict):
        return declared == wanted
    return isinstance(declared, dict) and all(k in declared and _contains(declared[k], v) for k, v in wanted.items())
