"""What can be taken from the published files: prices that are clear. What is not is left to a person."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation.catalog import Catalog
from mcp_tasks.quotation.fields import Model, Number, plain
from mcp_tasks.quotation.knowledge import PRICE_LISTS, Knowledge
from mcp_tasks.quotation.price_comparison import LARGE_PCT, ComparedList, compared
from mcp_tasks.quotation.price_list import PriceList, PriceRow
from mcp_tasks.quotation.published_kb.anomalies import anomalies, reasons_to_doubt
from mcp_tasks.quotation.published_kb.description import describes
from mcp_tasks.quotation.published_kb.item import ACCESSORIES, PRICING, PublishedFiles, PublishedItem
from mcp_tasks.quotation.published_kb.matching import Match, match
from mcp_tasks.quotation.published_kb.rule_differences import rule_differences
from mcp_tasks.quotation.totals import VAT_RATE
from mcp_tasks.quotation.validation.files import field
from mcp_tasks.quotation.validation.finding import Finding, error, warning
from mcp_tasks.quotation.validation.pricing import not_rising, steps_not_rising
from mcp_tasks.repair import nearest

Decisions = Mapping[str, str | None]
"""By our SKU: the path of the item whose price counts, or None to leave the product without a price."""


class Offer(Model):
    """A price that some item gives for a product."""

    path: str
    name: str
    price: Number


class Undecided(Model):
    """A product whose items disagree; put one of the paths into the decisions."""

    sku: str
    name_es: str
    offers: tuple[Offer, ...]


class Proposal(Model):
    """The price list that the files come to, and everything that there is to say about them."""

    prices: PriceList
    compared: ComparedList | None
    undecided: tuple[Undecided, ...]
    without_price: tuple[str, ...]
    findings: tuple[Finding, ...]


def propose(
    files: PublishedFiles, known: Knowledge, *, list_id: str | None = None, decisions: Decisions | None = None
) -> Proposal:
    """Compare the files with our catalog, rules and prices, of which nothing is changed.

    Raises `InvalidRequest` when a decision names a product or an item that there is not.
    """
    catalog = known.catalog
    matches = [match(item, catalog) for item in (*files.items, *files.index)]
    sources = _trusted(files)
    trusted = [found for found in matches if found.item.file in sources]
    offers = _offers(trusted, catalog, decisions or {})
    undecided = tuple(_undecided(offers, catalog))
    clear = {sku: of_it for sku, of_it in offers.items() if of_it and len({o.price for o in of_it}) == 1}
    rows = tuple(_row(sku, clear[sku], catalog) for sku in catalog.units if sku in clear)
    prices = _price_list(files, rows, list_id)
    against = compared(prices, known.price_lists)
    return Proposal(
        prices=prices,
        compared=against,
        undecided=undecided,
        without_price=tuple(sku for sku in catalog.units if not offers.get(sku)),
        findings=(
            *anomalies(files, matches),
            *_conflicts(undecided),
            *_odd_decisions(decisions or {}, files, catalog),
            *(not_rising(step, step.thick.source) for step in steps_not_rising(prices, catalog)),
            *_movements(against),
            *rule_differences(files.raw, catalog, known.rules),
        ),
    )


def _trusted(files: PublishedFiles) -> set[str]:
    """The files whose prices are known to be USD with tax. The index is a copy of them, and never a source."""
    doubted = {finding.path.partition("#")[0] for finding in reasons_to_doubt(files)}
    return {ACCESSORIES, PRICING} - doubted


def _offers(matches: Iterable[Match], catalog: Catalog, decisions: Decisions) -> dict[str, list[PublishedItem]]:
    """The items with a price by the SKU of their product, certain or likely; where a person has decided, that one."""
    offers: defaultdict[str, list[PublishedItem]] = defaultdict(list)
    certain: set[str] = set()
    priced = {found.item.path: found for found in matches if found.item.usable}
    for found in priced.values():
        if found.product is not None:
            offers[found.product.sku].append(found.item)
            if found.certainty == "certain":
                certain.add(found.product.sku)
    chosen = {sku: items for sku, items in offers.items() if sku in certain}
    for sku, path in decisions.items():
        if sku not in catalog.units:
            raise _unknown("decisions", sku, catalog.units)
        if path is not None and path not in priced:
            raise _unknown(f"decisions.{sku}", path, priced)
        chosen[sku] = [] if path is None else [_decided(sku, priced[path].item, catalog)]
    return chosen


def _decided(sku: str, item: PublishedItem, catalog: Catalog) -> PublishedItem:
    """The item, whose price is of the same unit as ours: a panel's is never that of a piece."""
    if item.by_area != (catalog.units[sku] == "m2"):
        sold = "by m2" if item.by_area else "by the piece"
        raise InvalidRequest(
            f"decisions.{sku}: {item.name!r} is sold {sold}, and {catalog.names[sku]} by {catalog.units[sku]}",
            field=f"decisions.{sku}",
            received=item.path,
        )
    return item


