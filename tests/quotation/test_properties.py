"""What must hold for every request, not only for those worked out by hand."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from zlib import crc32

from hypothesis import given, settings
from hypothesis import strategies as st

from mcp_tasks.quotation import knowledge, quote
from mcp_tasks.quotation.fields import cents
from mcp_tasks.quotation.knowledge import Knowledge
from mcp_tasks.quotation.price_list import PriceList
from tests.quotation.asking import ROOF, ROOF_3G, ROOM, TODAY, WALL, ask, bom, quantities

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


def _two_lists(seed: int) -> Knowledge:
    """A list of prices in whole cents without tax, and the same with tax: 1.22 times a price in cents is exact."""
    known = knowledge.load()
    plain = {sku: Decimal(crc32(f"{seed} {sku}".encode()) % 20_000 + 1) / 100 for sku in known.catalog.units}
    lists = [
        PriceList.model_validate(
            known.price_lists[0].model_dump()
            | {"id": name, "tax_included": tax != 1}
            | {"rows": [_row(sku, price * tax, known.catalog.units[sku]) for sku, price in plain.items()]}
        )
        for name, tax in (("plain", Decimal(1)), ("taxed", Decimal("1.22")))
    ]
    return replace(known, price_lists=tuple(lists))


def _row(sku: str, price: Decimal, unit: str) -> dict[str, Any]:
    return {"sku": sku, "price": price, "unit": unit, "source": "drawn"}


@_SETTINGS
@given(
    base=bases,
    seed=st.integers(min_value=0, max_value=1_000_000),
    length=metres,
    width=metres,
    discount=st.decimals(min_value=0, max_value=100, places=2),
    shipping=st.integers(min_value=0, max_value=5000),
)
def test_lists_with_and_without_tax_come_to_the_same_within_rounding(
    base: dict[str, Any], seed: int, length: Decimal, width: Decimal, discount: Decimal, shipping: int
) -> None:
    """The bound is exact: every rounded amount is at most half a cent off, 1.22 half cents where tax is added to it.

    Rounded on both sides: every line and the discount; without tax the VAT too. Prices and freight are exact.
    """
    known = _two_lists(seed)
    asked = {"length_m": length, "width_m": width, "discount_pct": discount}
    plain = quote.calculate(ask(base, **asked, price_list="plain", shipping_usd=shipping), known, TODAY)
    freight = shipping * Decimal("1.22")
    taxed = quote.calculate(ask(base, **asked, price_list="taxed", shipping_usd=freight), known, TODAY)

    half_a_cent = Decimal("0.005")
    bound = (len(plain.lines) + 1) * half_a_cent * (1 + Decimal("1.22")) + half_a_cent
    assert quantities(plain) == quantities(taxed)
    assert abs(plain.totals.total - taxed.totals.total) <= bound
