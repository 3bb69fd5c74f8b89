"""Every status that a row can have is shown in both eras as the table in `protocol_task.py` says."""

from typing import Any

import pytest
from mcp_types import CallToolResult, ErrorData

from mcp_tasks import Question, Task, TaskPriority, TaskStatus
from mcp_tasks.server.protocol_task import (
    CallAnswer,
    ProtocolTask,
    detailed_task,
    extension_task,
    legacy_task,
)
from mcp_tasks.task import Progress, TaskError

ASKED = (Question("colour", "Which colour?"),)
RESULT = CallToolResult(content=[])
TOOL_ERROR = CallToolResult(content=[], is_error=True)
PROTOCOL_ERROR = ErrorData(code=-32000, message="broken")


def _shown(status: TaskStatus, answer: CallAnswer | None = None, **fields: Any) -> ProtocolTask:
    task = Task(
        seq=1,
        id="T",
        name="f",
        params_json="{}",
        priority=TaskPriority.NORMAL,
        status=status,
        owner="local",
        created_at=1_000.0,
        run_at=fields.pop("run_at", 1_000.0),
        attempt=2,
        finished_at=1_010.0 if status.is_terminal else None,
        **fields,
    )
    keep = {TaskStatus.COMPLETED: 100.0}
    return ProtocolTask(task=task, answer=answer, updated_at=1_005.0, now=1_020.0, ahead=None, keep_seconds=keep)


@pytest.mark.parametrize(
    ("shown", "modern", "legacy", "payload"),
    [
        (_shown(TaskStatus.PENDING), "working", "working", None),
        (_shown(TaskStatus.PENDING, questions=ASKED), "input_required", "input_required", "inputRequests"),
        (_shown(TaskStatus.RUNNING), "working", "working", None),
        (_shown(TaskStatus.RETRYING), "working", "working", None),
        (_shown(TaskStatus.COMPLETED, RESULT), "completed", "completed", "result"),
        (_shown(TaskStatus.COMPLETED, TOOL_ERROR), "completed", "failed", "result"),
        (_shown(TaskStatus.FAILED, TOOL_ERROR), "completed", "failed", "result"),
        (_shown(TaskStatus.FAILED, PROTOCOL_ERROR), "failed", "failed", "error"),
        (_shown(TaskStatus.CANCELLED), "cancelled", "cancelled", None),
    ],
)
def test_each_status_has_its_word_in_each_era_and_its_payload(
    shown: ProtocolTask, modern: str, legacy: str, payload: str | None
) -> None:
    told = detailed_task(shown)
    assert told["status"] == extension_task(shown)["status"] == modern
    assert {"result", "error", "inputRequests"} & told.keys() == ({payload} if payload else set())
    old = legacy_task(shown)
    assert old["status"] == legacy
    assert {"result", "error", "inputRequests", "ttlMs", "pollIntervalMs"} & old.keys() == set()
    assert (old["taskId"], old["createdAt"], old["ttl"]) == ("T", "1970-01-01T00:16:40.000Z", told["ttlMs"])


def test_the_time_to_live_counts_from_the_creation_and_is_none_while_nothing_deletes_the_task() -> None:
    assert _shown(TaskStatus.COMPLETED, RESULT).ttl_ms == 110_000
    assert _shown(TaskStatus.RUNNING).ttl_ms is None
    assert _shown(TaskStatus.CANCELLED).ttl_ms is None  # this status is kept for ever here


def test_it_is_asked_about_soon_while_young_later_when_old_and_not_before_it_can_start() -> None:
    assert _shown(TaskStatus.RUNNING).poll_ms == 2_000
    assert _shown(TaskStatus.RETRYING, run_at=1_030.0).poll_ms == 10_000
    assert _shown(TaskStatus.PENDING, run_at=5_000.0).poll_ms == 60_000


def test_the_message_is_what_the_task_says_itself() -> None:
    failed = TaskError("ValueError", "no such wall")
    assert _shown(TaskStatus.RUNNING, progress=Progress(1, 4)).message == "1/4"
    assert _shown(TaskStatus.RUNNING, progress=Progress(1, 4, "painting")).message == "painting"
    assert _shown(TaskStatus.PENDING, questions=ASKED, progress=Progress(1)).message == "Which colour?"
    assert _shown(TaskStatus.RETRYING, error=failed).message == "ValueError: no such wall"
    assert _shown(TaskStatus.FAILED, PROTOCOL_ERROR, error=failed).message == "broken"
    assert _shown(TaskStatus.COMPLETED, RESULT, progress=Progress(4, 4, "painted")).message is None


def test_a_key_is_never_used_twice_in_a_tasks_life() -> None:
    (key,) = detailed_task(_shown(TaskStatus.PENDING, questions=ASKED))["inputRequests"]
    assert key == "2.colour"  # the attempt that asked, and what it asked
