"""The promises, read from the file itself, after whatever happened."""

import hashlib
from collections.abc import Collection, Iterable
from pathlib import Path

from mcp_tasks import TaskQueue, TaskStatus, TaskWorker
from mcp_tasks.sqlite.connection import open_writer
from mcp_tasks.sqlite.database import Database
from tests.crash import program

UNFINISHED = (TaskStatus.PENDING, TaskStatus.RUNNING, TaskStatus.RETRYING)


async def finish_the_rest(folder: Path) -> None:
    """What the last process left behind is reclaimed and run, by the functions of `program`."""
    assert program.write.function.name == "write"
    async with TaskQueue(folder / "tasks.db") as queue, TaskWorker(queue, 32):
        for status in UNFINISHED:
            while page := (await queue.list_tasks(status=status, limit=1_000)).tasks:
                for task in page:
                    await queue.wait(task.id)


def check(folder: Path, acknowledged: Iterable[str]) -> None:
    """Everything acknowledged is there and completed, once, with its files; nothing else is stuck."""
    db = open_writer(folder / "tasks.db", "FULL")
    try:
        statuses = check_kept(db, acknowledged)
        assert set(statuses.values()) <= {"completed"}, "stuck, or failed"
        check_completions(db, folder)
        counted = db.execute("SELECT coalesce(sum(n), 0) FROM counters WHERE status = 'completed'").get
        assert counted == len(statuses)
    finally:
        db.close()


def check_kept(db: Database, acknowledged: Iterable[str], completed: Collection[str] = ()) -> dict[str, str]:
    """The file is whole, and knows what was acknowledged and what was seen completed; statuses by task id."""
    assert db.execute("PRAGMA integrity_check").get == "ok"
    statuses = {str(row[0]): str(row[1]) for row in db.execute("SELECT id, status FROM tasks")}
    assert [id_ for id_ in acknowledged if id_ not in statuses] == [], "acknowledged, and lost"
    assert [id_ for id_ in completed if statuses[id_] != "completed"] == [], "seen completed, and lost"
    return statuses


def check_completions(db: Database, folder: Path) -> None:
    """What is completed was completed once, and its artifacts are whole."""
    completions = db.execute(
        "SELECT tasks.id, count(attempts.attempt) FROM tasks LEFT JOIN attempts ON task = seq "
        "AND outcome = 'completed' WHERE status = 'completed' GROUP BY seq"
    ).fetchall()
    assert [row for row in completions if row[1] != 1] == [], "completed twice, or without a trace"
    written = db.execute("SELECT count(*) FROM tasks WHERE name = 'write' AND status = 'completed'").get
    files = db.execute("SELECT path, bytes, sha256 FROM artifacts").fetchall()
    assert len(files) == written, "completed without its artifact"
    for path, size, sha256 in files:
        content = (folder / "tasks.db-files" / "artifacts" / path).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (size, sha256), f"{path} is not what was recorded"
