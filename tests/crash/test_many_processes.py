"""Four processes on one file: every task runs once, each process gets its part, a schedule fires once at a time."""

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import anyio
import pytest

from mcp_tasks import TaskQueue, TaskStatus
from mcp_tasks.sqlite.connection import open_writer
from tests.crash.campaign import SECONDS, amount, say
from tests.crash.one_of_many import EVERY_SECONDS
from tests.crash.promises import check_kept

TASKS = amount(short=2_000, long=20_000)
PROCESSES = 4
FAIR_SHARE = TASKS // PROCESSES


def submitted_by(process: subprocess.Popen[str]) -> list[str]:
    """The tasks that a process had acknowledged, when all of them are."""
    assert process.stdout is not None
    return [line.strip() for line in iter(process.stdout.readline, "all submitted\n")]


async def wait_for_all(folder: Path, ids: list[str]) -> None:
    """A fifth process, that only watches."""
    async with TaskQueue(folder / "tasks.db") as queue:
        for id_ in ids:
            assert (await queue.wait(id_)).status is TaskStatus.COMPLETED


@pytest.mark.timeout(SECONDS)
def test_four_processes_share_one_file(tmp_path: Path) -> None:
    started = time.monotonic()
    command = [sys.executable, "-m", "tests.crash.one_of_many", str(tmp_path), str(FAIR_SHARE)]
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            for _ in range(PROCESSES)
        ]
        acknowledged = [id_ for process in processes for id_ in submitted_by(process)]
        anyio.run(wait_for_all, tmp_path, acknowledged)
        for process in processes:
            process.communicate()
    assert [process.returncode for process in processes] == [0] * PROCESSES
    assert len(set(acknowledged)) == TASKS
    check_shared(tmp_path, acknowledged, seconds=time.monotonic() - started)


def check_shared(folder: Path, acknowledged: list[str], seconds: float) -> None:
    """What the file says of who did what."""
    db = open_writer(folder / "tasks.db", "FULL")
    check_kept(db, acknowledged, acknowledged)
    attempts = db.execute(
        "SELECT task, attempts.worker FROM attempts JOIN tasks ON seq = task WHERE name = 'count'"
    ).fetchall()
    assert len(attempts) == len({task for task, _ in attempts}) == TASKS, "a task ran twice"
    workers = [worker for _, worker in attempts]
    shares = sorted(workers.count(worker) for worker in set(workers))
    say(f"{TASKS} tasks in {seconds:.1f} s, by process: {shares}")
    assert len(shares) == PROCESSES
    assert shares[0] >= FAIR_SHARE / 10, "a process starved"
    fired = db.execute("SELECT count(*) FROM tasks WHERE name = 'strike'").get
    runs = db.execute("SELECT runs FROM schedules WHERE name = 'strike'").get
    assert 1 <= fired <= runs <= seconds / EVERY_SECONDS + 1, "a schedule fired more often than it was due"
    db.close()
