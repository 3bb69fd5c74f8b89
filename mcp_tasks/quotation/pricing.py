"""Prices on quantities. BOM specification, section 8: every amount half-up to the cent."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from mcp_tasks.quotation.bom import BomLine, BomWarning, Pieces, Totals
from mcp_tasks.quotation.fields import cents
from mcp_tasks.quotation.layout import Batch
from mcp_tasks.quotation.price_list import PriceList
from mcp_tasks.quotation.project import Project
from mcp_tasks.quotation.takeoff import Item, Measures
from mcp_tasks.quotation.terms import Colour
from mcp_tasks.quotation.totals import totals_of
from mcp_tasks.quotation.wording import warning

_ZERO = Decimal("0.00")


def panel_lines(project: Project, measures: Measures, colour: Colour | None) -> tuple[BomLine, ...]:
    """The panels, billed by area, in `colour` if one is named: a line for each batch, the longest first."""
    panel = project.panel
    price = project.prices.price(panel.sku)
    return tuple(
        BomLine(
            kind="panel",
            sku=panel.sku,
            name_es=f"{panel.name_es} {colour}" if colour else panel.name_es,
            quantity=batch.area,
            unit="m2",
            unit_price=price,
            total=None if price is None else cents(price * batch.area),
            formula=batch.formula,
            panels=batch.panels,
            **_lengths(batch.batches),
        )
        for batch in measures.batches
    )


def _lengths(batches: Sequence[Batch]) -> dict[str, Any]:
    """What a line says of the lengths of its panels: one, or the pieces of each."""
    if len(batches) == 1:
        return {"length_m": batches[0].length}
    return {"pieces": tuple(Pieces(panels=batch.panels, length_m=batch.length) for batch in batches)}


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


def estimated(lines: Iterable[BomLine], prices: PriceList) -> tuple[BomWarning, ...]:
    """The warning about those of the lines whose price the list has marked as estimated, if there are any."""
    rows = ((line, prices.row(line.sku)) for line in lines if line.sku is not None)
    names = dict.fromkeys(line.name_es for line, row in rows if row is not None and row.estimated)
    return (warning("prices_estimated", names=", ".join(names)),) if names else ()


def sum_of(lines: Iterable[BomLine]) -> Decimal:
    """What those of the lines come to that have a price."""
    return sum((line.total for line in lines if line.total is not None), _ZERO)


def totals(lines: Iterable[BomLine], project: Project) -> Totals:
    """What the priced lines come to, with the discount and the freight of the request."""
    request = project.request
    discount_pct, shipping = request.discount_pct or _ZERO, cents(request.shipping_usd or _ZERO)
    return totals_of(sum_of(lines), discount_pct, shipping, project.prices.tax_included)
