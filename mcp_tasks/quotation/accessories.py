"""Accessories that are sold by themselves: which product each of them is, or which ones it may be."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation.bom import BomLine
from mcp_tasks.quotation.catalog import UNIVERSAL, Accessory, Catalog
from mcp_tasks.quotation.fields import cents
from mcp_tasks.quotation.order import AccessoryItem
from mcp_tasks.quotation.price_list import PriceList
from mcp_tasks.quotation.search_words import forms, words
from mcp_tasks.quotation.sku_names import SkuNames
from mcp_tasks.repair import nearest, shown

_Fits = Callable[[Accessory], bool]


def find_accessory(item: AccessoryItem, catalog: Catalog, path: str) -> Accessory:
    """The product that `item` means. Raises `InvalidRequest` under `path`, with the products that it may be."""
    if item.sku is not None:
        return _of_sku(item.sku, catalog, path)
    assert item.kind is not None, "an item without either is not valid"
    kind = _kind_meant(item.kind, catalog, path)
    found = [row for row in catalog.accessories if row.kind == kind]
    for name, fits in _conditions(item, catalog):
        fitting = [row for row in found if fits(row)]
        if not fitting:
            said = " ".join(map(str, item.panel.values()))
            raise _choose(found, f"{path}.{name}: no {kind} is made for {said}", f"{path}.{name}")
        found = fitting
    if len(found) > 1:
        raise _choose(found, f"{path}.kind: say which {kind}, by its sku or by the panel it goes with", f"{path}.kind")
    return found[0]


def accessory_line(product: Accessory, quantity: int, prices: PriceList) -> BomLine:
    """The line of so many of a product; without a price its amounts stay open."""
    price = prices.price(product.sku)
    return BomLine(
        kind=product.kind,
        sku=product.sku,
        name_es=product.name_es,
        quantity=Decimal(quantity),
        unit=product.unit,
        unit_price=price,
        total=None if price is None else cents(price * quantity),
        formula="cantidad pedida",
    )


def _of_sku(sku: str, catalog: Catalog, path: str) -> Accessory:
    known = SkuNames(catalog).sku(sku)
    for row in catalog.accessories:
        if row.sku == known:
            return row
    if known is not None:
        raise InvalidRequest(
            f"{path}.sku: {known} is a panel, {catalog.names[known]}; order it in request, with its dimensions",
            field=f"{path}.sku",
            received=sku,
        )
    meant = nearest(sku, (name for row in catalog.accessories for name in (row.sku, *row.aliases)))
    hint = f"did you mean {meant!r}?" if meant else "search_catalog finds them by words"
    text = f"{path}.sku: no accessory has the SKU {shown(sku)!r}; {hint}"
    raise InvalidRequest(text, field=f"{path}.sku", received=shown(sku), nearest=meant)


def _kind_meant(said: str, catalog: Catalog, path: str) -> str:
    """The kind that is called so, whatever its plural, small words and accents: "goteros frontales"."""
    kinds = list(dict.fromkeys(row.kind for row in catalog.accessories))
    spoken = [forms(word) for word in words(said)]
    meant = [{*singulars, *(catalog.synonyms.get(form, form) for form in singulars)} for singulars in spoken]
    for kind in kinds:
        called = words(kind.replace("_", " "))
        if len(called) == len(meant) and all(forms(word) & names for word, names in zip(called, meant, strict=True)):
            return kind
    text = f"{path}.kind: no accessory is called {shown(said)!r}; there are {', '.join(kinds)}"
    close = nearest(said.replace(" ", "_"), kinds)
    raise InvalidRequest(text, field=f"{path}.kind", received=shown(said), allowed=kinds, nearest=close)


def _conditions(item: AccessoryItem, catalog: Catalog) -> list[tuple[str, _Fits]]:
    """What the panel of `item` asks of the product, each under the name of its field."""
    conditions: list[tuple[str, _Fits]] = []
    family, core, mm = item.product_family, item.core_type, item.thickness_mm
    if family is not None or core is not None:
        codes = {p.code for p in catalog.panels if family in {None, p.family} and core in {None, p.core}} | {UNIVERSAL}
        name = "core_type" if family is None else "product_family"
        conditions.append((name, lambda row: not codes.isdisjoint(row.families)))
    if mm is not None:
        conditions.append(("thickness_mm", lambda row: row.thickness_mm is None or mm in row.thickness_mm))
    return conditions


def _choose(products: Sequence[Accessory], question: str, field: str) -> InvalidRequest:
    named = "; ".join(f"{row.sku} ({row.name_es})" for row in products)
    return InvalidRequest(
        f"{question}: {named}",
        field=field,
        allowed=[{"sku": row.sku, "name_es": row.name_es} for row in products],
        example={"quantity": 1, "sku": products[0].sku},
    )
