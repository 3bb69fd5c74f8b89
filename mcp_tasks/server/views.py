"""How tasks look from outside: the shapes of the tools' structured content."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from mcp_tasks.schedule import Schedule
from mcp_tasks.task import Attempt, Progress, Spread, Stats, Task, TaskError, TaskStatus

R = TypeVar("R")

_POLL_SECONDS = 2
_LONGEST_POLL_SECONDS = 60


def iso(moment: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Instant = Annotated[
    float, PlainSerializer(iso, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]


class View(BaseModel):
    """A frozen value that is only ever written."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class ArtifactView(View):
    """A file of a completed task; read `uri` as a resource."""

    name: str
    uri: str
    media_type: str
    bytes: int
    sha256: str


class AttemptView(View):
    """One ended start of a task."""

    attempt: int
    started_at: Instant
    ended_at: Instant
    outcome: str
    error: TaskError | None
    worker: str


class QuestionView(View):
    """What a task must know before it can go on; `field` names the answer."""

    field: str
    text: str


class TaskSummary(View):
    """A task without its result. Times are ISO 8601 in UTC."""

    task_id: str
    name: str
    status: TaskStatus
    priority: str
    owner: str
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    attempt: int = Field(description="Number of starts so far")
    failures: int = Field(description="Starts that counted against max_retries")
    max_retries: int
    cancel_requested: bool
    progress: Progress | None
    queue_position: int | None = Field(description="How many tasks go before; null when not waiting or above 1,000")
    poll_after_seconds: int | None = Field(description="When to ask again; null when there is nothing to wait for")
    error: TaskError | None
    questions: tuple[QuestionView, ...]
    artifacts: tuple[ArtifactView, ...]


class TaskView(TaskSummary, Generic[R]):
    """A task with its result, null until it is completed."""

    result: R | None


class TaskHistory(TaskView[Any]):
    """A task with its ended starts."""

    attempts: tuple[AttemptView, ...] = Field(default=(), description="Only where they were asked for")


class LookedAfter(View):
    """What task_status answers: these, and all its other fields."""

    task_id: str
    status: TaskStatus


class TaskPage(View):
    """Some tasks, newest first."""

    tasks: tuple[TaskSummary, ...]
    next_cursor: str | None = Field(description="Pass it as cursor for the older tasks; null at the end")


class Counts(View):
    """How many tasks are in each status."""

    pending: int
    running: int
    retrying: int
    completed: int
    failed: int
    cancelled: int
    total: int


class ScheduleView(View):
    """A task that the clock submits."""

    name: str
    trigger: str
    enabled: bool
    last_run: Instant | None
    next_run: Instant | None


class StatsView(View):
    """How the queue is doing. Waiting and running times are of the last 1,000 finished tasks."""

    counts: Counts
    by_name: dict[str, Counts]
    wait_seconds: Spread
    run_seconds: Spread
    oldest_pending_seconds: float | None
    workers: int
    schedules: tuple[ScheduleView, ...]


def task_summary(task: Task, position: int | None, now: float) -> TaskSummary:
    """`task` as it stands at `now`, `position` tasks behind the next to be claimed."""
    return TaskSummary.model_construct(**_facts(task, position, now))


def task_view(task: Task, position: int | None, now: float) -> TaskView[Any]:
    """The same with the result."""
    return TaskView[Any].model_construct(**_facts(task, position, now), result=task.result)


def task_history(task: Task, position: int | None, now: float, attempts: Iterable[Attempt]) -> TaskHistory:
    """The same with the attempts, too."""
    shown = tuple(map(_attempt_view, attempts))
    return TaskHistory.model_construct(**_facts(task, position, now), result=task.result, attempts=shown)


def _facts(task: Task, position: int | None, now: float) -> dict[str, Any]:
    return {
        "task_id": task.id,
        "name": task.name,
        "status": task.status,
        "priority": task.priority.name.lower(),
        "owner": task.owner,
        "created_at": task.created_at,
        "started_at": task.started_at,
        "finished_at": task.finished_at,
        "attempt": task.attempt,
        "failures": task.failures,
        "max_retries": task.max_retries,
        "cancel_requested": task.cancel_requested,
        "progress": task.progress,
        "queue_position": position,
        "poll_after_seconds": _poll_after(task, now),
        "error": task.error,
        "questions": tuple(QuestionView(field=q.field, text=q.text) for q in task.questions),
        "artifacts": tuple(
            ArtifactView(
                name=a.name,
                uri=f"artifact://{task.id}/{a.name}",
                media_type=a.media_type,
                bytes=a.bytes,
                sha256=a.sha256,
            )
            for a in task.artifacts
        ),
    }


def _poll_after(task: Task, now: float) -> int | None:
    """Soon, but not before the task can start; a task that asks something waits for no clock."""
    if task.is_finished or task.questions:
        return None
    return min(_LONGEST_POLL_SECONDS, max(_POLL_SECONDS, ceil(task.run_at - now)))


def _attempt_view(attempt: Attempt) -> AttemptView:
    return AttemptView(
        attempt=attempt.attempt,
        started_at=attempt.started_at,
        ended_at=attempt.ended_at,
        outcome=attempt.outcome,
        error=attempt.error,
        worker=attempt.worker,
    )


def stats_view(stats: Stats, schedules: Sequence[Schedule]) -> StatsView:
    """The queue's numbers with its schedules."""
    return StatsView(
        counts=_counts(stats.counts),
        by_name={name: _counts(counts) for name, counts in stats.by_name.items()},
        wait_seconds=stats.wait_seconds,
        run_seconds=stats.run_seconds,
        oldest_pending_seconds=stats.oldest_pending_seconds,
        workers=stats.workers,
        schedules=tuple(
            ScheduleView(
                name=s.name, trigger=str(s.trigger), enabled=s.enabled, last_run=s.last_run, next_run=s.next_run
            )
            for s in schedules
        ),
    )


def _counts(counts: dict[TaskStatus, int]) -> Counts:
    return Counts(**{str(status): counts.get(status, 0) for status in TaskStatus}, total=sum(counts.values()))
