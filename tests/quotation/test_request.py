"""What a request takes, in which spellings, and what it refuses."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from mcp_tasks.quotation.request import PanelRequest
from tests.quotation.asking import ROOF, ask, refusal


@pytest.mark.parametrize(
    ("field", "written", "read"),
    [
        ("product_family", " isodec ", "ISODEC"),
        ("core_type", "eps", "EPS"),
        ("usage", "TECHO", "techo"),
        ("usage", "Cámara", "camara"),
        ("structure", "Hormigón", "hormigon"),
        ("roof_type", "2 Aguas", "2_aguas"),
        ("top_edge", "babeta adosar", "babeta_adosar"),
        ("eave", "Canalón", "canalon"),
        ("length_m", "5,5", Decimal("5.5")),
        ("length_m", 5.1, Decimal("5.1")),
        ("length_m", 5, Decimal(5)),
        ("thickness_mm", "100", 100),
        ("quantity_panels", 7.0, 7),
    ],
)
def test_spellings_that_mean_the_same_are_taken(field: str, written: object, read: object) -> None:
    assert getattr(ask(ROOF, **{field: written}), field) == read


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"length_m": 0}, "length_m: Input should be greater than or equal to 0.01"),
        ({"length_m": 101}, "length_m: Input should be less than or equal to 100"),
        ({"panel_groups": []}, "panel_groups: The list should have at least 1 item, not 0"),
        ({"wall_runs_m": [1] * 51}, "wall_runs_m: The list should have at most 50 items, not 51"),
        ({"panel_groups": [7]}, "panel_groups.0: Input should be an object"),
        ({"compare_thicknesses": "100, 150"}, "compare_thicknesses: Input should be a list"),
    ],
)
def test_refusals_are_in_the_words_of_json(changed: dict[str, object], says: str) -> None:
    assert refusal(ROOF, **changed).message == f"request.{says}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("length_m", 0),
        ("length_m", -1),
        ("length_m", "100.01"),
        ("length_m", "1e1"),
        ("length_m", "1_0"),
        ("length_m", "1.234,56"),
        ("length_m", "5 m"),
        ("length_m", True),
        ("length_m", float("nan")),
        ("length_m", float("inf")),
        ("width_m", "500.01"),
        ("height_m", 101),
        ("span_m", 0),
        ("span_m", 1e-300),
        ("width_m", "0." + "0" * 30 + "1"),
        ("thickness_mm", "100 mm"),
        ("thickness_mm", 2000),
        ("quantity_panels", 0),
        ("quantity_panels", 10_001),
        ("quantity_panels", 2.5),
        ("quantity_panels", "1e3"),
        ("quantity_panels", True),
        ("corners_ext", -1),
        ("corners_ext", "2.5"),
        ("discount_pct", 100.5),
        ("discount_pct", -1),
        ("shipping_usd", -1),
        ("price_list", ""),
        ("price_list", "x" * 41),
    ],
)
def test_values_out_of_bounds_or_not_plain_numbers_are_refused(field: str, value: object) -> None:
    assert refusal(ROOF, **{field: value}).field == f"request.{field}"


def test_a_value_that_does_not_exist_is_answered_with_those_that_do() -> None:
    error = refusal(ROOF, structure="maderra")

    assert error.field == "request.structure"
    assert error.allowed == ["metal", "hormigon", "madera"]
    assert error.nearest == "madera"


def test_an_unknown_field_is_answered_with_the_one_that_was_meant() -> None:
    error = refusal(ROOF, lenght_m=5)

    assert error.field == "request.lenght_m"
    assert error.nearest == "length_m"


def test_a_request_cannot_be_changed() -> None:
    request = ask(ROOF)
    with pytest.raises(ValidationError):
        request.length_m = Decimal(6)  # pyright: ignore[reportAttributeAccessIssue]


def test_the_schema_shows_every_choice_and_says_what_every_field_is() -> None:
    schema = PanelRequest.model_json_schema()

    assert schema["required"] == ["product_family", "usage"]
    assert schema["additionalProperties"] is False
    assert all(field["description"] for field in schema["properties"].values())
    text = str(schema)
    for choice in ("ISOFRIG", "PIR", "camara", "hormigon", "mariposa", "gotero_superior", "canalon"):
        assert f"'{choice}'" in text
