"""Decorate functions with when they run; a scheduler submits them then."""

import asyncio

from mcp_tasks import TaskQueue, TaskScheduler
from mcp_tasks.decorators import scheduled_task

queue = TaskQueue()


@scheduled_task(interval_seconds=3600)
async def hourly_cleanup() -> None:
    pass


@scheduled_task(daily_at=(2, 0))
async def daily_report() -> None:
    pass


async def main() -> None:
    scheduler = TaskScheduler(queue)
    await scheduler.start()
    for schedule in await scheduler.get_scheduled_tasks():
        print(f"{schedule.name}: {schedule.trigger}")
    await scheduler.stop()


asyncio.run(main())
