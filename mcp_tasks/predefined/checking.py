"""The task that checks the knowledge: every five minutes, and for nothing when nothing has changed.

A check takes a quarter of a second, in a thread: the loop is some milliseconds late meanwhile, once for each change. A
child process would spare it those, and stay in memory ever after.
"""

import datetime
from typing import TYPE_CHECKING, cast

import anyio.to_thread

from mcp_tasks.context import TaskContext
from mcp_tasks.functions import TaskFunction, task_function
from mcp_tasks.predefined.kept import REPORT
from mcp_tasks.predefined.quoting import QuotationTasks
from mcp_tasks.queue import TaskQueue
from mcp_tasks.quotation.validation.report import PACKAGE_HAS_CHANGED, KnowledgeReport
from mcp_tasks.task import Json, TaskPriority

if TYPE_CHECKING:
    from mcp_tasks.quotation.versions import KnowledgeVersions, Version

VALIDATE_KB = "validate_kb"
EVERY_SECONDS = 300.0

_MOST_FINDINGS = 50
_SECONDS = 60.0


class KnowledgeChecking:
    """validate_kb, on one queue and one product."""

    def __init__(self, queue: TaskQueue, product: QuotationTasks) -> None:
        self._queue = queue
        self._product = product
        self._last: KnowledgeReport | None = None

    def function(self) -> TaskFunction:
        """The task function; two at once would do the same work."""
        return task_function(
            self.validate_kb,
            name=VALIDATE_KB,
            priority=TaskPriority.LOW,
            timeout=_SECONDS,
            max_retries=2,
            concurrency=1,
        )

    async def validate_kb(self, ctx: TaskContext) -> KnowledgeReport:
        """Everything that is wrong with the catalog, the rules and the prices in force; the first 50 findings.

        Files that were checked on the same day are not checked again: they are only hashed. What is found is kept among
        the reports, under "validate_kb", when it is new: there are as many of them as there were changes.
        """
        versions = await self._product.versions()
        version, digest, hides_the_package = await anyio.to_thread.run_sync(_look, versions)
        recorded = await self._recorded()
        today = self._product.today()
        for last in (self._last, recorded):
            if last is None or (last.digest, last.as_of) != (digest, today):
                continue
            if (PACKAGE_HAS_CHANGED in last.counts) == hides_the_package:
                return last.model_copy(update={"skipped": True})
        now = datetime.datetime.fromtimestamp(self._queue.clock.now(), datetime.UTC)
        found = await anyio.to_thread.run_sync(_check, versions, version, today, now, abandon_on_cancel=True)
        if recorded is None or not found.says_as(recorded):
            await ctx.record(REPORT, cast(Json, found.model_dump(mode="json")), key=VALIDATE_KB)
        self._last = found
        return found

    async def _recorded(self) -> KnowledgeReport | None:
        """What the last process to find something new has found."""
        for record in await self._queue.records(REPORT, key=VALIDATE_KB, limit=1):
            return KnowledgeReport.model_validate(record.content)
        return None


def _look(versions: "KnowledgeVersions") -> tuple["Version", str, bool]:
    """The version in force, the digest of its files, and whether it hides newer ones of the package."""
    from mcp_tasks.quotation.validation.files import contents, digest

    version = versions.current()
    return version, digest(contents(version.folder)), versions.hides_the_package(version)


def _check(
    versions: "KnowledgeVersions", version: "Version", today: datetime.date, now: datetime.datetime
) -> KnowledgeReport:
    from mcp_tasks.quotation.validation.in_force import validate_version

    return validate_version(versions, version, today, now).first(_MOST_FINDINGS)
