"""The file: what cannot be used is refused with words that help, and is left as it was."""

import sqlite3
import sys
from pathlib import Path

import anyio
import pytest

from mcp_tasks import TaskQueue, TaskStatus, TaskWorker
from mcp_tasks.errors import StorageUnavailable
from mcp_tasks.sqlite.claim import CANDIDATES
from mcp_tasks.sqlite.connection import open_writer
from mcp_tasks.sqlite.schema import VERSION
from mcp_tasks.task import Completed
from tests.claiming import Hand
from tests.moving_clock import MovingClock

pytestmark = pytest.mark.anyio


async def echo(value: int = 0) -> int:
    return value


async def test_a_file_that_is_not_a_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "tasks.db"
    path.write_text("my notes, not a database, and rather long " * 50)
    before = path.read_bytes()
    async with TaskQueue(path) as queue:
        with pytest.raises(StorageUnavailable, match="not a SQLite database"):
            await queue.enqueue(echo)
    assert path.read_bytes() == before


async def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "tasks.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE clients (name TEXT)")
    db.close()
    before = path.read_bytes()
    async with TaskQueue(path) as queue:
        with pytest.raises(StorageUnavailable, match="another program"):
            await queue.stats()
    assert path.read_bytes() == before


async def test_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tasks.db"
    async with TaskQueue(path) as queue:
        await queue.enqueue(echo)
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    async with TaskQueue(path) as queue:
        with pytest.raises(StorageUnavailable, match="newer mcp_tasks"):
            await queue.enqueue(echo)


async def test_a_migration_by_another_process_stops_our_writes(tmp_path: Path) -> None:
    path = tmp_path / "tasks.db"
    async with TaskQueue(path) as queue:
        await queue.enqueue(echo)
        with sqlite3.connect(path) as db:
            db.execute(f"PRAGMA user_version = {VERSION + 1}")
        db.close()
        with pytest.raises(StorageUnavailable, match="restart this process"):
            await queue.enqueue(echo)


@pytest.mark.skipif(sys.platform == "win32", reason="a path below a file fails in other words there")
async def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    async with TaskQueue(tmp_path / "file" / "tasks.db") as queue:
        with pytest.raises(StorageUnavailable, match=r"tasks\.db"):
            await queue.enqueue(echo)


async def test_a_queue_that_could_not_open_opens_when_the_reason_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "tasks.db"
    path.write_text("in the way " * 100)
    async with TaskQueue(path) as queue:
        with pytest.raises(StorageUnavailable):
            await queue.enqueue(echo)
        path.unlink()
        await queue.enqueue(echo)
        assert len((await queue.list_tasks()).tasks) == 1


async def test_a_closed_queue_says_so(tmp_path: Path) -> None:
    queue = TaskQueue(tmp_path / "tasks.db")
    await queue.enqueue(echo)
    await queue.close()
    with pytest.raises(StorageUnavailable, match="closed"):
        await queue.enqueue(echo)


async def test_one_bad_operation_does_not_poison_the_others_of_its_commit(queue: TaskQueue) -> None:
    first = await queue.enqueue(echo, 0, idempotency_key="taken")
    refused: list[Exception] = []

    async def submit(n: int) -> None:
        try:
            await queue.enqueue(echo, n, idempotency_key="taken" if n % 5 == 4 else None)
        except Exception as error:
            refused.append(error)

    async with anyio.create_task_group() as group:
        for n in range(100):
            group.start_soon(submit, n)
    assert len(refused) == 20
    stored = await queue.list_tasks(limit=1_000)
    assert sorted(t.params["value"] for t in stored.tasks if t.id != first.id) == [n for n in range(100) if n % 5 != 4]


async def test_the_counters_agree_with_the_rows_after_everything(queue: TaskQueue, tmp_path: Path) -> None:
    hand = Hand(queue, per_name={"echo": 1_000})
    tasks = [await queue.enqueue(echo, n) for n in range(10)]
    claims = await hand.claim()
    for claim in claims[:4]:
        await queue.store.finish(claim, Completed("1"), None)
    await queue.cancel(tasks[5].id)
    await queue.cleanup({TaskStatus.COMPLETED: -1})
    with sqlite3.connect(tmp_path / "tasks.db") as db:
        rows = db.execute("SELECT owner, name, status, count(*) FROM tasks GROUP BY 1, 2, 3 ORDER BY 3").fetchall()
        counted = db.execute("SELECT * FROM counters WHERE n <> 0 ORDER BY 3").fetchall()
    db.close()
    assert counted == rows


