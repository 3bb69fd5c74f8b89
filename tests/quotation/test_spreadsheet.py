from decimal import Decimal
from typing import Any

import pytest

from mcp_tasks.quotation.bom import Bom, BomOption, BomPart
from mcp_tasks.quotation.document import Client, quotation_from_bom
from mcp_tasks.quotation.spreadsheet import csv_bytes, xlsx_bytes
from tests.quotation.asking import ROOF, ROOM, WALL, bom, ordered
from tests.quotation.spreadsheets import blocks, cells, issued, table, workbook, written

ANA = Client(name="Ana Ejemplo", phone="099 000 000")
LISTED = ["Sección", "SKU", "Producto", "Paneles", "Largo m", "Cant.", "Unid.", "Precio US$", "Total US$", "Cálculo"]


def part(number: int, title: str, **changes: Any) -> BomPart:
    measures: dict[str, Any] = dict.fromkeys(BomPart.model_fields)
    known = {"part": number, "title": title, "system": "s", "panel_count": 10, "materials": "100.5"}
    return BomPart.model_validate(measures | known | {"project_area_m2": 55, "panel_area_m2": 56} | changes)


def option(thickness_mm: int, bill: Bom, **changes: Any) -> BomOption:
    values: dict[str, Any] = dict.fromkeys(BomOption.model_fields)
    values |= {"thickness_mm": thickness_mm, "sku": f"ISDEC{thickness_mm}", "name_es": f"ISODEC EPS {thickness_mm} mm"}
    values |= {"panel_count": 10, "panel_area_m2": 56, "panels": "2304.40", "accessories": "147.96", "fixings": 397}
    values |= {"totals": bill.totals, "missing_prices": (), "warnings": (), "span_ok": True, "max_span_m": "5.5"}
    return BomOption.model_validate(values | changes)


def test_the_csv_opens_right_in_a_spanish_excel() -> None:
    head, panels, *_ = blocks(written(bom(ROOF)))[0]
    assert head == LISTED
    assert panels[:9] == [
        *("PANELES", "ISDEC100", "ISODEC EPS 100 mm", "10", "5,00"),
        *("56,00", "m²", "41,15", "2304,40"),
    ]
    content = csv_bytes(written(bom(ROOF)))
    assert content.count(b"\r\n") == content.count(b"\n")


def test_the_csv_of_an_english_bill_opens_right_in_an_english_excel() -> None:
    head, panels, *_ = blocks(written(bom(ROOF), "en"), ",")[0]
    assert head == ["Section", "SKU", "Product", "Panels", "Length m", "Qty", "Unit", "Price US$", "Total US$"]
    assert panels[5:] == ["56.00", "m²", "41.15", "2304.40"]


def test_every_line_of_the_bill_is_in_both_with_its_numbers_as_numbers() -> None:
    bill = bom(ROOF, discount_pct=5, shipping_usd=300)
    rows = cells(workbook(written(bill))["Materiales"])
    assert rows[0] == LISTED
    for line, row, text in zip(bill.lines, rows[1:], blocks(written(bill))[0][1:], strict=False):
        assert (row[1], row[2]) == (line.sku, line.name_es) == (text[1], text[2])
        for at, amount in ((5, line.quantity), (7, line.unit_price), (8, line.total)):
            assert isinstance(row[at], int | float)
            assert amount == Decimal(str(row[at])) == Decimal(text[at].replace(",", "."))


def test_panels_have_their_number_and_their_length_and_those_of_several_lengths_say_how_many_of_each() -> None:
    lines = table(
        workbook(written(ordered(ROOF, ROOM | {"length_m": 6, "width_m": 4, "height_m": "2.8"})))["Materiales"]
    )
    panels = [(line["Paneles"], line["Largo m"]) for line in lines if line["Paneles"]]
    assert panels == [(10, 5), (23, "19 p. de 2,80 m + 4 p. de 6,00 m")]


