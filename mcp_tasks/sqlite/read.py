"""What can be asked of the store. Every function reads one snapshot."""

from typing import Any, TypeAlias

from mcp_tasks.errors import InvalidRequest, TaskNotFound
from mcp_tasks.repair import shown
from mcp_tasks.sqlite.database import Database, Row
from mcp_tasks.sqlite.rows import (
    ARTIFACT_COLUMNS,
    ATTEMPT_COLUMNS,
    TASK_COLUMNS,
    to_artifact,
    to_attempt,
    to_task,
)
from mcp_tasks.task import Artifact, Attempt, Finished, Page, Spread, Stats, Task, TaskStatus

Moment: TypeAlias = tuple[float, int]
"""When a task finished, and its `seq`: tasks that finish together have an order, too."""

POSITION_COUNTED = 1_000
_FINISHED_SAMPLED = 1_000
_FINISHED_SCANNED = 20_000
_BY_ID = f"SELECT {TASK_COLUMNS} FROM tasks WHERE id = ?"  # noqa: S608 - the columns are ours
_ARTIFACTS = f"SELECT {ARTIFACT_COLUMNS} FROM artifacts WHERE task = ? ORDER BY name"  # noqa: S608
_ATTEMPTS = f"SELECT {ATTEMPT_COLUMNS} FROM attempts WHERE task = ? ORDER BY attempt"  # noqa: S608
_PLACE = "SELECT turn FROM tasks WHERE seq = ? AND ready = 1"
# Two ranges of the index, for each ends where it should: one with OR would go on to the end of the line.
AHEAD = """
SELECT count(*) FROM (
  SELECT 1 FROM tasks INDEXED BY tasks_ready WHERE ready = 1 AND name = ?1 AND priority > ?2
  UNION ALL
  SELECT 1 FROM tasks INDEXED BY tasks_ready
  WHERE ready = 1 AND name = ?1 AND priority = ?2 AND (turn, seq) < (?3, ?4)
  LIMIT ?5)
"""
FINISHED = """
SELECT name, status, started_at - run_at, finished_at - started_at, min(failures, max(attempt - 1, 0)),
  CASE status WHEN 'failed' THEN error ->> 'type' END, finished_at, seq
FROM tasks INDEXED BY tasks_finished
WHERE finished_at IS NOT NULL AND (finished_at, seq) > (?1, ?2) AND finished_at < ?3
ORDER BY finished_at, seq LIMIT ?4
"""
_READY_NAMES = "SELECT DISTINCT name FROM counters WHERE status IN ('pending', 'retrying') AND n > 0"


def find_task(db: Database, id_: str, owner: str | None = None) -> Task:
    """The task with that id. Raises `TaskNotFound`, in the same words when it belongs to another owner."""
    row = db.execute(_BY_ID, (id_,)).fetchone()
    if row is not None:
        task = _with_artifacts(db, row)
        if owner is None or task.owner == owner:
            return task
    raise TaskNotFound(
        f"there is no task {shown(id_)!r}; task_list shows the tasks there are",
        field="task_id",
        received=shown(id_),
    )


def _with_artifacts(db: Database, row: Row) -> Task:
    task = to_task(row)
    found = artifacts(db, task.seq) if task.status is TaskStatus.COMPLETED else ()
    return to_task(row, found) if found else task


def artifacts(db: Database, seq: int) -> tuple[Artifact, ...]:
    """The artifacts of a task, by name."""
    return tuple(to_artifact(r) for r in db.execute(_ARTIFACTS, (seq,)))


def recorded_paths(db: Database) -> set[str]:
    """The folders of all recorded artifacts."""
    return {str(path).rpartition("/")[0] for (path,) in db.execute("SELECT path FROM artifacts")}


def attempts(db: Database, id_: str, owner: str | None) -> list[Attempt]:
    """The ended attempts of a task, oldest first."""
    task = find_task(db, id_, owner)
    return [to_attempt(r) for r in db.execute(_ATTEMPTS, (task.seq,))]


def position(db: Database, task: Task) -> int | None:
    """How many tasks go before this one as the line is now; None when it is not in the line, or beyond 1,000."""
    turn = db.execute(_PLACE, (task.seq,)).get
    if turn is None:
        return None
    ahead = 0
    for (name,) in db.execute(_READY_NAMES).fetchall():
        left = POSITION_COUNTED + 1 - ahead
        ahead += db.execute(AHEAD, (name, int(task.priority), turn, task.seq, left)).get
        if ahead > POSITION_COUNTED:
            return None
    return ahead


