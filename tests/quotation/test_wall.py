"""Walls: BOM specification, section 4."""

from decimal import Decimal

import pytest

from tests.quotation.asking import WALL, bom, codes, line, quantities


def test_a_width_of_exactly_ten_panels_takes_ten() -> None:
    assert bom(WALL, width_m=11.4).panel_count == 10


def test_a_wall_is_counted_by_the_rules_of_its_section() -> None:
    answer = bom(WALL, width_m="31", length_m="3.5", corners_ext=2)

    assert answer.panel_count == 28
    assert answer.panel_area_m2 == Decimal("111.72")
    assert answer.joint_m == Decimal("156.5")  # 27 x 3.5 + 2 x 31
    assert quantities(answer) == {
        "panel": Decimal("111.72"),
        "perfil_u": 22,  # base and top, 11 bars each
        "esquinero_exterior": 4,  # two bars per corner of 3.5 m
        "anclaje_h": 107,  # 31.92 / 0.30 = 106.4
        "tornillo_t2": 615,  # 5.5 x 111.72 = 614.46
        "remache_pop": 56,
        "silicona": 20,
        "cinta_butilo": 7,
    }


def test_concrete_takes_no_t2_screws() -> None:
    assert "tornillo_t2" not in quantities(bom(WALL, structure="hormigon"))
    assert "tornillo_t2" in quantities(bom(WALL, structure="madera"))


def test_a_wall_without_corners_has_no_corner_profiles() -> None:
    assert "esquinero_exterior" not in quantities(bom(WALL))
    assert "esquinero_exterior" not in quantities(bom(WALL, corners_ext=0))


def test_channels_fit_the_thickness_of_the_panel() -> None:
    assert line(bom(WALL, thickness_mm=250), "perfil_u").sku == "PU250MM"


def test_a_number_of_panels_stands_for_the_run() -> None:
    answer = bom(WALL, width_m=None, quantity_panels=10)

    assert answer.project_area_m2 == Decimal("28.50")
    assert quantities(answer)["perfil_u"] == 8  # 11.4 m


def test_too_few_panels_for_the_run_are_quoted_with_a_warning() -> None:
    assert codes(bom(WALL, quantity_panels=26)) == ["panels_do_not_cover_width"]
    assert codes(bom(WALL, quantity_panels=27)) == []


def test_isopanel_of_50_mm_is_for_interior_partitions() -> None:
    assert codes(bom(WALL, thickness_mm=50)) == ["interior_partitions_only"]


def test_walls_are_not_judged_by_span() -> None:
    answer = bom(WALL)

    assert answer.span is None
    assert answer.supports_per_panel is None
    assert answer.status == "final"


@pytest.mark.parametrize(("family", "thickness", "weight"), [("ISOPANEL", 100, "961.88"), ("ISOWALL", 50, None)])
def test_the_weight_is_that_of_the_panels_where_it_is_known(family: str, thickness: int, weight: str | None) -> None:
    answer = bom(WALL, product_family=family, thickness_mm=thickness, length_m="2.5" if weight else 4)

    assert answer.weight_kg == (None if weight is None else Decimal(weight))
