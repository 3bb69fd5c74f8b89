"""Colours are made of some panels, later, or from some area on: quotation specification, section 1."""

from decimal import Decimal
from typing import Any

import pytest

from mcp_tasks.quotation.document import Client, quotation_from_bom
from tests.quotation.asking import ROOF, ROOF_3G, WALL, bom, codes, warned

_3G = ROOF_3G | {"span_m": 2}


@pytest.mark.parametrize("colour", ["gris", "rojo"])
@pytest.mark.parametrize("base", [ROOF, ROOF | {"thickness_mm": 150}, WALL, WALL | {"thickness_mm": 150}])
def test_grey_and_red_are_made_of_eps_of_100_to_150_mm_and_take_20_days_more(base: dict[str, Any], colour: str) -> None:
    answer = bom(base, colour=colour)

    assert codes(answer) == ["colour_takes_longer"]
    assert warned(answer, "colour_takes_longer").data == {"colour": colour, "extra_days": 20}
    assert answer.lines[0].name_es.endswith(f" mm {colour}")
    assert answer.lines[1:] == bom(base).lines[1:]
    assert answer.totals == bom(base).totals
    assert answer.status == "final"


@pytest.mark.parametrize(
    ("base", "made_mm"),
    [
        (ROOF | {"thickness_mm": 200}, [100, 150]),
        (WALL | {"thickness_mm": 250}, [100, 150]),
        (_3G, []),
        (ROOF | {"core_type": "PIR", "thickness_mm": 120, "length_m": 5}, []),
    ],
)
def test_a_colour_that_is_not_made_is_answered_with_the_thicknesses_that_are(
    base: dict[str, Any], made_mm: list[int]
) -> None:
    answer = bom(base, colour="gris")

    assert codes(answer) == ["colour_not_available"]
    assert warned(answer, "colour_not_available").data == {"colour": "gris", "thicknesses_mm": made_mm}
    assert answer.lines == bom(base).lines


def test_white_isoroof_is_made_from_500_m2_on() -> None:
    small = bom(_3G, colour="blanco")

    assert warned(small, "colour_needs_minimum_area").data == {
        "colour": "blanco",
        "min_area_m2": "500",
        "area_m2": str(small.panel_area_m2),
    }
    assert "colour_needs_minimum_area" not in codes(bom(_3G, colour="blanco", width_m=100, length_m=5))
    assert "colour_needs_minimum_area" in codes(bom(_3G, colour="blanco", width_m=100, length_m="4.99"))


def test_white_is_nothing_special_of_the_other_families() -> None:
    assert codes(bom(ROOF, colour="blanco")) == codes(bom(WALL, colour="blanco")) == []


def test_without_a_colour_nothing_is_said_of_it() -> None:
    assert codes(bom(_3G)) == []
    assert bom(ROOF).lines[0].name_es == "ISODEC EPS 100 mm"


@pytest.mark.parametrize(("base", "colour"), [(ROOF, "gris"), (ROOF | {"thickness_mm": 200}, "rojo"), (_3G, "blanco")])
def test_the_client_reads_what_the_colour_means(base: dict[str, Any], colour: str) -> None:
    answer = bom(base, colour=colour)

    comments = [comment.text for comment in quotation_from_bom(answer, Client(name="Ana")).comments or ()]
    assert answer.warnings[0].text in comments
    assert Decimal(0) < answer.totals.total
