"""Enqueue: one row, one commit; a known idempotency key gives the task that it made before."""

import json
import secrets
from collections.abc import Callable
from dataclasses import replace

from mcp_tasks.errors import IdempotencyConflict, QueueFull
from mcp_tasks.sqlite.commit import Transaction
from mcp_tasks.sqlite.database import Database
from mcp_tasks.sqlite.hub import READY
from mcp_tasks.sqlite.read import find_task
from mcp_tasks.sqlite.rows import TASK_COLUMNS, to_task
from mcp_tasks.task import NewTask, Task, TaskStatus

_INSERT = f"""
INSERT INTO tasks (id, name, params, priority, status, ready, owner, idempotency_key, schedule, created_at, run_at,
                   max_retries, timeout, metadata)
VALUES (?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?)
RETURNING {TASK_COLUMNS}
"""  # noqa: S608 - the columns are ours
_SAME_KEY = "SELECT id, name, params FROM tasks WHERE owner = ? AND idempotency_key = ?"
_UNFINISHED = "SELECT coalesce(sum(n), 0) FROM counters WHERE status IN ('pending', 'running', 'retrying')"


_ANY_READY = "SELECT 1 FROM tasks INDEXED BY tasks_ready WHERE ready = 1 LIMIT 1"


def submit(
    tx: Transaction, new: NewTask, max_unfinished: int | None, claim_at_once: Callable[[Transaction, Task], bool]
) -> Task:
    """Store a task, ready now or after its delay.

    When nothing else is ready, `claim_at_once` may claim it for an idle worker in the same commit; behind
    others it has to wait for its turn. Raises `QueueFull` or `IdempotencyConflict`; then nothing is stored.
    """
    if new.idempotency_key is not None:
        known = _same_key(tx.db, new)
        if known:
            return known
    if max_unfinished is not None and tx.db.execute(_UNFINISHED).get >= max_unfinished:
        raise QueueFull(
            f"the queue already holds {max_unfinished} unfinished tasks; wait until some are done, or cancel some"
        )
    alone = new.delay <= 0 and tx.db.execute(_ANY_READY).get is None
    task = insert(tx, new)
    if alone and claim_at_once(tx, task):
        return replace(task, status=TaskStatus.RUNNING, attempt=1, started_at=tx.now)
    tx.changed(READY)
    return task


def insert(tx: Transaction, new: NewTask) -> Task:
    """The row itself."""
    ready = new.delay <= 0
    row = tx.db.execute(
        _INSERT,
        (
            secrets.token_hex(16),
            new.name,
            new.params,
            int(new.priority),
            int(ready),
            new.owner,
            new.idempotency_key,
            new.schedule,
            tx.now,
            tx.now + max(0.0, new.delay),
            new.max_retries,
            new.timeout,
            json.dumps(dict(new.metadata), ensure_ascii=False) if new.metadata else None,
        ),
    ).fetchone()
    assert row is not None
    return to_task(row)


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
