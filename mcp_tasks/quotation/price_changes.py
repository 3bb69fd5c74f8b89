"""How prices change: a plan is made, what was planned is applied as a version, and that is undone.

All of it reads or writes files.
"""

import datetime
from functools import partial
from pathlib import Path

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation.catalog import Catalog
from mcp_tasks.quotation.price_list import PriceList
from mcp_tasks.quotation.price_order import PriceOrder, PriceSyncResult
from mcp_tasks.quotation.price_plan import PricePlan, Wanted, make_plan
from mcp_tasks.quotation.price_rows import PriceSource, SourceRow
from mcp_tasks.quotation.price_source import open_source
from mcp_tasks.quotation.price_sync import renewed, report, write_list
from mcp_tasks.quotation.versions import KnowledgeVersions
from mcp_tasks.repair import known_name

_INLINE = "rows"


class PriceChanges:
    """Changes of the price lists of `versions`, from files in the folder `sources` or from rows that are given."""

    def __init__(self, versions: KnowledgeVersions, sources: Path) -> None:
        self._versions = versions
        self._sources = sources

    def plan(self, order: PriceOrder, today: datetime.date) -> PricePlan:
        """What the source would make of the list. Raises `InvalidRequest`, which names the argument."""
        source = _inline(order) if order.source is None else open_source(self._sources, order.source)
        base = self._versions.current().number
        knowledge = self._versions.knowledge()
        ids = [prices.id for prices in knowledge.price_lists]
        name = ids[0] if order.price_list is None else known_name("price_list", order.price_list, ids)
        wanted = Wanted(
            base=base,
            prices=knowledge.price_list(name),
            catalog=knowledge.catalog,
            tax_included=order.tax_included,
            date=order.date,
            max_change_pct=order.max_change_pct,
        )
        return make_plan(source, wanted, today)

    def planned(self, plan: PricePlan, today: datetime.date) -> PriceSyncResult:
        """What the plan would change now."""
        prices, catalog = self._subject(plan)
        return PriceSyncResult(
            mode="plan",
            version=self._versions.current().number,
            digest=plan.digest,
            already_applied=False,
            report=report(prices, plan, catalog, today, force=False),
        )

    def check(self, plan: PricePlan, *, force: bool) -> None:
        """Whether the plan can be applied. Raises `InvalidRequest`, which says what to do instead."""
        in_force = self._versions.current().number == plan.base
        if in_force and plan.rejected and not force:
            raise InvalidRequest(
                f"force: {len(plan.rejected)} rows of the plan were rejected; mend the source and plan again, with a "
                "higher max_change_pct where prices may change so much, or send force: true to take those that change "
                "too much and leave the others as they are",
                field="force",
                received=False,
                allowed=[True],
                rejected=len(plan.rejected),
            )
        prices, catalog = self._subject(plan)
        if not in_force and renewed(prices, plan, catalog.units, force=force) != prices:
            raise _moved_on(plan)

    def apply(self, plan: PricePlan, today: datetime.date, *, force: bool, by: str, at: float) -> PriceSyncResult:
        """Publish what was planned. Where the list already is what the plan makes of it, nothing is published.

        Raises as `check`, and what publishing a version raises.
        """
        self.check(plan, force=force)
        prices, catalog = self._subject(plan)
        said = report(prices, plan, catalog, today, force=force)
        new = renewed(prices, plan, catalog.units, force=force)
        if new == prices:
            version = self._versions.current()
        else:
            what = f"{plan.price_list} from {plan.source}: {said.changed.count} changed, {said.added.count} added"
            version = self._versions.publish(partial(write_list, prices=new), base=plan.base, by=by, what=what, at=at)
        return PriceSyncResult(
            mode="apply", version=version.number, digest=plan.digest, already_applied=new == prices, report=said
        )

    def current(self) -> int:
        """The number of the version in force."""
        return self._versions.current().number

    def check_roll_back(self) -> None:
        """Raises `InvalidRequest` when no change is left that could be undone."""
        if self._versions.base_of(self._versions.current()) is None:
            raise InvalidRequest("mode: there is no change left to roll back", field="mode")

    def roll_back(self, undo: int, *, by: str, at: float) -> PriceSyncResult:
        """Undo that version, unless it was undone just now."""
        history = self._versions.history()
        undone = bool(history) and history[0].undoes == undo
        what = next((made.what for made in history if made.number == undo), None)
        version = self._versions.current() if undone else self._versions.roll_back(undo=undo, by=by, at=at)
        return PriceSyncResult(
            mode="rollback",
            version=version.number,
            digest=None,
            already_applied=undone,
            report=None,
            undone=what,
        )

    def _subject(self, plan: PricePlan) -> tuple[PriceList, Catalog]:
        """The list that the plan is for, and the catalog, as they are now."""
        knowledge = self._versions.knowledge()
        prices = next((prices for prices in knowledge.price_lists if prices.id == plan.price_list), None)
        if prices is None or not plan.taken(force=True).keys() <= knowledge.catalog.units.keys():
            raise _moved_on(plan)
        return prices, knowledge.catalog


def _inline(order: PriceOrder) -> PriceSource:
    given = enumerate(order.rows or (), start=1)
    rows = tuple(SourceRow(number, row.sku, row.price, row.unit or "") for number, row in given)
    return PriceSource(_INLINE, rows, whole=False)


def _moved_on(plan: PricePlan) -> InvalidRequest:
    return InvalidRequest(
        "digest: the catalog or prices have changed since this plan was made; plan again, and show the user what it "
        "says now",
        field="digest",
        received=plan.digest,
    )
