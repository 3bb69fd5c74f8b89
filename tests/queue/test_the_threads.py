"""The threads that own the connections: whatever goes wrong in them, they go on, and nobody waits for ever."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from mcp_tasks import TaskQueue
from mcp_tasks.sqlite.commit import Transaction
from mcp_tasks.sqlite.connection import open_writer
from mcp_tasks.sqlite.database import Database
from mcp_tasks.sqlite.thread import Call, ConnectionThread, Deliveries

pytestmark = pytest.mark.anyio


async def work() -> None:
    """Never run here."""


def fail(*_: object) -> None:
    raise RuntimeError("a fault of ours")


@pytest.mark.parametrize("notice", [Transaction.on_commit, Transaction.on_undo], ids=["commit", "undo"])
async def test_a_fault_in_what_follows_a_transaction_is_logged_and_the_next_one_works(
    queue: TaskQueue, caplog: pytest.LogCaptureFixture, notice: Callable[..., None]
) -> None:
    def operation(tx: Transaction) -> None:
        notice(tx, fail)
        if notice is Transaction.on_undo:
            raise ValueError("undo this")

    with anyio.fail_after(10):
        try:
            await queue.store.write_schedule(operation)
        except ValueError:
            assert notice is Transaction.on_undo
        task = await queue.enqueue(work)
        assert await queue.get_task(task.id) == task
    assert "a fault of ours" in caplog.text


async def test_a_fault_of_the_thread_is_told_to_who_waits_and_the_next_call_works(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    faults = [fail]

    def execute(db: Database, calls: list[Call[Any]]) -> Deliveries:
        db.execute("BEGIN IMMEDIATE")
        if faults:
            faults.pop()()
        db.execute("COMMIT")
        for call in calls:
            call.result = call.operation(db)
        return {}

    caplog.set_level(logging.ERROR)
    thread = ConnectionThread("test", lambda: open_writer(tmp_path / "tasks.db", "FULL"), execute)
    with anyio.fail_after(10):
        with pytest.raises(RuntimeError, match="a fault of ours"):
            await thread.call(lambda db: None)
        assert await thread.call(lambda db: db.execute("SELECT 42").get) == 42
    thread.close()
    assert "a fault of ours" in caplog.text


async def test_a_tick_that_fails_does_not_end_the_thread(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ticks: list[int] = []

    def execute(db: Database, calls: list[Call[Any]]) -> Deliveries:
        for call in calls:
            call.result = len(ticks)
        return {}

    def tick(db: Database) -> None:
        ticks.append(1)
        if len(ticks) == 1:
            fail()

    thread = ConnectionThread(
        "test", lambda: open_writer(tmp_path / "tasks.db", "FULL"), execute, tick=tick, tick_seconds=0.001
    )
    with anyio.fail_after(10):
        while (await thread.call(lambda db: 0)) < 2:  # each call lets the thread go on, and it ticks in between
            await anyio.lowlevel.checkpoint()
    thread.close()
    assert "a fault of ours" in caplog.text
