"""An order of several things has their lines, each under its part, and one total."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mcp_tasks.errors import InvalidRequest, RequestError, ThicknessNotAvailable, UnknownPriceList
from mcp_tasks.quotation import knowledge
from mcp_tasks.quotation.fields import cents
from mcp_tasks.quotation.order import Order
from mcp_tasks.quotation.order_quote import MAX_LINES, calculate_order, check_order
from mcp_tasks.quotation.price_list import PriceList
from tests.quotation.asking import ROOF, ROOF_3G, ROOM, TODAY, WALL, bom, codes, ordered, without_none

_FILE = Path(__file__).with_name("golden_quotes.json")
_QUOTES: list[dict[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))["quotes"]
GOTEROS = {"quantity": 12, "sku": "6838"}
OPEN = {"span_m": None, "structure": None, "top_edge": None, "shipping_usd": None}


def refused(*requests: dict[str, Any], **others: Any) -> RequestError:
    """The refusal of the check, which must be that of the calculation, too."""
    fields = {"requests": [without_none(request) for request in requests], **others}
    with pytest.raises(RequestError) as by_check:
        check_order(Order.model_validate(fields), knowledge.load(), TODAY)
    with pytest.raises(RequestError) as by_calculate:
        calculate_order(Order.model_validate(fields), knowledge.load(), TODAY)
    assert by_check.value.to_dict() == by_calculate.value.to_dict()
    return by_check.value


@pytest.mark.parametrize("quote", _QUOTES, ids=[quote["id"] for quote in _QUOTES])
def test_one_request_alone_has_exactly_its_own_bill(quote: dict[str, Any]) -> None:
    assert ordered(quote["input"]) == bom(quote["input"])


def test_the_lines_of_the_parts_follow_each_other_and_carry_the_number_of_their_part() -> None:
    alone = [bom(ROOF), bom(WALL)]
    together = ordered(ROOF, WALL)

    assert [line.part for line in together.lines] == [1] * len(alone[0].lines) + [2] * len(alone[1].lines)
    unnumbered = [line.model_copy(update={"part": None}) for line in together.lines]
    assert unnumbered == [*alone[0].lines, *alone[1].lines]
    assert [(part.part, part.title, part.materials) for part in together.parts] == [
        (1, "Techo ISODEC EPS 100 mm", alone[0].totals.materials),
        (2, "Fachada ISOPANEL EPS 100 mm", alone[1].totals.materials),
    ]
    assert (together.parts[0].span, together.parts[1].joint_m) == (alone[0].span, alone[1].joint_m)


def test_what_can_be_added_up_is_and_what_belongs_to_one_part_is_not() -> None:
    roof, wall, together = bom(ROOF), bom(WALL), ordered(ROOF, WALL)

    assert together.system == "techo_isodec_eps + pared_isopanel_eps"
    for name in ("project_area_m2", "panel_area_m2", "panel_count", "weight_kg"):
        assert getattr(together, name) == getattr(roof, name) + getattr(wall, name), name
    for name in ("supports_per_panel", "fixing_points", "points_per_rod", "perimeter_m", "joint_m", "span"):
        assert getattr(together, name) is None, name


def test_the_weight_is_unknown_where_that_of_one_part_is() -> None:
    assert ordered(ROOF, ROOM).weight_kg is None  # nobody published what ISOFRIG weighs


def test_equal_parts_are_told_apart_by_a_number() -> None:
    titles = [part.title for part in ordered(WALL, WALL, ROOF, WALL).parts]

    name = "Fachada ISOPANEL EPS 100 mm"
    assert titles == [name, f"{name} (2)", "Techo ISODEC EPS 100 mm", f"{name} (3)"]


def test_the_status_is_the_worst_of_the_parts() -> None:
    assert ordered(ROOF, WALL).status == "final"
    assert ordered(ROOF, WALL | {"structure": None}).status == "provisional"


def test_what_is_said_of_a_part_names_the_argument_and_the_part() -> None:
    together = ordered(WALL, ROOF | OPEN)

    assert [assumed.field for assumed in together.assumptions] == [
        "requests.1.structure",
        "requests.1.span_m",
        "requests.1.top_edge",
    ]
    assert {assumed.text.partition(": ")[0] for assumed in together.assumptions} == {"Techo ISODEC EPS 100 mm"}
    warned = next(warning for warning in together.warnings if warning.code == "span_assumed_max")
    assert warned.text.startswith("Techo ISODEC EPS 100 mm: ")
    assert warned.data == {"part": 2, "max_span_m": "5.5"}


def test_the_freight_is_asked_once_for_the_whole() -> None:
    fields = [question.field for question in ordered(WALL | {"shipping_usd": None}, ROOF | OPEN).questions]

    assert fields == ["requests.1.span_m", "requests.1.structure", "requests.1.top_edge", "shipping_usd"]


def test_discount_and_freight_are_of_the_whole_and_counted_once() -> None:
    parts = [WALL | {"shipping_usd": None}, ROOF | {"shipping_usd": None}, ROOF_3G | {"shipping_usd": None}]
    together = ordered(*parts, discount_pct="3.33", shipping_usd=280)

    materials = sum((bom(part).totals.materials for part in parts), Decimal(0))
    assert together.totals.materials == materials
    assert together.totals.discount == cents(materials * Decimal("3.33") / 100)
    assert together.totals.shipping == 280


@pytest.mark.parametrize("term", [{"price_list": "bmc-2026-02"}, {"discount_pct": 5}, {"shipping_usd": 280}])
def test_a_term_of_the_whole_may_be_said_with_any_request_or_with_all(term: dict[str, Any]) -> None:
    wall, roof = WALL | {"shipping_usd": None}, ROOF | {"shipping_usd": None}
    said_once = ordered(wall, roof, **term)

    assert ordered(wall | term, roof) == ordered(wall, roof | term) == ordered(wall | term, roof | term, **term)
    assert ordered(wall, roof | term) == said_once
    assert said_once.totals != ordered(wall, roof).totals


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"price_list": "bmc-2026-02"}, {"price_list": "bmc-2026-08"}),
        ({"discount_pct": 5}, {"discount_pct": 10}),
        ({"shipping_usd": 280}, {"shipping_usd": 320}),
    ],
)
def test_two_values_of_one_term_are_refused(first: dict[str, Any], second: dict[str, Any]) -> None:
    (name,) = first
    wall, roof = WALL | {"shipping_usd": None}, ROOF | {"shipping_usd": None}

    assert refused(wall | first, roof | second).field == f"requests.1.{name}"
    assert refused(wall | first, **second).field == f"request.{name}"


def test_a_refused_request_is_named_by_its_place() -> None:
    error = refused(WALL, ROOF | {"thickness_mm": 101})

    assert isinstance(error, ThicknessNotAvailable)
    assert (error.field, error.nearest) == ("requests.1.thickness_mm", 100)
    assert error.details == {"available_mm": [100, 150, 200, 250]}
    assert error.message.startswith("requests.1.thickness_mm: ")
    assert refused(ROOF | {"thickness_mm": 101}).field == "request.thickness_mm"


def test_an_unknown_price_list_is_refused_where_it_was_named() -> None:
    assert isinstance(refused(ROOF, price_list="2025"), UnknownPriceList)
    assert refused(ROOF, price_list="2025").field == "price_list"
    assert refused(WALL, ROOF | {"price_list": "2025"}).field == "requests.1.price_list"


def test_accessories_beside_requests_are_the_last_part() -> None:
    together = ordered(ROOF, accessories=(GOTEROS,))

    assert [part.title for part in together.parts] == ["Techo ISODEC EPS 100 mm", "Accesorios"]
    assert (together.lines[-1].part, together.lines[-1].sku, together.lines[-1].quantity) == (2, "6838", 12)
    assert together.weight_kg == bom(ROOF).weight_kg
    assert together.parts[1].materials == Decimal("190.92")  # 12 x 15.91
    fields = [a.field for a in ordered(ROOF | OPEN, accessories=(GOTEROS,)).assumptions]
    assert fields == ["structure", "span_m", "top_edge"]  # one request alone needs no number


def test_accessories_alone_ask_for_nothing_but_the_freight() -> None:
    alone = ordered(accessories=(GOTEROS,), discount_pct=10)

    assert (alone.system, alone.status, alone.parts, alone.panel_count, alone.span) == (
        "accesorios", "final", (), 0, None,
    )  # fmt: skip
    assert (alone.panel_area_m2, alone.totals.materials, alone.totals.discount) == (
        0,
        Decimal("190.92"),
        Decimal("19.09"),
    )
    assert [question.field for question in alone.questions] == ["shipping_usd"]
    assert codes(alone) == []
    assert ordered(accessories=(GOTEROS,), shipping_usd=0).questions == ()


def test_an_accessory_without_a_price_leaves_the_order_incomplete() -> None:
    known = knowledge.load()
    fields = known.price_lists[0].model_dump(mode="json")
    rows = [row for row in fields["rows"] if row["sku"] != "6838"]
    unpriced = replace(known, price_lists=(PriceList.model_validate(fields | {"rows": rows}),))
    answer = calculate_order(Order.model_validate({"accessories": [GOTEROS], "requests": [ROOF]}), unpriced, TODAY)

    assert (answer.status, answer.lines[-1].total, answer.missing_prices) == ("incomplete", None, ("gotero_frontal",))
    assert answer.parts[1].materials == 0


def test_an_order_of_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="requests, or accessories, or both"):
        Order()


def test_more_lines_than_a_quotation_holds_are_refused() -> None:
    groups = [{"quantity": 1, "length_m": 3 + n / 10} for n in range(50)]
    walls = [WALL | {"length_m": None, "width_m": None, "panel_groups": groups}] * 10

    error = refused(*walls)
    assert isinstance(error, InvalidRequest)
    assert error.field == "requests"
    assert error.received > MAX_LINES


def test_thicknesses_are_compared_for_one_request_alone() -> None:
    compared = ROOF | {"thickness_mm": None, "compare_thicknesses": [150, 200]}

    assert refused(WALL, compared).field == "requests.1.compare_thicknesses"
    assert refused(compared, accessories=[GOTEROS]).field == "request.compare_thicknesses"


def test_each_thickness_that_is_compared_has_the_totals_that_it_has_alone() -> None:
    terms = {"discount_pct": "7.5", "shipping_usd": 280}
    compared = ordered(ROOF | {"thickness_mm": None, "compare_thicknesses": [250, 150, 200]} | terms)

    assert [option.thickness_mm for option in compared.comparison] == [250, 150, 200]
    for option in compared.comparison:
        alone = bom(ROOF, thickness_mm=option.thickness_mm, **terms)
        assert option.totals == alone.totals
        assert option.panels + option.accessories + option.fixings == alone.totals.materials
        assert (option.panel_count, option.weight_kg, option.span_ok) == (alone.panel_count, alone.weight_kg, True)
    assert compared.model_copy(update={"comparison": ()}) == bom(ROOF, thickness_mm=250, **terms)


def test_an_option_says_whether_it_carries_the_span() -> None:
    compared = ordered(ROOF | {"thickness_mm": 100, "compare_thicknesses": [150, 200], "span_m": 7})

    assert [(option.thickness_mm, option.span_ok) for option in compared.comparison] == [
        (100, False), (150, True), (200, True),
    ]  # fmt: skip
    walls = ordered(WALL | {"compare_thicknesses": [100, 150]})
    assert [(option.max_span_m, option.span_ok) for option in walls.comparison] == [(None, None), (None, None)]
