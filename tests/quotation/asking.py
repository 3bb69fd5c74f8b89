"""How the tests of the calculation ask: a plain roof, wall or room with what matters changed."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation import knowledge, quote
from mcp_tasks.quotation.bom import Bom, BomLine, BomWarning
from mcp_tasks.quotation.order import Order
from mcp_tasks.quotation.order_quote import calculate_order
from mcp_tasks.quotation.request import PanelRequest
from mcp_tasks.repair import fields_of, invalid_request

TODAY = datetime.date(2026, 11, 23)

ROOF: dict[str, Any] = {
    "product_family": "ISODEC",
    "core_type": "EPS",
    "thickness_mm": 100,
    "usage": "techo",
    "length_m": "5.0",
    "width_m": "11.0",
    "structure": "metal",
    "top_edge": "none",
    "span_m": "2.5",
    "shipping_usd": 0,
}
ROOF_3G = ROOF | {"product_family": "ISOROOF", "core_type": "PIR", "thickness_mm": 30}
WALL: dict[str, Any] = {
    "product_family": "ISOPANEL",
    "thickness_mm": 100,
    "usage": "pared",
    "length_m": "2.5",
    "width_m": "30",
    "structure": "metal",
    "shipping_usd": 0,
}
ROOM: dict[str, Any] = {
    "product_family": "ISOFRIG",
    "thickness_mm": 100,
    "usage": "camara",
    "length_m": 4,
    "width_m": 3,
    "height_m": "2.5",
    "structure": "metal",
    "shipping_usd": 0,
}


def ask(base: dict[str, Any], /, **changed: Any) -> PanelRequest:
    """`base` with the fields of `changed`; a field changed to None is left out."""
    return PanelRequest.model_validate(without_none(base | changed))


def refusal(base: dict[str, Any], /, **changed: Any) -> InvalidRequest:
    """The error with which the submit tools answer a request whose fields alone are wrong."""
    with pytest.raises(ValidationError) as refused:
        ask(base, **changed)
    return invalid_request(refused.value, fields_of(PanelRequest), at="request")


def bom(base: dict[str, Any], /, **changed: Any) -> Bom:
    """The bill of materials of `ask(base, **changed)`."""
    return quote.calculate(ask(base, **changed), knowledge.load(), TODAY)


def without_none(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}


def ordered(*requests: dict[str, Any], accessories: tuple[dict[str, Any], ...] = (), **terms: Any) -> Bom:
    """The bill of an order of these requests; a field that is None is left out."""
    fields = {"requests": [without_none(request) for request in requests], "accessories": accessories, **terms}
    return calculate_order(Order.model_validate(fields), knowledge.load(), TODAY)


def line(bom: Bom, kind: str) -> BomLine:
    """The only line of that kind."""
    (found,) = [line for line in bom.lines if line.kind == kind]
    return found


def quantities(bom: Bom) -> dict[str, Decimal]:
    """How much of each kind."""
    sums: dict[str, Decimal] = {}
    for line in bom.lines:
        sums[line.kind] = sums.get(line.kind, Decimal(0)) + line.quantity
    return sums


def codes(bom: Bom) -> list[str]:
    """The codes of the warnings, in order."""
    return [warning.code for warning in bom.warnings]


def warned(bom: Bom, code: str) -> BomWarning:
    """The only warning with that code."""
    (found,) = [warning for warning in bom.warnings if warning.code == code]
    return found
