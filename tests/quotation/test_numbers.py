"""A number with a unit or with separators of thousands is refused with the number to write."""

from decimal import Decimal
from typing import Any

import pytest

from mcp_tasks.quotation.request import PanelRequest
from tests.quotation.asking import ROOF, ask, refusal

_GENERIC = "no units, exponents or separators of thousands"


@pytest.mark.parametrize(
    ("field", "written", "says", "instead"),
    [
        ("length_m", "5 m", "write 5: lengths are metres, without the unit", "5"),
        ("length_m", "5,5m", "write 5.5: lengths are metres, without the unit", "5.5"),
        ("length_m", "4.60 mts.", "write 4.6: lengths are metres, without the unit", "4.6"),
        ("width_m", "12 Metros", "write 12: lengths are metres, without the unit", "12"),
        ("span_m", "-3 m", "write -3: lengths are metres, without the unit", "-3"),
        ("length_m", "500 cm", "lengths are metres, not cm: if 500 cm is meant, write 5", "5"),
        ("width_m", "1.200 mm", "lengths are metres, not mm: if 1.2 mm is meant, write 0.0012", "0.0012"),
        ("thickness_mm", "100mm", "write 100: thicknesses are millimetres, without the unit", "100"),
        ("thickness_mm", "100 MM", "write 100: thicknesses are millimetres, without the unit", "100"),
        ("thickness_mm", "10 cm", "thicknesses are millimetres, not cm: if 10 cm is meant, write 100", "100"),
        ("quantity_panels", "7 p.", "write 7: quantities are pieces, without the unit", "7"),
        ("quantity_panels", "7 paneles", "write 7: quantities are pieces, without the unit", "7"),
        ("discount_pct", "10 %", "write 10: percentages are from 0 to 100, without the unit", "10"),
        ("shipping_usd", "USD 280", "write 280: amounts are US dollars, without the unit", "280"),
        ("shipping_usd", "U$S 1.234,56", "write 1234.56: amounts are US dollars, without the unit", "1234.56"),
        ("shipping_usd", "1.234,56", "write 1234.56: no separators of thousands", "1234.56"),
        ("shipping_usd", "1,234.56", "write 1234.56: no separators of thousands", "1234.56"),
        ("quantity_panels", "1.000.000", "write 1000000: no separators of thousands", "1000000"),
        ("shipping_usd", "1.234.567", "write 1234567: no separators of thousands", "1234567"),
        ("shipping_usd", "1,234,567.5", "write 1234567.5: no separators of thousands", "1234567.5"),
    ],
)
def test_what_was_meant_is_said_and_not_taken(field: str, written: str, says: str, instead: str) -> None:
    error = refusal(ROOF, **{field: written})

    assert error.message == f"request.{field}: {says}"
    assert error.to_dict()["received"] == written
    assert error.nearest == instead


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("length_m", "5 ft"),
        ("length_m", "5 m x 3"),
        ("length_m", "cinco"),
        ("length_m", "1e3"),
        ("length_m", "1_000"),
        ("length_m", "5.5.5"),
        ("length_m", "1.23,4"),
        ("length_m", "12,34.5"),
        ("length_m", "1.234,567,8"),
        ("length_m", "m"),
        ("length_m", ""),
        ("length_m", "5" * 50 + " m"),
        ("length_m", "\N{ARABIC-INDIC DIGIT FIVE}"),
        ("shipping_usd", "280 pesos"),
    ],
)
def test_what_cannot_be_told_is_answered_with_an_example(field: str, written: str) -> None:
    error = refusal(ROOF, **{field: written})

    assert _GENERIC in error.message
    assert error.nearest is None


@pytest.mark.parametrize(
    ("field", "written"),
    [("thickness_mm", "100,5 mm"), ("quantity_panels", "2.5"), ("quantity_panels", "2,5 p"), ("quantity_panels", "x")],
)
def test_a_fraction_is_not_offered_for_a_whole_number(field: str, written: str) -> None:
    error = refusal(ROOF, **{field: written})

    assert error.message.startswith(f"request.{field}: write a whole number such as ")
    assert error.nearest is None


@pytest.mark.parametrize("written", ["1.000", "1,000", " 1.000 ", "1.000 p."])
def test_a_whole_number_that_may_be_in_thousands_is_never_taken_for_one(written: str) -> None:
    error = refusal(ROOF, quantity_panels=written)

    assert error.message == f"request.quantity_panels: write 1000 or 1: {written.strip()} can be read as either"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1.200", "1200 or 1.20"),
        ("1,200", "1200 or 1.20"),
        (" 12.345 ", "12345 or 12.35"),
        ("USD 1.200", "1200 or 1.20"),
        ("1.200 dólares", "1200 or 1.20"),
    ],
)
def test_an_amount_that_may_be_in_thousands_is_never_taken_for_one(written: str, meant: str) -> None:
    error = refusal(ROOF, shipping_usd=written)

    assert error.message == f"request.shipping_usd: write {meant}: {written.strip()} can be read as either"
    assert error.nearest is None


@pytest.mark.parametrize("written", ["280.1234", 280.125, "0.125", Decimal("1.234")])
def test_an_amount_of_parts_of_a_cent_is_refused(written: object) -> None:
    error = refusal(ROOF, shipping_usd=written)

    assert error.message == "request.shipping_usd: write an amount with at most two decimals, such as 280"


@pytest.mark.parametrize("written", [1.2, "1.2", "1.20", "1,20", Decimal("1.200")])
def test_an_amount_with_two_decimals_is_taken_and_can_be_stored(written: object) -> None:
    request = PanelRequest.model_validate(ROOF | {"shipping_usd": written})

    assert request.shipping_usd == Decimal("1.2")
    assert PanelRequest.model_validate_json(request.model_dump_json()) == request


def test_the_published_pattern_of_amounts_has_two_decimals() -> None:
    schema = PanelRequest.model_json_schema()["properties"]["shipping_usd"]

    assert r"^-?[0-9]+([.,][0-9]{1,2})?$" in str(schema).replace(r"\\", "\\")


@pytest.mark.parametrize(
    "changed",
    [
        {"panel_groups": [{"quantity": 3, "length_m": "12 m"}]},
        {"panel_groups": [{"quantity": "3 p.", "length_m": 12}]},
        {"wall_runs_m": ["45 m"]},
        {"compare_thicknesses": ["100 mm", 150]},
    ],
)
def test_numbers_in_lists_are_repaired_too(changed: dict[str, Any]) -> None:
    assert refusal(ROOF, **changed).message.split(": ", 1)[1].startswith("write ")


def test_the_number_that_a_refusal_names_is_taken() -> None:
    error = refusal(ROOF, length_m="5,50 mts")

    assert ask(ROOF, length_m=error.nearest) == ask(ROOF, length_m="5.5")
