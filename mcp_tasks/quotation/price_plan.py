"""From rows that somebody wrote to the prices that a list would get: matched, converted, and the doubtful put aside."""

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, NamedTuple

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation.catalog import Catalog
from mcp_tasks.quotation.fields import Model, Number, cents
from mcp_tasks.quotation.price_list import PriceList
from mcp_tasks.quotation.price_report import Reason, Rejected, Unmatched
from mcp_tasks.quotation.price_rows import PriceSource, SourceRow
from mcp_tasks.quotation.sku_names import SkuNames
from mcp_tasks.quotation.terms import Unit
from mcp_tasks.quotation.totals import VAT_RATE
from mcp_tasks.spelling import folded

_PLACES = Decimal("0.0001")
_TENTH = Decimal("0.1")
_HIGHEST = 1_000_000
_SUGGESTED = 40  # unknown SKUs that get a suggestion: comparing each with all that there are takes time

_UNITS: dict[str, Unit] = {
    "m2": "m2",
    "metro_cuadrado": "m2",
    "pieza": "pieza",
    "piezas": "pieza",
    "pza": "pieza",
    "unidad": "unidad",
    "unidades": "unidad",
    "unid": "unidad",
    "un": "unidad",
    "u": "unidad",
    "unit": "unidad",
    "pomo": "pomo",
    "pomos": "pomo",
    "rollo": "rollo",
    "rollos": "rollo",
}
_COUNTED: frozenset[Unit] = frozenset({"pieza", "unidad"})  # one by one either way


class NewPrice(Model):
    """What a product is to cost, in the list's own tax basis."""

    sku: str
    price: Number


