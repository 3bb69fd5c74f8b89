"""The write-ahead log: small under load, large while somebody looks at an old state, and gone when that is over."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest

from mcp_tasks import TaskQueue, TaskWorker
from mcp_tasks.functions import task_function
from mcp_tasks.sqlite.connection import BUSY_SECONDS, open_reader, open_writer
from mcp_tasks.sqlite.log import IDLE_SECONDS, WriteAheadLog
from tests.crash.campaign import SECONDS, amount, say

pytestmark = pytest.mark.anyio

MEBIBYTE = 1024 * 1024
BATCH = 500
BATCHES = amount(short=10, long=200)
BOUND = 16 * MEBIBYTE
"""What the log may come to under load, with nobody who looks at one state for long."""


async def weigh(text: str) -> int:
    return len(text)


def size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


async def submit_until(queue: TaskQueue, log: Path, large: int) -> None:
    """Batches of tasks, until the log is larger than that."""
    while size(log) <= large:
        await queue.enqueue_many(weigh, [{"text": "x" * 1_000}] * BATCH)


@contextmanager
def long_reader(path: Path) -> Generator[None]:
    """Another program, that reads and does not come to an end."""
    reader = open_reader(path)
    reader.execute("BEGIN").fetchall()
    assert reader.execute("SELECT count(*) FROM tasks").get is not None
    yield
    reader.execute("COMMIT").fetchall()
    reader.close()


async def test_the_log_that_a_long_reader_made_large_is_emptied_when_it_has_gone(tmp_path: Path) -> None:
    path, log = tmp_path / "tasks.db", tmp_path / "tasks.db-wal"
    async with TaskQueue(path) as queue:
        await queue.enqueue(weigh, "x")
        with long_reader(path):
            await submit_until(queue, log, 2 * BOUND)
        with anyio.fail_after(20):
            while size(log):  # the system says nothing when a file shrinks
                await anyio.sleep(0.05)


@pytest.mark.timeout(SECONDS)
async def test_the_log_stays_small_under_load(tmp_path: Path) -> None:
    path, log = tmp_path / "tasks.db", tmp_path / "tasks.db-wal"
    largest = 0
    async with TaskQueue(path) as queue, TaskQueue(path) as other:
        other.functions.add(task_function(weigh))
        async with TaskWorker(other, 50):
            for _ in range(BATCHES):
                tasks = await queue.enqueue_many(weigh, [{"text": "x" * 1_000}] * BATCH)
                largest = max(largest, size(log))
                await queue.list_tasks(limit=100)
                await other.wait(tasks[-1].id)
                largest = max(largest, size(log))
    say(f"{BATCHES * BATCH} tasks of 1 kB: the log came to {largest / MEBIBYTE:.1f} MiB")
    assert largest < BOUND


@pytest.mark.parametrize("who", ["a reader", "a writer"])
async def test_whoever_is_in_the_way_is_not_waited_for(tmp_path: Path, who: str) -> None:
    path, log = tmp_path / "tasks.db", tmp_path / "tasks.db-wal"
    db, other = open_writer(path, "FULL"), open_writer(path, "FULL")
    async with TaskQueue(path) as queue:
        await submit_until(queue, log, 2 * MEBIBYTE)
    ours = WriteAheadLog()
    other.execute("BEGIN IMMEDIATE" if who == "a writer" else "BEGIN").fetchall()
    assert other.execute("SELECT count(*) FROM tasks").get > 0
    for look in range(3):
        started = time.monotonic()
        ours.shrink_when_idle(db, look * IDLE_SECONDS)
        assert time.monotonic() - started < BUSY_SECONDS / 2
    assert size(log) > 2 * MEBIBYTE
    other.execute("COMMIT").fetchall()
    ours.shrink_when_idle(db, 4 * IDLE_SECONDS)
    assert size(log) == 0
    db.close()
    other.close()
