"""Prices, totals, and the price list: BOM specification, section 8."""

import datetime
from decimal import Decimal

import pytest

from mcp_tasks.quotation import knowledge, quote
from mcp_tasks.quotation.knowledge import Knowledge
from tests.quotation.asking import ROOF, ROOF_3G, WALL, ask, bom, codes, line, ordered, warned


def test_lines_whose_price_is_an_estimate_of_the_list_are_named() -> None:
    answer = bom(ROOF_3G, thickness_mm=40, top_edge="gotero_superior")

    assert warned(answer, "prices_estimated").text == (
        "Precios que la lista tiene solo como estimados, a confirmar: Gotero superior 40 mm prepintado (3,03 m)."
    )
    loose = ordered(accessories=({"sku": "GFSUP40", "quantity": 2},))
    assert codes(loose) == ["prices_estimated"]
    assert "prices_estimated" not in codes(bom(ROOF_3G))


def test_the_newest_list_is_the_default_and_excludes_tax() -> None:
    answer = bom(ROOF)

    assert answer.price_list.id == "bmc-2026-08"
    assert answer.totals.prices_include_tax is False
    assert line(answer, "panel").unit_price == Decimal("41.15")


def test_on_a_list_without_tax_the_tax_is_added_once_to_the_sum() -> None:
    totals = bom(ROOF, discount_pct=10, shipping_usd="100").totals

    assert totals.discount == round(totals.materials / 10, 2)
    assert totals.net == totals.materials - totals.discount + 100
    assert abs(totals.vat - totals.net * Decimal("0.22")) <= Decimal("0.005")
    assert totals.total == totals.net + totals.vat


def test_on_a_list_with_tax_the_tax_is_taken_out_of_the_total() -> None:
    totals = bom(ROOF, price_list="BMC-2026-02", discount_pct="2,5", shipping_usd=280).totals

    assert totals.total == totals.materials - totals.discount + 280
    assert totals.net + totals.vat == totals.total
    assert abs(totals.net - totals.total / Decimal("1.22")) <= Decimal("0.005")


def test_the_materials_are_the_sum_of_the_lines() -> None:
    answer = bom(ROOF)

    assert answer.totals.materials == sum(line.total for line in answer.lines if line.total is not None)


def test_a_price_of_a_fraction_of_a_cent_is_rounded_once_per_line() -> None:
    rivets = line(bom(WALL, price_list="bmc-2026-02"), "remache_pop")

    assert rivets.unit_price == Decimal("0.026")
    assert rivets.total == Decimal("1.40")  # 54 x 0.026 = 1.404


def test_a_bar_is_priced_by_the_piece_and_not_by_its_length() -> None:
    side = line(bom(ROOF, price_list="bmc-2026-02"), "gotero_lateral")

    assert (side.sku, side.quantity, side.total) == ("6842", 4, Decimal("101.36"))


def test_freight_is_charged_only_when_given_and_asked_about_otherwise() -> None:
    silent = bom(ROOF, shipping_usd=None)

    assert silent.totals.shipping == 0
    assert [question.field for question in silent.questions] == ["shipping_usd"]
    assert "Montevideo 280, Maldonado 320, interior 350" in silent.questions[0].text
    assert silent.status == "final"
    assert bom(ROOF, shipping_usd=0).questions == ()


@pytest.mark.parametrize(("days", "stale"), [(0, False), (60, False), (61, True)])
def test_a_list_is_stale_when_it_is_older_than_sixty_days(days: int, stale: bool) -> None:
    today = datetime.date(2026, 8, 15) + datetime.timedelta(days=days)

    info = quote.calculate(ask(ROOF), knowledge.load(), today).price_list

    assert (info.date, info.age_days, info.stale) == (datetime.date(2026, 8, 15), days, stale)


def test_a_missing_price_leaves_the_line_open_and_the_bill_incomplete() -> None:
    known = knowledge.load()
    newest = known.price_lists[0]
    without = newest.model_copy(update={"rows": tuple(row for row in newest.rows if row.sku != "T1PERF")})
    without = type(newest).model_validate(without.model_dump())

    answer = quote.calculate(ask(ROOF), Knowledge(known.catalog, known.rules, (without,)), datetime.date(2026, 9, 1))

    screws = line(answer, "tornillo_t1")
    assert (screws.sku, screws.unit_price, screws.total) == ("T1PERF", None, None)
    assert answer.missing_prices == ("tornillo_t1",)
    assert answer.status == "incomplete"
    assert answer.totals.materials == sum(line.total for line in answer.lines if line.total is not None)


def test_every_answer_says_that_an_engineer_must_approve_the_structure() -> None:
    assert "ingeniero" in bom(ROOF).notice
    assert bom(ROOF).notice == bom(WALL).notice


def test_decimals_go_out_as_plain_strings() -> None:
    answer = bom(ROOF, discount_pct=100).model_dump(mode="json")

    assert answer["panel_area_m2"] == "56.00"
    assert answer["totals"]["net"] == "0.00"
    assert answer["lines"][1]["quantity"] == "4"
    assert answer["panel_count"] == 10
