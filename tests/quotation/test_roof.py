"""Roofs: BOM specification, section 3."""

from decimal import Decimal
from typing import Any

import pytest

from tests.quotation.asking import ROOF, ROOF_3G, bom, codes, line, quantities, warned


def test_the_billed_area_is_that_of_whole_panels() -> None:
    answer = bom(ROOF)

    assert answer.panel_count == 10
    assert answer.project_area_m2 == Decimal("55.00")
    assert line(answer, "panel").quantity == answer.panel_area_m2 == Decimal("56.00")


@pytest.mark.parametrize(
    ("length", "span", "supports"), [("5.0", "2.5", 3), ("5.1", "2.5", 4), ("5.0", "5.0", 2), ("2.4", "5", 2)]
)
def test_a_panel_lies_on_as_many_supports_as_its_span_asks_for_and_never_fewer_than_two(
    length: str, span: str, supports: int
) -> None:
    assert bom(ROOF, length_m=length, span_m=span).supports_per_panel == supports


def test_two_slopes_double_the_panels_and_get_a_ridge_cap() -> None:
    answer = bom(ROOF, roof_type="2_aguas", top_edge=None)

    assert answer.panel_count == 20
    assert answer.perimeter_m == 64
    assert quantities(answer)["gotero_lateral"] == 7  # 4 runs of 5 m with one joint each: 20.20 / 3
    assert quantities(answer)["cumbrera"] == 4
    assert answer.fixing_points == 2 * (2 * 10 * 3 + 4)
    assert answer.status == "final"


def test_a_declared_top_edge_replaces_the_ridge_cap_and_none_removes_it() -> None:
    assert "cumbrera" not in quantities(bom(ROOF, roof_type="2_aguas", top_edge="none"))
    flashed = quantities(bom(ROOF, roof_type="2_aguas", top_edge="babeta_empotrar"))
    assert "cumbrera" not in flashed
    assert flashed["babeta_empotrar"] == 4


def test_a_ridge_cap_can_be_asked_for_on_one_slope() -> None:
    assert quantities(bom(ROOF, top_edge="cumbrera"))["cumbrera"] == 4


def test_an_open_top_edge_is_left_without_profile_and_asked_about() -> None:
    answer = bom(ROOF, top_edge=None)

    assert codes(answer) == ["top_edge_not_specified"]
    assert answer.status == "provisional"
    assert [(a.field, a.value) for a in answer.assumptions] == [("top_edge", "none")]
    assert [question.field for question in answer.questions] == ["top_edge"]


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        (ROOF, "babeta de adosar, babeta de empotrar, cumbrera o nada"),
        (
            ROOF | {"core_type": "PIR", "thickness_mm": 80},
            "babeta de adosar, babeta de empotrar, gotero superior, cumbrera o nada",
        ),
        (ROOF_3G, "babeta de adosar, babeta de empotrar, gotero superior, cumbrera o nada"),
    ],
)
def test_the_top_edge_is_asked_with_the_profiles_that_are_sold_for_the_panel(
    asked: dict[str, Any], offered: str
) -> None:
    (question,) = bom(asked, top_edge=None).questions

    assert question.text == f"¿Cómo termina el borde superior: {offered}?"


def test_a_gutter_replaces_the_drip_edge_and_rests_on_supports_of_30_cm() -> None:
    bought = quantities(bom(ROOF, eave="canalon"))

    assert "gotero_frontal" not in bought
    assert bought["canalon"] == 4
    assert bought["soporte_canalon"] == 2  # 11 supports of 0.30 m from bars of 3 m


@pytest.mark.parametrize("roof_type", ["4_aguas", "mariposa"])
def test_shapes_without_formulas_count_as_one_slope_and_are_never_final(roof_type: str) -> None:
    answer = bom(ROOF, roof_type=roof_type)

    assert answer.panel_count == 10
    assert codes(answer) == ["roof_type_needs_review"]
    assert answer.status == "provisional"
    assert answer.questions[0].field == "roof_type"


