"""From an order to its bill of materials: each request has a bill of its own, the accessories have one more, and the
bill of the order is what these come to.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from mcp_tasks.errors import InvalidRequest, RequestError
from mcp_tasks.quotation.accessories import accessory_line, find_accessory
from mcp_tasks.quotation.bom import Bom
from mcp_tasks.quotation.fields import cents
from mcp_tasks.quotation.knowledge import Knowledge
from mcp_tasks.quotation.order import AccessoryItem, Order, Terms
from mcp_tasks.quotation.parts import joined
from mcp_tasks.quotation.pricing import estimated, sum_of
from mcp_tasks.quotation.quote import calculate, check
from mcp_tasks.quotation.thickness_options import compare
from mcp_tasks.quotation.totals import totals_of
from mcp_tasks.quotation.wording import questions
from mcp_tasks.repair import moved

MAX_LINES = 500

_ZERO = Decimal("0.00")


def check_order(order: Order, knowledge: Knowledge, today: date) -> None:
    """Refuse what cannot be calculated, before anything is stored. Raises what `calculate_order` raises.

    Of one request `check` tells it; for more it is tried, a millisecond each, for only then the lines are counted.
    """
    if len(order.requests) == 1 and not order.accessories:
        check(order.requests[0].model_copy(update=dict(_terms(order, knowledge))), knowledge)
    else:
        calculate_order(order, knowledge, today)


def calculate_order(order: Order, knowledge: Knowledge, today: date) -> Bom:
    """The bill of materials of `order`, priced; `today` tells the age of the price list.

    A single request has exactly the bill that `calculate` gives, with a row for each thickness to compare. Raises
    what that raises, under the path of the request, and `InvalidRequest` for accessories that are not one product,
    for terms that contradict each other, and for more than `MAX_LINES` lines.
    """
    terms = _terms(order, knowledge)
    bills = [_bill(order, number, terms, knowledge, today) for number in range(len(order.requests))]
    if order.accessories:
        bills.append(_accessories(order.accessories, terms, knowledge, today))
    lines = sum(len(bill.lines) for bill in bills)
    if lines > MAX_LINES:
        raise InvalidRequest(
            f"requests: the order comes to {lines} lines; at most {MAX_LINES} fit one quotation, so divide it",
            field="requests",
            received=lines,
        )
    if len(bills) > 1:
        prefixes = [order.field(n, "") for n in range(len(order.requests))]
        return joined(bills, prefixes, terms.discount_pct or _ZERO, cents(terms.shipping_usd or _ZERO))
    return bills[0]


def _terms(order: Order, knowledge: Knowledge) -> Terms:
    """The terms of the whole, wherever they were said. Raises `InvalidRequest` for two values of one."""
    said: dict[str, tuple[str, Any]] = {}
    places = ((f"{order.path(number)}.", request) for number, request in enumerate(order.requests))
    for place, giver in (("", order), *places):
        for name in Terms.model_fields:
            value, field = getattr(giver, name), f"{place}{name}"
            first, known = said.setdefault(name, (field, value)) if value is not None else (field, value)
            if known != value:
                raise InvalidRequest(
                    f"{field}: an order has one {name}, and {first} says {known}; give it once",
                    field=field,
                    received=str(value),
                    allowed=[str(known)],
                )
    field, price_list = said.get("price_list", ("price_list", None))
    try:
        knowledge.price_list(price_list)
    except RequestError as error:
        raise moved(error, "request.price_list", field) from error
    return Terms(**{name: value for name, (_, value) in said.items()})


def _bill(order: Order, number: int, terms: Terms, knowledge: Knowledge, today: date) -> Bom:
    """The bill of one request, under the terms of the whole."""
    request, path = order.requests[number].model_copy(update=dict(terms)), order.path(number)
    if request.compare_thicknesses and (len(order.requests) > 1 or order.accessories):
        raise InvalidRequest(
            f"{path}.compare_thicknesses: thicknesses are compared for one request by itself; give thickness_mm here, "
            "or compare in a call with this request and nothing else",
            field=f"{path}.compare_thicknesses",
        )
    try:
        bill = compare if request.compare_thicknesses else calculate
        return bill(request, knowledge, today)
    except RequestError as error:
        raise moved(error, "request", path) from error


def _accessories(items: Sequence[AccessoryItem], terms: Terms, knowledge: Knowledge, today: date) -> Bom:
    """The bill of the accessories by themselves: nothing is built, so nothing is asked but the freight."""
    prices = knowledge.price_list(terms.price_list)
    lines = tuple(
        accessory_line(find_accessory(item, knowledge.catalog, f"accessories.{number}"), item.quantity, prices)
        for number, item in enumerate(items)
    )
    missing = tuple(line.kind for line in lines if line.total is None)
    shipping = terms.shipping_usd
    return Bom(
        status="incomplete" if missing else "final",
        system="accesorios",
        project_area_m2=_ZERO,
        panel_area_m2=_ZERO,
        panel_count=0,
        supports_per_panel=None,
        fixing_points=None,
        points_per_rod=None,
        perimeter_m=None,
        joint_m=None,
        weight_kg=_ZERO,
        lines=lines,
        warnings=estimated(lines, prices),
        assumptions=(),
        questions=questions((), knowledge.rules.shipping if shipping is None else None),
        missing_prices=missing,
        span=None,
        totals=totals_of(sum_of(lines), terms.discount_pct or _ZERO, cents(shipping or _ZERO), prices.tax_included),
        price_list=prices.info(today),
        notice="",
    )
