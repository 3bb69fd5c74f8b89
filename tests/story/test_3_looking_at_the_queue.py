"""What is there: by status, in numbers; and what may go."""

from pathlib import Path

import pytest

from mcp_tasks import TaskQueue, TaskStatus, TaskWorker
from mcp_tasks.errors import PermanentError

pytestmark = pytest.mark.anyio


async def order(number: int) -> int:
    if number == 0:
        raise PermanentError("there is no order 0")
    return number


async def test_tasks_can_be_looked_at_by_status_and_counted(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue:
        async with TaskWorker(queue):
            good, bad = await queue.enqueue(order, 1), await queue.enqueue(order, 0)
            for task in (good, bad):
                await queue.wait(task.id)
        later = await queue.enqueue(order, 2, delay=3600)

        assert [task.id for task in await queue.get_tasks_by_status(TaskStatus.COMPLETED)] == [good.id]
        assert [task.id for task in await queue.get_tasks_by_status("failed")] == [bad.id]
        assert [task.id for task in await queue.get_tasks_by_status("pending")] == [later.id]

        assert await queue.size() == 1
        assert await queue.get_task_stats() == {
            "pending": 1,
            "running": 0,
            "retrying": 0,
            "completed": 1,
            "failed": 1,
            "cancelled": 0,
            "total": 3,
        }


async def test_finished_tasks_are_cleared_when_they_are_old_enough(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue:
        async with TaskWorker(queue):
            await queue.wait((await queue.enqueue(order, 1)).id)
        waiting = await queue.enqueue(order, 2)

        assert (await queue.clear_completed(older_than_hours=24)).tasks == 0
        assert (await queue.clear_completed(older_than_hours=0)).tasks == 1
        assert [task.id for task in (await queue.list_tasks()).tasks] == [waiting.id]
