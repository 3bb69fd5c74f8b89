from decimal import Decimal
from typing import Any

import pytest

from mcp_tasks.quotation.document import Client, Quotation, quotation_from_bom
from mcp_tasks.quotation.totals import totals_of
from tests.quotation.asking import ROOF, ROOM, WALL, bom

ANA = Client(name="Ana Ejemplo")


def texts(quotation: Quotation) -> list[tuple[str, str]]:
    return [(comment.style, comment.text) for comment in quotation.comments or ()]


@pytest.mark.parametrize("request_", [ROOF, WALL, ROOM])
@pytest.mark.parametrize("discount", [0, 5, "7.5", "33.333", 100])
@pytest.mark.parametrize("price_list", ["bmc-2026-02", "bmc-2026-08"])
def test_the_quotation_comes_to_the_same_totals_as_the_bill(
    request_: dict[str, Any], discount: str, price_list: str
) -> None:
    bill = bom(request_, discount_pct=discount, shipping_usd=280, price_list=price_list)
    quoted = quotation_from_bom(bill, ANA)
    materials = sum((line.amount for line in quoted.lines), Decimal(0))
    discount_pct, shipping = quoted.discount_pct or Decimal(0), quoted.shipping_usd or Decimal(0)
    assert totals_of(materials, discount_pct, shipping, quoted.prices_include_tax) == bill.totals
    assert quoted.discount_pct == (Decimal(discount) or None)


def test_panel_lines_say_how_many_panels_of_which_length() -> None:
    panels = quotation_from_bom(bom(ROOF), ANA).lines[0]
    assert panels.section == "paneles"
    assert panels.name == "ISODEC EPS 100 mm \N{EN DASH} 10 p. de 5,00 m"


def test_profiles_are_accessories_and_what_is_counted_or_squeezed_is_a_fixing() -> None:
    sections = {line.name.split()[0]: line.section for line in quotation_from_bom(bom(ROOF), ANA).lines}
    assert sections["Gotero"] == "accesorios"
    assert {sections[name] for name in ("Varilla", "Tuerca", "Silicona", "Cinta", "Tornillo")} == {"fijaciones"}


@pytest.mark.parametrize(
    ("request_", "title"),
    [
        (ROOF, "Techo ISODEC EPS 100 mm"),
        (WALL, "Fachada ISOPANEL EPS 100 mm"),
        (ROOM, "Cámara frigorífica ISOFRIG PIR 100 mm"),
    ],
)
def test_the_title_says_what_is_built_unless_one_is_given(request_: dict[str, Any], title: str) -> None:
    assert quotation_from_bom(bom(request_), ANA).title == title
    assert quotation_from_bom(bom(request_), ANA, title="Galpón").title == "Galpón"


def test_a_roof_carries_the_span_of_its_panel_and_its_supports_a_wall_neither() -> None:
    roof, wall = quotation_from_bom(bom(ROOF), ANA), quotation_from_bom(bom(WALL), ANA)
    assert (roof.span_m, roof.supports) == (Decimal("5.5"), 3)
    assert (wall.span_m, wall.supports) == (None, None)


def test_freight_that_was_not_asked_for_stays_out() -> None:
    assert quotation_from_bom(bom(ROOF), ANA).shipping_usd is None
    assert quotation_from_bom(bom(ROOF, shipping_usd=0), ANA).shipping_usd is None
    assert quotation_from_bom(bom(ROOF, shipping_usd=320), ANA).shipping_usd == 320


def test_the_notice_about_the_engineer_is_on_every_quotation() -> None:
    bill = bom(ROOF)
    assert texts(quotation_from_bom(bill, ANA)) == [("normal", bill.notice)]


def test_the_client_reads_of_a_span_that_is_too_long_and_of_what_was_assumed() -> None:
    bill = bom(ROOF, span_m=6, length_m=6, structure=None)
    comments = texts(quotation_from_bom(bill, ANA))
    assert ("normal", "Supuestos del cálculo: Estructura: metal.") in comments
    warned = next(warning.text for warning in bill.warnings if warning.code == "span_exceeds_max")
    assert ("bold_red", warned) in comments


def test_a_line_without_a_price_is_named_as_not_in_the_total() -> None:
    bill = bom(ROOF)
    unpriced = bill.lines[1].model_copy(update={"sku": None, "unit_price": None, "total": None, "name_es": "Gotero X"})
    quoted = quotation_from_bom(bill.model_copy(update={"lines": (bill.lines[0], unpriced)}), ANA)
    assert len(quoted.lines) == 1
    assert ("bold_red", "Sin precio, no está en el total: Gotero X (4 pieza).") in texts(quoted)


def test_a_very_large_job_can_be_quoted() -> None:
    bill = bom(WALL, quantity_panels=10_000, length_m=14)
    assert quotation_from_bom(bill, ANA).lines[0].quantity == bill.panel_area_m2
