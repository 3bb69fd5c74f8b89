"""Enqueue: one row each, one statement and one commit for all that come together."""

import json
import os
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple

from mcp_tasks.errors import IdempotencyConflict, QueueFull
from mcp_tasks.sqlite.commit import Transaction
from mcp_tasks.sqlite.database import Database, chunks, values
from mcp_tasks.sqlite.hub import READY
from mcp_tasks.sqlite.intake import Intake
from mcp_tasks.sqlite.line import take_turns
from mcp_tasks.sqlite.read import find_task
from mcp_tasks.task import Claim, Limits, NewTask, Task, TaskStatus

_COLUMNS = (
    "id", "name", "params", "priority", "status", "ready", "turn", "owner", "idempotency_key", "schedule", "run_at",
    "max_retries", "timeout", "metadata", "attempt", "started_at", "lease", "worker", "created_at",
)  # fmt: skip
_ANY_READY = "SELECT 1 FROM tasks INDEXED BY tasks_ready WHERE ready = 1 LIMIT 1"
_SAME_KEY = "SELECT id, name, params FROM tasks WHERE owner = ? AND idempotency_key = ?"
_UNFINISHED = "SELECT coalesce(sum(n), 0) FROM counters WHERE status IN ('pending', 'running', 'retrying')"
_UNFINISHED_OF = f"{_UNFINISHED} AND owner = ?"


@dataclass(frozen=True, slots=True)
class Process:
    """What this process brings to a submission: its workers' intakes, its name in claims, how long they last."""

    intakes: Sequence[Intake]
    worker: str
    lease_seconds: float


class Stored(NamedTuple):
    """What a submission adds to a NewTask; `worker` is set when it was claimed at once."""

    seq: int
    id: str
    now: float
    worker: str | None


def submit(tx: Transaction, new: NewTask, process: Process, limits: Limits) -> Task:
    """Store a task, unless its idempotency key is known: then that key's task is returned.

    Raises `IdempotencyConflict` or `QueueFull`; then nothing is stored.
    """
    known = _same_key(tx.db, new) if new.idempotency_key is not None else None
    return known or task_of(new, submit_all(tx, [new], process, limits)[0])


def submit_all(tx: Transaction, news: Sequence[NewTask], process: Process, limits: Limits) -> list[Stored]:
    """Store tasks without keys of their own.

    When nothing else is ready, idle workers of this process claim what they can in the same commit; behind
    others the tasks wait for their turn. Raises `QueueFull`; then nothing is stored.
    """
    _check_room(tx.db, news, limits)
    idle = any(intake.slots.free for intake in process.intakes)
    taken = _take_places(tx, news, process) if idle and tx.db.execute(_ANY_READY).get is None else {}
    stored = insert(tx, news, set(taken), process)
    for n, intake in taken.items():
        tx.send(intake.wake, partial(intake.receive, [_claim_of(stored[n], news[n])]))
    if len(taken) < len(stored):
        tx.changed(READY)
    return stored


def _check_room(db: Database, news: Sequence[NewTask], limits: Limits) -> None:
    if limits.total is not None and db.execute(_UNFINISHED).get + len(news) > limits.total:
        raise QueueFull(
            f"the queue takes {limits.total} unfinished tasks and has no room for {len(news)} more; "
            "wait until some are done, or cancel some"
        )
    if limits.per_owner is not None:
        for owner, count in Counter(new.owner for new in news).items():
            if db.execute(_UNFINISHED_OF, (owner,)).get + count > limits.per_owner:
                raise QueueFull(
                    f"{owner!r} may have {limits.per_owner} unfinished tasks and has no room for {count} more; "
                    "wait until some are done, or cancel some",
                    field="owner",
                    received=owner,
                )


