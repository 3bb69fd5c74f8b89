"""On the files as they were published: what is odd about them is found, and the clear prices are those of February."""

from mcp_tasks.quotation import knowledge
from tests.quotation.published_kb.publishing import REAL, codes, needs_the_real_files, proposed

pytestmark = needs_the_real_files


def test_every_known_anomaly_is_found() -> None:
    proposal = proposed(REAL)
    found = codes(proposal)
    texts = {finding.path: finding for finding in proposal.findings if finding.code == "duplicate_sku"}

    assert texts["accessories_catalog.json#accesorios.0"].text.startswith("18 items are called 6805")
    assert len(found["duplicate_conflict"]) == 8
    assert len(found["duplicate_conflict"] + found["duplicate_sku_kind"]) == 10
    assert len(found["price_missing"]) == 3
    assert len(found["web_below_sale"]) == 3
    assert len(found["thickness_is_text"]) == 56


def test_the_drip_edge_that_is_dearer_at_200_than_at_250_mm_is_found() -> None:
    texts = [finding.text for finding in proposed(REAL).findings if finding.code == "price_not_rising"]

    assert "PGLC250 (250 mm) costs less than PGLC200 (200 mm)" in texts


def test_the_index_that_gives_the_colonial_price_for_the_ridge_cap_is_found() -> None:
    path = "perfileria_index.json#items.CUMROOF3M.precio_unit_iva_inc"
    (finding,) = (f for f in proposed(REAL).findings if f.path == path)

    assert (finding.code, finding.value) == ("index_of_another", "119.39")


def test_the_prices_taken_are_those_of_the_february_list_and_the_rest_is_undecided_or_not_there() -> None:
    proposal = proposed(REAL)
    february = knowledge.load().price_list("bmc-2026-02")

    assert len(proposal.prices.rows) == 106
    assert {row.sku: row.price for row in proposal.prices.rows}.items() <= {
        row.sku: row.price for row in february.rows if not row.estimated
    }.items()
    assert [undecided.sku for undecided in proposal.undecided] == ["IW50", "IW80"]
    assert set(proposal.without_price) == {row.sku for row in february.rows if row.estimated}
    assert proposal.prices.tax_included
    assert proposal.prices.date == february.date
