"""What must hold for every request, not only for those worked out by hand."""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mcp_tasks.quotation.fields import cents
from tests.quotation.asking import ROOF, ROOF_3G, ROOM, WALL, bom, quantities

_SETTINGS = settings(max_examples=60, deadline=None, derandomize=True, database=None)

metres = st.decimals(min_value="0.01", max_value="40", places=2)
grown_by = st.decimals(min_value="0", max_value="3", places=2)
bases = st.sampled_from([ROOF | {"eave": "canalon", "top_edge": "cumbrera"}, ROOF_3G, WALL | {"corners_ext": 4}, ROOM])
structures = st.sampled_from(["metal", "hormigon", "madera"])


@_SETTINGS
@given(base=bases, structure=structures, length=metres, width=metres, longer=grown_by, wider=grown_by)
def test_nothing_shrinks_when_a_dimension_grows(
    base: dict[str, Any], structure: str, length: Decimal, width: Decimal, longer: Decimal, wider: Decimal
) -> None:
    small = quantities(bom(base, structure=structure, length_m=length, width_m=width))
    large = quantities(bom(base, structure=structure, length_m=length + longer, width_m=width + wider))

    assert small.keys() == large.keys()
    assert {kind: n for kind, n in small.items() if n > large[kind]} == {}


@_SETTINGS
@given(
    base=bases,
    price_list=st.sampled_from(["bmc-2026-02", "bmc-2026-08"]),
    length=metres,
    width=metres,
    discount=st.decimals(min_value=0, max_value=100, places=2),
    shipping=st.decimals(min_value=0, max_value=5000, places=2),
)
def test_the_totals_add_up_to_the_cent(
    base: dict[str, Any], price_list: str, length: Decimal, width: Decimal, discount: Decimal, shipping: Decimal
) -> None:
    answer = bom(
        base, price_list=price_list, length_m=length, width_m=width, discount_pct=discount, shipping_usd=shipping
    )

    totals = answer.totals
    amounts = [line.total for line in answer.lines]
    assert all(amount is not None and amount == cents(amount) for amount in amounts)
    assert totals.materials == sum(amount for amount in amounts if amount is not None)
    due = totals.materials - totals.discount + totals.shipping
    assert due == (totals.total if totals.prices_include_tax else totals.net)
    assert totals.net + totals.vat == totals.total == cents(totals.total)


@_SETTINGS
@given(base=bases, length=metres, width=metres)
def test_the_panels_always_cover_the_width_and_never_by_a_whole_panel(
    base: dict[str, Any], length: Decimal, width: Decimal
) -> None:
    answer = bom(base, length_m=length, width_m=width)

    if answer.system.startswith("camara"):
        return
    useful_width = {"techo_isodec_eps": "1.12", "techo_isoroof_3g": "1.00", "pared_isopanel_eps": "1.14"}
    spare = answer.panel_count * Decimal(useful_width[answer.system]) - width
    assert 0 <= spare < Decimal(useful_width[answer.system])