def _odd_decisions(decisions: Decisions, files: PublishedFiles, catalog: Catalog) -> Iterator[Finding]:
    """Decisions for an item that looks like something else; they are taken, for a person knows more."""
    items = {item.path: item for item in files.items}
    for product in (*catalog.panels, *catalog.accessories):
        item = items.get(decisions.get(product.sku) or "")
        if item is not None and not describes(item, product):
            text = f"by decision {product.sku} ({product.name_es}) costs what {item.name!r} does"
            yield warning("decision_of_another", item.path, text, value=item.name, expected=product.name_es)


def _unknown(at: str, given: str, known: Iterable[str]) -> InvalidRequest:
    names = list(known)
    meant = nearest(given, names)
    what = "is no SKU of the catalog" if at == "decisions" else "is no item with a price"
    return InvalidRequest(f"{at}: {given!r} {what}", field=at, received=given, nearest=meant)


def _undecided(offers: Mapping[str, list[PublishedItem]], catalog: Catalog) -> Iterator[Undecided]:
    for sku, items in offers.items():
        if len({item.price for item in items}) > 1:
            given = tuple(Offer(path=i.path, name=i.name, price=i.price) for i in items if i.price is not None)
            yield Undecided(sku=sku, name_es=catalog.names[sku], offers=given)


def _conflicts(undecided: Iterable[Undecided]) -> Iterator[Finding]:
    for product in undecided:
        first, *others = product.offers
        shown = ", ".join(f"{plain(offer.price)} ({offer.path})" for offer in others)
        text = f"{product.sku} ({product.name_es}) has several prices: {plain(first.price)}, {shown}"
        prices = " or ".join(sorted({plain(offer.price) for offer in product.offers}, key=Decimal))
        yield error("price_conflict", first.path, text, value=prices, expected="one price: decide which")


def _movements(against: ComparedList | None) -> Iterator[Finding]:
    """Prices that have moved as a whole, by so much that they may be of another currency, tax or unit."""
    if against is None:
        return
    path, value = f"{PRICE_LISTS}/{against.price_list}.json", f"{against.median_change_pct:+f} %"
    text = f"the median change against {against.price_list} of {against.date} is {value}"
    if abs(against.median_change_pct) > LARGE_PCT:
        yield warning("prices_moved", path, text, value=value, expected=f"within {LARGE_PCT} %")
    if against.tax_is_doubtful:
        text = f"{text}; the prices look as if they were without tax"
        yield warning("tax_flag_doubtful", path, text, value=value, expected="prices with tax")


def _row(sku: str, items: list[PublishedItem], catalog: Catalog) -> PriceRow:
    first = items[0]
    assert first.price is not None
    return PriceRow(sku=sku, price=first.price, unit=catalog.units[sku], source=first.price_path)


def _price_list(files: PublishedFiles, rows: tuple[PriceRow, ...], list_id: str | None) -> PriceList:
    date = _date(files)
    return PriceList(
        schema_version=1,
        id=list_id or f"published-{date:%Y-%m}",
        label_es=f"Lista publicada {date}",
        date=date,
        currency="USD",
        tax_included=True,
        tax_rate=VAT_RATE,
        source=", ".join(sorted({row.source.partition("#")[0] for row in rows})),
        note="imported; only prices on which SKU, name and all items agree, or that a person decided",
        rows=rows,
    )


def _date(files: PublishedFiles) -> datetime.date:
    """The day of the newest file with prices; raises `InvalidRequest` when none gives one."""
    dates: list[datetime.date] = []
    for name, place in ((ACCESSORIES, "fecha"), (PRICING, "generated_at")):
        given = field(field(files.raw.get(name), "meta"), place)
        try:
            dates.append(datetime.date.fromisoformat(str(given)[:10]))
        except ValueError:
            continue
    if not dates:
        raise InvalidRequest("no file with prices says of what day they are (meta.fecha, meta.generated_at)")
    return max(dates)
