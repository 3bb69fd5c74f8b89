"""What cannot be calculated is refused with what the caller needs to repair the request."""

from typing import Any

import pytest

from mcp_tasks.errors import (
    InvalidRequest,
    RequestError,
    SystemNotSupported,
    ThicknessNotAvailable,
    UnknownPriceList,
)
from mcp_tasks.quotation import knowledge, quote
from tests.quotation.asking import ROOF, ROOM, TODAY, WALL, ask


def _refused(base: dict[str, Any], /, **changed: Any) -> RequestError:
    """The refusal of `check`, which must be that of `calculate` too."""
    request = ask(base, **changed)
    with pytest.raises(RequestError) as by_check:
        quote.check(request, knowledge.load())
    with pytest.raises(RequestError) as by_calculate:
        quote.calculate(request, knowledge.load(), TODAY)
    assert by_check.value.to_dict() == by_calculate.value.to_dict()
    return by_check.value


def test_a_family_that_is_not_made_for_the_usage_is_answered_with_the_valid_pairs() -> None:
    error = _refused(ROOF, product_family="ISOWALL", core_type="PIR", thickness_mm=50)

    assert isinstance(error, SystemNotSupported)
    assert error.allowed == [
        {"product_family": "ISODEC", "usage": "techo"},
        {"product_family": "ISOROOF", "usage": "techo"},
        {"product_family": "ISOPANEL", "usage": "pared"},
        {"product_family": "ISOWALL", "usage": "pared"},
        {"product_family": "ISOFRIG", "usage": "pared"},
        {"product_family": "ISOFRIG", "usage": "camara"},
    ]
    assert error.nearest == {"product_family": "ISOWALL", "usage": "pared"}


@pytest.mark.parametrize(("wanted", "nearest"), [(120, 100), (125, 150), (240, 250), (50, 100)])
def test_a_thickness_that_is_not_made_is_answered_with_those_that_are(wanted: int, nearest: int) -> None:
    error = _refused(ROOF, thickness_mm=wanted)

    assert isinstance(error, ThicknessNotAvailable)
    assert error.to_dict()["available_mm"] == error.allowed == [100, 150, 200, 250]
    assert error.nearest == nearest


def test_a_withdrawn_thickness_is_not_available() -> None:
    error = _refused(WALL, product_family="ISOWALL", length_m=4)

    assert isinstance(error, ThicknessNotAvailable)
    assert error.allowed == [50, 80]


def test_an_unknown_price_list_is_answered_with_the_known_ones() -> None:
    error = _refused(ROOF, price_list="bmc-2026-03")

    assert isinstance(error, UnknownPriceList)
    assert error.allowed == ["bmc-2026-08", "bmc-2026-02"]
    assert error.nearest in error.allowed


def test_a_core_that_the_family_is_not_made_in_is_refused() -> None:
    error = _refused(WALL, core_type="PIR")

    assert (error.field, error.allowed, error.nearest) == ("request.core_type", ["EPS"], "EPS")


@pytest.mark.parametrize("base", [ROOF, WALL, ROOM], ids=["roof", "wall", "room"])
def test_a_width_is_needed_where_nothing_stands_for_it(base: dict[str, Any]) -> None:
    assert _refused(base, width_m=None).field == "request.width_m"


def test_nobody_sells_an_upper_drip_edge_for_isodec_eps() -> None:
    error = _refused(ROOF, top_edge="gotero_superior")

    assert error.field == "request.top_edge"
    assert error.allowed == ["babeta_adosar", "babeta_empotrar", "cumbrera", "none"]


@pytest.mark.parametrize(
    ("base", "field", "value"),
    [
        (WALL, "roof_type", "1_agua"),
        (WALL, "span_m", "3"),
        (WALL, "eave", "canalon"),
        (WALL, "top_edge", "cumbrera"),
        (WALL, "height_m", "2.5"),
        (ROOF, "height_m", "3"),
        (ROOF, "corners_ext", 2),
        (ROOM, "corners_ext", 6),
        (ROOM, "quantity_panels", 20),
        (ROOM, "span_m", "4"),
    ],
)
def test_what_the_usage_would_silently_ignore_is_refused(base: dict[str, Any], field: str, value: object) -> None:
    error = _refused(base, **{field: value})

    assert isinstance(error, InvalidRequest)
    assert (error.field, error.received) == (f"request.{field}", value)


@pytest.mark.parametrize(
    ("base", "field", "value"),
    [(WALL, "top_edge", "none"), (ROOF, "corners_ext", 0), (ROOM, "corners_ext", 4), (ROOM, "corners_ext", 0)],
)
def test_what_changes_nothing_is_not_refused(base: dict[str, Any], field: str, value: object) -> None:
    quote.check(ask(base, **{field: value}), knowledge.load())
