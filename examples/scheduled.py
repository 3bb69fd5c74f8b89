"""Tasks that the clock enqueues, once for all processes that share the file. Run it: python examples/scheduled.py"""

import asyncio
from datetime import UTC, datetime

from mcp_tasks import TaskQueue, TaskScheduler, TaskWorker
from mcp_tasks.decorators import scheduled_task

beats = asyncio.Queue[datetime]()


@scheduled_task(interval_seconds=1)
async def heartbeat() -> None:
    beats.put_nowait(datetime.now(UTC))


@scheduled_task(daily_at=(2, 0), timezone="America/Montevideo")
async def nightly_report() -> str:
    return "all is well"


async def main() -> None:
    async with TaskQueue("scheduled.db") as queue, TaskWorker(queue), TaskScheduler(queue) as scheduler:
        print(f"a beat at {await beats.get():%H:%M:%S} UTC")

        report = await scheduler.run_now("nightly_report")
        print(f"the report, now: {(await queue.wait(report.id)).result}")
        for schedule in await scheduler.get_scheduled_tasks():
            print(f"{schedule.name}: {schedule.trigger}")


if __name__ == "__main__":
    asyncio.run(main())
