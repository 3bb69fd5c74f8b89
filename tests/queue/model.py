"""What a queue is meant to do, in plain Python: the state machine holds every engine to it.

It repeats the rules of the drawing in `mcp_tasks.task` in its own words and shares no code with an engine.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from mcp_tasks import Task, TaskPriority, TaskStatus
from mcp_tasks.errors import (
    ClaimLost,
    IdempotencyConflict,
    InvalidRequest,
    McpTasksError,
    TaskAlreadyFinished,
    TaskNotFound,
    TaskNotRetryable,
)
from mcp_tasks.task import (
    WORKER_LOST,
    Asked,
    Attempt,
    Cancelled,
    Claim,
    Completed,
    Failed,
    Limits,
    Lost,
    NewTask,
    Outcome,
    Progress,
    Released,
)
from tests.moving_clock import MovingClock

LEASE = 30.0
WAITING = {TaskStatus.PENDING, TaskStatus.RETRYING}
WORDS = {
    Completed: "completed",
    Failed: "failed",
    Lost: "failed",
    Cancelled: "cancelled",
    Released: "released",
    Asked: "asked",
}

Refusal: TypeAlias = type[McpTasksError]
"""The error that a verb must raise; everything is then as it was."""


@dataclass
class Model:
    """The tasks in the order of their submission, and beside them what their snapshots do not show."""

    clock: MovingClock
    tasks: dict[str, Task] = field(default_factory=dict[str, Task])
    turns: dict[str, int] = field(default_factory=dict[str, int])
    ready: set[str] = field(default_factory=set[str])
    last_turns: dict[tuple[int, str], int] = field(default_factory=dict[tuple[int, str], int])
    come_to: dict[TaskPriority, int] = field(default_factory=dict[TaskPriority, int])
    leases: dict[str, float] = field(default_factory=dict[str, float])
    history: dict[str, list[Attempt]] = field(default_factory=dict[str, list[Attempt]])

    # --- submitting -------------------------------------------------------------------------------------------

    def known(self, new: NewTask) -> Task | Refusal | None:
        """What an idempotency key that was used before leads to."""
        for task in self.tasks.values():
            if new.idempotency_key and (task.owner, task.idempotency_key) == (new.owner, new.idempotency_key):
                return task if (task.name, task.params_json) == (new.name, new.params) else IdempotencyConflict
        return None

    def has_room(self, news: Sequence[NewTask], limits: Limits) -> bool:
        """Whether so many more may wait or run, in all and of each owner."""
        owners = [task.owner for task in self.tasks.values() if not task.is_finished] + [new.owner for new in news]
        fullest = max(owners.count(new.owner) for new in news)
        return not (limits.total is not None and len(owners) > limits.total) and not (
            limits.per_owner is not None and fullest > limits.per_owner
        )

    def store(self, new: NewTask, id_: str, seq: int) -> Task:
        """A new task under an id that nobody had, after all others."""
        task = self._add(new, id_, seq)
        if not new.delay:
            self._join(task)
        return task

    def store_together(
        self, news: Sequence[tuple[NewTask, Task]], limits: Mapping[str, int], slots: int, worker: str
    ) -> list[Claim]:
        """New tasks of one commit, with what was said of them; an idle worker starts them, if nobody waits."""
        stored = [self._add(new, task.id, task.seq) for new, task in news]
        claimable = [task for (new, _), task in zip(news, stored, strict=True) if not new.delay]
        first = [] if self.ready else _choose(sorted(claimable, key=_by_priority_and_age), limits, slots)
        for task in claimable:
            if task not in first:
                self._join(task)
        return [self._start(task, worker) for task in first]

    # --- claims -----------------------------------------------------------------------------------------------

    def line(self) -> list[Task]:
        """The tasks that can be claimed, in the order in which they will be."""
        return sorted((self.tasks[id_] for id_ in self.ready), key=self._place)

    def line_when_due(self) -> list[Task]:
        """The same, with those whose time has come: they join at the next claim."""
        ahead = replace(self, ready={*self.ready}, turns={**self.turns}, last_turns={**self.last_turns})
        ahead._join_due()
        return ahead.line()

    def claim(self, limits: Mapping[str, int], slots: int, worker: str) -> list[Claim]:
        """A worker that can start so many tasks of each name, and so many in all, asks for some."""
        self._join_due()
        chosen = _choose(self.line(), limits, slots)
        for task in chosen:
            self.come_to[task.priority] = max(self._come_to(task.priority), self.turns[task.id])
        return [self._start(task, worker) for task in chosen]

    def _start(self, task: Task, worker: str) -> Claim:
        """One more attempt."""
        started = self._put(
            task, status=TaskStatus.RUNNING, attempt=task.attempt + 1, started_at=self.clock.now(), worker=worker,
            progress=None,
        )  # fmt: skip
        self.ready.discard(task.id)
        self.leases[task.id] = self.clock.monotonic() + LEASE
        return Claim(
            task.seq, task.id, started.attempt, task.name, task.params_json, task.owner, task.failures,
            task.max_retries, task.timeout, task.answers,
        )  # fmt: skip

    def running(self, worker: str | None = None) -> list[Task]:
        """The running tasks, of one worker or of all."""
        found = [task for task in self.tasks.values() if task.status is TaskStatus.RUNNING]
        return [task for task in found if worker in {None, task.worker}]

    def holds(self, claim: Claim) -> bool:
        """Whether a claim is still the right to its task."""
        task = self.tasks.get(claim.id)
        return task is not None and task.status is TaskStatus.RUNNING and task.attempt == claim.attempt

    def finish(self, claim: Claim, outcome: Outcome, progress: Progress | None) -> Refusal | None:
        """The end of an attempt, by its claim alone."""
        if not self.holds(claim):
            return ClaimLost
        self._end(self.tasks[claim.id], outcome, progress)
        return None

    def report(self, claim: Claim, progress: Progress) -> None:
        """A running attempt says how far it is."""
        if self.holds(claim):
            self._put(self.tasks[claim.id], progress=progress)

    def renew(self, worker: str) -> None:
        """A living process keeps its claims."""
        for task in self.running(worker):
            self.leases[task.id] = self.clock.monotonic() + LEASE

    def expire(self) -> None:
        """Claims that nobody renewed are lost."""
        for task in self.running():
            if self.leases[task.id] < self.clock.monotonic():
                self._end(task, Lost(), None)

    def lose(self, worker: str) -> None:
        """A process died, and its claims with it."""
        for task in self.running(worker):
            self._end(task, Lost(), None)

    def _end(self, task: Task, outcome: Outcome, progress: Progress | None) -> None:
        now, word = self.clock.now(), WORDS[type(outcome)]
        error = outcome.error if isinstance(outcome, Failed) else WORKER_LOST if isinstance(outcome, Lost) else None
        assert task.started_at is not None
        assert task.worker is not None
        self.history[task.id].append(Attempt(task.attempt, task.started_at, now, word, error, None, task.worker))
        status, delay = self._following(task, outcome)
        asked = outcome if isinstance(outcome, Asked) and status is TaskStatus.PENDING else None
        self._put(
            task, status=status, failures=task.failures + (word == "failed"), worker=None, error=error,
            progress=progress or task.progress, questions=asked.questions if asked else (),
            run_at=now + delay if delay else task.run_at, finished_at=now if status.is_terminal else None,
            result=json.loads(outcome.result) if isinstance(outcome, Completed) else None,
            artifacts=tuple(sorted(outcome.artifacts, key=lambda a: a.name)) if isinstance(outcome, Completed) else (),
        )  # fmt: skip
        if status is TaskStatus.PENDING and not asked:
            self.ready.add(task.id)

    def _following(self, task: Task, outcome: Outcome) -> tuple[TaskStatus, float]:
        """The status after an outcome, and for how many seconds it keeps the task from being claimed."""
        if isinstance(outcome, Completed):
            return TaskStatus.COMPLETED, 0
        if isinstance(outcome, Cancelled) or task.cancel_requested:
            return TaskStatus.CANCELLED, 0
        if isinstance(outcome, Failed | Lost) and task.failures >= task.max_retries:
            return TaskStatus.FAILED, 0
        if isinstance(outcome, Failed) and outcome.retry_delay is None:
            return TaskStatus.FAILED, 0
        if isinstance(outcome, Failed) and outcome.retry_delay:
            return TaskStatus.RETRYING, outcome.retry_delay
        return TaskStatus.PENDING, 0

    # --- what people do with tasks ----------------------------------------------------------------------------

    def cancel(self, id_: str, owner: str | None) -> Task | Refusal:
        """At once where a task waits, a request where it runs; a second time says the same."""
        task = self._find(id_, owner)
        if task is None:
            return TaskNotFound
        if task.status is TaskStatus.RUNNING:
            return self._put(task, cancel_requested=True)
        if task.status in WAITING:
            self.ready.discard(id_)
            return self._put(
                task, status=TaskStatus.CANCELLED, finished_at=self.clock.now(), questions=(), cancel_requested=True
            )
        return task if task.status is TaskStatus.CANCELLED else TaskAlreadyFinished

    def retry(self, id_: str, owner: str | None) -> Task | Refusal:
        """A failed or cancelled task starts anew; its attempts go on counting."""
        task = self._find(id_, owner)
        if task is None:
            return TaskNotFound
        if task.status not in {TaskStatus.FAILED, TaskStatus.CANCELLED}:
            return TaskNotRetryable
        self._join(task)
        return self._put(
            task, status=TaskStatus.PENDING, run_at=self.clock.now(), finished_at=None, failures=0, error=None,
            progress=None, cancel_requested=False,
        )  # fmt: skip

    def set_priority(self, id_: str, priority: TaskPriority, owner: str | None) -> Task | Refusal:
        """A waiting task goes earlier or later."""
        task = self._find(id_, owner)
        if task is None:
            return TaskNotFound
        if task.is_finished:
            return TaskAlreadyFinished
        if task.status is TaskStatus.RUNNING:
            return InvalidRequest
        moved = self._put(task, priority=priority)
        if id_ in self.ready or moved.questions:
            self._take_turn(moved)
        return moved

    def answer(self, id_: str, answers: Mapping[str, Any], owner: str | None) -> Task | Refusal:
        """Some questions of a task, or all of them, and nothing else."""
        task = self._find(id_, owner)
        if task is None:
            return TaskNotFound
        if task.is_finished:
            return TaskAlreadyFinished
        if not answers or not set(answers) <= {question.field for question in task.questions}:
            return InvalidRequest
        left = tuple(question for question in task.questions if question.field not in answers)
        if left:
            return self._put(task, questions=left, answers={**task.answers, **answers})
        self.ready.add(id_)
        return self._put(task, questions=(), answers={**task.answers, **answers}, run_at=self.clock.now())

    def prune(self, keep_seconds: Mapping[TaskStatus, float]) -> int:
        """Finished tasks go when their time is over, with their history; returns how many."""
        over = [
            task.id
            for task in self.tasks.values()
            if task.finished_at is not None and task.finished_at < self.clock.now() - keep_seconds[task.status]
        ]
        for id_ in over:
            del self.tasks[id_], self.history[id_]
        return len(over)

    # --- reading ----------------------------------------------------------------------------------------------

    def newest_first(
        self, owner: str | None = None, status: TaskStatus | None = None, name: str | None = None
    ) -> list[Task]:
        """What a list shows."""
        return [
            task
            for task in reversed(self.tasks.values())
            if owner in {None, task.owner} and status in {None, task.status} and name in {None, task.name}
        ]

    def position(self, task: Task) -> int | None:
        """How many go first."""
        return self.line().index(task) if task.id in self.ready else None

    def counts(self, tasks: Sequence[Task]) -> dict[str, dict[TaskStatus, int]]:
        """Tasks by name and status."""
        counts: dict[str, dict[TaskStatus, int]] = {}
        for task in tasks:
            of_name = counts.setdefault(task.name, {})
            of_name[task.status] = of_name.get(task.status, 0) + 1
        return counts

    def attempts(self) -> Iterator[tuple[int, Attempt]]:
        """The whole history: every ended attempt with the number of its task."""
        for id_, attempts in self.history.items():
            for attempt in attempts:
                yield self.tasks[id_].seq, attempt

    # --- inside -----------------------------------------------------------------------------------------------

    def _due(self) -> list[Task]:
        """What waited for its time, and not for an answer, when the time has come."""
        waiting = [task for task in self.tasks.values() if task.status in WAITING and not task.questions]
        due = [task for task in waiting if task.id not in self.ready and task.run_at <= self.clock.now()]
        return sorted(due, key=lambda task: (task.run_at, task.seq))

    def _join_due(self) -> None:
        for task in self._due():
            self._join(task)

    def _join(self, task: Task) -> None:
        """It can be claimed, after those of its owner that wait."""
        self._take_turn(task)
        self.ready.add(task.id)

    def _take_turn(self, task: Task) -> None:
        """The turn after its owner's last, but none that has passed."""
        place = (task.priority, task.owner)
        turn = max(self.last_turns.get(place, 0), self._come_to(task.priority)) + 1
        self.turns[task.id] = self.last_turns[place] = turn

    def _come_to(self, priority: TaskPriority) -> int:
        return self.come_to.get(priority, 0)

    def _place(self, task: Task) -> tuple[int, int, int]:
        return -task.priority, self.turns[task.id], task.seq

    def _add(self, new: NewTask, id_: str, seq: int) -> Task:
        assert id_ not in self.tasks
        assert all(task.seq < seq for task in self.tasks.values())
        now = self.clock.now()
        self.tasks[id_] = Task(
            seq=seq, id=id_, name=new.name, params_json=new.params, priority=new.priority,
            status=TaskStatus.PENDING, owner=new.owner, created_at=now, run_at=now + new.delay,
            max_retries=new.max_retries, timeout=new.timeout, idempotency_key=new.idempotency_key,
        )  # fmt: skip
        self.history[id_] = []
        self.turns[id_] = 0  # until it joins the line
        return self.tasks[id_]

    def _find(self, id_: str, owner: str | None) -> Task | None:
        task = self.tasks.get(id_)
        return task if task and owner in {None, task.owner} else None

    def _put(self, task: Task, **changes: Any) -> Task:
        changed = self.tasks[task.id] = task._replace(**changes)
        return changed


def _choose(line: Sequence[Task], limits: Mapping[str, int], slots: int) -> list[Task]:
    """The first tasks of a line that a worker can start: so many of each name, and so many in all."""
    chosen: list[Task] = []
    for task in line:
        same = sum(other.name == task.name for other in chosen)
        if len(chosen) < slots and same < limits.get(task.name, 0):
            chosen.append(task)
    return chosen


def _by_priority_and_age(task: Task) -> tuple[int, int]:
    return -task.priority, task.seq
