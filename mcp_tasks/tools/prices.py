"""The tool that changes prices."""

from collections.abc import Mapping
from typing import Any

from mcp_tasks.phrases import PricePhrases
from mcp_tasks.predefined.pricing import SYNC_PRICES, PriceTasks
from mcp_tasks.queue import TaskQueue
from mcp_tasks.quotation.price_order import PriceOrder, PriceSyncResult
from mcp_tasks.toolspec import ToolSpec


class PriceTool:
    """submit_price_sync."""

    def __init__(self, tasks: PriceTasks, phrases: PricePhrases) -> None:
        self._tasks = tasks
        self._phrases = phrases

    def spec(self) -> ToolSpec:
        """The tool."""
        return ToolSpec(
            name="submit_price_sync",
            title=self._phrases.title,
            description=(
                "Compare new prices (a CSV or JSON file of the server, or rows) with a price list, and change it. "
                "First mode plan, which changes nothing: show the user result.report (changed, rejected, unmatched, "
                "doubts). Only when the user agrees, mode apply with result.digest; all later quotations use the new "
                "prices. mode rollback undoes the last change. Never apply what the user has not seen."
            ),
            task=SYNC_PRICES,
            arguments=PriceOrder,
            result=PriceSyncResult,
            prepare=self._prepare,
            summarise=self._phrases.sync,
        )

    async def _prepare(self, arguments: PriceOrder, queue: TaskQueue, owner: str) -> Mapping[str, Any]:
        order = PriceOrder.model_construct(**{name: getattr(arguments, name) for name in PriceOrder.model_fields})
        await self._tasks.check(order, queue)
        return {"order": order}
