"""Several parts in one quotation, and alternatives of which the client takes one."""

from decimal import Decimal
from typing import Any

import pytest

from tests.quotation.quotations import line, pages, pdf, printed

ROOF = [line("paneles", part="Techo"), line(part="Techo"), line("fijaciones", part="Techo")]
WALL = [line("paneles", part="Fachada", name="ISOPANEL EPS 100 mm", quantity=50, unit_price=40)]


def lump(part: str, price: str, accessories: str = "612.40", fixings: str = "1203.55") -> list[dict[str, Any]]:
    """An option of which only the sums are known."""
    return [
        line("paneles", part=part, name=f"{part} \N{EN DASH} 13 p. de 10,00 m", quantity="145.6", unit_price=price),
        line("accesorios", part=part, name="Accesorios", unit="global", quantity=1, unit_price=accessories),
        line("fijaciones", part=part, name="Fijaciones", unit="global", quantity=1, unit_price=fixings),
    ]


OPTIONS = [*lump("ISODEC EPS 150 mm", "47.30"), *lump("ISODEC EPS 200 mm", "56.10"), *lump("ISODEC EPS 250 mm", "66.9")]


def number(written: str) -> Decimal:
    plain = written.removeprefix("US$ ").replace(".", "").replace(",", ".")
    return Decimal(plain.replace("\N{MINUS SIGN}", "-"))


def test_parts_come_in_the_order_in_which_they_appear_each_with_its_lines_and_subtotal() -> None:
    (offer,) = printed(lines=[*WALL, *ROOF, line(), line("paneles", part="Fachada")])["offers"]
    parts = [(p["title"], [(s["title"], len(s["rows"])) for s in p["sections"]]) for p in offer["parts"]]
    assert parts == [
        ("Fachada", [("PANELES", 2)]),
        ("Techo", [("PANELES", 1), ("ACCESORIOS", 1), ("FIJACIONES Y SELLADORES", 1)]),
        ("Otros materiales", [("ACCESORIOS", 1)]),
    ]
    assert [p["subtotal"] for p in offer["parts"]] == [
        {"label": "Subtotal Fachada", "value": "6.286,18"},
        {"label": "Subtotal Techo", "value": "4.437,41"},
        {"label": "Subtotal Otros materiales", "value": "109,32"},
    ]


def test_the_subtotals_of_parts_add_up_to_the_one_total() -> None:
    (offer,) = printed(lines=[*ROOF, *WALL], prices_include_tax=True)["offers"]
    subtotals = [number(part["subtotal"]["value"]) for part in offer["parts"] if part["subtotal"]]
    assert sum(subtotals) == number(offer["grand_total"]["value"]) == number(offer["totals"][0]["value"])
    assert offer["surfaces"] == [
        {"label": "Superficie de techo", "value": "104,16 m²"},
        {"label": "Superficie de fachada", "value": "50,00 m²"},
    ]


def test_a_single_part_has_its_title_and_no_subtotal_that_repeats_the_total() -> None:
    (offer,) = printed(lines=ROOF)["offers"]
    assert [(part["title"], part["subtotal"]) for part in offer["parts"]] == [("Techo", None)]


def test_parts_are_on_the_page_under_one_header_with_one_total() -> None:
    (page,) = pages(pdf(lines=[*ROOF, *WALL]))
    assert "Total US$\nTecho\nPANELES\n" in page
    assert "Subtotal Techo 4.437,41\nFachada\nPANELES\n" in page
    assert page.count("Producto Unid. Cant.") == 1
    assert page.count("TOTAL US$") == 1


def test_options_are_compared_in_one_table() -> None:
    shown = printed(lines=OPTIONS, alternatives=True, discount_pct=5, shipping_usd=280)
    compared = shown["comparison"]
    assert compared is not None
    assert compared["rows"][0] == {
        "name": "ISODEC EPS 150 mm",
        "note": "13 p. de 10,00 m",
        "area": "145,60",
        "price": "47,30",
        "panels": "6.886,88",
        "accessories": "1.815,95",
        "discount": "\N{MINUS SIGN}435,14",
        "freight": "280,00",
        "vat": "1.880,49",
        "total": "10.428,18",
    }
    assert [row["name"] for row in compared["rows"]] == [f"ISODEC EPS {mm} mm" for mm in (150, 200, 250)]


def test_each_option_costs_what_it_would_cost_alone() -> None:
    terms: dict[str, Any] = {"discount_pct": 5, "shipping_usd": 280, "prices_include_tax": True}
    compared = printed(lines=OPTIONS, alternatives=True, **terms)["comparison"]
    assert compared is not None
    for row in compared["rows"]:
        own = [line for line in OPTIONS if line["part"] == row["name"]]
        alone = printed(lines=own, **terms)["offers"][0]["grand_total"]["value"]
        assert number(row["total"]) == number(alone)


