"""The file: what cannot be used is refused with words that help, and is left as it was."""

import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from mcp_tasks import TaskQueue, TaskScheduler, TaskStatus
from mcp_tasks.errors import StorageUnavailable
from mcp_tasks.sqlite.claim import CANDIDATES
from mcp_tasks.sqlite.connection import open_writer
from mcp_tasks.sqlite.read import AHEAD, FINISHED
from mcp_tasks.sqlite.schema import VERSION
from mcp_tasks.task import Completed
from tests.claiming import Hand

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


async def test_a_position_is_counted_in_the_part_of_the_ready_index_that_goes_first(
    queue: TaskQueue, tmp_path: Path
) -> None:
    await queue.enqueue(echo)
    with sqlite3.connect(tmp_path / "tasks.db") as db:
        plan = " ".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {AHEAD}", ("echo", 2, 1, 1, 5)))
    db.close()
    assert "INDEX tasks_ready (name=? AND priority>?)" in plan
    assert "INDEX tasks_ready (name=? AND priority=? AND turn<?)" in plan


async def test_the_tasks_of_a_day_are_found_by_the_index_of_their_ends_in_its_order(
    queue: TaskQueue, tmp_path: Path
) -> None:
    await queue.enqueue(echo)
    with sqlite3.connect(tmp_path / "tasks.db") as db:
        plan = " ".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {FINISHED}", (0, -1, 1, 1000)))
    db.close()
    assert "SEARCH tasks USING INDEX tasks_finished (finished_at>? AND finished_at<?)" in plan
    assert "TEMP B-TREE" not in plan


async def test_owners_who_are_gone_leave_no_turns_behind(queue: TaskQueue, tmp_path: Path) -> None:
    for n in range(20):
        await queue.enqueue(echo, owner=f"owner-{n}")
    await Hand(queue, per_name={"echo": 1_000}).claim()
    await queue.cleanup()
    with sqlite3.connect(tmp_path / "tasks.db") as db:
        assert db.execute("SELECT count(*) FROM turns").fetchone() == (0,)
    db.close()


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


async def test_a_read_that_fails_among_its_rows_does_not_hide_what_comes_later(tmp_path: Path) -> None:
    path = tmp_path / "tasks.db"
    async with TaskQueue(path) as queue:
        scheduler = TaskScheduler(queue)
        for name in ("one", "other"):
            await scheduler.schedule_interval(name, echo, 60)
        writer = open_writer(path, "FULL")
        writer.execute("UPDATE schedules SET trigger = 'now and then'")
        writer.close()
        with pytest.raises(ValueError, match="Expecting value") as kept:
            await scheduler.get_scheduled_tasks()

        task = await queue.enqueue(echo)
        assert await queue.get_task(task.id) == task
        assert kept.value.__traceback__ is not None  # somebody may hold on to what failed


def test_processes_that_open_a_new_file_at_once_all_open_it(tmp_path: Path) -> None:
    """The losers of each race are neither told that the file is not ours nor that it is busy."""
    together = Barrier(4)

    def open_at_once(path: Path) -> None:
        together.wait(10)
        open_writer(path, "NORMAL").close()

    with ThreadPoolExecutor(together.parties) as pool:
        for n in range(25):
            list(pool.map(open_at_once, [tmp_path / f"{n}.db"] * together.parties))
