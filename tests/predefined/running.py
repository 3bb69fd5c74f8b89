"""How the tests run predefined tasks: on a real queue, by a clock that they move."""

import datetime
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import anyio

from mcp_tasks import Task, TaskContext, TaskQueue, TaskScheduler, TaskWorker
from mcp_tasks.functions import Registry
from mcp_tasks.predefined.quoting import QuotationTasks
from mcp_tasks.predefined.reporting import DailyReporting
from mcp_tasks.predefined.upkeep import cleanup
from mcp_tasks.settings import Settings
from tests.moving_clock import MovingClock


def moment(local: str, zone: str) -> float:
    """Seconds since 1970 of what the clocks of a zone show."""
    return datetime.datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).timestamp()


async def quote(content: dict[str, Any], ctx: TaskContext, key: str | None = None) -> str:
    """Keeps a quotation as the product's tasks do."""
    return (await ctx.record("quotation", content, key=key, prefix="Q-")).key


class Midnights:
    """A queue with the tasks that run by the clock, and a worker."""

    def __init__(self, folder: Path, clock: MovingClock, **settings: Any) -> None:
        self.clock = clock
        self.settings = Settings.read(data_dir=folder, **settings)
        self.queue = TaskQueue(self.settings.database, functions=Registry(), clock=clock)
        reporting = DailyReporting(self.queue, QuotationTasks(self.settings, clock), self.settings)
        self.queue.functions.add(reporting.function())
        self.queue.functions.schedule("daily_stats_report", reporting.trigger())
        self.queue.functions.add(cleanup(self.queue, self.settings))
        self.scheduler = TaskScheduler(self.queue)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """With a worker."""
        async with self.queue, TaskWorker(self.queue):
            yield

    async def run(self, function: Any, /, **call: Any) -> Task:
        """Submit a task and wait for its end."""
        submitted = await self.queue.enqueue(function, **call)
        with anyio.fail_after(20):
            return await self.queue.wait(submitted.id)

    async def done(self, function: Any, /, **call: Any) -> Any:
        """The result of a task that must complete."""
        task = await self.run(function, **call)
        assert task.error is None, task.error
        return task.result

    async def quoted(self, content: dict[str, Any], **options: Any) -> str:
        """Keep a quotation; its number."""
        return await self.done(quote, content=content, **options)

    async def report(self, day: str | None = None) -> dict[str, Any]:
        """The report of a day."""
        return await self.done("daily_stats_report", **({"day": day} if day else {}))
