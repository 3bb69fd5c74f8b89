"""Which product a kind of accessory resolves to: BOM specification, section 7."""

import json
from pathlib import Path
from typing import Any

import pytest

from mcp_tasks.quotation import knowledge
from mcp_tasks.quotation.catalog import Catalog
from mcp_tasks.quotation.terms import Kind
from tests.quotation.asking import ROOF_3G, bom, line, warned


def _catalog(kind: Kind, **rows: tuple[list[str], list[int] | None]) -> Catalog:
    """The shipped catalog with only these products of `kind`: sku=(families, thicknesses)."""
    shipped = knowledge.load().catalog.model_dump()
    others = [row for row in shipped["accessories"] if row["kind"] != kind]
    sample: dict[str, Any] = next(row for row in shipped["accessories"] if row["kind"] == kind)
    ours = [
        sample | {"sku": sku, "aliases": [], "families": families, "thickness_mm": thicknesses}
        for sku, (families, thicknesses) in rows.items()
    ]
    return Catalog.model_validate(shipped | {"accessories": others + ours})


def test_the_family_s_own_for_the_thickness_comes_first() -> None:
    catalog = _catalog("canalon", ANY=(["A"], None), EXACT=(["A"], [100]), ALL=(["UNIVERSAL"], None))

    assert catalog.resolve("canalon", "A", 100).sku == "EXACT"


def test_the_family_s_for_any_thickness_comes_before_a_thinner_one() -> None:
    catalog = _catalog("canalon", THIN=(["A"], [80]), ANY=(["A"], None))

    assert catalog.resolve("canalon", "A", 100).sku == "ANY"


def test_the_nearest_lower_thickness_comes_before_the_universal_and_says_so() -> None:
    catalog = _catalog(
        "canalon", THIN=(["A"], [50]), NEAR=(["A"], [80]), THICK=(["A"], [120]), ALL=(["UNIVERSAL"], None)
    )

    piece = catalog.resolve("canalon", "A", 100)

    assert (piece.sku, piece.made_for_mm) == ("NEAR", 80)


@pytest.mark.parametrize("kind", ["gotero_lateral", "perfil_u", "cumbrera"])
def test_only_drip_edges_and_gutters_may_be_made_for_a_thinner_panel(kind: Kind) -> None:
    catalog = _catalog(kind, THIN=(["A"], [80]), ALL=(["UNIVERSAL"], None))

    assert catalog.resolve(kind, "A", 100).sku == "ALL"


def test_a_thicker_one_or_another_family_s_never_serves() -> None:
    catalog = _catalog("canalon", THICK=(["A"], [120]), OTHER=(["B"], [100]))

    piece = catalog.resolve("canalon", "A", 100)

    assert piece.sku is None
    assert piece.bar_m > 0


def test_isoroof_40_gets_the_drip_edge_of_30_with_a_warning() -> None:
    answer = bom(ROOF_3G, thickness_mm=40)

    assert line(answer, "gotero_frontal").sku == "GFS30"
    assert warned(answer, "nearest_lower_thickness").data == {
        "piece": "gotero_frontal",
        "thickness_mm": 40,
        "used_mm": 30,
    }


def test_withdrawn_panels_and_special_variants_cannot_be_ordered() -> None:
    catalog = knowledge.load().catalog

    assert [panel.sku for panel in catalog.panels_of("ISOWALL_PIR", "pared")] == ["IW50", "IW80"]
    assert [panel.sku for panel in catalog.panels_of("ISOROOF_3G", "techo")] == [
        "IROOF30",
        "IROOF40",
        "IROOF50",
        "IROOF80",
        "IROOF100",
    ]


def test_the_shipped_files_hold_no_cost_fields() -> None:
    folder = Path(knowledge.__file__).parent / "data"
    for file in [folder / "products.json", *folder.glob("price-lists/*.json")]:
        text = json.dumps(json.loads(file.read_text(encoding="utf-8"))).casefold()
        assert "cost" not in text, file.name
