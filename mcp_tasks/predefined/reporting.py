"""The report of each day: what the queue did, and what was quoted; no client's data."""

import datetime
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from mcp_tasks.context import TaskContext
from mcp_tasks.errors import PermanentError
from mcp_tasks.functions import TaskFunction, task_function
from mcp_tasks.predefined.kept import QUOTATION, REPORT
from mcp_tasks.predefined.quoting import QuotationTasks
from mcp_tasks.predefined.upkeep import CLEAN_UP, keep_seconds
from mcp_tasks.queue import TaskQueue
from mcp_tasks.quotation.bom import PriceListInfo
from mcp_tasks.quotation.daily import DayOfQuotations, Quoted, quoted, summary
from mcp_tasks.quotation.fields import Model
from mcp_tasks.schedule import Trigger
from mcp_tasks.settings import Settings
from mcp_tasks.task import Finished, Record, Spread, TaskStatus

DAILY_STATS = "daily_stats_report"

_HOUR = 3_600.0
_ALL = 1_000_000


class FunctionStats(Model):
    """The tasks of one function that finished that day: `wait_seconds` and `run_seconds` of their last attempts.

    `retries` are the attempts that followed a failure, `failures` the failed tasks by the type of their error.
    """

    name: str
    completed: int
    failed: int
    cancelled: int
    wait_seconds: Spread
    run_seconds: Spread
    retries: int
    failures: dict[str, int]


class DailyStats(Model):
    """A day in `timezone`, from `since` to `until`: an hour less or more when the clocks change.

    Where the cleanup had already deleted tasks of that day, `tasks_since` says from when on all are counted. The
    price list is the newest, as old as it was on that day.
    """

    day: datetime.date
    timezone: str
    since: datetime.datetime
    until: datetime.datetime
    tasks: tuple[FunctionStats, ...]
    tasks_since: datetime.datetime | None
    quotations: DayOfQuotations
    price_list: PriceListInfo


@dataclass
class _Tally:
    """What one function's tasks come to, while they are counted."""

    statuses: Counter[TaskStatus] = field(default_factory=Counter[TaskStatus])
    waited: list[float] = field(default_factory=list[float])
    ran: list[float] = field(default_factory=list[float])
    retries: int = 0
    failures: Counter[str] = field(default_factory=Counter[str])

    def add(self, task: Finished) -> None:
        self.statuses[task.status] += 1
        self.retries += task.retries
        if task.waited is not None and task.ran is not None:
            self.waited.append(task.waited)
            self.ran.append(task.ran)
        if task.error is not None:
            self.failures[task.error] += 1

    def stats(self, name: str) -> FunctionStats:
        return FunctionStats(
            name=name,
            completed=self.statuses[TaskStatus.COMPLETED],
            failed=self.statuses[TaskStatus.FAILED],
            cancelled=self.statuses[TaskStatus.CANCELLED],
            wait_seconds=Spread.of(self.waited),
            run_seconds=Spread.of(self.ran),
            retries=self.retries,
            failures=dict(self.failures.most_common()),
        )


class DailyReporting:
    """daily_stats_report, on one queue and one product."""

    def __init__(self, queue: TaskQueue, tasks: QuotationTasks, settings: Settings) -> None:
        self._queue = queue
        self._tasks = tasks
        self._settings = settings
        planned = settings.scheduled_tasks.get(DAILY_STATS)
        self._timezone = (planned and planned.timezone) or settings.timezone
        self._zone = ZoneInfo(self._timezone)

    def function(self) -> TaskFunction:
        """The task function; two at once could report the same day twice."""
        return task_function(self.daily_stats_report, name=DAILY_STATS, concurrency=1)

    def trigger(self) -> Trigger:
        """Midnight in the zone of the settings."""
        return Trigger(cron="0 0 * * *", timezone=self._timezone)

    async def daily_stats_report(self, ctx: TaskContext, day: datetime.date | None = None) -> DailyStats:
        """The report of `day`, or of the day before the one on which the task was submitted, however late it runs.

        A day that is on record is not reported again: its report is the result. Days that passed while no process
        ran are reported when somebody asks for them; their quotations are all on record.
        """
        submitted = (await self._queue.get_task(ctx.task_id)).created_at
        today = datetime.datetime.fromtimestamp(submitted, self._zone).date()
        day = day or today - datetime.timedelta(days=1)
        if day >= today:
            raise PermanentError(f"{day} is not over; name a day before {today}")
        kept = await self._kept(day)
        if kept is not None:
            return DailyStats.model_validate(kept.content)
        report = await self._report(day)
        await ctx.record(REPORT, report.model_dump(mode="json"), key=DAILY_STATS)
        return report

    async def _kept(self, day: datetime.date) -> Record | None:
        reports = await self._queue.records(REPORT, key=DAILY_STATS, limit=_ALL)
        return next((report for report in reports if report.content["day"] == day.isoformat()), None)

    async def _report(self, day: datetime.date) -> DailyStats:
        since, until = self._begin(day), self._begin(day + datetime.timedelta(days=1))
        tallies: defaultdict[str, _Tally] = defaultdict(_Tally)
        async for task in self._queue.finished(since, until):
            tallies[task.name].add(task)
        return DailyStats(
            day=day,
            timezone=self._timezone,
            since=self._local(since),
            until=self._local(until),
            tasks=tuple(tally.stats(name) for name, tally in sorted(tallies.items())),
            tasks_since=await self._tasks_since(since, until),
            quotations=await self._quotations(since, until),
            price_list=(await self._tasks.knowledge()).price_list(None).info(day),
        )

    async def _quotations(self, since: float, until: float) -> DayOfQuotations:
        """Read by the hour, so that a busy day need not be in memory whole."""
        last: dict[tuple[str, str], tuple[int, Quoted | None]] = {}
        found = 0
        while since < until:
            hour = await self._queue.records(QUOTATION, since=since, until=min(since + _HOUR, until), limit=_ALL)
            for record in hour:
                known = last.get((record.owner, record.key))
                if known is None or known[0] < record.revision:
                    last[record.owner, record.key] = record.revision, quoted(record.content)
            found, since = found + len(hour), since + _HOUR
        systems = (await self._tasks.knowledge()).rules.systems
        return summary([figures for _, figures in last.values()], systems, revised=found - len(last))

    async def _tasks_since(self, since: float, until: float) -> datetime.datetime | None:
        """What the last cleanup left of the day; None: all."""
        cleanups = await self._queue.records(REPORT, key=CLEAN_UP, limit=1)
        if not cleanups:
            return None
        shortest = min(keep_seconds(self._settings).values())
        kept_since = cleanups[0].created_at - shortest
        return self._local(min(kept_since, until)) if kept_since > since else None

    def _begin(self, day: datetime.date) -> float:
        """The first moment of a day; where the clocks leave midnight out, the one that they go to instead."""
        return datetime.datetime.combine(day, datetime.time(), self._zone).timestamp()

    def _local(self, moment: float) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(moment, self._zone)