async def test_a_claim_searches_the_ready_index_and_sorts_nothing(queue: TaskQueue, tmp_path: Path) -> None:
    await queue.enqueue(echo)
    with sqlite3.connect(tmp_path / "tasks.db") as db:
        plan = " ".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {CANDIDATES}", ("echo", 5)))
    db.close()
    assert "USING INDEX tasks_ready (name=?)" in plan
    assert "TEMP B-TREE" not in plan


async def test_cleanup_keeps_each_status_for_its_own_time(queue: TaskQueue, clock: MovingClock) -> None:
    done, cancelled = await queue.enqueue(echo, 1), await queue.enqueue(echo, 2)
    await queue.cancel(cancelled.id)
    await queue.store.finish(await Hand(queue).claim_one(), Completed("1"), None)
    waiting = await queue.enqueue(echo, 3)
    clock.advance(100)
    pruned = await queue.cleanup({TaskStatus.COMPLETED: 99, TaskStatus.CANCELLED: 101})
    assert pruned.tasks == 1
    left = [t.id for t in (await queue.list_tasks()).tasks]
    assert left == [waiting.id, cancelled.id]
    assert done.id not in left


async def test_records_are_numbered_once_and_outlive_their_tasks(queue: TaskQueue, clock: MovingClock) -> None:
    for n in range(3):
        await queue.enqueue(echo, n)
    keys: list[str] = []
    for claim in await Hand(queue).claim():
        chosen = "Q-2026-0002" if not keys else None
        first = await queue.store.record(claim, "quotation", "{}", key=chosen, prefix="Q-2026-")
        again = await queue.store.record(claim, "quotation", "{}", key=chosen, prefix="Q-2026-")
        keys += [first, again]  # a second attempt of a task keeps its number
        await queue.store.finish(claim, Completed("1"), None)
    assert keys == ["Q-2026-0002"] * 2 + ["Q-2026-0001"] * 2 + ["Q-2026-0003"] * 2
    await queue.cleanup({TaskStatus.COMPLETED: -1})
    await queue.enqueue(echo)
    claim = await Hand(queue).claim_one()
    assert await queue.store.record(claim, "quotation", "{}", key=None, prefix="Q-2026-") == "Q-2026-0004"


async def test_waiting_ends_when_another_process_finishes_the_task(tmp_path: Path) -> None:
    path = tmp_path / "tasks.db"
    async with TaskQueue(path) as ours, TaskQueue(path) as theirs:
        task = await ours.enqueue(echo, 7)
        theirs.functions.add(ours.functions.get("echo"))
        async with TaskWorker(theirs):
            with anyio.fail_after(20):
                assert (await ours.wait(task.id)).result == 7


async def test_waiting_returns_at_once_when_the_task_cannot_finish_in_time(queue: TaskQueue) -> None:
    task = await queue.enqueue(echo, delay=60)
    with anyio.fail_after(20):
        assert (await queue.wait(task.id, 30)).status is TaskStatus.PENDING


async def test_waiting_is_bounded(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue:
        task = await queue.enqueue(echo)
        assert (await queue.wait(task.id, 0.01)).status is TaskStatus.PENDING


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
async def test_what_the_queue_keeps_is_readable_by_its_owner_alone(queue: TaskQueue, tmp_path: Path) -> None:
    await queue.enqueue(echo)
    (lock,) = (tmp_path / "tasks.db-files" / "workers").iterdir()
    assert lock.stat().st_mode & 0o077 == 0


def test_the_pragmas_of_the_guarantees_are_in_force(tmp_path: Path) -> None:
    db = open_writer(tmp_path / "tasks.db", "FULL")
    assert db.execute("PRAGMA journal_mode").get == "wal"
    assert db.execute("PRAGMA synchronous").get == 2
    db.close()