@pytest.mark.parametrize("price_list", ["bmc-2026-02", "bmc-2026-08"])
def test_the_sums_below_the_lines_are_those_of_the_bill(price_list: str) -> None:
    bill = bom(ROOF, discount_pct=5, shipping_usd=300, price_list=price_list)
    lines = table(workbook(written(bill))["Materiales"])[len(bill.lines) :]
    sums = {line["Producto"]: Decimal(str(line["Total US$"])) for line in lines}
    totals = bill.totals
    materials, discount, shipping, *rest = sums.values()
    assert list(sums)[:3] == ["Subtotal materiales", "Descuento 5 %", "Traslado"]
    assert (materials, discount, shipping) == (totals.materials, -totals.discount, totals.shipping)
    assert sums["TOTAL"] == totals.total
    assert sorted(rest) == sorted([totals.net, totals.vat, totals.total])


def test_no_sum_is_said_twice_and_freight_that_is_not_included_is_named() -> None:
    lines = table(workbook(written(bom(ROOF)))["Materiales"])[len(bom(ROOF).lines) :]
    assert [line["Producto"] for line in lines] == ["Subtotal materiales", "Traslado: no incluido", "IVA 22 %", "TOTAL"]


def test_what_has_no_price_is_left_empty_and_named_in_the_notes() -> None:
    bill = bom(ROOF)
    unpriced = bill.lines[1].model_copy(update={"unit_price": None, "total": None, "sku": None})
    bill = bill.model_copy(update={"lines": (bill.lines[0], unpriced), "missing_prices": (unpriced.kind,)})
    assert cells(workbook(written(bill))["Materiales"])[2][7:9] == [None, None]
    assert blocks(written(bill))[0][2][7:9] == ["", ""]
    (said,) = [row[0] for row in cells(workbook(written(bill))["Notas"]) if "Sin precio" in row[0]]
    assert unpriced.name_es in said


def test_the_notes_say_what_the_document_says_to_the_client_and_nothing_that_is_for_whoever_quotes() -> None:
    groups = {"length_m": None, "width_m": None, "panel_groups": [{"quantity": n, "length_m": n} for n in (8, 16)]}
    bill = bom(ROOF | groups, structure=None, span_m=None, shipping_usd=None)
    said = [row[0] for row in cells(workbook(written(bill))["Notas"])[1:]]
    assert said == [comment.text for comment in quotation_from_bom(bill, ANA).comments or ()]
    assert [row[0] for row in blocks(written(bill))[-1][2:]] == said
    everything = csv_bytes(written(bill)).decode("utf-8-sig")
    warned = {warning.code: warning.text for warning in bill.warnings}
    assert warned["panel_longer_than_max"] in said
    for text in (warned["panels_of_several_lengths"], "vencida", "bmc-2026", "Por confirmar", "orientativo", "¿"):
        assert text not in everything


def test_a_bill_of_a_quotation_says_which_one_when_and_for_whom() -> None:
    head = [
        ["COTIZACIÓN", "Q-2026-0001 \N{EN DASH} Revisión 2"],
        ["Lista de materiales", "Fachada ISOPANEL EPS 100 mm"],
        ["Empresa", "Empresa de Ejemplo S.A."],
        ["Cliente", "Ana Ejemplo"],
        ["Teléfono", "099 000 000"],
        ["Fecha", "23/11/2026 \N{EN DASH} Montevideo"],
        ["Válida hasta", "03/12/2026"],
    ]
    bill = issued(bom(WALL), ANA, revision=2)
    said, lines, *_ = blocks(bill)
    assert said == head
    assert lines == blocks(written(bom(WALL)))[0]

    sheet = workbook(bill)["Materiales"]
    assert [row[:2] for row in cells(sheet)[:7]] == head
    assert cells(sheet)[8] == LISTED
    assert (sheet.freeze_panes, sheet.print_title_rows) == (None, "$9:$9")
    assert sheet.auto_filter.ref == f"A9:J{len(bom(WALL).lines) + 9}"


def test_everything_but_the_names_of_products_is_english_in_an_english_bill() -> None:
    bill = ordered(ROOF | {"compare_thicknesses": [100, 150], "span_m": 7, "length_m": 8, "shipping_usd": 280})
    written_bill = issued(bill, ANA, "en")
    book = workbook(written_bill)
    assert book.sheetnames == ["Materials", "Comparison", "Remarks"]
    assert cells(book["Materials"])[0][:2] == ["QUOTATION", "Q-2026-0001"]
    (first, second) = table(book["Comparison"])
    assert (first["Carries the span"], second["Carries the span"]) == ("no", "yes")
    assert first["Supports per panel"] == 3
    names = [line.name_es for line in bill.lines]
    shown = [cell for sheet in book for row in cells(sheet) for cell in row if isinstance(cell, str)]
    for spanish in ("IVA", "Traslado", "Paneles", "Cantidad", "pieza", "La luz", "Cálculo", "útiles", "Techo"):
        assert not [text for text in shown if spanish in text and text not in names]


