"""Panels are compared by what they carry, cost and insulate; what nobody published is said to be missing."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_tasks.errors import SystemNotSupported, ThicknessNotAvailable
from mcp_tasks.quotation import knowledge
from mcp_tasks.quotation.comparing import compare_panels
from mcp_tasks.quotation.knowledge import Knowledge
from mcp_tasks.quotation.panel_comparison import ComparedPanel, PanelComparison, PanelsQuery
from mcp_tasks.quotation.price_list import PriceList
from mcp_tasks.quotation.thermal import ThermalFacts, load_thermal
from tests.quotation.asking import TODAY

KNOWN = knowledge.load()
FACTS = load_thermal()


def compare(
    known: Knowledge = KNOWN, facts: ThermalFacts = FACTS, day: datetime.date = TODAY, **wanted: Any
) -> PanelComparison:
    return compare_panels(PanelsQuery.model_validate(wanted), known, facts, day)


def without_price(*skus: str) -> Knowledge:
    newest, *others = KNOWN.price_lists
    rows = [row.model_dump() for row in newest.rows if row.sku not in skus]
    fewer = PriceList.model_validate(newest.model_dump() | {"rows": rows})
    return Knowledge(KNOWN.catalog, KNOWN.rules, (fewer, *others))


def skus(comparison: PanelComparison, *, carrying: bool = True) -> list[str]:
    return [panel.sku for panel in comparison.panels if panel.carries is carrying]


def test_those_that_carry_come_first_the_cheapest_of_them_first() -> None:
    found = compare(span_m=5)

    prices = [panel.price.unit_price for panel in found.panels if panel.carries and panel.price]
    assert prices == sorted(prices)
    assert skus(found) == ["ISDEC100", "ISDEC150", "ISDPIR80", "ISDEC200", "ISDEC250", "ISDPIR120"]
    assert [panel.carries for panel in found.panels] == [True] * 6 + [False] * 6


@pytest.mark.parametrize(
    ("span", "sku", "rule"),
    [
        ("4.675", "ISDEC100", "cheapest_within_comfort"),  # 85 % of its 5.5 m
        ("4.68", "ISDEC150", "cheapest_within_comfort"),
        ("8.84", "ISDEC250", "cheapest_within_comfort"),
        ("8.85", "ISDEC200", "thinnest_that_carries"),
        ("9.2", "ISDEC250", "thinnest_that_carries"),
        ("10.4", "ISDEC250", "thinnest_that_carries"),
        ("10.41", None, "none_carries"),
    ],
)
def test_the_cheapest_within_the_comfort_is_recommended_else_the_thinnest_that_carries(
    span: str, sku: str | None, rule: str
) -> None:
    recommended = compare(span_m=span).recommended

    assert recommended is not None
    assert (recommended.sku, recommended.rule) == (sku, rule)


def test_where_none_carries_it_says_which_carries_most() -> None:
    recommended = compare(span_m=12).recommended

    assert recommended is not None
    assert "ISODEC EPS 250 mm, 10,4 m" in recommended.text


def test_a_thickness_that_is_discouraged_is_recommended_only_when_nothing_else_carries() -> None:
    asked: dict[str, Any] = {"product_family": "ISODEC", "core_type": "PIR", "span_m": 2}
    every, alone = compare(**asked).recommended, compare(**asked, thicknesses_mm=[50]).recommended

    assert every is not None
    assert alone is not None
    assert (every.sku, alone.sku) == ("ISDPIR80", "ISDPIR50")


def test_a_panel_without_a_price_is_not_called_the_cheapest_and_is_said_to_have_none() -> None:
    found = compare(without_price("ISDEC250"), span_m=8)

    assert found.recommended is not None
    assert (found.recommended.sku, found.recommended.rule) == ("ISDEC200", "thinnest_that_carries")
    assert skus(found) == ["ISDEC200", "ISDEC250"]
    assert found.missing[0] == "Sin precio en la lista: ISODEC EPS 250 mm."


def test_resistance_and_transmittance_are_those_of_the_formula() -> None:
    (roof,) = compare(product_family="ISODEC", core_type="EPS", thicknesses_mm=[100]).panels
    (wall,) = compare(product_family="ISOPANEL", thicknesses_mm=[100]).panels
    (pir,) = compare(product_family="ISOWALL", thicknesses_mm=[80]).panels

    assert (roof.resistance_m2k_w, roof.transmittance_w_m2k) == (Decimal("2.703"), Decimal("0.352"))
    assert (wall.resistance_m2k_w, wall.transmittance_w_m2k) == (Decimal("2.703"), Decimal("0.348"))
    assert (pir.resistance_m2k_w, pir.transmittance_w_m2k) == (Decimal("3.265"), Decimal("0.291"))


def test_the_saving_is_against_the_thinnest_compared_of_the_same_family_and_core_in_whatever_order() -> None:
    for order in ([100, 150, 200], [200, 150, 100]):
        panels = compare(product_family="ISODEC", core_type="EPS", thicknesses_mm=order).panels
        assert [(p.thickness_mm, str(p.saving_pct), p.saving_against_mm) for p in panels] == [
            (100, "0.0", 100),
            (150, "32.2", 100),
            (200, "48.7", 100),
        ]
    every = {panel.sku: panel for panel in compare(usage="techo").panels}
    assert every["IROOF80"].saving_against_mm == 30
    assert every["ISDPIR120"].saving_against_mm == 50


def test_a_core_that_nobody_published_a_value_for_is_missing_and_not_guessed() -> None:
    facts = FACTS.model_copy(update={"conductivity_w_mk": {"EPS": FACTS.conductivity_w_mk["EPS"]}})
    found = compare(facts=facts, product_family="ISODEC")

    known = {panel.core: panel for panel in found.panels}
    assert known["EPS"].resistance_m2k_w is not None
    pir = known["PIR"]
    assert (pir.resistance_m2k_w, pir.transmittance_w_m2k, pir.saving_pct, pir.saving_against_mm) == (None,) * 4
    assert any("Conductividad" in said and "ISODEC PIR 120 mm" in said for said in found.missing)
    assert not any("ISODEC EPS" in said for said in found.missing)
    assert [source.fact for source in found.sources] == ["λ EPS", "Rsi, Rse techo"]


def test_a_weight_that_nobody_published_is_missing() -> None:
    found = compare(product_family="ISOROOF", thicknesses_mm=[30, 40])

    assert found.missing == ("Peso no publicado: ISOROOF 3G 40 mm.",)


def test_every_value_has_a_source_in_the_data() -> None:
    found = compare(product_family="ISOFRIG")

    assert (found.sources[0].fact, found.sources[0].value) == ("λ PIR", "0.0245 W/(m K)")
    assert all(source.source for source in found.sources)


def test_what_is_withdrawn_or_a_special_variant_is_not_compared() -> None:
    every = {panel.sku for panel in compare(thicknesses_mm=[50, 80, 100]).panels}

    assert every.isdisjoint({"IW100", "IAGRO50", "IROOF50-PLS"})
    assert {"IW80", "IROOF50"} <= every


def test_a_panel_for_walls_and_rooms_is_compared_once() -> None:
    panels = [panel.sku for panel in compare(product_family="ISOFRIG").panels]

    assert panels == list(dict.fromkeys(panels))


def test_a_family_that_is_not_made_so_is_refused_with_what_it_is_made_as() -> None:
    with pytest.raises(SystemNotSupported) as refusal:
        compare(product_family="ISOROOF", core_type="EPS")

    assert refusal.value.allowed == [{"product_family": "ISOROOF", "core_type": "PIR", "usage": "techo"}]


def test_a_thickness_that_none_is_made_in_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(ThicknessNotAvailable) as refusal:
        compare(product_family="ISODEC", core_type="EPS", thicknesses_mm=[150, 120])

    assert (refusal.value.field, refusal.value.nearest) == ("thicknesses_mm.1", 100)
    assert refusal.value.allowed == [100, 150, 200, 250]


@given(span=st.decimals(min_value="0.01", max_value=100, places=2))
def test_a_longer_span_never_carries_more_and_the_recommended_one_carries(span: Decimal) -> None:
    found, longer = compare(span_m=span), compare(span_m=min(span * 2, Decimal(100)))

    assert set(skus(longer)) <= set(skus(found))
    assert found.recommended is not None
    assert (found.recommended.sku is None) == (not skus(found))
    assert found.recommended.sku in {None, *skus(found)}


def test_thicker_always_saves_more() -> None:
    by_code: dict[tuple[str, str], list[ComparedPanel]] = {}
    for panel in (*compare(usage="techo").panels, *compare(usage="pared").panels):
        by_code.setdefault((panel.family, panel.core), []).append(panel)
    for panels in by_code.values():
        savings = [panel.saving_pct for panel in panels if panel.saving_pct is not None]
        assert savings == sorted(set(savings))
        assert len(savings) == len(panels)
