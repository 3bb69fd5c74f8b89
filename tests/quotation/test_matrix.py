"""Over every panel, structure, eave and top edge, nothing is without SKU and price."""

from collections import Counter
from itertools import product
from typing import Any, get_args

import pytest

from mcp_tasks.errors import RequestError
from mcp_tasks.quotation import knowledge, quote
from mcp_tasks.quotation.request import PanelRequest
from mcp_tasks.quotation.terms import Eave, Structure, TopEdge
from tests.quotation.asking import TODAY

_LISTS = [prices.id for prices in knowledge.load().price_lists]


def _requests() -> list[dict[str, Any]]:
    """Every panel in every usage it has, on every structure; roofs with every eave and every top edge."""
    requests: list[dict[str, Any]] = []
    for panel in knowledge.load().catalog.panels:
        for usage, structure in product(panel.uses, get_args(Structure)):
            asked = {
                "product_family": panel.family,
                "core_type": panel.core,
                "thickness_mm": panel.thickness_mm,
                "usage": usage,
                "structure": structure,
                "length_m": 4,
                "width_m": 9,
            }
            edges = product(get_args(Eave), get_args(TopEdge)) if usage == "techo" else [(None, None)]
            requests.extend(asked | {"eave": eave, "top_edge": edge} for eave, edge in edges)
    return requests


@pytest.mark.parametrize("price_list", _LISTS)
def test_every_combination_is_complete_or_refused_for_a_known_reason(price_list: str) -> None:
    known, outcome = knowledge.load(), Counter[str]()
    for asked in _requests():
        request = PanelRequest.model_validate(asked | {"price_list": price_list})
        try:
            answer = quote.calculate(request, known, TODAY)
        except RequestError as refusal:
            outcome[f"{request.product_family} {refusal.field}"] += 1
        else:
            assert answer.missing_prices == (), asked
            assert all(line.sku and line.quantity > 0 and line.unit_price for line in answer.lines), asked
            outcome["complete"] += 1

    assert outcome == {
        "complete": 513,
        "ISODEC request.top_edge": 24,  # no gotero_superior for ISODEC EPS
        "ISOWALL request.thickness_mm": 3,  # 100 mm was withdrawn
    }


@pytest.mark.parametrize("price_list", _LISTS)
def test_every_product_has_a_price_in_every_list(price_list: str) -> None:
    known = knowledge.load()
    prices = known.price_list(price_list)

    assert [sku for sku in known.catalog.units if prices.price(sku) is None] == []
