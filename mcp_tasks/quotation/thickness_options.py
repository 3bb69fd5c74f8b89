"""The same request in several thicknesses: what each of them comes to."""

from datetime import date
from decimal import Decimal

from mcp_tasks.quotation.bom import Bom, BomOption, Section
from mcp_tasks.quotation.knowledge import Knowledge
from mcp_tasks.quotation.pricing import sum_of
from mcp_tasks.quotation.quote import calculate
from mcp_tasks.quotation.request import PanelRequest


def compare(request: PanelRequest, knowledge: Knowledge, today: date) -> Bom:
    """The bill of the first thickness, with a row for each that `request` compares. Raises what `calculate` raises."""
    first = calculate(request, knowledge, today)
    options = [_in(request, mm, knowledge, today) for mm in request.thicknesses_mm]
    return first.model_copy(update={"comparison": tuple(options)})


def _in(request: PanelRequest, thickness_mm: int, knowledge: Knowledge, today: date) -> BomOption:
    alone = request.model_copy(update={"thickness_mm": thickness_mm, "compare_thicknesses": None})
    return _option(calculate(alone, knowledge, today), thickness_mm)


def _option(bill: Bom, thickness_mm: int) -> BomOption:
    panel = bill.lines[0]
    assert panel.sku is not None, "a panel of the catalog has an SKU"
    return BomOption(
        thickness_mm=thickness_mm,
        sku=panel.sku,
        name_es=panel.name_es,
        panel_count=bill.panel_count,
        panel_area_m2=bill.panel_area_m2,
        unit_price=panel.unit_price,
        weight_kg=bill.weight_kg,
        supports_per_panel=bill.supports_per_panel,
        max_span_m=bill.span and bill.span.max_span_m,
        span_ok=bill.span and bill.span.ok,
        panels=_of(bill, "paneles"),
        accessories=_of(bill, "accesorios"),
        fixings=_of(bill, "fijaciones"),
        totals=bill.totals,
        missing_prices=bill.missing_prices,
    )


def _of(bill: Bom, section: Section) -> Decimal:
    return sum_of(line for line in bill.lines if line.section == section)
