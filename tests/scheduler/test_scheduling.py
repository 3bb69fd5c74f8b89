"""Schedules fire once however many look, catch up once, and stay as people set them."""

from pathlib import Path
from typing import Any

import anyio
import pytest

from mcp_tasks import TaskPriority, TaskQueue, TaskScheduler, TaskStatus
from mcp_tasks.decorators import scheduled_task
from mcp_tasks.errors import InvalidRequest
from mcp_tasks.functions import Registry, task_function
from mcp_tasks.schedule import interval
from mcp_tasks.sqlite.hub import SCHEDULES
from mcp_tasks.task import Failed, TaskError
from tests.claiming import Hand
from tests.moving_clock import MovingClock

pytestmark = pytest.mark.anyio


async def tidy() -> None:
    """What most schedules of these tests run."""


async def report(topic: str) -> None:
    """What needs a parameter."""


@pytest.fixture
def declared(queue: TaskQueue) -> TaskQueue:
    function = queue.functions.add(task_function(tidy))
    queue.functions.schedule(function.name, interval(60))
    return queue


@pytest.fixture
async def plan(queue: TaskQueue) -> TaskScheduler:
    """A scheduler that does not run: its verbs work all the same."""
    return TaskScheduler(queue)


async def hourly(plan: TaskScheduler, name: str = "hourly") -> None:
    await plan.schedule_interval(name, tidy, 3_600)


async def tasks_of(queue: TaskQueue, count: int) -> list[TaskStatus]:
    """Wait until there are so many tasks; their statuses."""
    with anyio.fail_after(20), queue.store.subscribe(SCHEDULES) as changes:
        while len(tasks := (await queue.list_tasks()).tasks) < count:
            await changes.wait()
    return [t.status for t in tasks]


async def test_a_declared_schedule_is_stored_and_fires_when_due(
    declared: TaskQueue, plan: TaskScheduler, clock: MovingClock
) -> None:
    async with TaskScheduler(declared):
        with anyio.fail_after(20), declared.store.subscribe(SCHEDULES) as changes:
            while not (stored := await plan.get_scheduled_tasks()):
                await changes.wait()
        assert stored[0].next_run == clock.now() + 60
        clock.advance(61)
        await hourly(plan, "another")  # wakes the scheduler, as any change does
        assert await tasks_of(declared, 1) == [TaskStatus.PENDING]
    (tidied, _) = sorted(await plan.get_scheduled_tasks(), key=lambda s: -s.runs)
    assert (tidied.runs, tidied.next_run) == (1, clock.now() - 1 + 60)


async def test_many_missed_runs_fire_once(queue: TaskQueue, plan: TaskScheduler, clock: MovingClock) -> None:
    await hourly(plan)
    clock.advance(10 * 3_600 + 5)
    async with TaskScheduler(queue):
        assert len(await tasks_of(queue, 1)) == 1
    (schedule,) = await plan.get_scheduled_tasks()
    assert (schedule.runs, schedule.next_run) == (1, clock.now() - 5 + 3_600)


async def test_two_schedulers_fire_a_run_once(
    queue: TaskQueue, plan: TaskScheduler, clock: MovingClock, tmp_path: Path
) -> None:
    for n in range(20):
        await hourly(plan, f"s{n}")
    clock.advance(3_601)
    async with TaskQueue(tmp_path / "tasks.db", clock=clock) as other, TaskScheduler(queue), TaskScheduler(other):
        assert len(await tasks_of(queue, 20)) == 20
    assert [s.runs for s in await plan.get_scheduled_tasks()] == [1] * 20
    assert len((await queue.list_tasks(limit=100)).tasks) == 20


async def test_a_run_that_is_still_active_is_not_doubled(
    queue: TaskQueue, plan: TaskScheduler, clock: MovingClock
) -> None:
    await hourly(plan)
    await plan.run_now("hourly")
    clock.advance(3_601)
    async with TaskScheduler(queue):
        with anyio.fail_after(20), queue.store.subscribe(SCHEDULES) as changes:
            while (await plan.get_scheduled_tasks())[0].runs == 0:
                await changes.wait()
    assert len((await queue.list_tasks()).tasks) == 1


async def test_a_schedule_that_is_switched_off_stays_off_when_code_declares_it_again(plan: TaskScheduler) -> None:
    await hourly(plan)
    await plan.disable_task("hourly")
    await hourly(plan)
    (schedule,) = await plan.get_scheduled_tasks()
    assert schedule.enabled is False
    await plan.enable_task("hourly")
    assert (await plan.get_scheduled_tasks())[0].enabled is True


async def test_a_schedule_switched_on_again_waits_for_its_next_time(plan: TaskScheduler, clock: MovingClock) -> None:
    await hourly(plan)
    await plan.disable_task("hourly")
    clock.advance(10 * 3_600)
    await plan.enable_task("hourly")
    assert (await plan.get_scheduled_tasks())[0].next_run == clock.now() + 3_600


async def test_switching_on_what_is_on_keeps_the_planned_run(plan: TaskScheduler, clock: MovingClock) -> None:
    await hourly(plan)
    clock.advance(600)
    await plan.enable_task("hourly")
    assert (await plan.get_scheduled_tasks())[0].next_run == clock.now() - 600 + 3_600


