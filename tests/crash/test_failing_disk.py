"""Every call that SQLite makes to the disk fails in turn: the error is typed, nothing breaks, and it passes."""

import logging
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import anyio.lowlevel
import apsw
import pytest

from mcp_tasks import TaskQueue, TaskWorker
from mcp_tasks.errors import StorageUnavailable
from mcp_tasks.functions import task_function
from tests.crash import program
from tests.crash.campaign import SECONDS, SEED, amount, say
from tests.crash.failing_disk import FailingDisk, Fault
from tests.crash.promises import check

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="replaces SQLite's system calls as they are on Linux"),
    pytest.mark.timeout(SECONDS),
]
PLACES = amount(short=12, long=400)
TASKS = 12
_WITHIN_SECONDS = 20
CALLS = {Fault.IO: 150, Fault.FULL: 150, Fault.SHORT: 150, Fault.SYNC: 20}  # about as many as one `burst` makes


@pytest.fixture
def disk(fault: Fault, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[FailingDisk]:
    monkeypatch.setattr("mcp_tasks.worker._STORAGE_RETRY_SECONDS", 0.02)
    # SQLite lives with a checkpoint that fails; a VFS in Python would have its error raised after the commit.
    pages = 0 if fault is Fault.SYNC else 10

    def set_pages(connection: apsw.Connection) -> None:
        connection.wal_autocheckpoint(pages)

    monkeypatch.setattr(apsw, "connection_hooks", [set_pages])
    caplog.set_level(logging.CRITICAL)  # each fault is logged, as it should be
    with FailingDisk(fault) as disk:
        yield disk


async def submit(queue: TaskQueue, n: int) -> str | None:
    """The new task's id, or None when the store refused it in its own words."""
    try:
        if n % 3 == 0:
            return (await queue.enqueue(program.write, f"note {n}")).id
        return (await queue.enqueue(program.add, n, 1)).id
    except StorageUnavailable:
        return None


async def burst(queue: TaskQueue, other: TaskQueue) -> tuple[list[str], int]:
    """Submit at once and one by one, in two processes' stead: what was acknowledged, and how many were refused."""
    ids: list[str | None] = []

    async def one(n: int) -> None:
        ids.append(await submit(queue, n))

    async with anyio.create_task_group() as group:
        for n in range(TASKS // 2):
            group.start_soon(one, n)
    ids += [await submit(other if n % 2 else queue, n) for n in range(TASKS // 2)]
    return [id_ for id_ in ids if id_], ids.count(None)


async def live_through(path: Path, disk: FailingDisk, after: int, times: int) -> tuple[list[str], int]:
    """A worker runs while the disk fails; when it is mended, everything acknowledged gets done."""
    async with TaskQueue(path) as queue, TaskQueue(path) as other, TaskWorker(queue, 4):
        first = await queue.enqueue(program.add, 0, 0)
        await other.wait(first.id)
        disk.fail(after, times)
        acknowledged, refused = await burst(queue, other)
        disk.mend()
        with anyio.fail_after(_WITHIN_SECONDS):
            for id_ in acknowledged:
                await queue.wait(id_)
            last = await queue.enqueue(program.add, 1, 1)
            await queue.wait(last.id)
        stored = len((await queue.list_tasks(limit=1_000)).tasks)
    assert stored == 2 + len(acknowledged), "refused, and stored all the same"
    return [first.id, *acknowledged, last.id], refused


@pytest.mark.parametrize("fault", Fault)
def test_whichever_call_fails_the_error_is_typed_and_what_was_acknowledged_gets_done(
    tmp_path: Path, fault: Fault, disk: FailingDisk
) -> None:
    rng = random.Random(SEED)
    refusals = faults = 0
    for place in range(PLACES):
        after, times = place * CALLS[fault] // PLACES, rng.choice((1, 3, 10_000))
        say(f"{fault.name}: {times} failures after {after} calls")
        folder = tmp_path / str(place)
        acknowledged, refused = anyio.run(live_through, folder / "tasks.db", disk, after, times)
        refusals += refused
        faults += disk.failed
        check(folder, acknowledged)
    say(f"{fault.name}: {PLACES} places, {faults} calls failed, {refusals} tasks refused")
    assert refusals, "nothing failed: this test proves nothing"


async def open_on(path: Path, disk: FailingDisk, after: int) -> bool:
    """Open a new file on a disk that fails; whether it was refused. Then the same queue opens it on a good one."""
    async with TaskQueue(path) as queue:
        disk.fail(after, 10_000)
        refused = await submit(queue, 1) is None
        disk.mend()
        task = await queue.enqueue(program.add, 1, 2)
        async with TaskWorker(queue):
            with anyio.fail_after(_WITHIN_SECONDS):
                assert (await queue.wait(task.id)).result == 3
    return refused


@pytest.mark.parametrize("fault", Fault)
def test_a_file_that_cannot_be_opened_now_can_be_opened_later(tmp_path: Path, fault: Fault, disk: FailingDisk) -> None:
    places = amount(short=12, long=60)
    refused = [anyio.run(open_on, tmp_path / str(place) / "tasks.db", disk, place) for place in range(places)]
    assert refused[0]


async def stop_on(path: Path, disk: FailingDisk) -> None:
    """Cancel a worker whose only outcome cannot be stored; on a mended disk the task runs again after its lease."""
    let_go = anyio.Event()

    async def hold() -> str:
        await let_go.wait()
        return "done"

    async with TaskQueue(path, lease_seconds=0.3) as queue:
        task = await queue.enqueue(hold)
        with anyio.fail_after(_WITHIN_SECONDS):
            async with anyio.create_task_group() as group:
                group.start_soon(TaskWorker(queue).start)
                while (await queue.get_task(task.id)).status != "running":
                    await anyio.lowlevel.checkpoint()
                disk.fail(0, 10_000)
                let_go.set()
                while not disk.failed:
                    await anyio.lowlevel.checkpoint()
                group.cancel_scope.cancel()
    disk.mend()
    async with TaskQueue(path) as queue:
        queue.functions.add(task_function(hold))
        async with TaskWorker(queue):
            with anyio.fail_after(_WITHIN_SECONDS):
                assert (await queue.wait(task.id)).result == "done"


@pytest.mark.parametrize("fault", [Fault.FULL])
def test_a_worker_whose_outcomes_cannot_be_stored_can_still_be_stopped(
    tmp_path: Path, fault: Fault, disk: FailingDisk
) -> None:
    anyio.run(stop_on, tmp_path / "tasks.db", disk)
    assert fault is disk.fault