class PricePlan(Model):
    """What a source would make of a price list of a version of the knowledge."""

    format: Literal[1] = 1
    base: int
    price_list: str
    date: datetime.date
    source: str
    whole: bool
    source_tax_included: bool
    source_rows: int
    left_out: int
    prices: tuple[NewPrice, ...]
    unmatched: tuple[Unmatched, ...]
    rejected: tuple[Rejected, ...]

    @property
    def digest(self) -> str:
        """What names it: equal plans of an equal version have the same."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def taken(self, *, force: bool) -> dict[str, Decimal]:
        """The new prices by SKU; with `force` also those that change too much."""
        prices = {new.sku: new.price for new in self.prices}
        if force:
            prices |= {row.sku: row.price for row in self.rejected if _is_only_large(row) and row.price is not None}
        return prices


class Wanted(NamedTuple):
    """What to make a plan for: the version and its list, and what was said beside the source."""

    base: int
    prices: PriceList
    catalog: Catalog
    tax_included: bool | None
    date: datetime.date | None
    max_change_pct: Decimal


def make_plan(source: PriceSource, wanted: Wanted, today: datetime.date) -> PricePlan:
    """The plan. Raises `InvalidRequest` for a tax flag that is missing or contradicts the source."""
    tax_included = _tax_flag(source, wanted.tax_included)
    real = [row for row in source.rows if not row.estimated]
    matched, unmatched = _matched(real, SkuNames(wanted.catalog))
    accepted: list[NewPrice] = []
    rejected: list[Rejected] = []
    for sku, rows in matched.items():
        verdict = _judged(sku, rows, wanted, tax_included)
        if isinstance(verdict, NewPrice):
            accepted.append(verdict)
        else:
            rejected.extend(verdict)
    return PricePlan(
        base=wanted.base,
        price_list=wanted.prices.id,
        date=wanted.date or source.date or _day(wanted.prices, accepted, rejected, today),
        source=source.name,
        whole=source.whole,
        source_tax_included=tax_included,
        source_rows=len(source.rows),
        left_out=len(source.rows) - len(real),
        prices=tuple(accepted),
        unmatched=unmatched,
        rejected=tuple(sorted(rejected, key=lambda row: row.row)),
    )


def converted(price: Decimal, *, included: bool, to_included: bool) -> Decimal:
    """A price with or without tax as one without or with it: half-up to four decimals, as few as it needs but two."""
    if included and not to_included:
        price /= 1 + VAT_RATE
    elif to_included and not included:
        price *= 1 + VAT_RATE
    price = price.quantize(_PLACES, rounding=ROUND_HALF_UP)
    return cents(price) if cents(price) == price else price.normalize()


def change_pct(old: Decimal, new: Decimal) -> Decimal:
    """By how much a price changes, in percent, exactly."""
    return (new - old) / old * 100


def tenth(value: Decimal) -> Decimal:
    """A percentage as it is told: half-up to one decimal."""
    return value.quantize(_TENTH, rounding=ROUND_HALF_UP)


def _tax_flag(source: PriceSource, said: bool | None) -> bool:
    declared = source.tax_included
    if declared is None and said is None:
        raise InvalidRequest(
            "tax_included: say whether the prices include tax (IVA): true or false; the source does not, "
            "and it is never guessed",
            field="tax_included",
            allowed=[True, False],
        )
    if declared is not None and said is not None and declared != said:
        raise InvalidRequest(
            f"tax_included: the source says {str(declared).lower()}; leave it out, or mend the source",
            field="tax_included",
            received=said,
            allowed=[declared],
        )
    return bool(said if declared is None else declared)


def _matched(rows: Iterable[SourceRow], names: SkuNames) -> tuple[dict[str, list[SourceRow]], tuple[Unmatched, ...]]:
    matched: dict[str, list[SourceRow]] = defaultdict(list)
    unmatched: list[Unmatched] = []
    for row in rows:
        sku = names.sku(row.sku)
        if sku is not None:
            matched[sku].append(row)
            continue
        meant = names.nearest(row.sku) if len(unmatched) < _SUGGESTED else None
        unmatched.append(Unmatched(row=row.number, sku=row.sku, nearest=meant))
    return matched, tuple(unmatched)


def _judged(sku: str, rows: list[SourceRow], wanted: Wanted, tax_included: bool) -> NewPrice | list[Rejected]:
    """The price of a product, or why each of its rows is none."""
    if len({row.price for row in rows}) > 1:
        return [Rejected(row=row.number, sku=sku, reason="conflicting", price=None, change_pct=None) for row in rows]
    first = rows[0]
    price = first.price
    if price and 0 < price <= 2 * _HIGHEST:
        price = converted(price, included=tax_included, to_included=wanted.prices.tax_included)
    fault = _fault(price, wanted.catalog.units[sku], [row.unit for row in rows if row.unit])
    if fault or price is None:
        return [_rejected(first, sku, fault or "unreadable")]
    old = wanted.prices.price(sku)
    pct = None if old is None else change_pct(old, price)
    if pct is not None and abs(pct) > wanted.max_change_pct:
        return [Rejected(row=first.number, sku=sku, reason="change_too_large", price=price, change_pct=tenth(pct))]
    return NewPrice(sku=sku, price=price)


def _fault(price: Decimal | None, unit: Unit, said: Iterable[str]) -> Reason | None:
    if price is None:
        return "unreadable"
    if not 0 < price <= _HIGHEST:
        return "out_of_range"
    if all(_same_unit(unit, _UNITS.get(folded(word).rstrip("."))) for word in said):
        return None
    return "other_unit"


def _same_unit(unit: Unit, said: Unit | None) -> bool:
    return said == unit or (said in _COUNTED and unit in _COUNTED)


def _rejected(row: SourceRow, sku: str, reason: Reason) -> Rejected:
    return Rejected(row=row.number, sku=sku, reason=reason, price=None, change_pct=None)


def _is_only_large(row: Rejected) -> bool:
    return row.reason == "change_too_large"


def _day(
    prices: PriceList, accepted: Iterable[NewPrice], rejected: Iterable[Rejected], today: datetime.date
) -> datetime.date:
    """Of which day the prices are when nobody says: of today where the source has all of them, else as before.

    A few new prices do not make the others new.
    """
    found = {new.sku for new in accepted} | {row.sku for row in rejected if _is_only_large(row)}
    return today if all(row.estimated or row.sku in found for row in prices.rows) else prices.date
