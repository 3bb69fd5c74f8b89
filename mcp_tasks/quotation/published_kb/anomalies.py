"""What is odd about the published files themselves, whatever may be taken from them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from mcp_tasks.quotation.fields import cents, plain
from mcp_tasks.quotation.published_kb.description import thickness_in_field, thickness_in_name
from mcp_tasks.quotation.published_kb.item import ACCESSORIES, INDEX, PRICING, PublishedFiles, PublishedItem
from mcp_tasks.quotation.published_kb.matching import Match
from mcp_tasks.quotation.totals import VAT_RATE
from mcp_tasks.quotation.validation.files import field
from mcp_tasks.quotation.validation.finding import Finding, error, warning

_CENT = Decimal("0.01")
_RATE_FIELD = f"{PRICING}#data.metadata.iva_rate"
_FLAG = f"{ACCESSORIES}#meta.iva_incluido"
_CURRENCIES = {ACCESSORIES: "meta.moneda", PRICING: "data.metadata.currency"}


def anomalies(files: PublishedFiles, matches: Iterable[Match]) -> Iterator[Finding]:
    """Everything odd, in the order of the files."""
    yield from files.findings
    yield from reasons_to_doubt(files)
    yield from _shared_skus(files.items)
    for item in _once(files.items):
        yield from _prices(item)
    for found in matches:
        yield from _thicknesses(found)
        if found.item.file != INDEX:
            yield from _identity(found)
        elif found.called is not None and found.called is not found.product:
            yield _of_another(found)


def reasons_to_doubt(files: PublishedFiles) -> Iterator[Finding]:
    """Files whose prices may be without tax, with another rate or in another currency. None of theirs is taken."""
    yield from _tax(files)
    for name, place in _CURRENCIES.items():
        given: object = files.raw.get(name)
        for part in place.split("."):
            given = field(given, part)
        if given not in (None, "USD"):
            text = "the prices are in another currency"
            yield error("currency_differs", f"{name}#{place}", text, value=given, expected="USD")


def _tax(files: PublishedFiles) -> Iterator[Finding]:
    if ACCESSORIES in files.raw:
        flag = field(field(files.raw[ACCESSORIES], "meta"), "iva_incluido")
        if flag is not True:
            text = "the prices are named as with tax, but the file does not say that tax is in them"
            yield error("tax_flag_missing", _FLAG, text, value=flag, expected="true")
    if PRICING in files.raw:
        rate = field(field(field(files.raw[PRICING], "data"), "metadata"), "iva_rate")
        if rate != VAT_RATE:
            yield error("tax_rate", _RATE_FIELD, "the file has another rate of tax", value=rate, expected=str(VAT_RATE))


def _shared_skus(items: Iterable[PublishedItem]) -> Iterator[Finding]:
    """SKUs that stand on several items of a file, as when blanks were filled downwards."""
    sharing: defaultdict[tuple[str, str], list[PublishedItem]] = defaultdict(list)
    for item in items:
        sharing[item.file, item.sku].append(item)
    for (_, sku), same in sharing.items():
        if len(same) > 1:
            text = f"{len(same)} items are called {sku}: the SKU of one was filled down to the others"
            yield warning("duplicate_sku", same[0].path, text, value=f"{len(same)} items", expected="one")
        for kind, times in Counter(item.group for item in same).items():
            if times > 1:
                yield _same_kind(sku, kind, [item for item in same if item.group == kind])


def _same_kind(sku: str, kind: str, same: list[PublishedItem]) -> Finding:
    prices = sorted({item.price for item in same if item.price is not None})
    if len(prices) > 1:
        shown = ", ".join(map(plain, prices))
        text = f"{len(same)} items are {kind} {sku}, at different prices"
        return error("duplicate_conflict", same[0].path, text, value=shown, expected="one price")
    text = f"{len(same)} items are {kind} {sku}, at the same price"
    return warning("duplicate_sku_kind", same[0].path, text, value=sku, expected="one item")


def _once(items: Iterable[PublishedItem]) -> Iterator[PublishedItem]:
    """Without what a second file repeats of an item."""
    first_in: dict[tuple[str, Decimal | None, Decimal | None], str] = {}
    for item in items:
        if first_in.setdefault((item.name, item.price, item.web), item.file) == item.file:
            yield item


def _prices(item: PublishedItem) -> Iterator[Finding]:
    if item.price is None:
        yield error("price_missing", item.price_path, f"{item.name} has no price that is a number", expected="a price")
        return
    if item.price <= 0:
        text = f"{item.name} costs nothing"
        yield error("price_not_positive", item.price_path, text, value=plain(item.price), expected="more than 0")
    elif not item.usable:
        text = f"the price of {item.name} is none that a list takes"
        expected = "up to 1000000, with up to four decimals"
        yield error("price_not_usable", item.price_path, text, value=plain(item.price), expected=expected)
    if item.web is not None and item.web < item.price:
        text = f"{item.name} costs less on the web than in the shop"
        least = f"{plain(item.price)} or more"
        yield warning("web_below_sale", item.path, text, value=plain(item.web), expected=least)
    if item.margin:
        text = f"the sale price of {item.name} is {item.margin} 1.10 to 1.60 times what it costs to buy"
        yield warning("margin_out_of_range", item.path, text, expected="1.10 to 1.60")
    if item.without_tax is not None:
        with_tax = cents(item.without_tax * (1 + VAT_RATE))
        if abs(with_tax - item.price) > _CENT * 2:
            text = f"the prices of {item.name} with and without tax do not agree"
            yield error("tax_mismatch", item.price_path, text, value=plain(item.price), expected=plain(with_tax))


def _thicknesses(found: Match) -> Iterator[Finding]:
    item = found.item
    if item.file == INDEX:
        return  # a copy
    if isinstance(item.thickness, str):
        text = "the thickness is text, which never equals a number"
        whole = thickness_in_field(item)
        expected = str(whole) if whole else "whole numbers"
        yield warning(
            "thickness_is_text", f"{item.path}.espesor_mm", text, value=repr(item.thickness), expected=expected
        )
    in_name, in_field = thickness_in_name(item), thickness_in_field(item)
    if found.product is None or found.product.thickness_mm is None or None in (in_name, in_field):
        return
    if in_name != in_field:
        text = f"{item.name!r} says {in_name} mm in its name, which is believed"
        yield warning("thickness_disagrees", item.path, text, value=f"{in_field} mm", expected=f"{in_name} mm")


def _identity(found: Match) -> Iterator[Finding]:
    item = found.item
    if found.certainty == "certain":
        return
    if found.certainty == "likely" and found.product is not None:
        text = f"{item.sku} {item.name!r} looks like {found.product.sku}, which never went by that SKU"
        yield warning("item_uncertain", item.path, text, value=item.sku, expected=found.product.sku)
    elif found.certainty == "several":
        yield warning("item_uncertain", item.path, f"{item.sku} {item.name!r} may be several products", value=item.sku)
    elif found.called is not None:
        text = f"{item.name!r} has the SKU of {found.called.name_es!r}, and is something else"
        yield warning("sku_of_another", item.path, text, value=item.sku)
    else:
        yield warning("item_unknown", item.path, f"{item.sku} {item.name!r} is not in the catalog", value=item.sku)


def _of_another(found: Match) -> Finding:
    """A SKU of the index that leads to the price of another product."""
    assert found.called is not None
    item = found.item
    text = f"who looks up {item.sku} ({found.called.name_es}) gets the price of {item.name!r}"
    price = None if item.price is None else plain(item.price)
    return error("index_of_another", item.price_path, text, value=price, expected=f"the price of {found.called.sku}")
