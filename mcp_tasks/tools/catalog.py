"""The tool that looks products up: the search, and its answer in words."""

from typing import TYPE_CHECKING

from mcp_tasks.phrases import SearchPhrases
from mcp_tasks.predefined.quoting import QuotationTasks
from mcp_tasks.queue import TaskQueue
from mcp_tasks.quotation.catalog_query import CatalogPage, CatalogQuery
from mcp_tasks.toolspec import ReadSpec

if TYPE_CHECKING:
    from mcp_tasks.quotation.catalog import Catalog
    from mcp_tasks.quotation.search import CatalogSearch, Nothing


class CatalogTool:
    """search_catalog."""

    def __init__(self, tasks: QuotationTasks, phrases: SearchPhrases) -> None:
        self._tasks = tasks
        self._phrases = phrases
        self._search: CatalogSearch | None = None

    def spec(self) -> ReadSpec:
        """The tool."""
        return ReadSpec(
            name="search_catalog",
            title=self._phrases.title,
            description=(
                "Find panels and accessories by Spanish words, family, thickness or SKU, with the price of one unit, "
                "its list's date and whether tax is included. Use it for the price or SKU of a product, and for what "
                "there is; for quantities and totals use submit_bom. Say so to the user when price.stale is true."
            ),
            arguments=CatalogQuery,
            answer=CatalogPage,
            read=self._read,
            summarise=self._phrases.page,
        )

    async def _read(self, wanted: CatalogQuery, queue: TaskQueue, owner: str) -> CatalogPage:
        knowledge = await self._tasks.knowledge()
        found = self._ready(knowledge.catalog).find(wanted, knowledge.price_list(None), self._tasks.today())
        return CatalogPage(
            items=found.items,
            found=found.total,
            next_cursor=found.next_cursor,
            hint=found.nothing and self._hint(found.nothing),
        )

    def _ready(self, catalog: "Catalog") -> "CatalogSearch":
        """The search of that catalog, which takes a few ms to make."""
        from mcp_tasks.quotation.search import CatalogSearch

        if self._search is None or self._search.catalog is not catalog:
            self._search = CatalogSearch(catalog)
        return self._search

    def _hint(self, nothing: "Nothing") -> str:
        return self._phrases.hint(nothing.unknown, nothing.made_mm, nothing.words, nothing.too_much)
