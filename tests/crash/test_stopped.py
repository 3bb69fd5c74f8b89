"""A process that stands still for longer than its lease: another one does its task, and its own outcome is refused."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from mcp_tasks import TaskQueue, TaskWorker
from mcp_tasks.task import WORKER_LOST
from tests.crash import stopped

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGSTOP"),
]


def start(folder: Path, pipe: Path) -> subprocess.Popen[str]:
    """The process that will be stopped."""
    command = [sys.executable, "-m", "tests.crash.stopped", str(folder), str(pipe)]
    piped = subprocess.PIPE
    return subprocess.Popen(command, stdin=piped, stdout=piped, stderr=piped, text=True)


async def done_by_us(folder: Path) -> str:
    """Wait until a worker of this process has taken the task over; its id."""
    assert stopped.say_who.function.name == "say_who"
    async with TaskQueue(folder / "tasks.db", lease_seconds=stopped.LEASE_SECONDS) as queue, TaskWorker(queue):
        (task,) = (await queue.list_tasks()).tasks
        with anyio.fail_after(20):
            assert (await queue.wait(task.id)).result == "ours"
    return task.id


async def test_the_late_outcome_of_a_stopped_worker_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writing = os.open(pipe, os.O_RDWR)  # so that neither side waits for the other to open it
    with start(tmp_path, pipe) as theirs:
        assert theirs.stdout is not None
        assert theirs.stdout.readline() == "begun\n"
        theirs.send_signal(signal.SIGSTOP)
        task_id = await done_by_us(tmp_path)
        os.write(writing, b"theirs, late\n")  # the function returns the moment the process goes on
        theirs.send_signal(signal.SIGCONT)
        _, complaints = theirs.communicate(timeout=20)
    os.close(writing)
    assert theirs.returncode == 0, complaints
    async with TaskQueue(tmp_path / "tasks.db") as queue:
        task = await queue.get_task(task_id)
        attempts = await queue.attempts(task_id)
    assert (task.status, task.result, task.attempt) == ("completed", "ours", 2)
    assert [(a.attempt, a.outcome, a.error) for a in attempts] == [(1, "failed", WORKER_LOST), (2, "completed", None)]
