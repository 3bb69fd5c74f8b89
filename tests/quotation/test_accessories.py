"""An accessory sold by itself is one product of the catalog, or the call is told which ones it may be."""

from typing import Any

import pytest
from pydantic import ValidationError

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation import knowledge
from mcp_tasks.quotation.accessories import find_accessory
from mcp_tasks.quotation.order import AccessoryItem


def _found(**fields: Any) -> str:
    item = AccessoryItem.model_validate({"quantity": 1, **fields})
    return find_accessory(item, knowledge.load().catalog, "accessories.3").sku


def _refused(**fields: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as refused:
        _found(**fields)
    return refused.value


@pytest.mark.parametrize("sku", ["6838", "C.But.", "cbut", "CBUT", "TACEX38", " cab. roj "])
def test_a_sku_is_found_in_any_spelling_and_by_its_older_names(sku: str) -> None:
    known = {"6838": "6838", "TACEX38": "TES38", " cab. roj ": "Cab. Roj"}
    assert _found(sku=sku) == known.get(sku, "C.But.")


@pytest.mark.parametrize(
    ("kind", "sku"),
    [
        ("embudo", "CONBPVC"),
        ("Siliconas", "Bromplast"),
        ("cinta de butilo", "C.But."),
        ("Tornillos T2", "T2FACH"),
        ("esquinero-exterior", "ESQ-EXT"),
        ("tortuga PVC gris", "ABPPG"),
    ],
)
def test_a_kind_of_which_there_is_one_product_needs_no_more(kind: str, sku: str) -> None:
    assert _found(kind=kind) == sku


@pytest.mark.parametrize(
    ("fields", "sku"),
    [
        ({"kind": "gotero_frontal", "product_family": "ISODEC", "thickness_mm": 100}, "6838"),
        ({"kind": "goteros frontales", "product_family": "isodec", "thickness_mm": "100"}, "6838"),
        ({"kind": "canaleta", "product_family": "ISOROOF", "thickness_mm": 50}, "CD50"),
        ({"kind": "canalones", "core_type": "PIR", "product_family": "ISODEC", "thickness_mm": 120}, "CAN.ISDC120"),
        ({"kind": "cumbrera", "product_family": "ISODEC"}, "6847"),
        ({"kind": "perfil u", "thickness_mm": 60}, "PU60MM"),
        ({"kind": "silicona", "product_family": "ISOWALL", "thickness_mm": 50}, "Bromplast"),
    ],
)
def test_the_panel_tells_products_of_one_kind_apart(fields: dict[str, Any], sku: str) -> None:
    assert _found(**fields) == sku


def test_a_kind_that_may_be_several_products_is_answered_with_them() -> None:
    error = _refused(kind="gotero frontal", thickness_mm=100)

    assert error.field == "accessories.3.kind"
    assert error.allowed == [
        {"sku": "6838", "name_es": "Gotero frontal 100 mm (3,03 m)"},
        {"sku": "GFS100", "name_es": "Gotero frontal simple 100 mm prepintado (3,03 m)"},
    ]
    assert "GFS100 (Gotero frontal simple 100 mm" in error.message


def test_what_is_not_made_for_the_panel_is_answered_with_what_is() -> None:
    error = _refused(kind="gotero_frontal", product_family="ISOROOF", thickness_mm=40)

    assert error.field == "accessories.3.thickness_mm"
    assert [product["sku"] for product in error.allowed or ()] == ["GFS30", "GFS50", "GFS80", "GFS100"]
    assert _refused(kind="canalon", product_family="ISOPANEL").field == "accessories.3.product_family"


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    assert _refused(sku="TBSW83").nearest == "TBSW38"
    assert _refused(kind="goterro frontal").nearest == "gotero_frontal"
    assert "canalon" in (_refused(kind="drip").allowed or ())


def test_a_panel_is_no_accessory() -> None:
    error = _refused(sku="isdec100")

    assert (error.field, error.received) == ("accessories.3.sku", "isdec100")
    assert "ISODEC EPS 100 mm" in error.message


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"sku": "6838", "kind": "gotero_frontal"},
        {"sku": "6838", "thickness_mm": 100},
        {"sku": "6838", "quantity": 0},
        {"sku": "6838", "quantity": 10_001},
        {"sku": "6838", "quantity": "1.5"},
        {"sku": "6838", "colour": "rojo"},
    ],
)
def test_an_item_that_is_not_clear_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AccessoryItem.model_validate({"quantity": 1} | fields)
