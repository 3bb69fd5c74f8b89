"""Schedules in the store: each firing advances the schedule and inserts its task in one transaction, once."""

import json
from typing import Any

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.repair import nearest
from mcp_tasks.schedule import Schedule, Trigger
from mcp_tasks.sqlite.commit import Transaction
from mcp_tasks.sqlite.database import Database
from mcp_tasks.sqlite.hub import READY, SCHEDULES
from mcp_tasks.sqlite.submit import insert, task_of
from mcp_tasks.task import NewTask, Task, TaskPriority

SCHEDULE_OWNER = "system"
_COLUMNS = (
    "name, task, params, priority, max_retries, timeout, trigger, enabled, next_run, last_run, last_due, runs, errors"
)
_PUT = """
INSERT INTO schedules (name, task, params, priority, max_retries, timeout, trigger, enabled, next_run)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8)
ON CONFLICT DO UPDATE SET task = ?2, params = ?3, priority = ?4, max_retries = ?5, timeout = ?6, trigger = ?7,
  next_run = CASE WHEN trigger = ?7 THEN next_run ELSE ?8 END
"""
_ENABLE = "UPDATE schedules SET enabled = 1, next_run = ? WHERE name = ?"
_ADVANCE = """
UPDATE schedules SET next_run = ?, last_run = ?, last_due = next_run, runs = runs + 1
WHERE name = ? AND next_run IS ? AND enabled = 1
"""
_REPLAN = "UPDATE schedules SET next_run = ? WHERE name = ? AND next_run IS ?"
_STILL_ACTIVE = "SELECT 1 FROM tasks INDEXED BY tasks_schedule WHERE schedule = ? AND finished_at IS NULL LIMIT 1"


def put(tx: Transaction, schedule: Schedule, next_run: float) -> None:
    """Add a schedule, or change one; an unchanged trigger keeps its next run, and nobody's switching off is undone."""
    tx.db.execute(
        _PUT,
        (
            schedule.name,
            schedule.task,
            schedule.params,
            int(schedule.priority),
            schedule.max_retries,
            schedule.timeout,
            _to_json(schedule.trigger),
            next_run,
        ),
    )
    tx.changed(SCHEDULES)


def enable(tx: Transaction, name: str) -> None:
    """Switch a schedule on, to run next when its trigger says; one that is on keeps its plan."""
    schedule = find(tx.db, name)
    if not schedule.enabled:
        tx.db.execute(_ENABLE, (schedule.next_after(tx.now), name))
        tx.changed(SCHEDULES)


def disable(tx: Transaction, name: str) -> None:
    """Switch a schedule off, until somebody switches it on."""
    tx.db.execute("UPDATE schedules SET enabled = 0 WHERE name = ?", (name,))
    _check_known(tx, name)


def remove(tx: Transaction, name: str) -> None:
    """Forget a schedule; its tasks stay."""
    tx.db.execute("DELETE FROM schedules WHERE name = ?", (name,))
    _check_known(tx, name)


def fire(tx: Transaction, schedule: Schedule, next_run: float) -> Task | None:
    """Advance a due schedule and insert its task. None when another process did, or the last run is still active."""
    tx.db.execute(_ADVANCE, (next_run, tx.now, schedule.name, schedule.next_run))
    if not tx.db.changes():
        return None
    tx.changed(SCHEDULES)
    if tx.db.execute(_STILL_ACTIVE, (schedule.name,)).get is not None:
        return None
    tx.changed(READY)
    return _enqueue(tx, schedule)


def replan(tx: Transaction, schedule: Schedule, next_run: float) -> None:
    """Set another next run without running: the clock was set back, and the planned one would be far too late."""
    tx.db.execute(_REPLAN, (next_run, schedule.name, schedule.next_run))


def run_now(tx: Transaction, name: str) -> Task:
    """Insert a schedule's task at once, beside its plan."""
    tx.changed(READY)
    return _enqueue(tx, find(tx.db, name))


def find(db: Database, name: str) -> Schedule:
    """The schedule of that name."""
    row = db.execute(f"SELECT {_COLUMNS} FROM schedules WHERE name = ?", (name,)).fetchone()  # noqa: S608
    if row is None:
        raise _unknown(db, name)
    return _to_schedule(row)


def list_all(db: Database) -> list[Schedule]:
    """All schedules, by name."""
    return [_to_schedule(r) for r in db.execute(f"SELECT {_COLUMNS} FROM schedules ORDER BY name")]  # noqa: S608


def _check_known(tx: Transaction, name: str) -> None:
    if not tx.db.changes():
        raise _unknown(tx.db, name)
    tx.changed(SCHEDULES)


def _unknown(db: Database, name: str) -> InvalidRequest:
    known = [n for (n,) in db.execute("SELECT name FROM schedules ORDER BY name")]
    return InvalidRequest(
        f"there is no schedule {name!r}", field="name", received=name, allowed=known, nearest=nearest(name, known)
    )


def _enqueue(tx: Transaction, schedule: Schedule) -> Task:
    new = NewTask(
        name=schedule.task,
        params=schedule.params,
        priority=schedule.priority,
        max_retries=schedule.max_retries,
        timeout=schedule.timeout,
        owner=SCHEDULE_OWNER,
        schedule=schedule.name,
    )
    (stored,) = insert(tx, [new])
    return task_of(new, stored)


def _to_json(trigger: Trigger) -> str:
    facts = {"every": trigger.every, "cron": trigger.cron, "timezone": trigger.timezone}
    return json.dumps({k: v for k, v in facts.items() if v is not None})


def _to_schedule(row: tuple[Any, ...]) -> Schedule:
    name, task, params, priority, max_retries, timeout, trigger, enabled, next_run, last_run, last_due, runs, errors = (
        row
    )
    return Schedule(
        name=name,
        task=task,
        params=params,
        priority=TaskPriority(priority),
        max_retries=max_retries,
        timeout=timeout,
        trigger=Trigger(**json.loads(trigger)),
        enabled=bool(enabled),
        next_run=next_run,
        last_run=last_run,
        last_due=last_due,
        runs=runs,
        errors=errors,
    )
