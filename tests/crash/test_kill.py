"""kill -9, again and again: nothing acknowledged is lost, nothing is completed twice, nothing stays stuck.

`make crash` runs more of it (MCP_TASKS_KILLS); a failure names its seed, and MCP_TASKS_SEED replays it.
"""

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from mcp_tasks import TaskQueue, TaskStatus, TaskWorker
from mcp_tasks.sqlite.connection import open_reader
from tests.crash import program

KILLS = int(os.environ.get("MCP_TASKS_KILLS", "25"))
SEED = int(os.environ.get("MCP_TASKS_SEED", "20261123"))


def run_and_kill(folder: Path, seed: int, after: int) -> list[str]:
    """Start the program, kill it once it acknowledged `after` tasks; all that it acknowledged."""
    command = [sys.executable, "-m", "tests.crash.program", str(folder), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline().strip() for _ in range(after)]
        process.kill()
        rest = process.stdout.read().split("\n")
    return [id_ for id_ in [*acknowledged, *rest[:-1]] if id_]  # the last line may be half written


async def finish_the_rest(folder: Path) -> None:
    """What the last process left behind is reclaimed and run, by the same functions."""
    assert program.write.function.name == "write"
    async with TaskQueue(folder / "tasks.db") as queue, TaskWorker(queue, 32):
        unfinished = (TaskStatus.PENDING, TaskStatus.RUNNING, TaskStatus.RETRYING)
        for status in unfinished:
            while page := (await queue.list_tasks(status=status, limit=1_000)).tasks:
                for task in page:
                    await queue.wait(task.id)


def check(folder: Path, acknowledged: list[str]) -> None:
    """The promises, read from the file itself."""
    db = open_reader(folder / "tasks.db")
    assert db.execute("PRAGMA integrity_check").get == "ok"
    statuses = {str(row[0]): str(row[1]) for row in db.execute("SELECT id, status FROM tasks")}
    assert [id_ for id_ in acknowledged if id_ not in statuses] == [], "acknowledged, and lost"
    assert {s for s in statuses.values() if s != "completed"} == set(), "stuck, or failed"
    completions = db.execute(
        "SELECT tasks.id, count(attempts.attempt) FROM tasks "
        "LEFT JOIN attempts ON task = seq AND outcome = 'completed' GROUP BY seq"
    ).fetchall()
    assert [row for row in completions if row[1] != 1] == [], "completed twice, or without a trace"
    written = db.execute("SELECT count(*) FROM tasks WHERE name = 'write'").get
    files = db.execute("SELECT path, bytes, sha256 FROM artifacts").fetchall()
    assert len(files) == written, "completed without its artifact"
    for path, size, sha256 in files:
        content = (folder / "tasks.db-files" / "artifacts" / path).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (size, sha256)
    counted = db.execute("SELECT sum(n) FROM counters WHERE status = 'completed'").get
    assert counted == len(statuses)
    db.close()


@pytest.mark.timeout(60 + 2 * KILLS)
@pytest.mark.parametrize("part", range(4))
def test_nothing_is_lost_or_done_twice_when_the_process_is_killed(tmp_path: Path, part: int) -> None:
    seed = SEED + part
    print(f"seed {seed}: {KILLS} kills")  # noqa: T201 - pytest shows it when this fails
    rng = random.Random(seed)
    acknowledged: list[str] = []
    for kill in range(KILLS):
        acknowledged += run_and_kill(tmp_path, seed + kill, after=rng.randrange(1, 60))
    anyio.run(finish_the_rest, tmp_path)
    check(tmp_path, acknowledged)
