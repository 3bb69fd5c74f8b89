"""Prices on quantities. BOM specification, section 8: every amount half-up to the cent."""

from collections.abc import Iterable
from decimal import Decimal

from mcp_tasks.quotation.bom import BomLine, Totals
from mcp_tasks.quotation.fields import cents
from mcp_tasks.quotation.price_list import PriceList
from mcp_tasks.quotation.project import Project
from mcp_tasks.quotation.takeoff import Item, Measures
from mcp_tasks.quotation.totals import totals_of

_ZERO = Decimal("0.00")


def panel_line(project: Project, measures: Measures) -> BomLine:
    """The panels, billed by area; `length_m` is that of the request."""
    panel = project.panel
    price = project.prices.price(panel.sku)
    return BomLine(
        kind="panel",
        sku=panel.sku,
        name_es=panel.name_es,
        quantity=measures.panel_area_m2,
        unit="m2",
        unit_price=price,
        total=None if price is None else cents(price * measures.panel_area_m2),
        formula=measures.panel_formula,
        panels=measures.panel_count,
        length_m=project.request.length_m,
    )


def accessory_line(item: Item, prices: PriceList) -> BomLine:
    """Quantity x price, whatever the length of the piece; without SKU or price both amounts stay open."""
    piece, quantity = item.piece, Decimal(item.quantity)
    price = None if piece.sku is None else prices.price(piece.sku)
    return BomLine(
        kind=piece.kind,
        sku=piece.sku,
        name_es=piece.name_es,
        quantity=quantity,
        unit=piece.unit,
        unit_price=price,
        total=None if price is None else cents(price * quantity),
        formula=item.formula,
    )


def sum_of(lines: Iterable[BomLine]) -> Decimal:
    """What those of the lines come to that have a price."""
    return sum((line.total for line in lines if line.total is not None), _ZERO)


def totals(lines: Iterable[BomLine], project: Project) -> Totals:
    """What the priced lines come to, with the discount and the freight of the request."""
    request = project.request
    discount_pct, shipping = request.discount_pct or _ZERO, cents(request.shipping_usd or _ZERO)
    return totals_of(sum_of(lines), discount_pct, shipping, project.prices.tax_included)
