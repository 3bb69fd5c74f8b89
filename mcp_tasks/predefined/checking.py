"""The task that checks the knowledge: every five minutes, and for nothing when nothing has changed."""

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import anyio.to_thread

from mcp_tasks.context import TaskContext
from mcp_tasks.functions import TaskFunction, task_function
from mcp_tasks.predefined.quoting import QuotationTasks
from mcp_tasks.queue import TaskQueue
from mcp_tasks.quotation.validation.report import KnowledgeReport
from mcp_tasks.task import Json, TaskPriority

if TYPE_CHECKING:
    from mcp_tasks.quotation.versions import KnowledgeVersions

VALIDATE_KB = "validate_kb"
EVERY_SECONDS = 300.0

_REPORT = "report"
_CHECK = "mcp_tasks.quotation.validation.check:validate_in_child"
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

        The files are hashed in a thread. Those of the last time on the same day were checked already; else a child
        process calculates, so that the loop never waits. What it found is kept under "validate_kb" among the reports
        when it is new: as many of them as there were changes.
        """
        versions = await self._product.versions()
        folder, digest = await anyio.to_thread.run_sync(_look, versions)
        recorded = await self._recorded()
        last, today = self._last or recorded, self._product.today()
        if last is not None and (last.digest, last.as_of) == (digest, today):
            return last.model_copy(update={"skipped": True})
        now = datetime.datetime.fromtimestamp(self._queue.clock.now(), datetime.UTC)
        payload: Json = {"folder": str(folder), "as_of": str(today), "now": now.isoformat(), "most": _MOST_FINDINGS}
        found = KnowledgeReport.model_validate(await ctx.call_process(_CHECK, payload))
        if recorded is None or not found.says_as(recorded):
            await ctx.record(_REPORT, cast(Json, found.model_dump(mode="json")), key=VALIDATE_KB)
        self._last = found
        return found

    async def _recorded(self) -> KnowledgeReport | None:
        """What the last process to find something new has found."""
        for record in await self._queue.records(_REPORT, key=VALIDATE_KB, limit=1):
            return KnowledgeReport.model_validate(record.content)
        return None


def _look(versions: "KnowledgeVersions") -> tuple[Path, str]:
    """The folder in force, and the digest of its files."""
    from mcp_tasks.quotation.validation.files import contents, digest

    folder = versions.current().folder
    return folder, digest(contents(folder))