def test_parts_and_options_have_sheets_of_their_own_and_lines_name_their_part() -> None:
    bill = bom(ROOF)
    lines = tuple(line.model_copy(update={"part": number}) for number, line in ((1, bill.lines[0]), (2, bill.lines[1])))
    options = (option(100, bill), option(150, bill, span_ok=None, missing_prices=("varilla", "silicona")))
    bill = bill.model_copy(
        update={"lines": lines, "parts": (part(1, "Techo"), part(2, "Fachada")), "comparison": options}
    )
    book = workbook(written(bill))
    assert book.sheetnames == ["Materiales", "Partes", "Comparación", "Notas"]
    assert [row[0] for row in cells(book["Materiales"])[:3]] == ["Parte", "1. Techo", "2. Fachada"]
    assert [row[:2] for row in cells(book["Partes"])[1:]] == [[1, "Techo"], [2, "Fachada"]]
    compared = table(book["Comparación"])
    assert cells(book["Notas"])[1][0] == "Los materiales son los de la primera de las opciones, ISODEC EPS 100 mm."
    assert [row["Cubre la luz"] for row in compared] == ["sí", None]
    assert compared[1]["Sin precio"] == "varilla, silicona"
    assert Decimal(str(compared[0]["Total US$"])) == bill.totals.total
    assert [block[0][0] for block in blocks(written(bill))] == ["Parte", "Partes", "Comparación", "Notas"]


@pytest.mark.parametrize("price_list", ["bmc-2026-02", "bmc-2026-08"])
@pytest.mark.parametrize("terms", [{}, {"discount_pct": 5, "shipping_usd": 280}])
def test_the_amounts_of_an_option_add_up_to_its_total(price_list: str, terms: dict[str, Any]) -> None:
    roof = ROOF | {"compare_thicknesses": [100, 150], "shipping_usd": None}
    bill = ordered(roof, price_list=price_list, **terms)
    for row in table(workbook(written(bill))["Comparación"]):
        amounts = [Decimal(str(row[name])) for name in row if name.endswith("US$")]
        assert sum(amounts[:-1]) == amounts[-1]


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://x")', "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", '=1;"x"', "=1\n2"]
)
def test_a_text_that_begins_like_a_formula_stays_a_text(text: str) -> None:
    bill = bom(ROOF)
    bill = bill.model_copy(update={"lines": (bill.lines[0].model_copy(update={"name_es": text, "formula": text}),)})
    row = workbook(written(bill))["Materiales"][2]
    assert [(cell.data_type, cell.hyperlink) for cell in (row[2], row[9])] == [("s", None)] * 2
    shown = " ".join(text.split())
    assert row[2].value == shown
    assert blocks(written(bill))[0][1][2] == f"'{shown}"

    named = issued(bom(ROOF), Client(name=text))
    assert workbook(named)["Materiales"]["B4"].data_type == "s"
    assert ["Cliente", f"'{shown}"] in blocks(named)[0]


def test_negative_amounts_are_numbers_not_texts_made_safe() -> None:
    discount = next(row for row in blocks(written(bom(ROOF, discount_pct=5)))[0] if row[2] == "Descuento 5 %")
    assert discount[8] == "-142,47"


def test_the_header_stays_in_view_and_is_printed_on_each_page() -> None:
    sheet = workbook(written(bom(ROOF)))["Materiales"]
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A2", "$1:$1")
    assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0)
    assert sheet.auto_filter.ref == f"A1:J{len(bom(ROOF).lines) + 1}"
    assert sheet["I2"].number_format == "#,##0.00##"
    assert sheet["F4"].number_format == "#,##0"


def test_equal_bills_give_equal_bytes() -> None:
    for write in (xlsx_bytes, csv_bytes):
        assert write(issued(bom(ROOF), ANA)) == write(issued(bom(ROOF), ANA))
        assert write(issued(bom(ROOF), ANA)) != write(issued(bom(ROOF), ANA, revision=2))
        assert write(written(bom(ROOF))) != write(written(bom(ROOF, discount_pct=1)))
