"""Tasks that the clock submits: every so often, every day, by a cron expression."""

from pathlib import Path

import anyio
import pytest

from mcp_tasks import TaskPriority, TaskQueue, TaskScheduler, TaskStatus, TaskWorker

pytestmark = pytest.mark.anyio


async def report(topic: str = "everything") -> str:
    return f"a report about {topic}"


async def test_a_function_runs_again_and_again(tmp_path: Path) -> None:
    beats = anyio.Event()

    async def heartbeat() -> None:
        beats.set()

    async with TaskQueue(tmp_path / "tasks.db") as queue, TaskWorker(queue):
        scheduler = TaskScheduler(queue)
        await scheduler.schedule_interval("heartbeat", heartbeat, 1)
        await scheduler.start()
        with anyio.fail_after(20):
            await beats.wait()
        await scheduler.stop()


async def test_daily_times_and_cron_expressions_have_a_time_zone(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue:
        scheduler = TaskScheduler(queue)
        await scheduler.schedule_daily("nightly", report, 2, 0, timezone="America/Montevideo")
        await scheduler.schedule_cron("weekdays", report, "30 8 * * 1-5", timezone="Europe/Madrid")

        nightly, weekdays = await scheduler.get_scheduled_tasks()
        assert str(nightly.trigger) == "cron 0 2 * * * (America/Montevideo)"
        assert str(weekdays.trigger) == "cron 30 8 * * 1-5 (Europe/Madrid)"


async def test_one_function_has_several_schedules_each_with_parameters_of_its_own(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue, TaskWorker(queue):
        scheduler = TaskScheduler(queue)
        await scheduler.schedule_daily("roofs", report, 6, params={"topic": "roofs"}, priority=TaskPriority.LOW)
        await scheduler.schedule_daily("walls", report, 7, params={"topic": "walls"}, max_retries=0)

        task = await scheduler.run_now("roofs")  # without waiting for six o'clock
        assert task.priority is TaskPriority.LOW
        assert (await queue.wait(task.id)).result == "a report about roofs"


async def test_a_schedule_is_switched_off_and_on_and_forgotten(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue:
        scheduler = TaskScheduler(queue)
        await scheduler.schedule_interval("reports", report, 3600)

        await scheduler.disable_task("reports")
        assert [schedule.enabled for schedule in await scheduler.get_scheduled_tasks()] == [False]
        await scheduler.enable_task("reports")
        assert [schedule.enabled for schedule in await scheduler.get_scheduled_tasks()] == [True]
        await scheduler.unschedule("reports")
        assert await scheduler.get_scheduled_tasks() == []


async def test_schedules_outlive_the_program_that_made_them(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue:
        await TaskScheduler(queue).schedule_daily("nightly", report, 2, 0)

    async with TaskQueue(tmp_path / "tasks.db") as queue:
        task = await TaskScheduler(queue).run_now("nightly")
        assert (task.name, task.status) == ("report", TaskStatus.PENDING)
