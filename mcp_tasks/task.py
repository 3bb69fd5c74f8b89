"""What a task is, which statuses it has, and what one attempt can make of it. Pure: no I/O and no clock.

::

               ┌──── retry by an operator (failures = 0) ────┬──────────────┐
               ▼                                             │              │
    enqueue ► pending ── claim ──► running ── ok ─────────► completed       │
               ▲  │                 │ │ └─ error, no budget ─► failed ──────┘
      released,│  │ cancel          │ └─── error, budget left ─► retrying (run_at later) ── due ─► claim
      asked,   └──┼─────────────────┤                              │
      lost        ▼                 └─ cancel honoured ─► cancelled ◄── cancel
              cancelled ─ retry by an operator ─► pending
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, Self, TypeAlias, assert_never

Json: TypeAlias = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


NOTHING: Mapping[str, Any] = MappingProxyType({})
"""What a task has of answers and metadata when it has none."""


class TaskStatus(StrEnum):
    """Where a task stands. The comment says who moves a task there."""

    PENDING = "pending"  # enqueue; release, questions or loss of an attempt; an operator's retry
    RUNNING = "running"  # a worker's claim
    RETRYING = "retrying"  # a failed attempt with budget left; claimed again when due
    COMPLETED = "completed"  # a successful attempt
    FAILED = "failed"  # a failed attempt with no budget left, or a permanent error
    CANCELLED = "cancelled"  # a cancel of a waiting task, or honoured by a running one

    @property
    def is_terminal(self) -> bool:
        """Whether the task is finished; only an operator's retry leaves a terminal status."""
        return self in TERMINAL


TERMINAL = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED})


class TaskPriority(IntEnum):
    """Higher is claimed first; equal priorities in the order of their submission."""

    LOW = 1
    NORMAL = 2
    HIGH = 3
    CRITICAL = 4


@dataclass(frozen=True, slots=True)
class TaskError:
    """Why an attempt failed: the exception's type name and text, and whether a retry could help."""

    type: str
    message: str
    retryable: bool = True


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running task says it is: `done` of `total` (None: unknown), with a sentence for people."""

    done: float
    total: float | None = None
    message: str | None = None


class Question(NamedTuple):
    """Something that a task must know before it can go on.

    `form` is for faces that can ask in more than words: the JSON schema of the one answer (a string, number or
    boolean), or a request of a face's own protocol; kept as it is.
    """

    field: str
    text: str
    form: Json = None


class Artifact(NamedTuple):
    """A file that a completed attempt produced; `path` is relative to the store's folder of artifacts."""

    name: str
    media_type: str
    bytes: int
    sha256: str
    path: str


class Attempt(NamedTuple):
    """One start of a task, as it ended."""

    attempt: int
    started_at: float
    ended_at: float
    outcome: str
    error: TaskError | None
    traceback: str | None
    worker: str


class Task(NamedTuple):
    """A snapshot of the durable unit of work. Times are seconds since 1970 (UTC); `timeout` is in seconds.

    `attempt` numbers the starts and never decreases; `failures` counts those that used up `max_retries`.
    """

    seq: int
    id: str
    name: str
    params_json: str
    priority: TaskPriority
    status: TaskStatus
    owner: str
    created_at: float
    run_at: float
    attempt: int = 0
    failures: int = 0
    max_retries: int = 3
    timeout: float | None = None
    idempotency_key: str | None = None
    started_at: float | None = None
    finished_at: float | None = None
    worker: str | None = None
    cancel_requested: bool = False
    progress: Progress | None = None
    questions: tuple[Question, ...] = ()
    answers: Mapping[str, Any] = NOTHING
    result: Any = None
    error: TaskError | None = None
    artifacts: tuple[Artifact, ...] = ()
    metadata: Mapping[str, Any] = NOTHING

    @property
    def params(self) -> dict[str, Any]:
        """The validated parameters, by name."""
        return json.loads(self.params_json)

    @property
    def is_finished(self) -> bool:
        """Whether the status is terminal."""
        return self.status.is_terminal


class Claim(NamedTuple):
    """The right to run one attempt, and the only key that can end it: the task's id with the attempt's number.

    `params` is the validated JSON text.
    """

    seq: int
    id: str
    attempt: int
    name: str
    params: str
    owner: str
    failures: int
    max_retries: int
    timeout: float | None
    answers: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, int]:
        """The task and the attempt."""
        return self.id, self.attempt


