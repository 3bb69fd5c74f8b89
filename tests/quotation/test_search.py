"""Products are found by how people call them; what is not found says what to change."""

import datetime
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation import knowledge
from mcp_tasks.quotation.catalog_query import CatalogQuery
from mcp_tasks.quotation.price_list import PriceList
from mcp_tasks.quotation.search import CatalogSearch, Found, Nothing
from tests.quotation.asking import TODAY

KNOWN = knowledge.load()
SEARCH = CatalogSearch(KNOWN.catalog)
FEBRUARY, AUGUST = KNOWN.price_list("bmc-2026-02"), KNOWN.price_list("bmc-2026-08")


def find(day: datetime.date = TODAY, **wanted: Any) -> Found:
    """What the shipped catalog has, a hundred at most, with the prices of August."""
    return SEARCH.find(CatalogQuery.model_validate({"limit": 100} | wanted), AUGUST, day)


def skus(**wanted: Any) -> list[str]:
    return [item.sku for item in find(**wanted).items]


def nothing(**wanted: Any) -> Nothing:
    found = find(**wanted)
    assert found.nothing is not None
    assert (found.items, found.total, found.next_cursor) == ((), 0, None)
    return found.nothing


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Cumbreras", ["6847", "CUMROOF3M"]),
        ("CANALÓN 100mm", ["6801", "CD100"]),
        ("canalones de 100 mm", ["6801", "CD100"]),
        ("canaletas 100", ["6801", "CD100"]),
        ("remaches pop", ["REMPOP532"]),
        ("tortugas", ["ABPPB", "ABPPG"]),
        ("silic", ["Bromplast"]),
        ("isodec pir 80", ["ISDPIR80", "GF80DC", "GL80DC", "GSDECAM80", "CAN.ISDC80"]),
        ("c.but", ["C.But."]),
        ("cabroj", ["Cab. Roj"]),
        ("can isdc 80", ["CAN.ISDC80"]),
        ("K2", ["PCBK2"]),
    ],
)
def test_words_find_products_whatever_their_case_accents_and_plural(query: str, expected: list[str]) -> None:
    assert skus(query=query) == expected


def test_a_synonym_finds_both_what_it_stands_for_and_what_is_called_so() -> None:
    assert set(skus(query="fachadas")) == {*skus(query="pared"), "T2FACH"}


def test_a_number_is_whole_and_not_the_start_of_another() -> None:
    assert skus(query="isodec 10") == []


def test_whole_words_come_before_the_start_of_words_and_a_name_before_both() -> None:
    assert skus(query="isd100eps") == ["ISP100EPSF", "ISDEC100"]


def test_words_that_say_nothing_are_as_good_as_none() -> None:
    assert find(query="de la").total == find().total == len(KNOWN.catalog.units)


@pytest.mark.parametrize("sku", ["ISP100EPSF", "isp100epsf", "ISD100EPS", " isd100eps "])
def test_an_sku_or_an_alias_finds_its_product(sku: str) -> None:
    assert skus(sku=sku) == ["ISP100EPSF"]


@pytest.mark.parametrize("row", [*KNOWN.catalog.panels, *KNOWN.catalog.accessories], ids=lambda row: row.sku)
def test_every_product_is_first_under_each_of_its_names(row: Any) -> None:
    for name in (row.sku, *row.aliases):
        assert skus(sku=name) == [row.sku]
        assert skus(query=name)[0] == row.sku


def test_a_family_has_its_panels_first_and_what_serves_all_last() -> None:
    found = find(family="isowall").items

    assert [item.sku for item in found][:2] == ["IW50", "IW80"]
    assert all({"ISOWALL_PIR", "UNIVERSAL"} & {*item.families} for item in found)
    assert found[-1].families == ("UNIVERSAL",)


def test_a_thickness_has_what_is_made_for_it_and_what_serves_any() -> None:
    found = find(family="ISOROOF", thickness_mm=40).items

    assert {"IROOF40", "GL40", "CUMROOF3M", "Bromplast"} <= {item.sku for item in found}
    assert all(item.thickness_mm is None or 40 in item.thickness_mm for item in found)


def test_a_family_and_a_thickness_that_only_its_other_core_has_do_not_meet() -> None:
    assert "6838" not in skus(family="ISODEC", thickness_mm=120)


