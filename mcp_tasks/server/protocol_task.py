"""From our statuses to the protocol's: the one table, for both eras, and what else a client reads of a task.

::

    stored                              2026-07-28, extension     2025-11-25, in core
    ----------------------------------  ------------------------  -------------------
    pending                             working                   working
    pending, with open questions        input_required            input_required
    running, retrying                   working                   working
    completed | failed, and the call's
      answer is a result                completed                 completed
      answer is a result with isError   completed                 failed
      answer is a protocol error        failed                    failed
    cancelled                           cancelled                 cancelled

Which answer a finished task gives is decided by whoever made the task: see `ProtocolTasks.answer`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

from mcp_types import CallToolResult, ErrorData

from mcp_tasks.server.views import iso
from mcp_tasks.task import Json, Question, Task, TaskStatus
from mcp_tasks.wire import WireStatus

CallAnswer: TypeAlias = CallToolResult | ErrorData
"""What a call came to: the tool's answer (its errors too), or an error of the protocol."""

KeepSeconds: TypeAlias = Mapping[TaskStatus, float]
"""How long finished tasks are kept, by their status; a status that is missing is kept for ever."""

_FIRST_POLL_MS = 50
_LONGEST_POLL_MS = 5_000
_LONGEST_WAIT_MS = 60_000
_MS_PER_TASK_AHEAD = 20
_MESSAGE_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class ProtocolTask:
    """A task, with what the row alone does not say.

    `answer` is there when the task is finished and was not cancelled. `updated_at` and `now` are seconds since
    1970, `ahead` counts the tasks that go before it.
    """

    task: Task
    answer: CallAnswer | None
    updated_at: float
    now: float
    ahead: int | None
    keep_seconds: KeepSeconds

    @property
    def status(self) -> WireStatus:
        """The status in the words of the extension."""
        match self.task.status:
            case TaskStatus.PENDING:
                return "input_required" if self.task.questions else "working"
            case TaskStatus.RUNNING | TaskStatus.RETRYING:
                return "working"
            case TaskStatus.COMPLETED | TaskStatus.FAILED:
                return "failed" if isinstance(self.answer, ErrorData) else "completed"
            case TaskStatus.CANCELLED:
                return "cancelled"
            case _:
                assert_never(self.task.status)

    @property
    def legacy_status(self) -> WireStatus:
        """The status in the words of 2025-11-25, where an error of the tool is a failure, too."""
        failed = isinstance(self.answer, CallToolResult) and self.answer.is_error
        return "failed" if failed else self.status

    @property
    def ttl_ms(self) -> int | None:
        """How long after its creation it may be deleted; None while it is not finished, for then nothing deletes it."""
        keep = self.keep_seconds.get(self.task.status)
        if keep is None or self.task.finished_at is None:
            return None
        return max(1, round((self.task.finished_at - self.task.created_at + keep) * 1000))

    @property
    def poll_ms(self) -> int:
        """When to ask again: soon for a young task, later for an old one, not before it can start.

        A tenth of its age so far delays the news by a tenth at most, and costs few requests.
        """
        age = (self.now - self.task.created_at) * 1000
        interval = min(_LONGEST_POLL_MS, max(_FIRST_POLL_MS, age / 10))
        queued = _MS_PER_TASK_AHEAD * (self.ahead or 0)
        starts_in = (self.task.run_at - self.now) * 1000
        return round(min(_LONGEST_WAIT_MS, max(interval, queued, starts_in)))

    @property
    def message(self) -> str | None:
        """A sentence for people, of the task's own words: what it asks, how far it is, why it failed."""
        task = self.task
        if task.questions:
            said = " ".join(question.text for question in task.questions)
        elif isinstance(self.answer, ErrorData):
            said = self.answer.message
        elif task.error and task.status in {TaskStatus.RETRYING, TaskStatus.FAILED}:
            said = f"{task.error.type}: {task.error.message}"
        elif task.progress and not task.is_finished:
            total = "" if task.progress.total is None else f"/{task.progress.total:g}"
            said = task.progress.message or f"{task.progress.done:g}{total}"
        else:
            return None
        return said[:_MESSAGE_CHARACTERS]


def extension_task(shown: ProtocolTask) -> dict[str, Any]:
    """The `Task` of 2026-07-28: what every message about it has."""
    told: dict[str, Any] = {
        "taskId": shown.task.id,
        "status": shown.status,
        "createdAt": iso(shown.task.created_at),
        "lastUpdatedAt": iso(shown.updated_at),
        "ttlMs": shown.ttl_ms,
        "pollIntervalMs": shown.poll_ms,
    }
    return told | ({"statusMessage": shown.message} if shown.message else {})


def detailed_task(shown: ProtocolTask) -> dict[str, Any]:
    """The `DetailedTask`: also its result, its error, or what it asks."""
    told = extension_task(shown)
    match shown.status:
        case "input_required":
            told["inputRequests"] = {
                wire_key(shown.task, question): input_request(question) for question in shown.task.questions
            }
        case "completed" | "failed":
            assert shown.answer is not None
            told["result" if shown.status == "completed" else "error"] = answer_json(shown.answer)
        case "working" | "cancelled":
            pass
    return told


def legacy_task(shown: ProtocolTask) -> dict[str, Any]:
    """The `Task` of 2025-11-25."""
    told = extension_task(shown)
    told |= {"status": shown.legacy_status, "ttl": told.pop("ttlMs"), "pollInterval": told.pop("pollIntervalMs")}
    return told


def answer_json(answer: CallAnswer) -> dict[str, Any]:
    """A result or an error as it goes over the wire."""
    return answer.model_dump(by_alias=True, mode="json", exclude_none=True)


def wire_key(task: Task, question: Question) -> str:
    """The key of an open question: unique in a task's life, for each attempt asks once, with its own number."""
    return f"{task.attempt}.{question.field}"


def is_request(question: Question) -> bool:
    """Whether a question is a request of the protocol as it stands, and its answer the response."""
    return _request_of(question) is not None


def input_request(question: Question) -> dict[str, Any]:
    """The request that asks it. A question in words becomes a form with one field, of `question.form` as its schema."""
    if request := _request_of(question):
        return {"method": request["method"], "params": request.get("params") or {}}
    schema = question.form if isinstance(question.form, dict) else {"type": "string"}
    return {
        "method": "elicitation/create",
        "params": {
            "mode": "form",
            "message": question.text,
            "requestedSchema": {
                "type": "object",
                "properties": {question.field: {"title": question.text, **schema}},
                "required": [question.field],
            },
        },
    }


def _request_of(question: Question) -> dict[str, Json] | None:
    form = question.form
    return form if isinstance(form, dict) and "method" in form else None