@dataclass(frozen=True, slots=True)
class Completed:
    """The function returned; `result` is JSON text."""

    result: str
    artifacts: tuple[Artifact, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """The function raised or ran out of time. `retry_delay` is in seconds; None means that no retry can help."""

    error: TaskError
    retry_delay: float | None
    traceback: str | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A request to cancel was honoured."""


@dataclass(frozen=True, slots=True)
class Released:
    """The worker gave the task back unharmed: it is shutting down."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The function needs answers before it can go on; it runs again when they are there."""

    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """The claim's process died or its lease expired."""


Outcome: TypeAlias = Completed | Failed | Cancelled | Released | Asked | Lost

WORKER_LOST = TaskError(
    "WorkerLost", "the process that ran this attempt died, or stopped answering beyond its lease", retryable=True
)


class Running(NamedTuple):
    """What the transition out of `running` depends on."""

    failures: int
    max_retries: int
    cancel_requested: bool


class Next(NamedTuple):
    """Where an outcome leads. `delay` (seconds) keeps the task from being claimed; `ready` says if it can be."""

    status: TaskStatus
    failures: int
    ready: bool = False
    delay: float = 0.0
    error: TaskError | None = None


def after(running: Running, outcome: Outcome) -> Next:
    """The only way out of `running`. A cancel request beats every outcome but success."""
    failures = running.failures
    match outcome:
        case Completed():
            return Next(TaskStatus.COMPLETED, failures)
        case Failed(error, retry_delay):
            return _after_failure(running, error, retry_delay)
        case Lost():
            return _after_failure(running, WORKER_LOST, 0.0)
        case Cancelled():
            return Next(TaskStatus.CANCELLED, failures)
        case Released():
            if running.cancel_requested:
                return Next(TaskStatus.CANCELLED, failures)
            return Next(TaskStatus.PENDING, failures, ready=True)
        case Asked():
            if running.cancel_requested:
                return Next(TaskStatus.CANCELLED, failures)
            return Next(TaskStatus.PENDING, failures)
        case _:
            assert_never(outcome)


def _after_failure(running: Running, error: TaskError, retry_delay: float | None) -> Next:
    """A loss goes back to pending at once (delay 0); any other forgiven failure waits as retrying."""
    failures = running.failures + 1
    if running.cancel_requested:
        return Next(TaskStatus.CANCELLED, failures, error=error)
    if retry_delay is None or failures > running.max_retries:
        return Next(TaskStatus.FAILED, failures, error=error)
    if retry_delay == 0:
        return Next(TaskStatus.PENDING, failures, ready=True, error=error)
    return Next(TaskStatus.RETRYING, failures, delay=retry_delay, error=error)


class Backoff(NamedTuple):
    """How long to wait before the next attempt: `first` x 2^failures, at most `cap` seconds, with jitter.

    The jitter takes off up to half, so that tasks that failed together do not come back together.
    """

    first: float = 2.0
    cap: float = 300.0

    def delay(self, failures: int, draw: float) -> float:
        """Seconds to wait after a task that had failed `failures` times before failed again; `draw` is in [0, 1)."""
        return min(self.cap, self.first * 2.0 ** min(failures, 60)) * (1 - draw / 2)


class NewTask(NamedTuple):
    """A validated request to enqueue: what is stored when it is accepted. `delay` is in seconds from now."""

    name: str
    params: str
    priority: TaskPriority
    max_retries: int
    timeout: float | None
    owner: str
    delay: float = 0.0
    idempotency_key: str | None = None
    schedule: str | None = None
    metadata: Mapping[str, Any] = NOTHING


class Limits(NamedTuple):
    """How many unfinished tasks a queue takes, in all and of one owner; None: any number."""

    total: int | None = None
    per_owner: int | None = None


UNLIMITED = Limits()


class Page(NamedTuple):
    """Some tasks, newest first; `next_cursor` asks for the older ones, None at the end."""

    tasks: list[Task]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 95th percentile, in seconds; None where nothing was measured."""

    p50: float | None
    p95: float | None

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """Of these values."""
        ordered = sorted(values)
        if not ordered:
            return cls(None, None)
        return cls(ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))])


class Stats(NamedTuple):
    """How the queue is doing: tasks by name and status, times of the last 1,000 finished, live workers."""

    by_name: dict[str, dict[TaskStatus, int]]
    wait_seconds: Spread
    run_seconds: Spread
    oldest_pending_seconds: float | None
    workers: int

    @property
    def counts(self) -> dict[TaskStatus, int]:
        """Tasks by status, over all names."""
        return {status: sum(n.get(status, 0) for n in self.by_name.values()) for status in TaskStatus}


class Record(NamedTuple):
    """Something that outlives its task, kept under a key; the same owner's next one under it is its next revision."""

    kind: str
    key: str
    revision: int
    task_id: str
    owner: str
    created_at: float
    content: Any


class Finished(NamedTuple):
    """How a finished task went.

    `waited` and `ran` are the seconds before and in its last attempt; None: it had none. `retries` are the attempts
    that followed a failure, `error` is the type of what it failed of.
    """

    name: str
    status: TaskStatus
    waited: float | None
    ran: float | None
    retries: int
    error: str | None


class RecordQuery(NamedTuple):
    """Which records of a kind: of what is given all must hold.

    `since` (included) and `until` (not) are Unix seconds. `after` is the record that ended the page before; `latest`
    leaves out what has a later revision.
    """

    kind: str
    key: str | None = None
    revision: int | None = None
    task_id: str | None = None
    owner: str | None = None
    since: float | None = None
    until: float | None = None
    after: Record | None = None
    latest: bool = False
    limit: int = 20


class Pruned(NamedTuple):
    """What a cleanup removed: tasks with their files, and beside them the files that belonged to no task any more."""

    tasks: int
    files: int
    bytes: int
    orphans: int
    orphan_bytes: int
