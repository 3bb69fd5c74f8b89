"""New prices against a list: what changes, by how much, what is doubtful, and what becomes of the list."""

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation.fields import cents
from mcp_tasks.quotation.knowledge import SHIPPED, load
from mcp_tasks.quotation.price_list import PriceList
from mcp_tasks.quotation.price_plan import PricePlan, Wanted, converted, make_plan
from mcp_tasks.quotation.price_report import SHOWN, PriceReport
from mcp_tasks.quotation.price_rows import PriceSource, SourceRow, read_source
from mcp_tasks.quotation.price_sync import renewed, report

TODAY = datetime.date(2026, 11, 24)
KNOWN = load()
AUGUST, FEBRUARY = KNOWN.price_lists


def plan_of(source: PriceSource, prices: PriceList = AUGUST, **said: Any) -> PricePlan:
    """The plan for a list of the package; what is said beside the source."""
    wanted: dict[str, Any] = {"tax_included": None, "date": None, "max_change_pct": Decimal(30)} | said
    return make_plan(source, Wanted(base=0, prices=prices, catalog=KNOWN.catalog, **wanted), TODAY)


def rows(*given: tuple[str, str] | tuple[str, str, str], tax_included: bool | None = False) -> PriceSource:
    """A source of those rows: SKU, price, and maybe unit."""
    numbered = enumerate(given, start=1)
    return PriceSource(
        "rows", tuple(SourceRow(n, row[0], Decimal(row[1]), "".join(row[2:])) for n, row in numbered), tax_included
    )


def said(plan: PricePlan, prices: PriceList = AUGUST, *, force: bool = False) -> PriceReport:
    """What it would change."""
    return report(prices, plan, KNOWN.catalog, TODAY, force=force)


def after(plan: PricePlan, prices: PriceList = AUGUST, *, force: bool = False) -> PriceList:
    """The list with the plan applied."""
    return renewed(prices, plan, KNOWN.catalog.units, force=force)


def skus(found: Iterable[Any]) -> list[str]:
    """Of rows of a report."""
    return [row.sku for row in found]


def test_august_over_february_comes_out_as_the_specification_says() -> None:
    source = read_source("bmc-2026-08.json", (SHIPPED / "price-lists" / "bmc-2026-08.json").read_bytes())
    found = said(plan_of(source, FEBRUARY), FEBRUARY)

    assert (found.comparable, found.median_change_pct, found.above_20_pct) == (104, Decimal("6.1"), 8)
    large = {row.sku: str(row.change_pct) for row in found.changed.rows if abs(row.change_pct) > 20}
    assert large == {
        "MEMB3010": "24.6", "6828": "25.4", "VRBSW38": "26.2", "ABPPG": "26.4", "ABPPB": "27.5", "TES38": "28.3",
        "TBSW38": "-26.8", "CAN.ISDC80": "-24.8",
    }  # fmt: skip
    panels = [row.change_pct for row in found.changed.rows if row.sku.startswith(("ISDEC", "IROOF"))]
    assert set(panels) == {Decimal("9.0")}
    assert (found.source.rows, found.source.left_out) == (127, 4)
    assert (found.changed.count, found.unchanged, found.added.count) == (123, 0, 0)
    assert skus(found.removed.rows) == ["IW100", "GFSUP40", "BBAL-ATN", "BBAL-EMP"]
    assert (found.unmatched.count, found.rejected.count, found.doubts) == (0, 0, ("stays_stale",))
    assert (found.changed.more, len(found.changed.rows)) == (123 - SHOWN, SHOWN)


def test_the_same_with_the_wrong_tax_is_doubted() -> None:
    source = read_source("bmc-2026-08.json", (SHIPPED / "price-lists" / "bmc-2026-08.json").read_bytes())
    wrong = source._replace(tax_included=True)

    assert said(plan_of(wrong, FEBRUARY), FEBRUARY).doubts == ("tax_flag_doubtful", "stays_stale")