def test_sealants_and_profile_screws_follow_the_nominal_perimeter() -> None:
    bought = quantities(bom(ROOF, width_m="11.2"))  # perimeter 32.4, a multiple of 0.30

    assert (bought["silicona"], bought["cinta_butilo"], bought["tornillo_t1"]) == (5, 2, 108)


class TestNumberOfPanels:
    def test_it_stands_for_the_width_when_that_is_missing(self) -> None:
        answer = bom(ROOF_3G, thickness_mm=50, length_m="4.60", width_m=None, quantity_panels=22, roof_type="2_aguas")

        assert answer.panel_count == 22
        assert answer.panel_area_m2 == Decimal("101.20")
        assert answer.project_area_m2 == Decimal("101.20")
        assert codes(answer) == []

    def test_it_overrides_the_width_for_the_count_and_not_for_the_perimeter(self) -> None:
        answer = bom(ROOF, quantity_panels=12)

        assert answer.panel_count == 12
        assert answer.perimeter_m == Decimal("32.0")
        assert quantities(answer)["gotero_frontal"] == 5  # 12 x 1.12 = 13.44 m

    def test_too_few_for_the_width_are_quoted_with_a_warning(self) -> None:
        data = warned(bom(ROOF, quantity_panels=9), "panels_do_not_cover_width").data

        assert data == {"panels": 9, "width_m": "11.0", "needed": 10}

    def test_every_slope_must_be_covered(self) -> None:
        assert (
            warned(bom(ROOF, quantity_panels=18, roof_type="2_aguas"), "panels_do_not_cover_width").data["needed"] == 20
        )
        assert codes(bom(ROOF, quantity_panels=20, roof_type="2_aguas")) == []

    def test_a_number_that_two_slopes_cannot_share_is_quoted_with_a_warning(self) -> None:
        answer = bom(ROOF, width_m=None, quantity_panels=21, roof_type="2_aguas")

        assert answer.panel_count == 21
        assert warned(answer, "panels_uneven_between_slopes").data["per_slope"] == 11
        assert "panels_do_not_cover_width" not in codes(answer)  # nobody gave a width


class TestThreadedRods:
    @pytest.mark.parametrize(
        ("structure", "expected"),
        [
            (
                "metal",
                {"varilla": 16, "tuerca": 128, "arandela_carrocero": 64, "arandela_plana": 64, "tortuga_pvc": 64},
            ),
            (
                "madera",
                {"varilla": 16, "tuerca": 128, "arandela_carrocero": 64, "arandela_plana": 64, "tortuga_pvc": 64},
            ),
            (
                "hormigon",
                {"varilla": 22, "tuerca": 64, "arandela_carrocero": 64, "tortuga_pvc": 64, "taco_expansivo": 64},
            ),
        ],
    )
    def test_every_point_gets_what_its_structure_needs(self, structure: str, expected: dict[str, int]) -> None:
        answer = bom(ROOF, structure=structure)

        assert answer.fixing_points == 64  # 2 x 10 panels x 3 supports + 2 x 5 / 2.5
        fixings = {
            kind: n
            for kind, n in quantities(answer).items()
            if kind.startswith(("varilla", "tuerca", "arandela", "tortuga", "taco"))
        }
        assert fixings == expected

    @pytest.mark.parametrize(
        ("thickness", "structure", "points"),
        [(100, "metal", 4), (100, "hormigon", 3), (250, "metal", 2), (250, "hormigon", 2), (250, "madera", 3)],
    )
    def test_a_rod_of_a_metre_gives_fewer_points_through_thick_panels(
        self, thickness: int, structure: str, points: int
    ) -> None:
        assert bom(ROOF, thickness_mm=thickness, structure=structure).points_per_rod == points

    def test_half_a_side_point_is_a_whole_one(self) -> None:
        assert bom(ROOF, length_m="6.0", width_m="5.6", span_m="6.0").fixing_points == 25  # 20 + 4.8