def insert(
    tx: Transaction, news: Sequence[NewTask], claimed: Set[int] = frozenset(), process: Process | None = None
) -> list[Stored]:
    """The rows: pending, or running for this process where their index is in `claimed`."""
    ids = _new_ids(len(news), tx.now)
    lease = (tx.monotonic + process.lease_seconds, process.worker) if process else (None, None)
    joining = [n for n, new in enumerate(news) if n not in claimed and new.delay <= 0]
    turns = take_turns(tx, [(int(news[n].priority), news[n].owner) for n in joining])
    turn_of = dict(zip(joining, turns, strict=True))
    rows = [
        _row(id_, new, tx.now, turn_of.get(n), lease if n in claimed else None)
        for n, (id_, new) in enumerate(zip(ids, news, strict=True))
    ]
    for chunk in chunks(rows):
        tx.db.execute(_insert_of(len(chunk)), [value for row in chunk for value in row])
    first = tx.db.last_insert_rowid() - len(rows) + 1
    worker = process.worker if process else None
    return [Stored(first + n, id_, tx.now, worker if n in claimed else None) for n, id_ in enumerate(ids)]


def _new_ids(count: int, now: float) -> list[str]:
    """132 random bits each; before them the time, in sixteenths of a second, so that the index grows at its end."""
    time = f"{int(now * 16):09x}"
    bits = urlsafe_b64encode(os.urandom(18 * count)).decode()  # 24 characters for each, of which 22 will do
    return [time + bits[n : n + 22] for n in range(0, 24 * count, 24)]


@cache
def _insert_of(rows: int) -> str:
    return f"INSERT INTO tasks ({', '.join(_COLUMNS)}) VALUES {values(rows, len(_COLUMNS))}"  # noqa: S608 - ours


def _row(id_: str, new: NewTask, now: float, turn: int | None, lease: tuple[Any, Any] | None) -> list[Any]:
    """The values of _COLUMNS."""
    metadata = json.dumps(dict(new.metadata), ensure_ascii=False) if new.metadata else None
    status, started_at, until, worker = ("running", now, *lease) if lease else ("pending", None, None, None)
    return [
        id_, new.name, new.params, int(new.priority), status, int(turn is not None), turn or 0, new.owner,
        new.idempotency_key, new.schedule, now + max(0.0, new.delay), new.max_retries, new.timeout, metadata,
        int(lease is not None), started_at, until, worker, now,
    ]  # fmt: skip


def task_of(new: NewTask, stored: Stored) -> Task:
    """What was stored, without reading it back; for the caller's loop, so that the writer can go on."""
    seq, id_, now, worker = stored
    return Task(
        seq=seq,
        id=id_,
        name=new.name,
        params_json=new.params,
        priority=new.priority,
        status=TaskStatus.RUNNING if worker else TaskStatus.PENDING,
        owner=new.owner,
        created_at=now,
        run_at=now + max(0.0, new.delay),
        attempt=1 if worker else 0,
        max_retries=new.max_retries,
        timeout=new.timeout,
        idempotency_key=new.idempotency_key,
        started_at=now if worker else None,
        worker=worker,
        metadata=new.metadata,
    )


def _take_places(tx: Transaction, news: Sequence[NewTask], process: Process) -> dict[int, Intake]:
    """Occupy idle workers' places, the highest priority first; given back if this is not committed."""
    taken: dict[int, Intake] = {}
    for n in sorted(range(len(news)), key=lambda n: -news[n].priority):
        if news[n].delay <= 0:
            for intake in process.intakes:
                if intake.slots.take(news[n].name):
                    tx.on_undo(partial(intake.slots.give, news[n].name))
                    taken[n] = intake
                    break
    return taken


def _claim_of(stored: Stored, new: NewTask) -> Claim:
    return Claim(stored.seq, stored.id, 1, new.name, new.params, new.owner, 0, new.max_retries, new.timeout, {})


def _same_key(db: Database, new: NewTask) -> Task | None:
    row = db.execute(_SAME_KEY, (new.owner, new.idempotency_key)).fetchone()
    if row is None:
        return None
    id_, name, params = row
    if (name, params) != (new.name, new.params):
        raise IdempotencyConflict(
            f"idempotency_key {new.idempotency_key!r} already belongs to task {id_} with other parameters; "
            "send the same parameters again, or use a new key",
            field="idempotency_key",
            received=new.idempotency_key,
            task_id=id_,
        )
    return find_task(db, id_)