def test_a_few_prices_that_rise_are_not_taken_for_a_wrong_tax() -> None:
    assert said(plan_of(rows(("ISDEC100", "49")), date=TODAY)).doubts == ()


@pytest.mark.parametrize("name", ["ISDEC100", " isdec 100 ", "ISDEC-100", "isdec.100", "ISD100EPS_1", "isd100eps 1"])
def test_a_product_is_known_by_old_skus_and_in_any_spelling(name: str) -> None:
    assert skus(plan_of(rows((name, "42"))).prices) == ["ISDEC100"]


def test_names_that_differ_in_a_letter_only_are_not_mixed_up() -> None:
    assert skus(plan_of(rows(("ISD100EPS", "42"))).prices) == ["ISP100EPSF"]


def test_an_unknown_sku_changes_nothing_and_gets_the_nearest() -> None:
    plan = plan_of(rows(("ISDEC1000", "42"), ("XYZ", "1"), ("", "1")))

    assert [(row.row, row.sku, row.nearest) for row in plan.unmatched] == [
        (1, "ISDEC1000", "ISDEC100"), (2, "XYZ", None), (3, "", None),
    ]  # fmt: skip
    assert after(plan) == AUGUST


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ISOPANEL 100", "ISP100EPSF"),
        ("Isopanel EPS 100mm", "ISP100EPSF"),
        ("ISOFRIG 100", "IF100"),
        ("Panel ISODEC PIR 80", "ISDPIR80"),
        ("ISOPANEL 120", None),
        ("ISODEC 180", None),
        ("ISOPANEL", None),
    ],
)
def test_a_name_in_words_gets_the_product_of_that_name_or_none(written: str, meant: str | None) -> None:
    (row,) = plan_of(rows((written, "42"))).unmatched

    assert row.nearest == meant


def test_a_list_that_stays_old_is_a_doubt_and_a_date_removes_it() -> None:
    some = rows(("ISDEC100", "42"))

    assert said(plan_of(some)).doubts == ("stays_stale",)
    assert said(plan_of(some, date=TODAY)).doubts == ()
    assert said(plan_of(some, date=TODAY - datetime.timedelta(days=60))).doubts == ()
    assert said(plan_of(some, date=TODAY - datetime.timedelta(days=61))).doubts == ("stays_stale",)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("ISDEC100", "0"), "out_of_range"),
        (("ISDEC100", "-41"), "out_of_range"),
        (("ISDEC100", "0.00001"), "out_of_range"),
        (("ISDEC100", "1000001"), "out_of_range"),
        (("ISDEC100", "1e400"), "out_of_range"),
        (("ISDEC100", "1e-400"), "out_of_range"),
        (("ISDEC100", "42", "pieza"), "other_unit"),
        (("ISDEC100", "42", "ml"), "other_unit"),
        (("6828", "15", "m2"), "other_unit"),
        (("ISDEC100", "60"), "change_too_large"),
        (("ISDEC100", "20"), "change_too_large"),
    ],
)
def test_a_price_that_cannot_be_right_is_rejected_with_the_reason(row: tuple[str, str], reason: str) -> None:
    plan = plan_of(rows(row))

    assert [(found.row, found.sku, found.reason) for found in plan.rejected] == [(1, row[0], reason)]
    assert after(plan) == AUGUST


@pytest.mark.parametrize("unit", ["m2", "M2", "m²", "metro cuadrado", ""])
def test_the_unit_of_the_product_is_known_in_any_spelling(unit: str) -> None:
    assert plan_of(rows(("ISDEC100", "42", unit))).rejected == ()


def test_pieces_and_units_are_both_counted() -> None:
    assert plan_of(rows(("6828", "15.5", "unidad"), ("TES38", "1.3", "pieza"))).rejected == ()