def list_tasks(
    db: Database,
    owner: str | None,
    status: TaskStatus | None,
    name: str | None,
    limit: int,
    cursor: str | None,
) -> Page:
    """A page of tasks, newest first. A cursor is the `seq` of the last task seen, as text."""
    before = None if cursor is None else _before(cursor)
    # An owner's tasks are found by their status: the newest of each, and of these the newest.
    statuses = list(TaskStatus) if owner is not None and status is None else [status]
    parts: list[str] = []
    values: list[Any] = []
    for each in statuses:
        given = {"owner = ?": owner, "status = ?": each, "name = ?": name, "seq < ?": before}
        known = {condition: value for condition, value in given.items() if value is not None}
        where = f"WHERE {' AND '.join(known)}" if known else ""
        parts.append(f"SELECT seq FROM (SELECT seq FROM tasks {where} ORDER BY seq DESC LIMIT ?)")  # noqa: S608 - ours
        values += [*known.values(), limit + 1]
    newest = " UNION ALL ".join(parts)
    sql = f"SELECT {TASK_COLUMNS} FROM tasks WHERE seq IN ({newest}) ORDER BY seq DESC LIMIT ?"  # noqa: S608 - ours
    rows = db.execute(sql, (*values, limit + 1)).fetchall()
    tasks = [_with_artifacts(db, row) for row in rows[:limit]]
    return Page(tasks, str(tasks[-1].seq) if len(rows) > limit else None)


def _before(cursor: str) -> int:
    if cursor.isascii() and cursor.isdigit() and len(cursor) <= 18:
        return int(cursor)
    raise InvalidRequest(
        "this cursor does not come from task_list; leave it out to start at the newest task",
        field="cursor",
        received=shown(cursor),
    )


def stats(db: Database, owner: str | None, now: float) -> Stats:
    """Counts from the counters, and the times of the last 1,000 finished tasks."""
    counts: dict[str, dict[TaskStatus, int]] = {}
    sql = "SELECT name, status, sum(n) FROM counters WHERE n > 0"
    for name, status, n in db.execute(*_owned(sql, owner, "GROUP BY name, status ORDER BY name")):
        counts.setdefault(name, {})[TaskStatus(status)] = n
    finished = (
        "SELECT run_at, started_at, finished_at FROM (SELECT * FROM tasks INDEXED BY tasks_finished "
        "WHERE finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT ?) WHERE started_at IS NOT NULL"
    )
    sql, values = _owned(finished, owner, "LIMIT ?")
    waits: list[float] = []
    runs: list[float] = []
    for run_at, started_at, finished_at in db.execute(sql, (_FINISHED_SCANNED, *values, _FINISHED_SAMPLED)):
        waits.append(max(0.0, started_at - run_at))
        runs.append(max(0.0, finished_at - started_at))
    return Stats(
        by_name=counts,
        wait_seconds=Spread.of(waits),
        run_seconds=Spread.of(runs),
        oldest_pending_seconds=_oldest_pending(db, owner, now),
        workers=db.execute("SELECT count(*) FROM workers").get,
    )


def finished(db: Database, after: Moment, until: float, most: int) -> tuple[list[Finished], Moment | None]:
    """At most so many of the tasks that finished after a moment and before `until`, and the moment of the last one."""
    rows = db.execute(FINISHED, (*after, until, most)).fetchall()
    found = [
        Finished(name, TaskStatus(status), _seconds(waited), _seconds(ran), retries, error)
        for name, status, waited, ran, retries, error, _, _ in rows
    ]
    return found, rows[-1][-2:] if rows else None


def _seconds(difference: float | None) -> float | None:
    """The clock may have been set back meanwhile."""
    return None if difference is None else max(0.0, difference)


def _oldest_pending(db: Database, owner: str | None, now: float) -> float | None:
    """How long the first of the waiting tasks has waited."""
    owners = [owner] if owner is not None else [o for (o,) in db.execute("SELECT DISTINCT owner FROM counters")]
    sql = """
    SELECT created_at FROM tasks INDEXED BY tasks_status WHERE owner = ? AND status = 'pending' ORDER BY seq LIMIT 1
    """
    found = [at for o in owners if (at := db.execute(sql, (o,)).get) is not None]
    return max(0.0, now - min(found)) if found else None


def _owned(sql: str, owner: str | None, end: str) -> tuple[str, tuple[Any, ...]]:
    return (f"{sql} {end}", ()) if owner is None else (f"{sql} AND owner = ? {end}", (owner,))
