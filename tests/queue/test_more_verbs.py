"""Batches, changes as they happen, other priorities, bounds for each owner."""

import anyio
import pytest

from mcp_tasks import TaskPriority, TaskQueue, TaskStatus, TaskWorker
from mcp_tasks.errors import InvalidRequest, QueueFull, TaskAlreadyFinished
from tests.claiming import Hand
from tests.queue.conftest import OpenQueue

pytestmark = pytest.mark.anyio


async def double(value: int) -> int:
    return value * 2


async def test_a_batch_is_stored_in_order_and_run(open_queue: OpenQueue) -> None:
    async with open_queue() as queue, TaskWorker(queue, 8):
        tasks = await queue.enqueue_many(double, [{"value": n} for n in range(100)])
        with anyio.fail_after(20):
            assert [(await queue.wait(task.id)).result for task in tasks] == [n * 2 for n in range(100)]


async def test_a_batch_with_one_bad_call_stores_nothing(queue: TaskQueue) -> None:
    with pytest.raises(InvalidRequest, match="valid integer"):
        await queue.enqueue_many(double, [{"value": 1}, {"value": "x"}])
    assert (await queue.list_tasks()).tasks == []


async def test_a_batch_that_does_not_fit_stores_nothing(open_queue: OpenQueue) -> None:
    async with open_queue(max_unfinished=3) as queue:
        with pytest.raises(QueueFull, match="no room for 4 more"):
            await queue.enqueue_many(double, [{"value": n} for n in range(4)])
        assert (await queue.list_tasks()).tasks == []
        assert len(await queue.enqueue_many(double, [{"value": n} for n in range(3)])) == 3


async def test_an_owner_has_a_bound_of_its_own(open_queue: OpenQueue) -> None:
    async with open_queue(max_unfinished_per_owner=1) as queue:
        await queue.enqueue(double, 1, owner="ana")
        with pytest.raises(QueueFull, match="'ana' may have 1"):
            await queue.enqueue(double, 2, owner="ana")
        await queue.enqueue(double, 2, owner="bea")


async def test_submitters_that_come_together_share_the_room_that_is_left(open_queue: OpenQueue) -> None:
    refused = 0
    async with open_queue(max_unfinished=5) as queue:

        async def submit(n: int) -> None:
            nonlocal refused
            try:
                await queue.enqueue(double, n)
            except QueueFull:
                refused += 1

        async with anyio.create_task_group() as group:
            for n in range(20):
                group.start_soon(submit, n)
        assert (len((await queue.list_tasks(limit=100)).tasks), refused) == (5, 15)


async def test_watching_shows_each_change_until_the_end(queue: TaskQueue) -> None:
    task = await queue.enqueue(double, 1)
    seen: list[TaskStatus] = []
    async for change in queue.watch(task.id):
        seen.append(change.status)
        if change.status is TaskStatus.PENDING:
            await queue.cancel(task.id)
    assert seen == [TaskStatus.PENDING, TaskStatus.CANCELLED]


async def test_watching_sees_what_another_process_does(open_queue: OpenQueue) -> None:
    async with open_queue() as ours, open_queue() as theirs:
        task = await ours.enqueue(double, 21)
        theirs.functions.add(ours.functions.get("double"))
        with anyio.fail_after(20):
            async with TaskWorker(theirs):
                last = [change async for change in ours.watch(task.id)][-1]
    assert (last.status, last.result) == (TaskStatus.COMPLETED, 42)


async def test_a_waiting_task_can_be_let_go_first(queue: TaskQueue) -> None:
    first, second = await queue.enqueue(double, 1), await queue.enqueue(double, 2)
    changed = await queue.set_priority(second.id, TaskPriority.CRITICAL)
    assert changed.priority is TaskPriority.CRITICAL
    assert [c.id for c in await Hand(queue, per_name={"double": 2}).claim()] == [second.id, first.id]
    with pytest.raises(InvalidRequest, match="running"):
        await queue.set_priority(first.id, TaskPriority.LOW)


async def test_a_finished_task_keeps_its_priority(queue: TaskQueue) -> None:
    task = await queue.enqueue(double, 1)
    await queue.cancel(task.id)
    with pytest.raises(TaskAlreadyFinished):
        await queue.set_priority(task.id, TaskPriority.LOW)