def test_an_unreadable_price_is_rejected() -> None:
    plan = plan_of(PriceSource("a.csv", (SourceRow(7, "ISDEC100", None),), tax_included=False))

    assert [(row.row, row.reason) for row in plan.rejected] == [(7, "unreadable")]


def test_rows_that_repeat_a_price_are_one_and_rows_that_disagree_are_none() -> None:
    plan = plan_of(rows(("ISDEC100", "42"), ("ISD100EPS_1", "42.0"), ("ISDEC150", "47"), ("isdec150", "48")))

    assert skus(plan.prices) == ["ISDEC100"]
    assert [(row.row, row.reason) for row in plan.rejected] == [(3, "conflicting"), (4, "conflicting")]


def test_the_bound_of_a_change_is_in_the_callers_hand() -> None:
    assert plan_of(rows(("ISDEC100", "60")), max_change_pct=Decimal(50)).rejected == ()
    assert len(plan_of(rows(("ISDEC100", "41.16")), max_change_pct=Decimal(0)).rejected) == 1


def test_force_takes_what_changes_too_much_and_nothing_else_that_was_rejected() -> None:
    plan = plan_of(rows(("ISDEC100", "60"), ("ISDEC150", "-1")))

    assert after(plan, force=True).price("ISDEC100") == 60
    assert after(plan, force=True).price("ISDEC150") == AUGUST.price("ISDEC150")
    forced = said(plan, force=True)
    assert (skus(forced.changed.rows), skus(forced.rejected.rows)) == (["ISDEC100"], ["ISDEC150"])


def test_whether_tax_is_included_is_never_guessed() -> None:
    with pytest.raises(InvalidRequest) as refused:
        plan_of(rows(("ISDEC100", "42"), tax_included=None))
    assert (refused.value.field, refused.value.allowed) == ("tax_included", [True, False])


def test_an_argument_that_contradicts_the_file_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="the source says false") as refused:
        plan_of(rows(("ISDEC100", "42")), tax_included=True)
    assert (refused.value.field, refused.value.allowed) == ("tax_included", [False])
    assert plan_of(rows(("ISDEC100", "42")), tax_included=False).source_tax_included is False


@given(st.decimals(min_value="0.01", max_value=100_000, places=2), st.booleans())
def test_a_price_converted_there_and_back_is_itself_to_the_cent(price: Decimal, included: bool) -> None:
    there = converted(price, included=included, to_included=not included)

    assert abs(converted(there, included=not included, to_included=included) - price) <= Decimal("0.0001")
    assert cents(converted(there, included=not included, to_included=included)) == price
    assert converted(price, included=included, to_included=included) == price


def test_tax_is_added_or_taken_off_half_up_to_four_decimals() -> None:
    assert plan_of(rows(("ISDEC100", "50.005"), tax_included=True)).prices[0].price == Decimal("40.9877")
    assert plan_of(rows(("ISDEC100", "41.15")), FEBRUARY).prices[0].price == Decimal("50.2030")


def test_a_price_is_told_with_as_few_decimals_as_it_has_but_two() -> None:
    told = {
        str(converted(Decimal(price), included=False, to_included=False)) for price in ("45", "45.5000", "45.50004")
    }

    assert told == {"45.00", "45.50"}
    assert str(converted(Decimal("40.1760"), included=False, to_included=False)) == "40.176"


def test_a_product_without_a_price_gets_one() -> None:
    shorter = PriceList.model_validate(dict(AUGUST) | {"rows": AUGUST.rows[1:]})
    plan = plan_of(rows(("ISDEC100", "42")), shorter)

    assert skus(said(plan, shorter).added.rows) == ["ISDEC100"]
    assert after(plan, shorter).row("ISDEC100") == after(plan).row("ISDEC100")


def test_an_estimated_price_becomes_a_real_one_which_is_a_change_but_compares_with_nothing() -> None:
    estimated = AUGUST.row("IW100")
    assert estimated is not None
    plan = plan_of(rows(("IW100", str(estimated.price))))

    found = said(plan)
    assert (found.comparable, found.median_change_pct) == (0, None)
    assert [(row.sku, row.comparable) for row in found.changed.rows] == [("IW100", False)]
    assert not any(row.estimated for row in after(plan).rows if row.sku == "IW100")


