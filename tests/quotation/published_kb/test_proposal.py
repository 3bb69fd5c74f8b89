"""A price is taken where SKU, words and all items agree; whatever does not is said, and left to a person."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation import knowledge
from mcp_tasks.quotation.published_kb.item import read
from mcp_tasks.quotation.published_kb.proposal import propose
from tests.quotation.damaging import edit, put
from tests.quotation.published_kb.publishing import codes, panel, piece, proposed, publish, taken

ACCESSORIES, PRICING = "accessories_catalog.json#accesorios", "bromyros_pricing_master.json#data.products"


def test_clear_prices_are_taken_exactly_with_date_tax_and_source(tmp_path: Path) -> None:
    proposal = proposed(publish(tmp_path, panels=[panel(price=46.03)], pieces=[piece(price=25.31)]))

    assert taken(proposal) == {"ISDEC100": "46.03", "6842": "25.31"}
    prices = proposal.prices
    assert (prices.id, str(prices.date), prices.tax_included) == ("published-2026-03", "2026-03-02", True)
    assert [row.source for row in prices.rows] == [
        f"{PRICING}.0.pricing.sale_iva_inc",
        f"{ACCESSORIES}.0.precio_unit_iva_inc",
    ]
    assert proposal.undecided == ()
    assert "GL50" in proposal.without_price


def test_what_something_costs_to_buy_is_nowhere_in_what_is_said(tmp_path: Path) -> None:
    proposal = proposed(publish(tmp_path, panels=[panel(), panel(price=99.0)]))

    assert codes(proposal)["margin_out_of_range"] == [f"{PRICING}.1"]
    assert "33.33" not in proposal.model_dump_json()
    assert "cost" not in json.dumps(proposal.prices.model_dump(mode="json"))


def test_a_filled_down_sku_is_told_apart_by_the_words_of_the_item(tmp_path: Path) -> None:
    pieces = [
        piece("6805", "Soporte de Canalón de 3 m", 19.0, tipo="canalon"),
        piece("6805", "Tuerca BSW 3/8 Galv.", 0.15, tipo="tuerca", compatibilidad=["UNIVERSAL"]),
        piece("6805", "Varilla Roscada BSW 3/8 de 1 m", 4.1, tipo="varilla", compatibilidad=["UNIVERSAL"]),
        piece("6805", "Pistola de Silicona", 30.5, tipo="silicona"),
    ]
    proposal = proposed(publish(tmp_path, panels=[], pieces=pieces))

    assert taken(proposal) == {"6805": "19.0", "TBSW38": "0.15", "VRBSW38": "4.1"}
    assert codes(proposal)["duplicate_sku"] == [f"{ACCESSORIES}.0"]
    assert codes(proposal)["sku_of_another"] == [f"{ACCESSORIES}.3"]


def test_items_of_one_product_at_different_prices_are_left_undecided(tmp_path: Path) -> None:
    twice = [panel("IW50", "ISOWALL PIR 50 mm", 60.1), panel("IW50_2", "ISOWALL PIR 50 mm", 58.2)]
    proposal = proposed(publish(tmp_path, panels=[*twice, panel()]))

    assert taken(proposal) == {"ISDEC100": "50.0", "6842": "20.0"}
    (undecided,) = proposal.undecided
    assert (undecided.sku, [str(offer.price) for offer in undecided.offers]) == ("IW50", ["60.1", "58.2"])
    assert codes(proposal)["price_conflict"] == [f"{PRICING}.0"]


def test_an_item_that_only_looks_like_a_product_is_never_taken_but_can_make_its_price_doubtful(tmp_path: Path) -> None:
    looks = panel("X1", "ISOWALL PIR 80 mm", 70.5)
    assert "IW80" not in taken(proposed(publish(tmp_path / "alone", panels=[looks])))

    both = proposed(publish(tmp_path / "both", panels=[looks, panel("IW80", "ISOWALL PIR 80 mm", 66.6)]))

    assert codes(both)["item_uncertain"] == [f"{PRICING}.0"]
    assert [undecided.sku for undecided in both.undecided] == ["IW80"]


def test_files_that_disagree_are_found(tmp_path: Path) -> None:
    sealants = [piece("Bromplast", "Silicona Neutra", price, tipo="silicona") for price in (11, 12)]
    proposal = proposed(publish(tmp_path, pieces=sealants))

    assert "Bromplast" not in taken(proposal)
    assert codes(proposal)["price_conflict"] == [f"{ACCESSORIES}.0"]


@pytest.mark.parametrize(
    ("decisions", "price"),
    [
        ({"IW50": f"{PRICING}.0"}, "60.1"),
        ({"IW50": f"{PRICING}.1"}, "58.2"),
        ({"IW50": None}, None),
    ],
)
def test_a_person_decides_by_the_place_of_the_item(
    tmp_path: Path, decisions: dict[str, str | None], price: str | None
) -> None:
    twice = [panel("IW50", "ISOWALL PIR 50 mm", 60.1), panel("IW50_2", "ISOWALL PIR 50 mm", 58.2)]
    proposal = proposed(publish(tmp_path, panels=twice), decisions=decisions)

    assert taken(proposal).get("IW50") == price
    assert proposal.undecided == ()
    assert ("IW50" in proposal.without_price) is (price is None)


@pytest.mark.parametrize(
    ("decisions", "field", "nearest"),
    [
        ({"BROMPLAST": None}, "decisions", "Bromplast"),
        ({"ISDEC100": f"{PRICING}.O"}, "decisions.ISDEC100", f"{PRICING}.0"),
        ({"ISDEC100": f"{ACCESSORIES}.1"}, "decisions.ISDEC100", f"{ACCESSORIES}.0"),  # it has no price
        ({"ISDEC100": f"{ACCESSORIES}.0"}, "decisions.ISDEC100", None),  # a piece's price for a m2
        ({"6842": f"{PRICING}.0"}, "decisions.6842", None),
    ],
)
def test_a_decision_about_nothing_or_of_another_unit_is_refused(
    tmp_path: Path, decisions: dict[str, str | None], field: str, nearest: str | None
) -> None:
    folder = publish(tmp_path, pieces=[piece(), piece(price=None)])
    with pytest.raises(InvalidRequest) as refused:
        proposed(folder, decisions=decisions)

    assert (refused.value.field, refused.value.nearest) == (field, nearest)


def test_a_decision_for_an_item_that_looks_like_something_else_is_taken_and_said(tmp_path: Path) -> None:
    proposal = proposed(publish(tmp_path), decisions={"ISDEC150": f"{PRICING}.0"})

    assert taken(proposal)["ISDEC150"] == "50.0"
    assert codes(proposal)["decision_of_another"] == [f"{PRICING}.0"]
    assert "decision_of_another" not in codes(proposed(tmp_path, decisions={"ISDEC100": f"{PRICING}.0"}))


@pytest.mark.parametrize(
    ("file", "place", "kept"),
    [
        ("accessories_catalog.json", ["meta", "moneda"], {"ISDEC100": "50.0"}),
        ("bromyros_pricing_master.json", ["data", "metadata", "currency"], {"6842": "20.0"}),
    ],
)
def test_prices_in_another_currency_are_not_taken(
    tmp_path: Path, file: str, place: list[str], kept: dict[str, str]
) -> None:
    put(publish(tmp_path) / file, ".".join(place), "UYU")

    proposal = proposed(tmp_path)

    assert codes(proposal)["currency_differs"] == [f"{file}#{'.'.join(place)}"]
    assert taken(proposal) == kept


def test_what_stands_among_the_items_and_is_none_is_said(tmp_path: Path) -> None:
    publish(tmp_path)
    edit(tmp_path / "accessories_catalog.json", lambda content: content["accesorios"].insert(0, "6842"))
    edit(tmp_path / "bromyros_pricing_master.json", lambda content: content["data"].pop("products"))

    proposal = proposed(tmp_path)

    assert codes(proposal)["item_unreadable"] == [f"{ACCESSORIES}.0"]
    assert codes(proposal)["items_missing"] == [PRICING]
    assert taken(proposal) == {"6842": "20.0"}


@pytest.mark.parametrize("flag", [False, None, "si"])
def test_without_the_word_that_tax_is_included_no_price_of_the_file_is_taken(tmp_path: Path, flag: object) -> None:
    proposal = proposed(publish(tmp_path, tax_included=flag))

    assert taken(proposal) == {"ISDEC100": "50.0"}
    assert codes(proposal)["tax_flag_missing"] == ["accessories_catalog.json#meta.iva_incluido"]


@pytest.mark.parametrize(
    ("odd", "code", "place"),
    [
        (piece(price=None), "price_missing", ".precio_unit_iva_inc"),
        (piece(price=0), "price_not_positive", ".precio_unit_iva_inc"),
        (piece(precio_unit_iva_inc="20,00"), "price_missing", ".precio_unit_iva_inc"),
        (piece(price=20.00001), "price_not_usable", ".precio_unit_iva_inc"),
        (piece(price=1_000_001), "price_not_usable", ".precio_unit_iva_inc"),
        (piece(price=20.0, web_price_iva_inc=19.0), "web_below_sale", ""),
        (piece(espesor_mm="100"), "thickness_is_text", ".espesor_mm"),
        (piece(espesor_mm=150), "thickness_disagrees", ""),
        (piece("NUEVO", "Escalera"), "item_unknown", ""),
    ],
)
def test_what_is_odd_about_an_item_is_said(tmp_path: Path, odd: dict[str, Any], code: str, place: str) -> None:
    proposal = proposed(publish(tmp_path, pieces=[odd]))

    assert codes(proposal)[code] == [f"{ACCESSORIES}.0{place}"]
    assert ("6842" in taken(proposal)) is (code in {"web_below_sale", "thickness_is_text", "thickness_disagrees"})


def test_prices_with_and_without_tax_that_do_not_agree_are_found(tmp_path: Path) -> None:
    proposal = proposed(publish(tmp_path, panels=[panel(sale_sin_iva=50.0)]))

    assert codes(proposal)["tax_mismatch"] == [f"{PRICING}.0.pricing.sale_iva_inc"]


def test_a_price_that_falls_with_the_thickness_is_found_at_its_item(tmp_path: Path) -> None:
    thicker = piece("6843", "Gotero Lateral 150mm", 19.0)
    proposal = proposed(publish(tmp_path, pieces=[piece(), thicker]))

    assert codes(proposal)["price_not_rising"] == [f"{ACCESSORIES}.1.precio_unit_iva_inc"]


def test_the_index_is_never_a_source_and_is_told_where_it_leads_to_another_product(tmp_path: Path) -> None:
    ridge = piece(name="Cumbrera Roof 3G de 3 m", price=42.0, tipo="cumbrera", compatibilidad=["ISOROOF"])
    colonial = ridge | {"name": "Cumbrera Roof COLONIAL - 2,2 m", "precio_unit_iva_inc": 119.0}
    folder = publish(
        tmp_path, pieces=[ridge | {"sku": "CUMROOF3M"}], index={"CUMROOF3M": colonial, "6842": piece(price=99.0)}
    )
    proposal = proposed(folder)

    assert taken(proposal) == {"ISDEC100": "50.0", "CUMROOF3M": "42.0"}
    assert codes(proposal)["index_of_another"] == ["perfileria_index.json#items.CUMROOF3M.precio_unit_iva_inc"]


def test_numbers_of_the_rules_that_differ_are_said_and_not_taken(tmp_path: Path) -> None:
    rules = {
        "sistemas": {
            "techo_isodec_eps": {
                "ancho_util_m": 1.10,
                "formulas": {"silicona_tubos": "ceil(perimetro_expuesto_ml / 9)", "area_m2": "largo_m * ancho_m"},
                "largos_estandar_m": {"gotero_frontal": 3.03, "gotero_lateral": 3.1},
            },
            "techo_de_paja": {},
        },
        "autoportancia": {"tablas": {"ISODEC_EPS": {"100": {"luz_max_m": 5.5, "peso_kg_m2": 13}, "300": {}}}},
        "kits_fijacion_detalle": {"metal": {"componentes_por_punto": {"tuerca_3_8": {"cantidad": 3}}}},
    }
    found = codes(proposed(publish(tmp_path, rules=rules)))

    assert [path.removeprefix("bom_rules.json#") for path in found["rule_differs"]] == [
        "sistemas.techo_isodec_eps.ancho_util_m",
        "sistemas.techo_isodec_eps.largos_estandar_m.gotero_lateral",
        "sistemas.techo_isodec_eps.formulas.silicona_tubos",
        "sistemas.techo_de_paja",
        "autoportancia.tablas.ISODEC_EPS.100.peso_kg_m2",
        "autoportancia.tablas.ISODEC_EPS.300",
        "kits_fijacion_detalle.metal.componentes_por_punto.tuerca_3_8.cantidad",
    ]
    assert found["formula_not_compared"] == ["bom_rules.json#sistemas.techo_isodec_eps.formulas"]


def test_a_file_that_is_missing_or_broken_is_said_and_the_others_are_read(tmp_path: Path) -> None:
    folder = publish(tmp_path)
    (folder / "bom_rules.json").unlink()
    (folder / "accessories_catalog.json").write_bytes(b"\xff")

    proposal = proposed(folder)

    assert codes(proposal)["file_unreadable"] == ["bom_rules.json", "accessories_catalog.json"]
    assert taken(proposal) == {"ISDEC100": "50.0"}


@pytest.mark.parametrize("content", ["[]", "7", '{"data": []}', '{"data": {"products": [1, {}, {"pricing": 3}]}}'])
def test_files_of_any_shape_are_read_for_what_they_are(tmp_path: Path, content: str) -> None:
    folder = publish(tmp_path)
    (folder / "bromyros_pricing_master.json").write_text(content, encoding="utf-8")
    (folder / "bom_rules.json").write_text(content, encoding="utf-8")

    assert taken(proposed(folder)) == {"6842": "20.0"}


def test_a_folder_without_any_of_the_files_or_without_a_date_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"bom_rules\.json"):
        proposed(tmp_path)
    (tmp_path / "bom_rules.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InvalidRequest, match=r"meta\.fecha"):
        proposed(tmp_path)


def test_the_prices_are_compared_with_the_newest_list_that_has_them_with_tax_too(tmp_path: Path) -> None:
    proposal = proposed(publish(tmp_path, panels=[panel(price=50.0)], pieces=[piece(price=20.0)]))

    compared = proposal.compared
    assert compared is not None
    assert (compared.price_list, compared.comparable, compared.above_20_pct) == ("bmc-2026-02", 2, 1)
    assert str(compared.median_change_pct) == "-6.3"  # of 46.07 to 50 and of 25.34 to 20
    assert "prices_moved" not in codes(proposal)


def test_where_no_list_has_them_with_tax_they_are_converted(tmp_path: Path) -> None:
    known = knowledge.load()
    without_tax = replace(known, price_lists=(known.price_list("bmc-2026-08"),))
    proposal = propose(read(publish(tmp_path, panels=[panel(price=50.2)], pieces=[])), without_tax)

    assert proposal.compared is not None
    assert proposal.compared.price_list == "bmc-2026-08"
    assert proposal.compared.median_change_pct == 0  # 41.15 x 1.22 = 50.20


def test_prices_that_move_by_more_than_a_fifth_are_warned_of(tmp_path: Path) -> None:
    proposal = proposed(publish(tmp_path, panels=[panel(price=58.0)], pieces=[]))

    (moved,) = [finding for finding in proposal.findings if finding.code == "prices_moved"]
    assert (moved.level, moved.value, moved.path) == ("warning", "+25.9 %", "price-lists/bmc-2026-02.json")
    assert taken(proposal) == {"ISDEC100": "58.0"}


def test_prices_without_tax_where_the_file_says_that_they_have_it_are_warned_of(tmp_path: Path) -> None:
    known = knowledge.load()
    february = known.price_list("bmc-2026-02")
    prices = {product.sku: february.price(product.sku) or Decimal(0) for product in known.catalog.panels}
    panels = [panel(p.sku, p.name_es, round(float(prices[p.sku] / Decimal("1.22")), 2)) for p in known.catalog.panels]
    found = codes(proposed(publish(tmp_path, panels=panels, pieces=[])))

    assert found["tax_flag_doubtful"] == ["price-lists/bmc-2026-02.json"]
    assert "prices_moved" not in found  # by 18 %: only the tax tells


def test_prices_that_no_list_has_yet_are_compared_with_none(tmp_path: Path) -> None:
    assert proposed(publish(tmp_path, panels=[], pieces=[piece("X", "Escalera")])).compared is None
