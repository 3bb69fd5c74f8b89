"""Within a priority owners take turns: nobody's flood keeps the others waiting."""

import pytest

from mcp_tasks import Task, TaskPriority, TaskQueue
from mcp_tasks.task import Claim, Failed, Released, TaskError
from tests.claiming import Hand
from tests.moving_clock import MovingClock

pytestmark = pytest.mark.anyio
NO_PARAMS: dict[str, object] = {}


async def work() -> None:
    """Never run here."""


async def knit() -> None:
    """Never run here either."""


async def submit(queue: TaskQueue, owner: str, tasks: int = 1, priority: TaskPriority | None = None) -> list[Task]:
    return await queue.enqueue_many(work, [NO_PARAMS] * tasks, owner=owner, priority=priority)


async def start_next(queue: TaskQueue) -> Claim:
    """The task that a worker with one free place starts."""
    return await Hand(queue, 1).claim_one()


async def owners_started(queue: TaskQueue, tasks: int) -> list[str]:
    """Whose tasks so many starts are, one at a time."""
    return [(await start_next(queue)).owner for _ in range(tasks)]


async def test_an_owner_with_one_task_waits_behind_one_of_a_flood(queue: TaskQueue) -> None:
    await submit(queue, "ana", 100)
    (task,) = await submit(queue, "bea")
    assert await queue.position(task) == 1
    assert await owners_started(queue, 4) == ["ana", "bea", "ana", "ana"]


async def test_owners_take_turns_and_each_one_goes_by_age(queue: TaskQueue) -> None:
    anas = await submit(queue, "ana", 3)
    beas = await submit(queue, "bea", 3)
    carlas = await submit(queue, "carla", 1)
    expected = [anas[0], beas[0], carlas[0], anas[1], beas[1], anas[2], beas[2]]
    assert [claim.id for claim in await Hand(queue).claim()] == [task.id for task in expected]


async def test_who_had_the_queue_alone_is_not_held_back_for_it_later(queue: TaskQueue) -> None:
    await submit(queue, "ana", 50)
    await owners_started(queue, 50)
    await submit(queue, "bea", 50)
    await submit(queue, "ana", 2)
    assert await owners_started(queue, 4) == ["bea", "ana", "bea", "ana"]


async def test_a_flood_over_several_functions_is_still_one_owners(queue: TaskQueue) -> None:
    await submit(queue, "ana", 20)
    await queue.enqueue_many(knit, [NO_PARAMS] * 20, owner="ana")
    await queue.enqueue_many(knit, [NO_PARAMS], owner="bea")
    assert await owners_started(queue, 3) == ["ana", "bea", "ana"]


async def test_a_higher_priority_goes_before_any_turn(queue: TaskQueue) -> None:
    await submit(queue, "ana", 2)
    await submit(queue, "bea", 3, TaskPriority.HIGH)
    assert await owners_started(queue, 4) == ["bea", "bea", "bea", "ana"]


async def test_a_task_that_was_given_back_goes_first(queue: TaskQueue) -> None:
    await submit(queue, "ana", 2)
    await submit(queue, "bea", 2)
    claim = await start_next(queue)
    await start_next(queue)
    await queue.store.finish(claim, Released(), None)
    assert (await start_next(queue)).id == claim.id


async def test_delayed_tasks_take_their_turn_when_their_time_has_come(queue: TaskQueue, clock: MovingClock) -> None:
    for _ in range(50):
        await queue.enqueue(work, owner="ana", delay=60)
    await submit(queue, "bea", 3)
    clock.advance(61)
    assert await owners_started(queue, 4) == ["ana", "bea", "ana", "bea"]


async def test_a_task_put_back_by_hand_goes_behind_its_owners_others(queue: TaskQueue) -> None:
    (failed,) = await submit(queue, "ana")
    await queue.store.finish(await start_next(queue), Failed(TaskError("ValueError", "no"), None), None)
    waiting = await submit(queue, "ana", 2)
    await queue.retry(failed.id)
    assert [(await start_next(queue)).id for _ in range(3)] == [waiting[0].id, waiting[1].id, failed.id]


async def test_a_task_of_another_priority_goes_behind_its_owners_others_there(queue: TaskQueue) -> None:
    (moved,) = await submit(queue, "ana")
    anas = await submit(queue, "ana", 2, TaskPriority.HIGH)
    (beas,) = await submit(queue, "bea", 1, TaskPriority.HIGH)
    await queue.set_priority(moved.id, TaskPriority.HIGH)
    order = [(await start_next(queue)).id for _ in range(4)]
    assert order == [anas[0].id, beas.id, anas[1].id, moved.id]


async def test_a_delayed_task_of_another_priority_costs_its_owner_no_turn(queue: TaskQueue) -> None:
    delayed = await queue.enqueue(work, owner="ana", delay=60)
    for _ in range(3):
        await queue.set_priority(delayed.id, TaskPriority.HIGH)
    await submit(queue, "bea", 2, TaskPriority.HIGH)
    (task,) = await submit(queue, "ana", 1, TaskPriority.HIGH)
    assert await queue.position(task) == 1