def test_a_few_new_prices_leave_the_date_and_the_other_prices_alone() -> None:
    new = after(plan_of(rows(("ISDEC100", "42"))))

    assert (new.id, new.date) == (AUGUST.id, AUGUST.date)
    assert new.price("ISDEC100") == 42
    assert new.rows[1:] == AUGUST.rows[1:]


def test_of_a_few_prices_nothing_follows_for_the_others_but_what_a_list_lacks_is_told() -> None:
    source = rows(("ISDEC100", "42"))

    assert said(plan_of(source._replace(whole=False))).removed.count == 0
    told = said(plan_of(source)).removed
    assert (told.count, told.more, len(told.rows)) == (122, 122 - SHOWN, SHOWN)
    assert said(plan_of(source._replace(whole=False), date=TODAY)).removed.count == 122


def test_a_whole_list_without_a_date_is_of_today_and_no_longer_stale() -> None:
    whole = rows(*((row.sku, str(row.price)) for row in AUGUST.rows if not row.estimated))

    assert AUGUST.info(TODAY).stale
    assert not after(plan_of(whole)).info(TODAY).stale


def test_with_a_new_date_what_the_source_lacks_keeps_its_price_as_an_estimate() -> None:
    new = after(plan_of(rows(("ISDEC100", "42")), date=TODAY))

    assert new.date == TODAY
    assert [row.sku for row in new.rows if not row.estimated] == ["ISDEC100"]
    assert [row.price for row in new.rows[1:]] == [row.price for row in AUGUST.rows[1:]]


@pytest.mark.parametrize(("date", "doubt"), [("2026-08-14", "older_than_the_list"), ("2026-11-25", "in_the_future")])
def test_a_date_that_cannot_be_meant_is_doubted(date: str, doubt: str) -> None:
    plan = plan_of(rows(("ISDEC100", "42")), date=datetime.date.fromisoformat(date))

    assert said(plan).doubts == (doubt,)


def test_applying_twice_changes_nothing_more() -> None:
    source = read_source("bmc-2026-08.json", (SHIPPED / "price-lists" / "bmc-2026-08.json").read_bytes())
    plan = plan_of(source, FEBRUARY)
    once = after(plan, FEBRUARY)

    assert after(plan, once) == once
    again = said(plan, once)
    assert (again.changed.count, again.added.count, again.unchanged) == (0, 0, 123)


def test_what_is_published_is_a_list_that_loads() -> None:
    source = read_source("bmc-2026-08.json", (SHIPPED / "price-lists" / "bmc-2026-08.json").read_bytes())
    new = after(plan_of(source, FEBRUARY), FEBRUARY)

    assert PriceList.model_validate_json(new.model_dump_json()) == new


def test_equal_plans_have_one_digest_and_any_difference_gives_another() -> None:
    plan = plan_of(rows(("ISDEC100", "42")))

    assert plan.digest == plan_of(rows(("ISDEC100", "42"))).digest
    assert PricePlan.model_validate_json(plan.model_dump_json()).digest == plan.digest
    others = [
        plan_of(rows(("ISDEC100", "42.01"))),
        plan_of(rows(("ISDEC100", "42")), date=TODAY),
        plan_of(rows(("ISDEC100", "42")), FEBRUARY),
        plan.model_copy(update={"base": 1}),
    ]
    assert len({plan.digest, *(other.digest for other in others)}) == 5


def test_the_order_of_the_rows_does_not_change_the_list() -> None:
    one, other = (("ISDEC100", "42"), ("ISDEC150", "47")), (("ISDEC150", "47"), ("ISDEC100", "42"))

    assert after(plan_of(rows(*one))) == after(plan_of(rows(*other)))
