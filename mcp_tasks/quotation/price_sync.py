"""What a plan makes of its price list, and how that compares with the list as it is."""

import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from mcp_tasks.quotation.catalog import Catalog
from mcp_tasks.quotation.knowledge import PRICE_LISTS
from mcp_tasks.quotation.price_comparison import Changes
from mcp_tasks.quotation.price_list import PriceList, PriceRow, is_stale
from mcp_tasks.quotation.price_plan import PricePlan, change_pct, tenth
from mcp_tasks.quotation.price_report import (
    ChangedPrice,
    Doubt,
    ListDates,
    Listed,
    NamedPrice,
    PriceReport,
    Rejected,
    SourceInfo,
    Unmatched,
)
from mcp_tasks.quotation.terms import Unit
from mcp_tasks.quotation.totals import VAT_RATE

_TAX = {True: "with", False: "without"}


def renewed(prices: PriceList, plan: PricePlan, units: Mapping[str, Unit], *, force: bool) -> PriceList:
    """The list with the plan's prices and date; doing it twice changes nothing more. `units` are the catalog's.

    What the plan has no price for keeps its own. Where the list's date changes, that one is of another day, and so
    becomes an estimated one.
    """
    taken = plan.taken(force=force)
    moved = plan.date != prices.date
    rows = [_renewed(row, taken.pop(row.sku, None), plan.source, moved=moved) for row in prices.rows]
    rows += [PriceRow(sku=sku, price=price, unit=units[sku], source=plan.source) for sku, price in taken.items()]
    return PriceList.model_validate(dict(prices) | {"date": plan.date, "rows": tuple(rows)})  # a copy keeps its caches


def write_list(folder: Path, prices: PriceList) -> None:
    """Put the list in its file in a folder of knowledge."""
    text = prices.model_dump_json(indent=1)
    (folder / PRICE_LISTS / f"{prices.id}.json").write_text(text, encoding="utf-8")


def report(prices: PriceList, plan: PricePlan, catalog: Catalog, today: datetime.date, *, force: bool) -> PriceReport:
    """What the plan changes in the list, as that is before."""
    taken = plan.taken(force=force)
    changed = [_changed(row, taken[row.sku], catalog) for row in prices.rows if _changes(row, taken)]
    added = [_named(sku, price, catalog) for sku, price in taken.items() if prices.row(sku) is None]
    real = [row for row in prices.rows if not row.estimated]
    seen = {*taken, *(row.sku for row in plan.rejected)}
    absent = [row for row in real if row.sku not in seen] if plan.whole or plan.date != prices.date else []
    changes = Changes.of(prices, taken)
    return PriceReport(
        price_list=ListDates(id=prices.id, previous_date=prices.date, date=plan.date, tax_included=prices.tax_included),
        source=SourceInfo(
            name=plan.source,
            tax_included=plan.source_tax_included,
            rows=plan.source_rows,
            left_out=plan.left_out,
        ),
        conversion=_conversion(plan.source_tax_included, prices.tax_included),
        comparable=len(changes.pcts),
        median_change_pct=None if changes.middle is None else tenth(changes.middle),
        above_20_pct=changes.large,
        unchanged=len(taken) - len(added) - len(changed),
        changed=Listed[ChangedPrice].of(sorted(changed, key=lambda change: -abs(change.change_pct))),
        added=Listed[NamedPrice].of(added),
        removed=Listed[NamedPrice].of([_named(row.sku, row.price, catalog) for row in absent]),
        unmatched=Listed[Unmatched].of(plan.unmatched),
        rejected=Listed[Rejected].of([row for row in plan.rejected if row.sku not in taken]),
        doubts=tuple(_doubts(prices, plan, changes, today)),
    )


def _renewed(row: PriceRow, price: Decimal | None, source: str, *, moved: bool) -> PriceRow:
    if price is None:
        return row.model_copy(update={"estimated": row.estimated or moved})
    if price == row.price and not row.estimated:
        return row
    return PriceRow(sku=row.sku, price=price, unit=row.unit, source=source)


def _changes(row: PriceRow, taken: Mapping[str, Decimal]) -> bool:
    return row.sku in taken and (row.estimated or row.price != taken[row.sku])


def _changed(row: PriceRow, price: Decimal, catalog: Catalog) -> ChangedPrice:
    return ChangedPrice(
        sku=row.sku,
        name_es=catalog.names[row.sku],
        unit=row.unit,
        old=row.price,
        new=price,
        change_pct=tenth(change_pct(row.price, price)),
        comparable=not row.estimated,
    )


def _named(sku: str, price: Decimal, catalog: Catalog) -> NamedPrice:
    return NamedPrice(sku=sku, name_es=catalog.names[sku], unit=catalog.units[sku], price=price)


def _conversion(included: bool, to_included: bool) -> str:
    if included == to_included:
        return "none: the source and the list agree on tax; four decimals, half-up"
    sign = "x" if to_included else "/"
    return f"{sign} {1 + VAT_RATE}, to the list's prices {_TAX[to_included]} tax; four decimals, half-up"


def _doubts(prices: PriceList, plan: PricePlan, changes: Changes, today: datetime.date) -> Iterable[Doubt]:
    if changes.tax_is_doubtful(included=plan.source_tax_included):
        yield "tax_flag_doubtful"
    if plan.date < prices.date:
        yield "older_than_the_list"
    elif is_stale(plan.date, today):
        yield "stays_stale"
    if plan.date > today:
        yield "in_the_future"
