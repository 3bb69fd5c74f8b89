"""The payload of the guide's `generate_quotation_pdf` becomes a quotation, by the unit rules, or is refused."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation.document import MAX_LINES, Quotation, QuotationLine
from mcp_tasks.quotation.published import PublishedQuotation
from mcp_tasks.repair import fields_of, invalid_request

WALL: dict[str, Any] = {"name": "Isopanel EPS 50 mm (Fachada)", "quantity": 180.0, "unit_price_usd": 33.21}
PROFILE: dict[str, Any] = {"name": "Perfil U 50 mm", "unit_base": "ml", "quantity": 45.0, "unit_price_usd": 3.9}
DRIP_EDGE: dict[str, Any] = {
    "name": "Gotero lateral 100 mm",
    "unit_base": "unidad",
    "quantity": 4,
    "unit_price_usd": 20.77,
}
SEALANT: dict[str, Any] = {"name": "Silicona", "quantity": 8, "unit_price_usd": 9.78}


def translated(**payload: Any) -> Quotation:
    return PublishedQuotation.model_validate({"client_name": "Ana Ejemplo", **payload}).quotation()


def line(**item: Any) -> QuotationLine:
    return translated(items=[item]).lines[0]


def refusal(**payload: Any) -> InvalidRequest:
    with pytest.raises(ValidationError) as caught:
        translated(**payload)
    return invalid_request(caught.value, fields_of(PublishedQuotation))


def test_the_whole_payload_of_the_published_generator_is_taken() -> None:
    quotation = translated(
        quotation_id="Q-2026-001",
        client_address="Av. Italia 2525",
        client_phone="099 123 456",
        date="2026-02-13",
        quote_description="Isopanel EPS 50 mm",
        autoportancia="5.5",
        apoyos=3,
        products=[{**WALL, "unit_base": "m²", "total_usd": 5977.80, "total_m2": 180.0}],
        accessories=[{**PROFILE, "total_usd": 175.50}],
        fixings=[{**SEALANT, "unit_base": "unidad", "total_usd": 78.24}],
        shipping_usd=280.0,
        comments=[("Sin descarga.", "bold"), ("Gracias.", "normal")],
    )
    assert quotation.quotation_id == "Q-2026-001"
    assert (quotation.client.name, quotation.client.address) == ("Ana Ejemplo", "Av. Italia 2525")
    assert (quotation.title, str(quotation.date)) == ("Isopanel EPS 50 mm", "2026-02-13")
    assert (quotation.span_m, quotation.supports) == (Decimal("5.5"), 3)
    assert [(row.section, row.unit, str(row.amount)) for row in quotation.lines] == [
        ("paneles", "m2", "5977.80"),
        ("accesorios", "ml", "175.50"),
        ("fijaciones", "unidad", "78.24"),
    ]
    assert [(c.text, c.style) for c in quotation.comments or ()] == [("Sin descarga.", "bold"), ("Gracias.", "normal")]
    assert (quotation.shipping_usd, quotation.prices_include_tax) == (280, True)


def test_square_metres_are_billed_by_their_area_and_the_panels_are_printed() -> None:
    sold = line(**{**WALL, "quantity": 33, "length_m": 6.0}, unit_base="m2", total_m2=200.0, total_usd=6642)
    assert (sold.quantity, str(sold.amount)) == (200, "6642.00")
    assert sold.name == "Isopanel EPS 50 mm (Fachada) \N{EN DASH} 33 p. de 6,00 m"


def test_a_quantity_that_no_panels_have_is_the_area() -> None:
    sold = line(**{**WALL, "quantity": 80.64, "length_m": 12}, unit_base="m2", total_usd=2678.05)
    assert (str(sold.quantity), str(sold.amount)) == ("80.64", "2678.05")
    assert sold.name == "Isopanel EPS 50 mm (Fachada) \N{EN DASH} largo 12,00 m"


def test_running_metres_are_billed_by_quantity_times_length() -> None:
    sold = line(**{**PROFILE, "quantity": 15, "length_m": 3.0, "total_usd": 175.5})
    assert (sold.unit, sold.quantity, str(sold.amount)) == ("ml", 45, "175.50")
    assert sold.name.endswith("15 p. de 3,00 m")


@pytest.mark.parametrize("unit", ["unidad", "Unit", "pieza", "PIEZAS", "pomo", "rollo"])
def test_pieces_are_billed_by_their_number_whatever_their_length(unit: str) -> None:
    sold = line(**{**DRIP_EDGE, "unit_base": unit}, length_m=3.0, total_usd=83.08)
    assert (sold.quantity, str(sold.amount)) == (4, "83.08")
    assert sold.name.endswith("largo 3,00 m")


def test_items_go_to_the_part_of_the_table_that_their_unit_says() -> None:
    items = [{**DRIP_EDGE, "unit_base": unit, "name": unit} for unit in ("m2", "ml", "pieza", "unidad", "pomo")]
    sections = [row.section for row in translated(items=items).lines]
    assert sections == ["paneles", "accesorios", "accesorios", "fijaciones", "fijaciones"]


@pytest.mark.parametrize(
    ("item", "right"),
    [
        ({**DRIP_EDGE, "length_m": 3.0, "total_usd": 249.24}, "83.08 (4 unidad x 20.77 = 83.08), not 249.24"),
        ({**PROFILE, "quantity": 15, "length_m": 3, "total_usd": 58.5}, "175.50 (45 ml x 3.9 = 175.50), not 58.5"),
        (
            {**WALL, "unit_base": "m2", "quantity": 33, "total_m2": 200, "total_usd": 1095.93},
            "6642.00 (200 m2 x 33.21",
        ),
    ],
    ids=["a piece by its length", "metres by the piece", "panels by their number"],
)
def test_a_total_that_contradicts_the_unit_is_refused_with_the_right_one(item: dict[str, Any], right: str) -> None:
    error = refusal(items=[SEALANT | {"unit_base": "pomo"}, item])
    assert error.field == "items.1.total_usd"
    assert right in error.message


def test_what_binary_floats_leave_behind_is_no_contradiction() -> None:
    sold = line(name="ISODEC", unit_base="m2", quantity=10 * 1.12 * 5, unit_price_usd=0.1 + 0.2, total_usd=56 * 0.3)
    assert (sold.quantity, sold.unit_price, str(sold.amount)) == (56, Decimal("0.3"), "16.80")


def test_totals_and_freight_of_more_digits_than_cents_have_are_taken_to_the_cent() -> None:
    sold = translated(items=[{**SEALANT, "unit_base": "pomo", "total_usd": "78.2400"}], shipping_usd=280.125)
    assert (str(sold.lines[0].amount), str(sold.shipping_usd)) == ("78.24", "280.13")


def test_freight_in_words_that_may_be_in_thousands_is_refused_there_too() -> None:
    error = refusal(items=[SEALANT | {"unit_base": "pomo"}], shipping_usd="1.200")
    assert error.message == "shipping_usd: write 1200 or 1.20: 1.200 can be read as either"


def test_supports_may_come_with_words_which_are_printed_too() -> None:
    quotation = translated(items=[DRIP_EDGE], apoyos="3 (cada 2.75m)")
    assert quotation.supports == 3
    assert [comment.text for comment in quotation.comments or ()] == ["Apoyos: 3 (cada 2.75m)."]


def test_what_is_left_out_is_not_made_up() -> None:
    quotation = translated(items=[DRIP_EDGE], client_phone="", autoportancia="", apoyos=" ", comments=None, date=None)
    assert (quotation.shipping_usd, quotation.client.phone, quotation.span_m) == (None, None, None)
    assert (quotation.supports, quotation.comments, quotation.date, quotation.quotation_id) == (None, None, None, None)


@pytest.mark.parametrize(
    ("payload", "field", "words"),
    [
        ({"items": []}, None, "give 1 to 500 lines"),
        ({"items": [DRIP_EDGE] * (MAX_LINES + 1)}, None, "give 1 to 500 lines"),
        ({"items": [DRIP_EDGE], "accessories": [DRIP_EDGE]}, None, "sold twice"),
        ({"items": [DRIP_EDGE], "client_name": " "}, "client_name", "at least 1 character"),
        ({"items": [SEALANT]}, "items.0.unit_base", "required"),
        ({"accessories": [SEALANT]}, "accessories.0.unit_base", "required"),
        ({"items": [DRIP_EDGE | {"unit_base": "caja"}]}, "items.0.unit_base", "'rollo'"),
        ({"items": [DRIP_EDGE | {"quantity": 0}]}, "items.0.quantity", "greater than 0"),
        ({"items": [DRIP_EDGE | {"quantity": "4 p."}]}, "items.0.quantity", "plain number"),
        ({"items": [DRIP_EDGE | {"unit_price_usd": float("nan")}]}, "items.0.unit_price_usd", "write a number"),
        ({"items": [DRIP_EDGE], "shipping_usd": 1e300}, "shipping_usd", "less than or equal"),
        ({"items": [DRIP_EDGE], "shipping_usd": float("nan")}, "shipping_usd", "write a number"),
        ({"items": [DRIP_EDGE | {"total_usd": -1}]}, "items.0.total_usd", "greater than or equal"),
        ({"products": [WALL | {"length_m": 6}]}, "products.0.total_m2", "number of panels"),
        ({"products": [WALL | {"quantity": 2.5, "total_m2": 9}]}, "products.0.total_m2", "neither"),
        ({"accessories": [PROFILE | {"quantity": 1.55, "length_m": 3.03}]}, "accessories.0.length_m", "three decimals"),
        ({"items": [DRIP_EDGE], "comments": ["Gracias."]}, "comments.0", "a pair of text and style"),
        ({"items": [DRIP_EDGE], "comments": [("Gracias.", "huge")]}, "comments.0.style", "'bold_red'"),
        ({"items": [DRIP_EDGE], "apoyos": "2.5"}, "apoyos", "how many supports"),
        ({"items": [DRIP_EDGE], "apoyos": 0}, "apoyos", "how many supports"),
        ({"items": [DRIP_EDGE], "apoyos": 2.5}, "apoyos", "whole number"),
        ({"items": [DRIP_EDGE], "autoportancia": "5.5 m"}, "autoportancia", "without the unit"),
        ({"items": [DRIP_EDGE], "date": "13/02/2026"}, "date", "valid date"),
        ({"items": [DRIP_EDGE], "quotation_id": "../Q"}, "quotation_id", "pattern"),
        ({"items": [DRIP_EDGE], "shipping_usd": -280}, "shipping_usd", "greater than or equal"),
    ],
)
def test_what_cannot_be_quoted_is_refused_by_its_field(payload: dict[str, Any], field: str | None, words: str) -> None:
    error = refusal(**payload)
    assert error.field == field
    assert words in error.message


def test_unknown_fields_are_refused_with_the_one_that_was_meant() -> None:
    assert refusal(items=[DRIP_EDGE], client_adress="x").nearest == "client_address"
    error = refusal(products=[WALL | {"unit_price": 33.21}])
    assert (error.field, error.nearest) == ("products.0.unit_price", "unit_price_usd")


@given(
    unit=st.sampled_from(["m2", "ml", "unidad", "pieza", "pomo", "rollo"]),
    quantity=st.integers(1, 10_000),
    price=st.decimals(0, 10_000, places=2),
    length_m=st.none() | st.decimals("0.01", 100, places=2),
    area=st.decimals("0.01", 10_000, places=2),
    name=st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=250),
)
def test_every_line_that_is_taken_can_be_printed_and_has_the_total_of_its_unit(
    unit: str, quantity: int, price: Decimal, length_m: Decimal | None, area: Decimal, name: str
) -> None:
    item = {"name": name, "unit_base": unit, "quantity": quantity, "unit_price_usd": price, "length_m": length_m}
    sold = line(**item, total_m2=area)
    per_unit = {"m2": area, "ml": quantity * (length_m or 1)}
    assert sold.amount == (per_unit.get(unit, Decimal(quantity)) * price).quantize(Decimal("0.01"), "ROUND_HALF_UP")
