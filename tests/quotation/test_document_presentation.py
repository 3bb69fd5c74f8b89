from decimal import Decimal

from mcp_tasks.quotation import spanish
from mcp_tasks.quotation.company import Company
from mcp_tasks.quotation.template_data import Entry, Offer, Presentation
from tests.quotation.quotations import COMPANY, line, printed


def sold(shown: Presentation) -> Offer:
    """What is sold, where there is nothing to choose."""
    assert shown["comparison"] is None
    (offer,) = shown["offers"]
    return offer


def table(entries: list[Entry]) -> dict[str, str]:
    return {entry["label"]: entry["value"] for entry in entries}


def test_numbers_are_written_as_in_uruguay() -> None:
    assert spanish.money(Decimal("1234567.5")) == "US$ 1.234.567,50"
    assert spanish.money(Decimal("-274.70")) == "\N{MINUS SIGN}US$ 274,70"
    assert spanish.decimal(Decimal("0.026")) == "0,026"
    assert spanish.decimal(Decimal("41.10000")) == "41,10"
    assert spanish.percent(Decimal("12.5")) == "12,5 %"


def test_pieces_have_no_decimals_when_whole_and_measures_have_two() -> None:
    assert spanish.quantity(Decimal("1000.0"), "unidad") == "1.000"
    assert spanish.quantity(Decimal("2.5"), "rollo") == "2,50"
    assert spanish.quantity(Decimal(56), "m2") == "56,00"
    assert spanish.quantity(Decimal("24.125"), "ml") == "24,125"


def test_a_row_shows_its_own_product_never_a_total_that_was_sent() -> None:
    section = sold(printed(lines=[line(quantity="1000", unit_price="0.0265")]))["parts"][0]["sections"][0]
    assert section["title"] == "ACCESORIOS"
    assert section["rows"][0] == {
        "name": "Gotero lateral 150 mm (3 m)",
        "unit": "pieza",
        "quantity": "1.000",
        "price": "0,0265",
        "total": "26,50",
    }


def test_sections_come_in_their_order_and_only_those_that_have_lines() -> None:
    (part,) = sold(printed(lines=[line("fijaciones"), line("paneles"), line("fijaciones")]))["parts"]
    assert (part["title"], part["subtotal"]) == ("", None)
    assert [(s["title"], len(s["rows"])) for s in part["sections"]] == [("PANELES", 1), ("FIJACIONES Y SELLADORES", 2)]


def test_prices_without_tax_add_up_from_top_to_bottom_with_the_tax_on_freight_too() -> None:
    shown = printed(
        lines=[line(quantity=100, unit_price=10)], discount_pct=5, shipping_usd=280, prices_include_tax=False
    )
    assert table(sold(shown)["totals"]) == {
        "Subtotal materiales": "US$ 1.000,00",
        "Descuento 5 %": "\N{MINUS SIGN}US$ 50,00",
        "Traslado": "US$ 280,00",
        "Neto": "US$ 1.230,00",
        "IVA 22 %": "US$ 270,60",
    }
    assert sold(shown)["grand_total"]["value"] == "US$ 1.500,60"


def test_prices_with_tax_say_how_much_of_the_total_is_tax_freight_included() -> None:
    shown = printed(lines=[line(quantity=100, unit_price=10)], shipping_usd=280, prices_include_tax=True)
    assert table(sold(shown)["totals"]) == {"Subtotal materiales": "US$ 1.000,00", "Traslado": "US$ 280,00"}
    assert sold(shown)["grand_total"]["value"] == "US$ 1.280,00"
    assert sold(shown)["tax_note"] == "IVA 22 % incluido: US$ 230,82 (neto US$ 1.049,18)."


def test_freight_that_was_not_given_is_not_charged_and_said_to_be_left_out() -> None:
    shown = printed(lines=[line(quantity=100, unit_price=10)], prices_include_tax=True)
    assert table(sold(shown)["totals"])["Traslado"] == "no incluido"
    assert sold(shown)["grand_total"]["value"] == "US$ 1.000,00"


def test_no_figure_is_shown_twice_in_the_totals() -> None:
    shown = printed(lines=[line(quantity=100, unit_price=10)])
    values = [entry["value"] for entry in [*sold(shown)["totals"], sold(shown)["grand_total"]]]
    assert len(values) == len(set(values))


def test_square_metres_are_added_up_per_use_by_family_and_by_words() -> None:
    shown = printed(
        lines=[
            line("paneles", name="ISODEC EPS 150 mm", quantity="92.75"),
            line("paneles", name="Isoroof 3G 50 mm", quantity="38"),
            line("paneles", name="Isopanel EPS 100 mm fachada", quantity="186.4"),
            line("paneles", name="Isopanel 50 mm para techo", quantity="1"),
            line("paneles", name="Chapa lisa", quantity="7"),
            line("accesorios", name="Cumbrera de techo", quantity="9"),
        ]
    )
    assert table(sold(shown)["surfaces"]) == {
        "Superficie de techo": "131,75 m²",
        "Superficie de fachada": "186,40 m²",
    }


def test_the_standard_comments_stay_when_a_quotation_brings_none_or_its_own() -> None:
    standard = printed()["comments"]
    assert [c["text"] for c in standard][:2] == [
        "Entrega de 10 a 15 días, dependemos de producción.",
        "Oferta válida por 10 días a partir de la fecha.",
    ]
    assert printed(comments=[])["comments"] == standard
    own = printed(comments=[{"text": "Color rojo: 20 días más.", "style": "red"}])["comments"]
    assert own == [*standard, {"text": "Color rojo: 20 días más.", "style": "red", "url": None}]


def test_a_standard_comment_that_is_sent_again_is_printed_once() -> None:
    again = printed(comments=[{"text": "Oferta válida por 10 días a partir de la fecha."}])
    assert again["comments"] == printed()["comments"]


def test_the_number_the_day_and_the_last_day_of_validity_are_printed() -> None:
    shown = printed(span_m="6.5", supports=3)
    assert shown["number"] == "Q-2026-0001"
    assert table(shown["facts"]) == {
        "Fecha": "23/11/2026 \N{EN DASH} Montevideo",
        "Válida hasta": "03/12/2026",
        "Autoportancia": "6,50 m",
        "Apoyos": "3",
    }


def test_only_what_is_known_of_client_and_company_is_printed() -> None:
    bare = Company(name="Otra Empresa")
    shown = printed(company=bare, client={"name": "Ana", "phone": "099"})
    assert table(shown["client"]) == {"Cliente": "Ana", "Teléfono": "099"}
    assert (shown["contact"], shown["comments"], shown["bank"]) == ([], [], [])
    assert table(shown["facts"])["Fecha"] == "23/11/2026"


def test_another_company_needs_no_change_of_code() -> None:
    other = COMPANY.model_copy(update={"name": "Otra Empresa", "validity_days": 30})
    assert printed(company=other)["company"] == "Otra Empresa"
    assert "Oferta válida por 30 días a partir de la fecha." in [c["text"] for c in printed(other)["comments"]]
