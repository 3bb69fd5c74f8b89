"""The tasks that look after the queue: the cleanup."""

from collections.abc import Iterable, Iterator

from pydantic import BaseModel

from mcp_tasks.context import TaskContext
from mcp_tasks.functions import TaskFunction, task_function
from mcp_tasks.predefined.kept import PRICE_PLAN, PRICE_ROLLBACK, REPORT
from mcp_tasks.queue import TaskQueue
from mcp_tasks.settings import Settings
from mcp_tasks.task import Pruned, Record, TaskStatus

CLEAN_UP = "cleanup_old_tasks"

_CLEANUPS_KEPT_DAYS = 1.0
_ALL = 100_000
_DAY = 86_400


class Removed(BaseModel, frozen=True):
    """What a cleanup removed, or would remove: `dry_run`.

    `files` are those of the `tasks`, `orphans` those that no task needed any more, `reports` the old ones.
    """

    dry_run: bool
    tasks: int
    files: int
    bytes: int
    orphans: int
    orphan_bytes: int
    reports: int


def cleanup(queue: TaskQueue, settings: Settings) -> TaskFunction:
    """Delete finished tasks and reports that are older than the settings say, and plans of prices as old as reports.

    Quotations stay on record.
    """

    async def cleanup_old_tasks(ctx: TaskContext, dry_run: bool = False) -> Removed:
        keep, reports = keep_seconds(settings), await queue.records(REPORT, limit=_ALL)
        old = list(old_reports(reports, queue.clock.now(), settings.keep_reports_days))
        if dry_run:
            return _removed(await queue.removable(keep), len(old), dry_run=True)
        removed = _removed(await queue.cleanup(keep), len(old), dry_run=False)
        await queue.forget(old)
        for kind in (PRICE_PLAN, PRICE_ROLLBACK):
            await queue.forget_records(kind, settings.keep_reports_days * _DAY)
        await ctx.record(REPORT, removed.model_dump(mode="json"), key=CLEAN_UP)
        return removed

    return task_function(cleanup_old_tasks, name=CLEAN_UP, concurrency=1)


def keep_seconds(settings: Settings) -> dict[TaskStatus, float]:
    """How long finished tasks are kept, by their status."""
    finished, failed = settings.keep_finished_hours * 3600, settings.keep_failed_hours * 3600
    return {TaskStatus.COMPLETED: finished, TaskStatus.CANCELLED: finished, TaskStatus.FAILED: failed}


def old_reports(newest_first: Iterable[Record], now: float, keep_days: float) -> Iterator[Record]:
    """The reports whose time is over. The newest of each name stays; the other cleanups go after a day."""
    seen = set[str]()
    for report in newest_first:
        kept_days = min(keep_days, _CLEANUPS_KEPT_DAYS) if report.key == CLEAN_UP else keep_days
        if report.key in seen and now - report.created_at > kept_days * _DAY:
            yield report
        seen.add(report.key)


def _removed(pruned: Pruned, reports: int, *, dry_run: bool) -> Removed:
    return Removed(dry_run=dry_run, reports=reports, **pruned._asdict())
