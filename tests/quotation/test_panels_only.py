""" "Solo": the panels without their accessories, and nothing said about what then does not matter."""

from decimal import Decimal
from typing import Any

import pytest

from tests.quotation.asking import ROOF, ROOF_3G, ROOM, WALL, bom, codes, warned


@pytest.mark.parametrize("base", [ROOF, ROOF_3G, WALL, ROOM], ids=["roof", "3g roof", "wall", "room"])
def test_the_panels_are_those_of_the_whole_quotation_and_the_only_line(base: dict[str, Any]) -> None:
    alone, whole = bom(base, panels_only=True), bom(base)

    assert alone.lines == whole.lines[:1]
    assert alone.totals.materials == whole.lines[0].total
    assert alone.fixing_points is None
    assert alone.points_per_rod is None
    kept = {"project_area_m2", "panel_area_m2", "panel_count", "weight_kg", "span", "supports_per_panel", "perimeter_m"}
    assert alone.model_dump(include=kept) == whole.model_dump(include=kept)


def test_structure_top_edge_and_corners_are_neither_assumed_nor_asked() -> None:
    roof = bom(ROOF, structure=None, top_edge=None, panels_only=True)
    walls = bom(WALL, structure=None, width_m=None, wall_runs_m=[45, 15, 45], panels_only=True)

    for answer in (roof, walls):
        assert answer.status == "final"
        assert (answer.warnings, answer.assumptions, answer.questions) == ((), (), ())


def test_remarks_about_profiles_and_fixings_are_left_out() -> None:
    uneven = {"width_m": None, "quantity_panels": 7, "roof_type": "2_aguas"}
    several = {"length_m": None, "width_m": None, "panel_groups": [{"quantity": 4, "length_m": n} for n in (4, 6)]}

    assert codes(bom(ROOF, **uneven, panels_only=True)) == []
    assert codes(bom(ROOF, **several, panels_only=True)) == []
    assert codes(bom(WALL, **several, panels_only=True)) == []
    assert codes(bom(ROOF, length_m="4.4")) == ["tight_cut"]
    assert codes(bom(ROOF, length_m="4.4", panels_only=True)) == []
    assert codes(bom(ROOM, structure="hormigon", panels_only=True)) == ["door_and_floor_not_included"]


def test_what_touches_the_panels_is_still_said() -> None:
    answer = bom(ROOF, panels_only=True, span_m=6, length_m=15, width_m=20, quantity_panels=9)

    assert codes(answer) == ["panels_do_not_cover_width", "panel_longer_than_max", "span_exceeds_max"]
    assert answer.span is not None
    assert answer.span.thicker_options_mm == (150, 200, 250)


def test_an_open_span_is_warned_about_and_changes_nothing_that_is_bought() -> None:
    answer = bom(ROOF, span_m=None, length_m=12, panels_only=True)

    assert codes(answer) == ["span_not_given", "intermediate_supports_required"]
    open_span = warned(answer, "span_not_given")
    assert open_span.data == {"max_span_m": "5.5"}
    assert open_span.text == "No se indicó la luz entre apoyos: el panel admite hasta 5,5 m."
    assert answer.span is not None
    assert (answer.span.span_m, answer.span.max_span_m) == (None, Decimal("5.5"))
    assert answer.status == "final"


def test_profiles_that_are_named_all_the_same_are_not_quoted() -> None:
    answer = bom(ROOF, eave="canalon", top_edge="gotero_superior", panels_only=True)  # nobody sells the latter

    assert [line.kind for line in answer.lines] == ["panel"]
    assert answer.panel_area_m2 == Decimal("56.00")
