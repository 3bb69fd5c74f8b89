"""The tool that reads the last report of a task that runs by the clock."""

import datetime
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import Field

from mcp_tasks.predefined.kept import REPORT
from mcp_tasks.queue import TaskQueue
from mcp_tasks.quotation.fields import Model, one_of
from mcp_tasks.report_phrases import ReportPhrases
from mcp_tasks.task import TaskStatus
from mcp_tasks.toolspec import ReadSpec

ReportName = Literal["cleanup_old_tasks", "daily_stats_report", "validate_kb", "sync_prices"]

_SYSTEM = "system"


class ReportQuery(Model):
    """Whose report."""

    name: Annotated[ReportName, one_of(*get_args(ReportName))] = Field(description="The task whose last result to read")


class TaskReport(Model):
    """The last result of a task. `at`, `task_id` and `result` are null when there is none yet.

    `task_id` is also null when the task is not the caller's, and `next_run` when no schedule runs it.
    """

    name: ReportName
    at: datetime.datetime | None
    task_id: str | None
    result: dict[str, Any] | None
    next_run: datetime.datetime | None


class _Last(NamedTuple):
    at: float
    task_id: str
    owner: str
    result: dict[str, Any]


class ReportTool:
    """task_report."""

    def __init__(self, phrases: ReportPhrases, zone: datetime.tzinfo) -> None:
        self._phrases = phrases
        self._zone = zone

    def spec(self) -> ReadSpec:
        """The tool."""
        return ReadSpec(
            name="task_report",
            title=self._phrases.title,
            description=(
                "Read the last result of a task that runs by the clock or looks after the prices: the cleanup, "
                "yesterday's statistics of tasks and quotations, the check of the knowledge files, the last price "
                "sync. Nothing runs because of it; when there is no result yet, next_run says when one comes."
            ),
            arguments=ReportQuery,
            answer=TaskReport,
            read=_read,
            summarise=lambda report: self._phrases.report(report, self._zone),
        )


async def _read(wanted: ReportQuery, queue: TaskQueue, owner: str) -> TaskReport:
    found = [*await _on_record(queue, wanted.name), *await _finished(queue, wanted.name, owner)]
    last = max(found, default=None, key=lambda one: one.at)
    planned = [s.next_run for s in await queue.store.schedules() if s.task == wanted.name and s.enabled and s.next_run]
    return TaskReport(
        name=wanted.name,
        at=last and _instant(last.at),
        task_id=last.task_id if last and last.owner == owner else None,
        result=last and last.result,
        next_run=_instant(min(planned)) if planned else None,
    )


async def _on_record(queue: TaskQueue, name: str) -> list[_Last]:
    """The last result that is kept beyond its task, whoever's it was."""
    records = await queue.records(REPORT, key=name, limit=1)
    return [_Last(record.created_at, record.task_id, record.owner, record.content) for record in records]


async def _finished(queue: TaskQueue, name: str, owner: str) -> list[_Last]:
    """What the clock's last task came to, and the caller's: not every run is worth a record."""
    found: list[_Last] = []
    for whose in {_SYSTEM, owner}:
        page = await queue.list_tasks(owner=whose, name=name, status=TaskStatus.COMPLETED, limit=1)
        found += [_Last(task.finished_at or task.created_at, task.id, task.owner, task.result) for task in page.tasks]
    return found


def _instant(moment: float) -> datetime.datetime:
    """To the second: nothing here is quicker."""
    return datetime.datetime.fromtimestamp(int(moment), datetime.UTC)