@pytest.mark.parametrize("taxed", [True, False])
@pytest.mark.parametrize(
    "terms", [{}, {"discount_pct": "7.5"}, {"shipping_usd": 280}, {"discount_pct": 5, "shipping_usd": 1}]
)
def test_the_figures_of_a_row_add_up_to_its_total_and_what_is_not_added_has_no_column(
    terms: dict[str, Any], taxed: bool
) -> None:
    compared = printed(lines=OPTIONS, alternatives=True, prices_include_tax=taxed, **terms)["comparison"]
    assert compared is not None
    for row in compared["rows"]:
        added = [row[key] for key in ("panels", "accessories", "discount", "freight", "vat") if row[key]]
        assert sum(map(number, added), Decimal(0)) == number(row["total"])
    heads, row = compared["columns"], compared["rows"][0]
    assert heads["discount"] == ("Descuento US$" if "discount_pct" in terms else row["discount"])
    assert heads["freight"] == ("Traslado US$" if "shipping_usd" in terms else row["freight"])
    assert heads["vat"] == (row["vat"] if taxed else "IVA US$")


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (
            {"discount_pct": 5, "shipping_usd": 280},
            "Cada total incluye: IVA 22 %, descuento 5 %, traslado US$ 280,00. Precios unitarios en dólares, sin IVA.",
        ),
        ({"prices_include_tax": True}, "Cada total incluye: IVA 22 %. El traslado no está incluido."),
    ],
)
def test_the_client_reads_that_one_is_chosen_and_what_each_total_includes(terms: dict[str, Any], said: str) -> None:
    compared = printed(lines=OPTIONS, alternatives=True, **terms)["comparison"]
    assert compared is not None
    assert compared["note"] == f"Son alternativas, el cliente elige una. {said}"


def test_options_of_which_only_sums_are_known_have_no_details_and_nobody_adds_them_up() -> None:
    document = pdf(lines=OPTIONS, alternatives=True)
    (page,) = pages(document)
    assert printed(lines=OPTIONS, alternatives=True)["offers"] == []
    assert "ISODEC EPS 150 mm\n13 p. de 10,00 m 145,60 47,30 6.886,88 1.815,95 1.914,62 10.617,45\n" in page
    assert "TOTAL" not in page
    assert "Subtotal" not in page
    assert "COMENTARIOS" in page
    assert "Lea los términos" in page


def test_options_with_lines_are_listed_below_each_with_its_own_total() -> None:
    lines = [*ROOF, *[row | {"part": "Otro techo", "unit_price": 50} for row in ROOF]]
    shown = printed(lines=lines, alternatives=True, shipping_usd=280)
    assert [offer["title"] for offer in shown["offers"]] == ["Techo", "Otro techo"]
    compared = shown["comparison"]
    assert compared is not None
    for offer, row in zip(shown["offers"], compared["rows"], strict=True):
        assert number(offer["grand_total"]["value"]) == number(row["total"])
        assert {"label": "Traslado", "value": "US$ 280,00"} in offer["totals"]
        assert [part["title"] for part in offer["parts"]] == [""]
    (page,) = pages(pdf(lines=lines, alternatives=True))
    assert page.count("TOTAL US$") == 2


def test_panels_of_several_lengths_are_told_in_the_row() -> None:
    lengths = [line("paneles", part=f"ISODEC {mm} mm \N{EN DASH} luz máxima 5,50 m", quantity=area, unit_price=mm,
                    name=f"ISODEC {mm} mm \N{EN DASH} {panels} p. de {metres},00 m")
               for mm in (100, 150) for panels, metres, area in ((3, 12, "40.32"), (6, 10, "67.20"))]  # fmt: skip
    shown = printed(lines=lengths, alternatives=True)
    assert shown["comparison"] is not None
    first = shown["comparison"]["rows"][0]
    assert first["name"] == "ISODEC 100 mm \N{EN DASH} luz máxima 5,50 m"
    assert (first["note"], first["area"]) == ("3 p. de 12,00 m; 6 p. de 10,00 m", "107,52")
    assert shown["offers"] == []


def test_what_an_option_does_not_have_is_a_dash() -> None:
    lines = [line(part="Solo accesorios"), line("paneles", part="Panel"), line("paneles", part="Panel", unit_price=9)]
    compared = printed(lines=lines, alternatives=True)["comparison"]
    assert compared is not None
    accessories, panels = compared["rows"]
    assert [accessories[key] for key in ("area", "price", "panels")] == ["\N{EN DASH}"] * 3
    assert (panels["price"], panels["accessories"], panels["area"]) == ("\N{EN DASH}", "\N{EN DASH}", "208,32")


@pytest.mark.parametrize("lines", [ROOF, [line(), line("paneles")]])
def test_a_single_option_is_no_choice(lines: list[dict[str, Any]]) -> None:
    alone, plain = printed(lines=lines, alternatives=True), printed(lines=lines)
    assert alone == plain


def test_an_option_is_kept_whole_on_a_page() -> None:
    lines = [line(part=f"Opción {n}") for n in range(5) for _ in range(12)]
    text = pages(pdf(lines=lines, alternatives=True))
    assert len(text) > 1
    for page in text:
        assert page.count("Producto Unid.") == page.count("TOTAL US$") == page.count("Subtotal materiales")


def test_an_option_longer_than_a_page_runs_on_with_its_header() -> None:
    long = [line(part="Larga", name="M" * 300) for _ in range(29)] + [line(part="Otra") for _ in range(100)]
    text = pages(pdf(lines=long, alternatives=True))
    assert sum(page.count("Gotero lateral") for page in text) == 100
    assert sum(page.count("TOTAL US$") for page in text) == 2
    for page in text:
        rows = page.split("\nN.º Q-2026-0001")[0].strip().splitlines()
        assert rows[-1] not in {"Larga", "Otra", "ACCESORIOS"}
