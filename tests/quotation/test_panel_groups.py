"""Panels of several lengths in one roof or wall: they lie from the longest to the shortest, on one edge."""

from decimal import Decimal
from typing import Any

import pytest

from mcp_tasks.errors import InvalidRequest, RequestError
from mcp_tasks.quotation import knowledge, quote
from mcp_tasks.quotation.document import Client, quotation_from_bom
from tests.quotation.asking import ROOF, ROOF_3G, WALL, ask, bom, codes, line, quantities, refusal, warned

_THREE = [{"quantity": 3, "length_m": 12}, {"quantity": 6, "length_m": 10}, {"quantity": 4, "length_m": 6}]
GROUPED = {"length_m": None, "width_m": None, "panel_groups": _THREE}


def test_every_length_is_billed_for_itself() -> None:
    answer = bom(ROOF, **GROUPED)

    lines = [line for line in answer.lines if line.kind == "panel"]
    assert [(line.panels, line.length_m, line.quantity) for line in lines] == [
        (3, Decimal(12), Decimal("40.32")),
        (6, Decimal(10), Decimal("67.20")),
        (4, Decimal(6), Decimal("26.88")),
    ]
    assert lines[2].formula == "paneles: 4 x 1,12 m útiles x 6 m"
    assert answer.panel_area_m2 == answer.project_area_m2 == Decimal("134.40")
    assert answer.panel_count == 13
    assert answer.weight_kg == Decimal("1680.00")  # 12.5 kg/m2


def test_profiles_run_along_the_rectangle_of_the_longest_panel() -> None:
    answer = bom(ROOF, **GROUPED, top_edge="cumbrera")

    assert answer.perimeter_m == Decimal("53.12")  # 2 x (13 x 1.12 + 12)
    bought = quantities(answer)
    assert bought["gotero_frontal"] == 5  # 14.56 m and 4 joints, bars of 3.03 m
    assert bought["gotero_lateral"] == 9  # 2 x 12 m and 4 joints each: 24.40 m, bars of 3 m
    assert bought["cumbrera"] == 5
    assert bought["tornillo_t1"] == 178


def test_every_length_lies_on_its_own_supports() -> None:
    answer = bom(ROOF, **GROUPED, span_m="3")

    assert answer.supports_per_panel == 5  # of the longest; panels of 10 m lie on 5, of 6 m on 3
    assert answer.fixing_points == 2 * (3 * 5 + 6 * 5 + 4 * 3) + 10
    assert line(answer, "varilla").formula.startswith(
        "puntos: 124 = faldas 1 x (2 x (paneles 3 x apoyos 5 + paneles 6 x apoyos 5 + paneles 4 x apoyos 3) "
        "+ bordes 10)"
    )


def test_saddles_are_counted_by_the_supports_of_every_length() -> None:
    answer = bom(ROOF_3G, **GROUPED, span_m="2.5")

    assert answer.fixing_points == 3 * (3 * 6 + 6 * 5 + 4 * 4) + 2 * (4 + 1)


def test_two_slopes_share_every_length() -> None:
    groups = [{"quantity": 4, "length_m": 6}, {"quantity": 3, "length_m": 5}]
    answer = bom(ROOF, length_m=None, width_m=None, panel_groups=groups, roof_type="2_aguas", top_edge=None)

    assert warned(answer, "panels_uneven_between_slopes").data == {"panels": 7, "slopes": 2, "per_slope": 4}
    assert answer.panel_count == 7
    assert answer.perimeter_m == Decimal("41.92")  # 2 x 2 x (4 x 1.12 + 6)


def test_the_panels_are_dealt_to_the_slopes_from_the_longest_on() -> None:
    groups = [{"quantity": 3, "length_m": 8}, {"quantity": 1, "length_m": 6}, {"quantity": 4, "length_m": 3}]
    answer = bom(ROOF, length_m=None, width_m=None, panel_groups=groups, roof_type="2_aguas", span_m=2)

    assert "paneles 2 x apoyos 5 + paneles 2 x apoyos 3" in line(answer, "varilla").formula  # the other: 8, 6, 3, 3
    assert answer.fixing_points == 2 * (2 * (2 * 5 + 2 * 3) + 7)
    assert "panels_uneven_between_slopes" not in codes(answer)


def test_walls_of_several_heights_have_the_joints_of_every_panel() -> None:
    groups = [{"quantity": 10, "length_m": "3.5"}, {"quantity": 5, "length_m": "2.5"}]
    answer = bom(WALL, length_m=None, width_m=None, panel_groups=groups, corners_ext=2)

    assert answer.panel_area_m2 == answer.project_area_m2 == Decimal("54.15")
    assert answer.joint_m == Decimal("78.2")  # 10 x 3.5 + 5 x 2.5 - 3.5 + 2 x 17.1
    bought = quantities(answer)
    assert bought["esquinero_exterior"] == 4  # two bars of 3 m for 3.5 m
    assert bought["perfil_u"] == 12
    assert bought["remache_pop"] == 30
    assert bought["tornillo_t2"] == 298