async def test_declaring_the_same_trigger_again_keeps_the_planned_run(plan: TaskScheduler, clock: MovingClock) -> None:
    await hourly(plan)
    (planned,) = await plan.get_scheduled_tasks()
    clock.advance(600)
    await hourly(plan)
    assert (await plan.get_scheduled_tasks())[0].next_run == planned.next_run
    await plan.schedule_interval("hourly", tidy, 60)
    assert (await plan.get_scheduled_tasks())[0].next_run == clock.now() + 60


async def test_a_function_declared_without_a_trigger_loses_its_schedule(
    queue: TaskQueue, plan: TaskScheduler, declared: TaskQueue
) -> None:
    await plan.schedule_interval("tidy", tidy, 60)
    declared.functions.schedule("tidy", None)
    async with TaskScheduler(declared):
        with anyio.fail_after(20), queue.store.subscribe(SCHEDULES) as changes:
            while await plan.get_scheduled_tasks():
                await changes.wait()


async def test_a_clock_set_back_a_year_does_not_silence_a_schedule(
    queue: TaskQueue, plan: TaskScheduler, clock: MovingClock
) -> None:
    await hourly(plan)
    clock.jump(-365 * 86_400)
    async with TaskScheduler(queue):
        with anyio.fail_after(20), queue.store.subscribe(SCHEDULES) as changes:
            while (await plan.get_scheduled_tasks())[0].next_run != clock.now() + 3_600:
                with anyio.move_on_after(0.05):
                    await changes.wait()
    assert (await queue.list_tasks()).tasks == []


async def test_failures_of_a_schedules_tasks_are_counted(queue: TaskQueue, plan: TaskScheduler) -> None:
    await hourly(plan)
    await plan.run_now("hourly")
    claim = await Hand(queue).claim_one()
    await queue.store.finish(claim, Failed(TaskError("ValueError", "no"), None), None)
    assert (await plan.get_scheduled_tasks())[0].errors == 1


async def test_an_unknown_schedule_is_refused_with_the_nearest(plan: TaskScheduler) -> None:
    await hourly(plan)
    for verb in (plan.unschedule, plan.enable_task, plan.disable_task, plan.run_now):
        with pytest.raises(InvalidRequest) as refusal:
            await verb("hourli")
        assert refusal.value.nearest == "hourly"
    await plan.unschedule("hourly")
    assert await plan.get_scheduled_tasks() == []


async def test_scheduled_tasks_belong_to_the_system(queue: TaskQueue, plan: TaskScheduler) -> None:
    await hourly(plan)
    task = await plan.run_now("hourly")
    assert task.owner == "system"
    assert (await queue.list_tasks(owner="local")).tasks == []


async def test_a_schedules_tasks_have_its_parameters_and_options(plan: TaskScheduler) -> None:
    await plan.schedule_daily(
        "roofs", report, 2, 30, params={"topic": "roofs"}, priority=TaskPriority.HIGH, max_retries=1, timeout=5
    )
    task = await plan.run_now("roofs")
    assert (task.name, task.params) == ("report", {"topic": "roofs"})
    assert (task.priority, task.max_retries, task.timeout) == (TaskPriority.HIGH, 1, 5)


@pytest.mark.parametrize(
    ("verb", "args", "options", "field", "message"),
    [
        pytest.param("interval", (tidy, 0), {}, "interval_seconds", "from 1", id="no time at all"),
        pytest.param("daily", (tidy, 24, 0), {}, "daily_at", "from 0 to 23", id="a 25th hour"),
        pytest.param("cron", (tidy, "61 * * * *"), {}, "cron", "weekday", id="an invalid cron"),
        pytest.param("daily", (tidy, 2), {"timezone": "Mars/Base"}, "timezone", "IANA", id="an unknown time zone"),
        pytest.param("interval", (report, 60), {}, "topic", "required", id="a missing parameter"),
        pytest.param("interval", (report, 60), {"params": {"topc": 1}}, "topc", "mean 'topic'", id="a typo"),
        pytest.param("interval", (tidy, 60), {"timeout": 0}, "timeout", "above 0", id="zero timeout"),
        pytest.param("interval", ("reprot", 60), {}, "name", "no task function", id="an unknown function"),
    ],
)
async def test_a_bad_schedule_is_refused_with_its_field_and_nothing_is_stored(
    queue: TaskQueue,
    plan: TaskScheduler,
    verb: str,
    args: tuple[object, ...],
    options: dict[str, object],
    field: str,
    message: str,
) -> None:
    queue.functions.add(task_function(report))
    with pytest.raises(InvalidRequest, match=message) as refusal:
        await getattr(plan, f"schedule_{verb}")("s", *args, **options)
    assert refusal.value.field == field
    assert await plan.get_scheduled_tasks() == []


@pytest.mark.parametrize(
    "when", [{}, {"interval_seconds": 60, "cron": "0 2 * * *"}, {"interval_seconds": 60, "daily_at": (2, 0)}], ids=str
)
def test_a_function_is_scheduled_in_exactly_one_way(when: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="exactly one of interval_seconds, daily_at and cron"):
        scheduled_task(**when)


def test_a_scheduled_function_that_needs_parameters_is_refused() -> None:
    functions = Registry()
    functions.add(task_function(report))
    with pytest.raises(InvalidRequest, match=r"report needs parameters .* give them defaults") as refusal:
        functions.schedule("report", interval(60))
    assert refusal.value.field == "topic"
    assert functions.schedules() == {}