class TestSaddles:
    @pytest.mark.parametrize(
        ("thickness", "structure", "kind", "sku"),
        [
            (30, "madera", "tornillo_punta_aguja", "THEXG4A"),
            (40, "metal", "tornillo_punta_mecha", "THEXG4M"),
            (50, "metal", "tornillo_punta_mecha", "THEXG6M"),
            (100, "madera", "tornillo_punta_aguja", "THEXG6A"),
        ],
    )
    def test_one_screw_per_saddle_pointed_for_the_structure_and_long_enough_for_the_panel(
        self, thickness: int, structure: str, kind: str, sku: str
    ) -> None:
        answer = bom(ROOF_3G, thickness_mm=thickness, structure=structure)

        assert quantities(answer)["caballete"] == 3 * 11 * 3 + 2 * 3
        assert line(answer, kind).sku == sku
        assert line(answer, kind).quantity == 105

    def test_concrete_takes_a_plug_per_saddle_and_8_mm_rods(self) -> None:
        answer = bom(ROOF_3G, structure="hormigon")

        bought = quantities(answer)
        assert answer.points_per_rod == 5  # 1.00 / (0.03 + 0.14)
        assert (bought["taco_expansivo_8mm"], bought["varilla_8mm"]) == (105, 21)
        assert not {"tornillo_punta_mecha", "tornillo_punta_aguja"} & bought.keys()

    @pytest.mark.parametrize("structure", ["metal", "hormigon", "madera"])
    def test_a_3g_roof_never_gets_the_rods_nuts_and_washers_of_isodec(self, structure: str) -> None:
        assert not {"varilla", "tuerca", "arandela_carrocero"} & quantities(bom(ROOF_3G, structure=structure)).keys()


@pytest.mark.parametrize(("base", "assumed"), [(ROOF, "metal"), (ROOF_3G, "madera")])
def test_an_open_structure_is_assumed_declared_and_asked_about(base: dict[str, Any], assumed: str) -> None:
    answer = bom(base, structure=None)

    assert answer.lines == bom(base, structure=assumed).lines
    assert [(a.field, a.value) for a in answer.assumptions] == [("structure", assumed)]
    assert [question.field for question in answer.questions] == ["structure"]
    assert answer.status == "provisional"


def test_bars_that_barely_suffice_are_warned_about_by_piece() -> None:
    data = warned(bom(ROOF, length_m="4.4"), "tight_cut").data  # 2 x 4.45 m from three bars of 3 m

    assert data == {"piece": "gotero_lateral", "bars": 3, "spare_m": "0.10"}


def test_the_lines_stand_in_the_order_of_the_quotation_with_their_sections() -> None:
    sections = [line.section for line in bom(ROOF, eave="canalon", top_edge="babeta_adosar").lines]

    assert sections == ["paneles", *["accesorios"] * 4, *["fijaciones"] * 8]


def test_each_slope_may_have_an_eave_of_its_own() -> None:
    two = {"roof_type": "2_aguas", "length_m": 5, "width_m": 11}
    mixed = quantities(bom(ROOF, **two, eave=["canalon", "gotero_frontal"]))

    # n = ceil(11 / 1.12) = 10, so each eave is 11.2 m: with 3 joints 11.35 / 3.03, 4 bars; supports 11 x 0.30 / 3: 2.
    assert (mixed["canalon"], mixed["soporte_canalon"], mixed["gotero_frontal"]) == (4, 2, 4)
    assert bom(ROOF, **two, eave=["canalon"] * 2) == bom(ROOF, **two, eave="canalon")
    assert bom(ROOF, **two, eave=["gotero_frontal", "canalon"]) == bom(ROOF, **two, eave=["canalon", "gotero_frontal"])