def test_whoever_quotes_is_told_to_check_how_the_panels_lie_and_the_client_is_not() -> None:
    answer = bom(ROOF, **GROUPED)

    warning = warned(answer, "panels_of_several_lengths")
    assert warning.data == {"lengths": 3, "longest_m": "12", "shortest_m": "6"}
    comments = quotation_from_bom(answer, Client(name="Ana")).comments or ()
    assert not any("largos" in comment.text for comment in comments)


def test_every_length_that_needs_supports_in_between_is_named() -> None:
    answer = bom(ROOF, **GROUPED | {"span_m": None}, thickness_mm=150)

    warning = warned(answer, "intermediate_supports_required")
    assert warning.data == {"lengths": ["12", "10"], "max_span_m": "7.5", "supports": 3, "length_m": "12"}
    assert warning.text == (
        "Los paneles de 12 m y 10 m superan la luz máxima de 7,5 m: hacen falta apoyos intermedios, "
        "3 apoyos en total bajo los de 12 m."
    )


def test_a_width_is_held_against_all_the_panels_and_gives_the_area_of_the_project() -> None:
    answer = bom(ROOF, **GROUPED | {"width_m": "15"})

    assert warned(answer, "panels_do_not_cover_width").data == {"panels": 13, "width_m": "15", "needed": 14}
    assert answer.perimeter_m == 54
    assert answer.project_area_m2 == Decimal("138.46")  # 15 x the mean length, 120 / 13
    assert "panels_do_not_cover_width" not in codes(bom(ROOF, **GROUPED | {"width_m": "14.5"}))


def test_lengths_that_are_not_made_are_named_one_by_one() -> None:
    groups = [{"quantity": 1, "length_m": "15"}, {"quantity": 1, "length_m": "2"}, {"quantity": 1, "length_m": "5"}]
    answer = bom(WALL, length_m=None, width_m=None, panel_groups=groups)

    assert warned(answer, "panel_longer_than_max").data["length_m"] == "15"
    assert warned(answer, "panel_shorter_than_min").data["length_m"] == "2"


@pytest.mark.parametrize("base", [ROOF, ROOF | {"roof_type": "2_aguas", "span_m": None}, ROOF_3G, WALL])
@pytest.mark.parametrize("quantity", [9, 10])
@pytest.mark.parametrize("width", ["11.0", None])
def test_one_group_is_the_same_as_a_number_of_panels_and_a_length(
    base: dict[str, Any], quantity: int, width: str | None
) -> None:
    counted = bom(base, width_m=width, quantity_panels=quantity, length_m="4.2")
    grouped = bom(base, width_m=width, length_m=None, panel_groups=[{"quantity": quantity, "length_m": "4.2"}])

    assert grouped.model_dump_json() == counted.model_dump_json()


def test_panels_of_one_length_are_one_group_however_they_were_split_and_spelt() -> None:
    whole = bom(ROOF, length_m=None, panel_groups=[{"quantity": 7, "length_m": "5.00"}, {"quantity": 3, "length_m": 4}])
    split = [{"quantity": 2, "length_m": "5,0"}, {"quantity": 3, "length_m": 4}, {"quantity": 5, "length_m": "5.00"}]

    assert bom(ROOF, length_m=None, panel_groups=split).model_dump_json() == whole.model_dump_json()


@pytest.mark.parametrize(
    ("base", "changed", "field", "says"),
    [
        (ROOF, {"panel_groups": _THREE}, "length_m", "leave it out; panel_groups says it"),
        (ROOF, GROUPED | {"quantity_panels": 13}, "quantity_panels", "leave it out; panel_groups says it"),
        (WALL, GROUPED | {"usage": "camara", "product_family": "ISOFRIG"}, "panel_groups", "three dimensions"),
        (ROOF, {"length_m": None}, "length_m", "this field is required, or give panel_groups"),
    ],
)
def test_a_length_is_said_once(base: dict[str, Any], changed: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(InvalidRequest, match=says) as refused:
        quote.check(ask(base, **changed), knowledge.load())
    assert refused.value.field == f"request.{field}"


@pytest.mark.parametrize(
    ("groups", "field"),
    [
        ([], "panel_groups"),
        ([{"quantity": 1, "length_m": 5}] * 51, "panel_groups"),
        ([{"quantity": 6000, "length_m": 5}, {"quantity": 4001, "length_m": 5}], "panel_groups"),
        ([{"quantity": 0, "length_m": 5}], "panel_groups.0.quantity"),
        ([{"quantity": 1, "length_m": 0}], "panel_groups.0.length_m"),
        ([{"quantity": 1}], "panel_groups.0.length_m"),
        ([{"quantity": 1, "length_m": 5}, {"quantity": 1, "lenght_m": 5}], "panel_groups.1.lenght_m"),
    ],
)
def test_groups_out_of_bounds_are_refused(groups: list[dict[str, Any]], field: str) -> None:
    assert refusal(ROOF, **GROUPED | {"panel_groups": groups}).field == f"request.{field}"


def test_a_misspelt_field_of_a_group_is_answered_with_the_one_that_was_meant() -> None:
    error: RequestError = refusal(ROOF, **GROUPED | {"panel_groups": [{"cantidad": 1, "lenght_m": 5, "quantity": 1}]})

    assert error.allowed == ["quantity", "length_m"]