def test_what_is_withdrawn_is_found_and_says_so() -> None:
    (item,) = find(sku="IW100").items

    assert item.available is False


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"query": "gotro"}, Nothing({"gotro": "gotero"}, (), (), ())),
        ({"query": "zzz"}, Nothing({"zzz": None}, (), (), ())),
        ({"query": "屋顶"}, Nothing({"屋顶": None}, (), (), ())),
        ({"query": "gotero frontal isoroof 40"}, Nothing({}, (), ("frontal", "40"), ())),
        ({"family": "ISOWALL", "query": "gotero"}, Nothing({}, (), (), ("query", "family"))),
        (
            {"family": "ISOROOF", "thickness_mm": 60},
            Nothing({}, (30, 40, 50, 80, 100), (), ("family", "thickness_mm")),
        ),
        ({"thickness_mm": 55}, Nothing({}, (30, 40, 50, 60, 80, 100, 120, 150, 200, 250), (), ())),
        ({"sku": "IF100", "family": "ISODEC"}, Nothing({}, (), (), ("family", "sku"))),
    ],
)
def test_nothing_found_says_what_to_change(wanted: dict[str, Any], expected: Nothing) -> None:
    assert nothing(**wanted) == expected


def test_an_sku_that_there_is_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidRequest) as caught:
        find(sku="IROF80")

    error = caught.value
    assert (error.field, error.received, error.nearest) == ("sku", "IROF80", "IROOF80")


def test_of_a_long_query_only_words_without_which_there_is_something_are_named() -> None:
    assert nothing(query="gotero frontal simple prepintado isoroof 30 3,03 canalon").words == ()
    assert nothing(query="canalon gotero frontal simple prepintado isoroof 30 3,03").words == ("canalon",)


@given(query=st.text(min_size=1, max_size=200), sku=st.text(min_size=1, max_size=200) | st.none())
def test_any_text_is_answered_or_refused(query: str, sku: str | None) -> None:
    with suppress(InvalidRequest):
        found = find(query=query, sku=sku)
        assert bool(found.items) is (found.nothing is None)


def test_the_pages_together_are_all_that_is_found_each_once() -> None:
    everything, pages, cursor = skus(query="isodec"), list[str](), None
    while not pages or cursor:
        page = find(query="isodec", limit=7, cursor=cursor)
        assert page.total == len(everything)
        pages += [item.sku for item in page.items]
        cursor = page.next_cursor

    assert pages == everything


def test_a_page_that_ends_with_the_last_product_has_no_next() -> None:
    assert find(query="tortugas", limit=2).next_cursor is None


def test_a_cursor_of_another_search_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="cursor"):
        find(query="isodec", cursor="6847-no")


@pytest.mark.parametrize(
    ("prices", "expected"),
    [(FEBRUARY, ("46.07", True, "2026-02-11")), (AUGUST, ("41.15", False, "2026-08-15"))],
    ids=["February", "August"],
)
def test_a_price_says_its_list_its_date_and_its_tax(prices: Any, expected: tuple[str, bool, str]) -> None:
    (item,) = SEARCH.find(CatalogQuery(sku="ISDEC100"), prices, TODAY).items

    assert item.price is not None
    assert item.price.price_list == prices.id
    assert (str(item.price.unit_price), item.price.tax_included, item.price.date.isoformat()) == expected


@pytest.mark.parametrize(("day", "stale"), [("2026-10-14", False), ("2026-10-15", True)])
def test_a_price_of_a_list_older_than_sixty_days_says_so(day: str, stale: bool) -> None:
    (item,) = find(datetime.date.fromisoformat(day), sku="6838").items

    assert item.price is not None
    assert item.price.stale is stale


def test_a_product_that_the_list_does_not_have_is_found_without_a_price() -> None:
    rows = [row for row in AUGUST.rows if row.sku != "6838"]
    without = PriceList.model_validate({**dict(AUGUST), "rows": rows})
    (item,) = SEARCH.find(CatalogQuery(sku="6838"), without, TODAY).items

    assert item.price is None


def test_what_things_cost_us_and_where_it_stands_is_never_shown() -> None:
    shown = json.dumps([item.model_dump(mode="json") for item in find().items]).casefold()

    assert not any(word in shown for word in ("cost", "margin", "source", ".json", "web_"))
