"""A quotation in English says of its bill in English what the Spanish one says, figures included."""

from typing import Any

import pytest

from mcp_tasks.quotation.document import Client, quotation_from_bom
from mcp_tasks.quotation.sale_words import WORDS
from tests.quotation.asking import ROOF, ROOF_3G, ROOM, WALL, bom, ordered

ANA = Client(name="Ana Example")
SAID: dict[str, tuple[dict[str, Any], str]] = {
    "span_exceeds_max": (
        ROOF | {"span_m": 6, "length_m": 6},
        (
            "The span of 6 m is longer than the panel carries, 5.5 m. Thicknesses that carry it (mm): 150, 200 and "
            "250. With this thickness 3 supports are needed."
        ),
    ),
    "intermediate_supports_required": (
        ROOF | {"span_m": None, "length_m": 12},
        (
            "The panels of 12 m are longer than the span they carry, 5.5 m: they need supports in between, "
            "4 in all under those of 12 m."
        ),
    ),
    "panels_do_not_cover_width": (
        ROOF | {"quantity_panels": 9},
        "9 panels do not cover a width of 11.0 m: 10 are needed.",
    ),
    "panel_longer_than_max": (ROOF | {"length_m": 16}, "A length of 16 m is more than is made, 14.00 m."),
    "panel_shorter_than_min": (WALL | {"length_m": 2}, "A length of 2 m is less than is made, 2.30 m."),
    "roof_type_needs_review": (
        ROOF | {"roof_type": "4_aguas"},
        "The roof of four slopes was calculated as a single slope: a technician has to check the quantities.",
    ),
    "door_and_floor_not_included": (ROOM, "The cold room is quoted without door and floor."),
    "ceiling_fixing_undefined_for_hormigon": (
        ROOM | {"structure": "hormigon"},
        "How the ceiling is fixed to concrete is not defined: a technician has to decide it.",
    ),
    "interior_partitions_only": (WALL | {"thickness_mm": 50}, "ISP50EPSF: only for partitions inside a building."),
    "colour_not_available": (
        ROOF | {"thickness_mm": 200, "colour": "gris"},
        (
            "This panel is not made in grey, and is quoted without that colour. "
            "Thicknesses made in grey (mm): 100 and 150."
        ),
    ),
    "colour_takes_longer": (ROOF | {"colour": "rojo"}, "The panel in red takes 20 days longer than usual."),
    "colour_needs_minimum_area": (
        ROOF_3G | {"colour": "blanco"},
        "The panel in white is made from 500 m² on; this order has 55.00 m².",
    ),
}


def _comments(request: dict[str, Any]) -> list[str]:
    quoted = quotation_from_bom(ordered(request), ANA, language="en")
    return [comment.text for comment in quoted.comments or ()]


def test_every_warning_that_is_translated_is_tested_here() -> None:
    of_a_revision = {"prices_changed"}  # in no bill of a request alone: tests/server/test_earlier_quotations.py
    assert SAID.keys() | of_a_revision == WORDS["en"].warnings.keys()


@pytest.mark.parametrize("code", SAID)
def test_a_warning_is_made_again_of_its_figures(code: str) -> None:
    request, sentence = SAID[code]

    assert sentence in _comments(request)
    assert code in {warning.code for warning in ordered(request).warnings}


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (ROOF | {"span_m": None}, "Distance between supports: 5.5 m, the longest that the panel carries."),
        (ROOF | {"thickness_mm": None}, "Thickness: 100 mm, the thinnest recommended one that carries the span."),
        (ROOF_3G | {"structure": None}, "Structure: timber."),
        (ROOF | {"top_edge": None}, "No profile along the upper edge."),
        (ROOF | {"roof_type": "mariposa"}, "A single slope."),
        (ROOM | {"height_m": None}, "Inner height: 3 m."),
        (WALL | {"width_m": None, "wall_runs_m": [4, 5]}, "No outer corners."),
    ],
)
def test_what_was_assumed_is_said(request_: dict[str, Any], sentence: str) -> None:
    assert f"Assumed in the calculation: {sentence}" in " ".join(_comments(request_))


def test_parts_lines_and_titles_are_english_too() -> None:
    roof = ROOF | {"structure": None, "span_m": 6, "length_m": 6}
    bill = ordered(roof, WALL, WALL, accessories=({"quantity": 2, "sku": "6838"},))
    quoted = quotation_from_bom(bill, ANA, language="en")

    titles = ["Roof ISODEC EPS 100 mm", "Wall ISOPANEL EPS 100 mm", "Wall ISOPANEL EPS 100 mm (2)", "Accessories"]
    assert list(dict.fromkeys(line.part for line in quoted.lines)) == titles
    assert quoted.title == "Roof ISODEC EPS 100 mm + Wall ISOPANEL EPS 100 mm + Accessories"
    assert quoted.lines[0].name == "ISODEC EPS 100 mm \N{EN DASH} 10 panels of 6.00 m"
    said = [comment.text for comment in quoted.comments or ()]
    assert said[0] == "Assumed in the calculation: Roof ISODEC EPS 100 mm: Structure: metal."
    assert said[1].startswith("Roof ISODEC EPS 100 mm: The span of 6 m")
    assert said[-1].startswith("Quantities are commercial estimates")


def test_options_are_english_too() -> None:
    roof = ROOF | {"compare_thicknesses": [100, 150], "span_m": 6, "length_m": 8}
    quoted = quotation_from_bom(ordered(roof), ANA, language="en")

    dash = "\N{EN DASH}"
    assert list(dict.fromkeys(line.part for line in quoted.lines)) == [
        f"ISODEC EPS 100 mm {dash} spans up to 5.50 m, 3 supports",
        f"ISODEC EPS 150 mm {dash} spans up to 7.50 m, 3 supports",
    ]
    assert {line.name for line in quoted.lines if line.unit == "global"} == {"Accessories", "Fixings and sealants"}
    said = [comment.text for comment in quoted.comments or ()]
    assert [text for text in said if "mm:" in text] == [
        (
            "ISODEC EPS 100 mm: The span of 6 m is longer than the panel carries, 5.5 m. Thicknesses that carry it "
            "(mm): 150, 200 and 250. With this thickness 3 supports are needed."
        )
    ]


def test_the_lines_and_totals_do_not_depend_on_the_language() -> None:
    bill = bom(ROOF, discount_pct=5, shipping_usd=280)
    spanish, english = (quotation_from_bom(bill, ANA, language=language) for language in ("es", "en"))

    assert [line.amount for line in spanish.lines] == [line.amount for line in english.lines]
    assert (spanish.discount_pct, spanish.shipping_usd) == (english.discount_pct, english.shipping_usd)
