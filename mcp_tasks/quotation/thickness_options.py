"""The same request in several thicknesses: what each of them comes to."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from mcp_tasks.quotation.bom import Bom, BomOption, BomWarning, Section
from mcp_tasks.quotation.knowledge import Knowledge
from mcp_tasks.quotation.pricing import sum_of
from mcp_tasks.quotation.quote import calculate
from mcp_tasks.quotation.request import PanelRequest


def compare(request: PanelRequest, knowledge: Knowledge, today: date) -> Bom:
    """The bill of the first thickness, with a row for each that `request` compares. Raises what `calculate` raises."""
    first = calculate(request, knowledge, today)
    bills = {mm: _in(request, mm, knowledge, today) for mm in request.thicknesses_mm}
    return first.model_copy(
        update={
            "comparison": tuple(_option(bill, mm) for mm, bill in bills.items()),
            "warnings": tuple(_warnings(bills)),
        }
    )


def _in(request: PanelRequest, thickness_mm: int, knowledge: Knowledge, today: date) -> Bom:
    alone = request.model_copy(update={"thickness_mm": thickness_mm, "compare_thicknesses": None})
    return calculate(alone, knowledge, today)


def _warnings(bills: Mapping[int, Bom]) -> Iterator[BomWarning]:
    """What holds for all thicknesses once, then what holds for some under the name of each."""
    first, *others = bills.values()
    shared = [warning for warning in first.warnings if all(warning in other.warnings for other in others)]
    yield from shared
    for mm, bill in bills.items():
        yield from (_named(warning, mm, bill.lines[0].name_es) for warning in bill.warnings if warning not in shared)


def _named(warning: BomWarning, thickness_mm: int, name: str) -> BomWarning:
    text = warning.text if warning.text.startswith(f"{name}: ") else f"{name}: {warning.text}"
    return warning.model_copy(update={"text": text, "data": {"option_mm": thickness_mm, **warning.data}})


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
        warnings=tuple(warning for warning in bill.warnings if warning.for_client),
    )


def _of(bill: Bom, section: Section) -> Decimal:
    return sum_of(line for line in bill.lines if line.section == section)
