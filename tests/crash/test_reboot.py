"""After a reboot the monotonic clock starts again, and with it what leases mean; the lock files may be gone."""

import shutil
from pathlib import Path

import anyio
import pytest

from mcp_tasks import TaskQueue, TaskWorker
from tests.claiming import Hand
from tests.crash import program
from tests.crash.power_loss import BootedAgo

pytestmark = pytest.mark.anyio


async def claim_and_lose_power(folder: Path, restored: Path) -> str:
    """Claim a task on a machine that has been up for a year; the file alone survives."""
    async with TaskQueue(folder / "tasks.db", clock=BootedAgo(365 * 86_400)) as queue:
        task = await queue.enqueue(program.add, 1, 2)
        await Hand(queue).claim_one()
    restored.mkdir()
    shutil.copy(folder / "tasks.db", restored)
    return task.id


async def test_a_claim_from_before_a_reboot_is_taken_back_when_its_lock_file_was_lost(tmp_path: Path) -> None:
    task_id = await claim_and_lose_power(tmp_path, tmp_path / "restored")
    async with TaskQueue(tmp_path / "restored" / "tasks.db", clock=BootedAgo(60)) as queue, TaskWorker(queue):
        with anyio.fail_after(20):
            task = await queue.wait(task_id)
    assert (task.result, task.attempt, task.failures) == (3, 2, 1)


async def test_a_long_lease_of_a_process_that_lives_is_left_alone(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db", lease_seconds=1e6) as theirs, TaskQueue(tmp_path / "tasks.db") as ours:
        first = await theirs.enqueue(program.add, 1, 2)
        await Hand(theirs).claim_one()
        async with TaskWorker(ours):
            second = await ours.enqueue(program.add, 3, 4)
            await ours.wait(second.id)
            await ours.wait((await ours.enqueue(program.add, 5, 6, delay=1.2)).id)  # they look once a second
            assert (await ours.get_task(first.id)).attempt == 1
