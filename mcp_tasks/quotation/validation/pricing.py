"""Do the prices make sense: against the list before, along the thicknesses, and today?"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain, pairwise
from typing import NamedTuple

from mcp_tasks.quotation.catalog import Catalog
from mcp_tasks.quotation.fields import plain
from mcp_tasks.quotation.price_list import PriceList, PriceRow
from mcp_tasks.quotation.price_plan import change_pct, tenth
from mcp_tasks.quotation.validation.finding import Finding, warning
from mcp_tasks.quotation.validation.subject import Subject, list_path

_MOST_CHANGE_PCT = 20


def sudden_changes(subject: Subject) -> Iterator[Finding]:
    """Prices of the newest list that are more than 20 % from those before, which are looked up in this order:

    the same list as it was before it was changed; the last one of the same tax basis; the last one, converted. Rows
    that were estimated from another list say nothing and are left out.
    """
    newest, before = _newest_and_before(subject)
    if newest is None or before is None:
        return
    for number, row in enumerate(newest.rows):
        old = before.row(row.sku)
        if row.estimated or old is None or old.estimated:
            continue
        was = _converted(old.price, before, newest)
        change = change_pct(was, row.price)
        if abs(change) > _MOST_CHANGE_PCT:
            yield warning(
                "price_changed",
                f"{list_path(newest)}#rows.{number}.price",
                f"{row.sku} costs {plain(row.price)}, {tenth(change):+f} % against {before.id} of {before.date}",
                value=plain(row.price),
                expected=f"within {_MOST_CHANGE_PCT} % of {was:.2f}",
            )


class Step(NamedTuple):
    """From a product of a list to the next thicker one of its kind and family, which costs no more."""

    thin: PriceRow
    thin_mm: int
    thick: PriceRow
    thick_mm: int


def _newest_and_before(subject: Subject) -> tuple[PriceList | None, PriceList | None]:
    if not subject.price_lists:
        return None, None
    newest, *older = subject.price_lists
    changed = (prices for prices in subject.before if prices.id == newest.id and prices.rows != newest.rows)
    same_basis = (prices for prices in older if prices.tax_included == newest.tax_included)
    return newest, next(chain(changed, same_basis, older), None)


def prices_not_rising(subject: Subject) -> Iterator[Finding]:
    """Products of a kind and family that cost no more than their thinner neighbours."""
    for prices in subject.price_lists:
        numbers = {row.sku: number for number, row in enumerate(prices.rows)}
        for step in steps_not_rising(prices, subject.catalog):
            yield not_rising(step, f"{list_path(prices)}#rows.{numbers[step.thick.sku]}.price")


def steps_not_rising(prices: PriceList, catalog: Catalog) -> Iterator[Step]:
    """Each pair of neighbours once, although a product may serve several families."""
    said: set[tuple[str, str]] = set()
    for rising in _series(catalog):
        priced = [(mm, row) for mm, sku in rising if (row := prices.row(sku)) is not None]
        for (thin_mm, thin), (mm, thick) in pairwise(priced):
            if thick.price <= thin.price and thin.sku != thick.sku and (thin.sku, thick.sku) not in said:
                said.add((thin.sku, thick.sku))
                yield Step(thin, thin_mm, thick, mm)


def not_rising(step: Step, path: str) -> Finding:
    """What to look at there."""
    relation = "as much as" if step.thick.price == step.thin.price else "less than"
    return warning(
        "price_not_rising",
        path,
        f"{step.thick.sku} ({step.thick_mm} mm) costs {relation} {step.thin.sku} ({step.thin_mm} mm)",
        value=plain(step.thick.price),
        expected=f"more than {plain(step.thin.price)}",
    )


def lists_of_the_future(subject: Subject) -> Iterator[Finding]:
    """Lists of a day that is still to come: until then no other list is quoted from, and none of it is ever stale."""
    for prices in subject.price_lists:
        if prices.date > subject.today:
            path, expected = f"{list_path(prices)}#date", f"{subject.today} or before"
            text = f"{prices.id} is of a day that is still to come"
            yield warning("list_of_the_future", path, text, value=prices.date, expected=expected)


def stale_list(subject: Subject) -> Iterator[Finding]:
    """The newest list, when it is older than 60 days. Its age is left out of the text: it would change every day."""
    for newest in subject.price_lists[:1]:
        if newest.info(subject.today).stale:
            text = "the newest price list is more than 60 days old"
            yield warning("list_stale", f"{list_path(newest)}#date", text, value=newest.date, expected="a newer list")


def _series(catalog: Catalog) -> Iterator[list[tuple[int, str]]]:
    """The SKUs of each kind and family by thickness; panels by family and variant."""
    series: defaultdict[tuple[str, str | None], list[tuple[int, str]]] = defaultdict(list)
    for panel in catalog.panels:
        series[panel.code, panel.variant].append((panel.thickness_mm, panel.sku))
    for row in catalog.accessories:
        for family in row.families:
            series[row.kind, family].extend((mm, row.sku) for mm in row.thickness_mm or ())
    yield from (sorted(of_one_kind) for of_one_kind in series.values())


def _converted(price: Decimal, given: PriceList, wanted: PriceList) -> Decimal:
    """The price of a list on the tax basis of another."""
    if given.tax_included == wanted.tax_included:
        return price
    return price / (1 + given.tax_rate) if given.tax_included else price * (1 + given.tax_rate)
