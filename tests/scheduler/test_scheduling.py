"""Schedules fire once however many look, catch up once, and stay as people set them."""

from pathlib import Path

import anyio
import pytest

from mcp_tasks import TaskQueue, TaskScheduler, TaskStatus
from mcp_tasks.errors import InvalidRequest
from mcp_tasks.functions import DeclaredSchedule, task_function
from mcp_tasks.schedule import Schedule, Trigger, interval
from mcp_tasks.sqlite.hub import SCHEDULES
from tests.claiming import Hand
from tests.moving_clock import MovingClock

pytestmark = pytest.mark.anyio


async def tidy() -> None:
    """What the schedules of these tests run."""


@pytest.fixture
def declared(queue: TaskQueue) -> TaskQueue:
    function = queue.functions.add(task_function(tidy))
    queue.functions.schedule(DeclaredSchedule(function, interval(60)))
    return queue


def hourly(name: str = "hourly", trigger: Trigger | None = None) -> Schedule:
    return Schedule(name=name, task="tidy", params="{}", trigger=trigger or interval(3_600))


async def tasks_of(queue: TaskQueue, count: int) -> list[TaskStatus]:
    """Wait until there are so many tasks; their statuses."""
    with anyio.fail_after(20), queue.store.subscribe(SCHEDULES) as changes:
        while len(tasks := (await queue.list_tasks()).tasks) < count:
            await changes.wait()
    return [t.status for t in tasks]


async def test_a_declared_schedule_is_stored_and_fires_when_due(declared: TaskQueue, clock: MovingClock) -> None:
    async with TaskScheduler(declared):
        with anyio.fail_after(20), declared.store.subscribe(SCHEDULES) as changes:
            while not (stored := await declared.schedules()):
                await changes.wait()
        assert stored[0].next_run == clock.now() + 60
        clock.advance(61)
        await declared.schedule(hourly("another"))  # wakes the scheduler, as any change does
        assert await tasks_of(declared, 1) == [TaskStatus.PENDING]
    (tidied, _) = sorted(await declared.schedules(), key=lambda s: -s.runs)
    assert (tidied.runs, tidied.next_run) == (1, clock.now() - 1 + 60)


async def test_many_missed_runs_fire_once(queue: TaskQueue, clock: MovingClock) -> None:
    queue.functions.add(task_function(tidy))
    await queue.schedule(hourly())
    clock.advance(10 * 3_600 + 5)
    async with TaskScheduler(queue):
        assert len(await tasks_of(queue, 1)) == 1
    (schedule,) = await queue.schedules()
    assert (schedule.runs, schedule.next_run) == (1, clock.now() - 5 + 3_600)


async def test_two_schedulers_fire_a_run_once(queue: TaskQueue, clock: MovingClock, tmp_path: Path) -> None:
    queue.functions.add(task_function(tidy))
    for n in range(20):
        await queue.schedule(hourly(f"s{n}"))
    clock.advance(3_601)
    async with TaskQueue(tmp_path / "tasks.db", clock=clock) as other, TaskScheduler(queue), TaskScheduler(other):
        assert len(await tasks_of(queue, 20)) == 20
    assert [s.runs for s in await queue.schedules()] == [1] * 20
    assert len((await queue.list_tasks(limit=100)).tasks) == 20


async def test_a_run_that_is_still_active_is_not_doubled(queue: TaskQueue, clock: MovingClock) -> None:
    queue.functions.add(task_function(tidy))
    await queue.schedule(hourly())
    await queue.run_schedule_now("hourly")
    clock.advance(3_601)
    async with TaskScheduler(queue):
        with anyio.fail_after(20), queue.store.subscribe(SCHEDULES) as changes:
            while (await queue.schedules())[0].runs == 0:
                await changes.wait()
    assert len((await queue.list_tasks()).tasks) == 1


async def test_a_schedule_that_is_switched_off_stays_off_when_code_declares_it_again(declared: TaskQueue) -> None:
    await declared.schedule(hourly("tidy"))
    await declared.disable_schedule("tidy")
    await declared.schedule(hourly("tidy"))
    (schedule,) = await declared.schedules()
    assert schedule.enabled is False
    await declared.enable_schedule("tidy")
    assert (await declared.schedules())[0].enabled is True


async def test_declaring_the_same_trigger_again_keeps_the_planned_run(queue: TaskQueue, clock: MovingClock) -> None:
    await queue.schedule(hourly())
    (planned,) = await queue.schedules()
    clock.advance(600)
    await queue.schedule(hourly())
    assert (await queue.schedules())[0].next_run == planned.next_run
    await queue.schedule(hourly(trigger=interval(60)))
    assert (await queue.schedules())[0].next_run == clock.now() + 60


async def test_a_clock_set_back_a_year_does_not_silence_a_schedule(queue: TaskQueue, clock: MovingClock) -> None:
    queue.functions.add(task_function(tidy))
    await queue.schedule(hourly())
    clock.jump(-365 * 86_400)
    async with TaskScheduler(queue):
        with anyio.fail_after(20), queue.store.subscribe(SCHEDULES) as changes:
            while (await queue.schedules())[0].next_run != clock.now() + 3_600:
                with anyio.move_on_after(0.05):
                    await changes.wait()
    assert (await queue.list_tasks()).tasks == []


async def test_failures_of_a_schedules_tasks_are_counted(queue: TaskQueue) -> None:
    from mcp_tasks.task import Failed, TaskError

    queue.functions.add(task_function(tidy))
    await queue.schedule(hourly())
    await queue.run_schedule_now("hourly")
    claim = await Hand(queue).claim_one()
    await queue.store.finish(claim, Failed(TaskError("ValueError", "no"), None), None)
    assert (await queue.schedules())[0].errors == 1


async def test_an_unknown_schedule_is_refused_with_the_nearest(queue: TaskQueue) -> None:
    await queue.schedule(hourly())
    for verb in (queue.unschedule, queue.enable_schedule, queue.disable_schedule, queue.run_schedule_now):
        with pytest.raises(InvalidRequest) as refusal:
            await verb("hourli")
        assert refusal.value.nearest == "hourly"
    await queue.unschedule("hourly")
    assert await queue.schedules() == []


async def test_scheduled_tasks_belong_to_the_system(queue: TaskQueue) -> None:
    queue.functions.add(task_function(tidy))
    await queue.schedule(hourly())
    task = await queue.run_schedule_now("hourly")
    assert task.owner == "system"
    assert (await queue.list_tasks(owner="local")).tasks == []
