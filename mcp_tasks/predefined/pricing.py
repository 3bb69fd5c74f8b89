"""The task that changes prices: it plans, applies what was planned, and undoes what was applied.

Every change is a version of the knowledge: published whole, in force at once in every process on the folder, and kept
with who made it and when. Quotations that were made before keep their prices.
"""

from typing import TYPE_CHECKING, cast

import anyio.to_thread

from mcp_tasks.clock import Clock
from mcp_tasks.context import TaskContext
from mcp_tasks.errors import InvalidRequest, PermanentError, RequestError
from mcp_tasks.functions import TaskFunction, task_function
from mcp_tasks.predefined.kept import PRICE_PLAN, PRICE_ROLLBACK, REPORT
from mcp_tasks.predefined.quoting import QuotationTasks
from mcp_tasks.queue import TaskQueue
from mcp_tasks.quotation.price_order import PriceOrder, PriceSyncResult
from mcp_tasks.settings import Settings
from mcp_tasks.task import Json

if TYPE_CHECKING:
    from mcp_tasks.quotation.price_changes import PriceChanges
    from mcp_tasks.quotation.price_plan import PricePlan

SYNC_PRICES = "sync_prices"

_SECONDS = 60.0


class PriceTasks:
    """The task function, and what its tool asks before anything is stored. Files are read and written in threads."""

    def __init__(self, tasks: QuotationTasks, settings: Settings, clock: Clock) -> None:
        self._tasks = tasks
        self._folder = settings.price_sources
        self._clock = clock

    def function(self, queue: TaskQueue) -> TaskFunction:
        """sync_prices, one at a time. It finds plans in the records of `queue`, whoever made them."""

        async def sync_prices(order: PriceOrder, ctx: TaskContext) -> PriceSyncResult:
            try:
                match order.check().mode:
                    case "plan":
                        return await self._plan(order, ctx)
                    case "apply":
                        return await self._apply(await planned(order, queue), order, ctx)
                    case "rollback":
                        return await self._roll_back(ctx)
            except RequestError as error:  # whoever enqueued it did not ask `check` first, or the prices have changed
                raise PermanentError(str(error)) from error

        return task_function(sync_prices, name=SYNC_PRICES, timeout=_SECONDS, max_retries=2, concurrency=1)

    async def check(self, order: PriceOrder, queue: TaskQueue) -> None:
        """Raises `InvalidRequest`, which names the argument, for an order that cannot be carried out now."""
        changes = await self._changes()
        match order.check().mode:
            case "plan":
                await anyio.to_thread.run_sync(changes.plan, order, self._tasks.today())
            case "apply":
                plan = await planned(order, queue)
                await anyio.to_thread.run_sync(lambda: changes.check(plan, force=order.force))
            case "rollback":
                await anyio.to_thread.run_sync(changes.check_roll_back)

    async def _plan(self, order: PriceOrder, ctx: TaskContext) -> PriceSyncResult:
        changes, today = await self._changes(), self._tasks.today()
        plan = await anyio.to_thread.run_sync(changes.plan, order, today)
        kept = await ctx.record(PRICE_PLAN, cast(Json, plan.model_dump(mode="json")), key=plan.digest)
        return await anyio.to_thread.run_sync(changes.planned, _plan(kept.content), today)

    async def _apply(self, plan: "PricePlan", order: PriceOrder, ctx: TaskContext) -> PriceSyncResult:
        changes, today, now = await self._changes(), self._tasks.today(), self._clock.now()
        return await _kept(
            await anyio.to_thread.run_sync(lambda: changes.apply(plan, today, force=order.force, by=ctx.owner, at=now)),
            ctx,
        )

    async def _roll_back(self, ctx: TaskContext) -> PriceSyncResult:
        changes, now = await self._changes(), self._clock.now()
        number = await anyio.to_thread.run_sync(changes.current)
        undo: int = (await ctx.record(PRICE_ROLLBACK, number, key=ctx.task_id)).content
        return await _kept(await anyio.to_thread.run_sync(lambda: changes.roll_back(undo, by=ctx.owner, at=now)), ctx)

    async def _changes(self) -> "PriceChanges":
        versions = await self._tasks.versions()
        from mcp_tasks.quotation.price_changes import PriceChanges

        return PriceChanges(versions, self._folder)


async def planned(order: PriceOrder, queue: TaskQueue) -> "PricePlan":
    """The plan that the order names, whoever made it. Raises `InvalidRequest` when there is none."""
    found = await queue.records(PRICE_PLAN, key=order.digest, limit=1)
    if not found:
        raise InvalidRequest(
            "digest: there is no such plan; send result.digest of a submit_price_sync in mode plan",
            field="digest",
            received=order.digest,
        )
    return _plan(found[0].content)


async def _kept(changed: PriceSyncResult, ctx: TaskContext) -> PriceSyncResult:
    """What changed the prices is reported to whoever asks, for longer than its task is kept."""
    await ctx.record(REPORT, cast(Json, changed.model_dump(mode="json")), key=SYNC_PRICES)
    return changed


def _plan(content: object) -> "PricePlan":
    from mcp_tasks.quotation.price_plan import PricePlan

    return PricePlan.model_validate(content)
