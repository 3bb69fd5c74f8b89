"""Retention: finished tasks go when their time is over; records stay."""

from collections.abc import Mapping

from mcp_tasks.sqlite.commit import Transaction
from mcp_tasks.sqlite.database import Database
from mcp_tasks.sqlite.hub import ARTIFACTS
from mcp_tasks.sqlite.line import forget_turns
from mcp_tasks.task import TaskStatus

_EXPIRED = """
SELECT seq, id FROM tasks INDEXED BY tasks_finished
WHERE finished_at IS NOT NULL AND finished_at < ? AND status = ? LIMIT ?
"""
_ALL_EXPIRED = """
SELECT id FROM tasks INDEXED BY tasks_finished WHERE finished_at IS NOT NULL AND finished_at < ? AND status = ?
"""
_DELETES = (
    "DELETE FROM attempts WHERE task = ?",
    "DELETE FROM artifacts WHERE task = ?",
    "DELETE FROM tasks WHERE seq = ?",
)


def prune(tx: Transaction, keep_seconds: Mapping[TaskStatus, float], most: int) -> list[str]:
    """Delete at most `most` finished tasks, each status after its own time; returns their ids."""
    removed: list[str] = []
    for status, seconds in keep_seconds.items():
        rows = tx.db.execute(_EXPIRED, (tx.now - seconds, status, most - len(removed))).fetchall()
        for seq, id_ in rows:
            for delete in _DELETES:
                tx.db.execute(delete, (seq,))
            removed.append(id_)
    forget_turns(tx)
    if removed:
        tx.changed(ARTIFACTS, *removed)
    return removed


def expired(db: Database, now: float, keep_seconds: Mapping[TaskStatus, float]) -> list[str]:
    """The ids of all tasks that `prune` would delete."""
    kept = keep_seconds.items()
    return [id_ for status, seconds in kept for (id_,) in db.execute(_ALL_EXPIRED, (now - seconds, status))]
